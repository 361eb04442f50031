// Fees: what a gas may cost: base fee forecast, tip and caps of EIP-1559; wei a gas, exact; pure.
// Source: https://eips.ethereum.org/EIPS/eip-1559
using System.Text.Json;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Submission;

/// <summary>The two prices of an EIP-1559 transaction, wei a gas.</summary>
/// <param name="MaxFeePerGas">Most that is paid in all.</param>
/// <param name="MaxPriorityFeePerGas">Most that the block's builder gets of it.</param>
public readonly record struct Fees(UInt256 MaxFeePerGas, UInt256 MaxPriorityFeePerGas);

/// <summary>How prices are chosen.</summary>
public sealed record FeeRules
{
    /// <summary>Wei a gas that no transaction may exceed.</summary>
    public required UInt256 MaxFeePerGas { get; init; }

    /// <summary>The least tip.</summary>
    public UInt256 MinTip { get; init; } = 1;

    /// <summary>The largest tip.</summary>
    public required UInt256 MaxTip { get; init; }

    /// <summary>So many full blocks in a row must not price a transaction out.</summary>
    public int HeadroomBlocks { get; init; } = 4;

    /// <summary>A block's limit is so many times its target.</summary>
    public uint Elasticity { get; init; } = 2;

    /// <summary>The base fee moves by at most one part in so many.</summary>
    public uint ChangeDenominator { get; init; } = 8;

    /// <summary>Blocks of history that the tip is taken from.</summary>
    public int HistoryBlocks { get; init; } = 10;

    /// <summary>The percentile of each block's tips, by gas.</summary>
    public int TipPercentile { get; init; } = 50;
}

/// <summary>Prices by rules.</summary>
public static class FeePolicy
{
    // Nodes refuse a replacement that raises either price by less than 10 %; some pools ask for
    // 12.5 %. One eighth is that, and exact.
    private const uint BumpParts = 8;

    /// <summary>The base fee of the block after this one.</summary>
    /// <exception cref="OverflowException">The header's figures are beyond any chain's.</exception>
    public static UInt256 NextBaseFee(BlockHeader parent, FeeRules rules)
    {
        long target = Math.Max(1, parent.GasLimit / rules.Elasticity);
        UInt256 fee = parent.BaseFeePerGas;
        UInt256 divisor = (UInt256)(ulong)target * rules.ChangeDenominator;
        if (parent.GasUsed == target) return fee;
        if (parent.GasUsed < target)
            return fee - fee * (ulong)(target - parent.GasUsed) / divisor;
        UInt256 rise = fee * (ulong)(parent.GasUsed - target) / divisor;
        return fee + UInt256.Max(rise, 1);
    }

    /// <summary>The highest base fee that so many full blocks on top can lead to.</summary>
    public static UInt256 HighestBaseFee(BlockHeader head, FeeRules rules)
    {
        UInt256 fee = NextBaseFee(head, rules);
        for (int i = 0; i < rules.HeadroomBlocks; i++)
            fee += UInt256.Max(fee * (rules.Elasticity - 1) / rules.ChangeDenominator, 1);
        return fee;
    }

    /// <summary>The tip that the rules allow, nearest to one.</summary>
    public static UInt256 Within(in UInt256 tip, FeeRules rules) =>
        UInt256.Min(UInt256.Max(tip, rules.MinTip), rules.MaxTip);

    /// <summary>Prices for a transaction meant for the next blocks.</summary>
    /// <param name="head">The newest block.</param>
    /// <param name="tip">The tip others pay.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="fees">The prices.</param>
    /// <param name="refusal">Why there are none.</param>
    /// <returns>False when even the next block costs more than the cap.</returns>
    public static bool TryPrice(
        BlockHeader head, in UInt256 tip, FeeRules rules, out Fees fees, out string refusal)
    {
        UInt256 paid = Within(tip, rules);
        UInt256 needed = NextBaseFee(head, rules) + paid;
        fees = new Fees(UInt256.Min(HighestBaseFee(head, rules) + paid, rules.MaxFeePerGas), paid);
        refusal = needed <= rules.MaxFeePerGas ? "" :
            $"the next block costs {needed} wei a gas, the cap is {rules.MaxFeePerGas}";
        return refusal.Length == 0;
    }

    /// <summary>Prices that replace a transaction: both at least an eighth higher, and what the
    /// market asks now if that is more.</summary>
    /// <returns>False when the cap does not allow it.</returns>
    public static bool TryBump(in Fees old, in Fees market, FeeRules rules, out Fees bumped)
    {
        UInt256 tip = UInt256.Max(Raised(old.MaxPriorityFeePerGas), market.MaxPriorityFeePerGas);
        UInt256 fee = UInt256.Max(
            UInt256.Max(Raised(old.MaxFeePerGas), market.MaxFeePerGas), tip);
        bumped = new Fees(fee, tip);
        if (fee <= rules.MaxFeePerGas) return true;
        // The market may ask for more than the cap where the least bump would not.
        bumped = new Fees(rules.MaxFeePerGas, UInt256.Min(tip, rules.MaxFeePerGas));
        return Replaces(old, bumped);
    }

    /// <summary>Whether nodes let the one transaction take the place of the other.</summary>
    public static bool Replaces(in Fees old, in Fees next) =>
        next.MaxFeePerGas >= Raised(old.MaxFeePerGas)
        && next.MaxPriorityFeePerGas >= Raised(old.MaxPriorityFeePerGas);

    /// <summary>The request for what others pay.</summary>
    public static RpcCall AskTips(FeeRules rules) =>
        EthCalls.FeeHistory(rules.HistoryBlocks, rules.TipPercentile);

    /// <summary>The median over the blocks of the tip at the percentile; empty blocks don't count.
    /// </summary>
    /// <returns>False when the answer holds no tips.</returns>
    public static bool TryTip(JsonElement feeHistory, out UInt256 tip)
    {
        tip = default;
        if (!JsonHex.TryField(feeHistory, "reward"u8, out JsonElement blocks)
            || blocks.ValueKind != JsonValueKind.Array)
            return false;
        var tips = new List<UInt256>();
        foreach (JsonElement block in blocks.EnumerateArray())
        {
            if (block.ValueKind != JsonValueKind.Array || block.GetArrayLength() == 0
                || !JsonHex.TryQuantity(block[0], out UInt256 one))
                return false;
            if (!one.IsZero) tips.Add(one);
        }
        tips.Sort();
        if (tips.Count > 0) tip = tips[tips.Count / 2];
        return true;
    }

    private static UInt256 Raised(in UInt256 price) =>
        price + UInt256.Max(UInt256.DivCeiling(price, BumpParts), 1);
}
