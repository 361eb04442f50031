// BundleJson: bundles as `bundle` lines and back, exactly; spans are left behind.
using System.Collections.Immutable;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Dsl;

/// <summary>Turns trees into lines of kind <c>bundle</c>, and such lines into trees.</summary>
public static partial class BundleJson
{
    /// <summary>The line that says what the tree says.</summary>
    /// <exception cref="ArgumentException">The tree is one that no text gives: a fee that is no
    /// whole number of pips.</exception>
    public static BundleLine ToLine(Bundle bundle)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        return new BundleLine
        {
            Name = bundle.Name.Text,
            Chains = [.. bundle.Chains.Select(c => new BundleChain(c.Name.Text, c.Chain))],
            Assets =
            [
                .. bundle.Assets.Select(a =>
                    new BundleAsset(a.Symbol.Text, a.On.Text, a.Asset, a.Decimals)),
            ],
            Pools =
            [
                .. bundle.Pools.Select(p => new BundlePool(
                    p.Name.Text, p.On.Text, p.Pool, p.Family.Text, Pips(p.Fee))),
            ],
            Contracts =
            [
                .. bundle.Contracts.Select(c => new BundleContract(
                    Printer.WordOf(c.Role), c.Name.Text, c.On.Text, c.Account, Percent(c.Fee))),
            ],
            Limits = bundle.Limits is { } limits ? Limits(limits) : null,
            Blocks = Blocks(bundle.Blocks),
        };
    }

    private static uint Pips(Percent fee) => fee.TryToPips(out uint pips)
        ? pips
        : throw new ArgumentException($"a fee of {fee.Value}% is no whole number of pips");

    private static string? Percent(Percent? percent) => percent?.Value.ToString();

    private static BundleLimits Limits(Limits limits) => new()
    {
        Net = Amount(limits.MinNet),
        TtlMs = limits.Ttl?.Milliseconds,
        Gas = [.. limits.Gas.Select(g => new BundleGas(g.Chain.Text, g.Units, g.PriceWei))],
        FoundS = limits.FoundSeconds,
        Expected = Amount(limits.Expected),
    };

    private static BundleAmount? Amount(Amount? amount) => amount is null
        ? null
        : Minimum(amount.Quantity)! with { Asset = amount.Asset.ToString() };

    private static BundleAmount? Minimum(Quantity? quantity) => quantity switch
    {
        null => null,
        { IsBaseUnits: true } => new BundleAmount { Units = quantity.Value.Mantissa },
        _ => new BundleAmount { Whole = quantity.Value.ToString() },
    };

    private static ImmutableArray<BundleBlock> Blocks(SyntaxList<Block> blocks) =>
        [.. blocks.Select(Block)];

    private static BundleBlock Block(Block block) => block switch
    {
        TransactionBlock b => new() { Block = "tx", On = b.Chain.Text, Body = Steps(b.Body) },
        SettledBlock b => new()
        {
            Block = "htlb",
            Cert = new BundleCertificate(
                b.Certificate.Committee.Text, b.Certificate.Threshold, b.Certificate.Members),
            EscapeMs = b.Escape.Milliseconds,
            Legs = Legs(b.Legs),
            Commit = Steps(b.Commit),
            Abort = Steps(b.Abort),
        },
        InventoryBlock b => new() { Block = "inventory", Legs = Legs(b.Legs) },
        BridgedBlock b => new()
        {
            Block = "bridged", Legs = Legs(b.Legs), Compensate = Steps(b.Compensate),
        },
        ParallelBlock b => new()
        {
            Block = "par",
            Branches = [.. b.Branches.Select(one => new BundleBranch(Blocks(one.Blocks)))],
        },
        _ => throw new ArgumentException($"no line for {block.GetType().Name}"),
    };

    private static ImmutableArray<BundleLeg> Legs(SyntaxList<Leg> legs) =>
    [
        .. legs.Select(leg => new BundleLeg
        {
            Name = leg.Name.Text,
            On = leg.Chain.Text,
            Bond = Amount(leg.Bond),
            Body = Steps(leg.Body),
            Failed = leg.Failed is { } failed ? Steps(failed) : null,
        }),
    ];

    private static ImmutableArray<BundleStep> Steps(SyntaxList<Statement> body) =>
        [.. body.Select(Step)];

    private static BundleStep Step(Statement statement) => statement switch
    {
        TakeStatement s => Loan("take", s.Result, s.Amount, s.From),
        LendStatement s => Loan("lend", s.Result, s.Amount, s.From),
        FlashStatement s => Loan("flash", s.Result, s.Amount, s.From),
        SwapStatement s => Swap("swap", s.Input, s.To, s.Via, s.Min) with { Out = s.Result.Text },
        SwapBackStatement s => Swap("swap-back", s.Input, s.To, s.Via, s.Min),
        BridgeStatement s => new()
        {
            Op = "bridge", Out = s.Result.Text, In = s.Input.Text, To = s.To.Text,
            Via = s.Via.Text, Min = Minimum(s.Min),
        },
        EscrowStatement s => new()
        {
            Op = "escrow", In = s.Input.Text, Debt = s.Debt.Text, LtvPercent = Percent(s.MaxLtv),
        },
        RepayStatement s => new() { Op = "repay", In = s.From.Text, Debt = s.Debt.Text },
        KeepStatement s => new() { Op = "keep", In = s.Input.Text, To = s.To?.Text },
        PayStatement s => new()
        {
            Op = "pay", In = s.Input?.Text, Amount = Amount(s.Amount), To = s.To.Text,
        },
        NovateStatement s => new() { Op = "novate", Leg = s.Leg.Text },
        UnwindStatement s => new() { Op = "unwind", Leg = s.Leg.Text, Min = Minimum(s.Min) },
        ShortfallStatement s => new() { Op = "shortfall", From = s.From?.Text },
        HoldStatement s => new()
        {
            Op = "hold", In = s.Input.Text, Amount = Amount(s.Max), ForMs = s.Longest.Milliseconds,
        },
        HedgeStatement s => new()
        {
            Op = "hedge", In = s.Input.Text, Via = s.Via.Name.Text,
            FeePercent = Percent(s.Via.FeeTier), LossPercent = Percent(s.MaxLoss),
        },
        ParallelStatement s => new()
        {
            Op = "par",
            Branches = [.. s.Branches.Select(one => new BundleStepBranch(Steps(one.Body)))],
        },
        _ => throw new ArgumentException($"no line for {statement.GetType().Name}"),
    };

    private static BundleStep Loan(string op, Name result, Amount amount, Name from) => new()
    {
        Op = op, Out = result.Text, Amount = Amount(amount), From = from.Text,
    };

    private static BundleStep Swap(
        string op, Name input, AssetRef to, VenueRef via, Quantity? min) => new()
    {
        Op = op, In = input.Text, Asset = to.ToString(), Via = via.Name.Text,
        FeePercent = Percent(via.FeeTier), Min = Minimum(min),
    };
}
