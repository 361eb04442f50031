// TradeWriter: a trade line as a bundle's tree, every amount the trade's to the base unit.
using System.Globalization;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>Writes trades as bundles. Equal trades give equal bundles.</summary>
public sealed class TradeWriter
{
    private readonly WriterSettings settings;
    private readonly TokenBook tokens;

    /// <summary>A writer.</summary>
    /// <param name="settings">Chains and bounds.</param>
    /// <param name="tokens">Decimals; a trade in a token that is not in it is refused.</param>
    public TradeWriter(WriterSettings settings, TokenBook tokens)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(tokens);
        (this.settings, this.tokens) = (settings, tokens);
    }

    /// <summary>A trade as a bundle.</summary>
    /// <param name="trade">The trade.</param>
    /// <param name="fault">What is wrong with the trade; null when a bundle is given.</param>
    /// <returns>The bundle, or null.</returns>
    public Bundle? Write(TradeLine trade, out LineFault? fault)
    {
        ArgumentNullException.ThrowIfNull(trade);
        fault = TradeAudit.Find(trade, settings, tokens);
        if (fault is not null) return null;
        BundleDeclarations names = new(settings, tokens);
        SettledTrade? settled = trade.Guarantee == Guarantee.Inventory
            ? SettledTrade.Of(trade, settings, tokens) : null;
        Block block = trade.Guarantee == Guarantee.Transaction ? Transaction(trade, names)
            : settled is null ? Inventory(trade, names)
            : SettledBlocks.Of(settled, settings.Settled!, names);
        Limits? limits = settled is null ? TradeLimits.Of(trade, settings, names, out fault)
            : TradeLimits.Of(trade, settled, settings, names, out fault);
        if (limits is null) return null;
        string slot = trade.Slot.ToString(CultureInfo.InvariantCulture);
        Name name = new(BundleNames.From($"trade_{slot}_{trade.Id}", "t"));
        return new Bundle(
            name, names.Chains, names.Assets, names.Pools, names.Contracts, limits, [block]);
    }

    private TransactionBlock Transaction(TradeLine trade, BundleDeclarations names)
    {
        ChainId chain = trade.Asset.Chain;
        List<Statement> body =
        [
            new FlashStatement(
                Taken(0), names.Amount(trade.Asset, trade.AmountIn), names.Lender(chain)),
        ];
        Name last = Swaps(trade, 0, trade.Hops.Length, body, names);
        body.Add(new RepayStatement(Taken(0), last));
        body.Add(new KeepStatement(last, null));
        return new TransactionBlock(names.Chain(chain), [.. body]);
    }

    private InventoryBlock Inventory(TradeLine trade, BundleDeclarations names)
    {
        List<List<(int From, int To)>> stays = Stays(trade);
        List<Leg> legs = [];
        foreach (List<(int From, int To)> stay in stays)
        {
            ChainId chain = trade.Hops[stay[0].From].Pool.Chain;
            List<Statement> body = [];
            List<Statement> failed = [];
            foreach ((int from, int to) in stay)
            {
                Hop first = trade.Hops[from];
                body.Add(new TakeStatement(
                    Taken(from), names.Amount(first.AssetIn, first.AmountIn), names.Vault(chain)));
                Name last = Swaps(trade, from, to, body, names);
                body.Add(new KeepStatement(last, null));
                AddRemedies(trade, from, to, last, failed, names);
            }
            string number = (legs.Count + 1).ToString(CultureInfo.InvariantCulture);
            Name on = names.Chain(chain);
            legs.Add(new Leg(new Name($"leg{number}"), on, null, [.. body], [.. failed]));
        }
        return new InventoryBlock([.. legs]);
    }

    /// <summary>The hops, cut where the chain changes. A path that ends on the chain it started on
    /// comes back to its first leg: that leg's transaction has two runs of swaps.</summary>
    private static List<List<(int From, int To)>> Stays(TradeLine trade)
    {
        List<List<(int From, int To)>> stays = [];
        int from = 0;
        foreach (Crossing crossing in trade.Crossings)
        {
            stays.Add([(from, crossing.After + 1)]);
            from = crossing.After + 1;
        }
        if (from == trade.Hops.Length) return stays;
        if (stays.Count == 0) stays.Add([]);
        stays[0].Add((from, trade.Hops.Length));
        return stays;
    }

    /// <summary>Swaps from hop to hop; each hop's result is a wire.</summary>
    private Name Swaps(
        TradeLine trade, int from, int to, List<Statement> body, BundleDeclarations names)
    {
        Name wire = Taken(from);
        for (int i = from; i < to; i++)
        {
            Hop hop = trade.Hops[i];
            Name result = new(string.Create(CultureInfo.InvariantCulture, $"w{i + 1}"));
            UInt256 least = WriterBounds.LessFloor(hop.AmountOut, settings.Bounds.SlippagePips);
            body.Add(new SwapStatement(
                result, wire, new AssetRef(names.Symbol(hop.AssetOut), null), names.Pool(hop),
                names.Quantity(hop.AssetOut, least)));
            wire = result;
        }
        return wire;
    }

    /// <summary>What to do with a run's result when another leg did not land: undo a single swap
    /// within a bound, else hold. After several swaps only holding is sound: going back one of them
    /// ends in what the path merely passes through.</summary>
    private void AddRemedies(
        TradeLine trade, int from, int to, Name wire, List<Statement> failed,
        BundleDeclarations names)
    {
        Hop last = trade.Hops[to - 1];
        if (to - from == 1)
            failed.Add(new SwapBackStatement(
                wire, new AssetRef(names.Symbol(last.AssetIn), null), names.Pool(last),
                names.Quantity(last.AssetIn, BackFloor(last))));
        failed.Add(new HoldStatement(
            wire, names.Amount(last.AssetOut, last.AmountOut),
            new Duration(settings.Bounds.HoldSeconds * 1000L)));
    }

    /// <summary>What swapping back brings at least: what went in, less the slippage, the pool's
    /// fee there and back, and the loss that is allowed; each step rounded down.</summary>
    private UInt256 BackFloor(Hop hop)
    {
        UInt256 back = WriterBounds.LessFloor(hop.AmountIn, settings.Bounds.SlippagePips);
        for (int way = 0; way < 2; way++) back = WriterBounds.LessFloor(back, hop.FeePips);
        return WriterBounds.LessFloor(back, settings.Bounds.SwapBackLossPips);
    }

    private static Name Taken(int hop) =>
        new(string.Create(CultureInfo.InvariantCulture, $"u{hop + 1}"));
}
