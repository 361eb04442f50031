// SettledTrade: a trade of two swaps as two certified loans: amounts, bonds, what is left; exact.
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>One leg: a vault lends, a pool swaps, the escrow holds. Base units.</summary>
/// <param name="Hop">The trade's swap.</param>
/// <param name="Vault">Who lends.</param>
/// <param name="Principal">What is lent, of the asset in.</param>
/// <param name="Fee">The vault's premium, of the asset in.</param>
/// <param name="MinOut">The least the swap brings.</param>
/// <param name="MinBack">The least a swap back brings.</param>
/// <param name="RewardCap">The most that keepers get, out of the bond.</param>
/// <param name="Bond">Covers all that a swap back within its minimum loses, and the reward.</param>
internal sealed record SettledTradeLeg(
    Hop Hop, LpVault Vault, UInt256 Principal, UInt256 Fee, UInt256 MinOut, UInt256 MinBack,
    UInt256 RewardCap, UInt256 Bond)
{
    /// <summary>What the vault is owed.</summary>
    public UInt256 Owed => Principal + Fee;
}

/// <summary>A trade that fits.</summary>
/// <param name="First">The leg on the trade's chain.</param>
/// <param name="Second">The other one.</param>
/// <param name="NetMicroUsd">What is left at least, after fees, rewards and gas.</param>
/// <param name="Net">It in base units of the trade's asset, at least one.</param>
/// <param name="LeastNet">The configured share of that.</param>
/// <param name="GasWei">What each chain's lock and claim may cost together.</param>
internal sealed record SettledTrade(
    SettledTradeLeg First, SettledTradeLeg Second, long NetMicroUsd, UInt256 Net,
    UInt256 LeastNet, IReadOnlyDictionary<ChainId, UInt256> GasWei)
{
    /// <summary>A tick that is crossed can round a unit away, each way.</summary>
    private const ulong RoundedUnits = 64;

    /// <summary>The trade as two loans, or null where it does not fit or leaves too little.
    /// </summary>
    /// <remarks>
    /// COMMIT gives each vault what the other lent, with the other's fee: so what the first swap
    /// brings at least has to hold the second principal and its fee, and the other way round; what
    /// the second brings above that is the gain. The trade's second swap is fed a little less than
    /// the trade says. A pool's curve is concave and starts at nothing, so x' below x brings at
    /// least its part, out x' / x, but for rounding.
    /// </remarks>
    /// <param name="trade">A sound trade.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="tokens">Its tokens.</param>
    public static SettledTrade? Of(TradeLine trade, WriterSettings settings, TokenBook tokens)
    {
        if (settings.Settled is not { Preferred: true } terms || trade.Hops.Length != 2
            || trade.Crossings.Length != 2 || !IsOneRound(trade, settings, tokens)
            || !Fits(trade, settings)) return null;
        if (Vault(trade.Hops[0], settings) is not { } vault
            || Vault(trade.Hops[1], settings) is not { } other) return null;
        // As much slack as leaves a net: half of it each time, down to none.
        for (uint slackPips = terms.SlackPips; ; slackPips /= 2)
        {
            SettledTrade? fits = With(slackPips, trade, vault, other, settings, terms);
            if (fits is not null || slackPips == 0) return fits;
        }
    }

    private static SettledTrade? With(
        uint slackPips, TradeLine trade, LpVault vault, LpVault other, WriterSettings settings,
        SettledTerms terms)
    {
        (Hop one, Hop two) = (trade.Hops[0], trade.Hops[1]);
        UInt256 minOut = LessFloor(one.AmountOut, slackPips);
        UInt256 principal = UInt256.MulDivFloor(
            minOut, WriterBounds.Whole, WriterBounds.Whole + terms.LoanFeePips);
        if (principal > two.AmountIn) principal = two.AmountIn;
        UInt256 part = UInt256.MulDivFloor(two.AmountOut, principal, two.AmountIn);
        if (principal < two.AmountIn)
            part = part > (UInt256)RoundedUnits
                ? part - (UInt256)RoundedUnits : UInt256.Zero;
        if (principal.IsZero || part.IsZero) return null;
        SettledTradeLeg first = Leg(one, vault, one.AmountIn, minOut, terms);
        SettledTradeLeg second = Leg(two, other, principal, LessFloor(part, slackPips), terms);
        return Counted(trade, first, second, settings, terms);
    }

    /// <summary>Whether all amounts fit the contracts, which take premiums of 112 bits.</summary>
    private static bool Fits(TradeLine trade, WriterSettings settings)
    {
        const int Bits = 112;
        return trade.Hops.All(hop => Small(hop.AmountIn) && Small(hop.AmountOut))
            && trade.Costs.All(cost => Small(cost.Amount))
            && settings.Chains.Values.All(chain => Small(chain.GasPriceWei));

        static bool Small(UInt256 amount) => (amount >> Bits).IsZero;
    }

    /// <summary>Out on one chain and back on another, in the same two assets by the owner's names,
    /// whose units are the same on both.</summary>
    private static bool IsOneRound(TradeLine trade, WriterSettings settings, TokenBook tokens)
    {
        (Hop one, Hop two) = (trade.Hops[0], trade.Hops[1]);
        return one.Pool.Chain != two.Pool.Chain
            && Same(one.AssetIn, two.AssetOut) && Same(one.AssetOut, two.AssetIn);

        bool Same(AssetId x, AssetId y) => settings.Symbols.TryGetValue(x, out string? name)
            && settings.Symbols.TryGetValue(y, out string? its) && name == its
            && tokens[x].Decimals == tokens[y].Decimals;
    }

    /// <summary>Who lends for a swap: vaults let their loans into pools that the escrow swaps in.
    /// </summary>
    private static LpVault? Vault(Hop hop, WriterSettings settings) =>
        hop.Family is "constant-product" or "concentrated"
            ? settings.Chains[hop.Pool.Chain].Settled?.Vaults
                .FirstOrDefault(vault => vault.Holds(hop.AssetIn, hop.AssetOut))
            : null;

    private static SettledTradeLeg Leg(
        Hop hop, LpVault vault, in UInt256 principal, in UInt256 minOut, SettledTerms terms)
    {
        UInt256 fee = ShareCeiling(principal, terms.LoanFeePips), owed = principal + fee;
        UInt256 back = LessFloor(LessFloor(principal, hop.FeePips), hop.FeePips);
        back = LessFloor(back, terms.UnwindLossPips);
        UInt256 poolFee = ShareCeiling(principal, hop.FeePips);
        UInt256 reward = UInt256.MulDivFloor(principal, terms.RewardCapPips, WriterBounds.Whole);
        // The vault does not count the keepers' part as cover, and the language wants the certain
        // fees covered whatever the minimum says.
        UInt256 cover = Max(
            Max(owed - back, ShareCeiling(owed, terms.MinBondPips)), fee + poolFee + poolFee);
        return new SettledTradeLeg(
            hop, vault, principal, fee, minOut, back, reward, cover + reward);
    }

    /// <summary>What is left at the minimums. The trade says what its gain is worth, so the one
    /// converts the other; what it sets aside to rebalance own funds stays counted.</summary>
    private static SettledTrade? Counted(
        TradeLine trade, SettledTradeLeg first, SettledTradeLeg second, WriterSettings settings,
        SettledTerms terms)
    {
        if (second.Owed > first.MinOut || first.Owed >= second.MinOut
            || trade.AmountOut <= trade.AmountIn) return null;
        // The second reward is in the other asset: its part of the principal is that of what comes
        // out.
        UInt256 rewards = first.RewardCap + UInt256.MulDivCeiling(
            second.RewardCap, second.MinOut, second.Principal);
        UInt256 surplus = second.MinOut - first.Owed;
        if (surplus <= rewards) return null;
        UInt256 worth = (UInt256)(ulong)trade.NetMicroUsd, gasMicro = UInt256.Zero;
        Dictionary<ChainId, UInt256> gas = [];
        foreach (Cost cost in trade.Costs)
        {
            if (cost.Kind is not ("gas" or "crossing")) continue;
            worth += cost.MicroUsd;
            if (cost.Kind != "gas" || cost.Amount.IsZero) continue;
            if (!settings.Chains.TryGetValue(cost.Asset.Chain, out WriterChain? chain)) return null;
            UInt256 wei = cost.Amount + cost.Amount + (chain.GasPriceWei * terms.GasUnits);
            gas[chain.Chain] = gas.GetValueOrDefault(chain.Chain) + wei;
            gasMicro += UInt256.MulDivCeiling(wei, cost.MicroUsd, cost.Amount);
        }
        if (!gas.ContainsKey(first.Hop.Pool.Chain) || !gas.ContainsKey(second.Hop.Pool.Chain))
            return null;
        UInt256 gain = trade.AmountOut - trade.AmountIn;
        UInt256 gross = UInt256.MulDivFloor(surplus - rewards, worth, gain);
        if (gross <= gasMicro + (UInt256)terms.LeastNetMicroUsd) return null;
        UInt256 net = gross - gasMicro;
        if (net > (UInt256)(ulong)long.MaxValue) return null;
        UInt256 share = UInt256.MulDivFloor(net, settings.Bounds.NetSharePips, WriterBounds.Whole);
        return new SettledTrade(
            first, second, (long)(ulong)net,
            Max(UInt256.MulDivFloor(net, gain, worth), UInt256.One),
            Max(UInt256.MulDivFloor(share, gain, worth), UInt256.One), gas);
    }

    private static UInt256 ShareCeiling(in UInt256 amount, uint pips) =>
        UInt256.MulDivCeiling(amount, pips, WriterBounds.Whole);

    private static UInt256 LessFloor(in UInt256 amount, uint pips) =>
        WriterBounds.LessFloor(amount, pips);

    private static UInt256 Max(in UInt256 x, in UInt256 y) => x >= y ? x : y;
}
