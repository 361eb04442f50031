// PlanStep: one call of a plan: what it moves between whom, what it touches, which debts it closes.
using System.Collections.Immutable;
using Lockstep.Bundles.Algebra;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas;

/// <summary>What a call does.</summary>
public enum StepKind
{
    /// <summary>Lets <see cref="PlanStep.Party"/> take an amount of the executor's.</summary>
    Approve,

    /// <summary>Own funds out of a vault.</summary>
    Take,

    /// <summary>A vault's loan for a settled block.</summary>
    Lend,

    /// <summary>A loan for this transaction.</summary>
    Flash,

    /// <summary>A trade with a pool.</summary>
    Swap,

    /// <summary>A transfer to the executor on another chain; it arrives later.</summary>
    Bridge,

    /// <summary>Locks what backs a settled block's debt.</summary>
    Escrow,

    /// <summary>Posts a bond.</summary>
    Bond,

    /// <summary>Pays back a flash loan.</summary>
    Repay,

    /// <summary>A payment out of the executor.</summary>
    Transfer,

    /// <summary>The vault takes a leg's escrow for its debt.</summary>
    Novate,

    /// <summary>A leg's escrow is swapped back to repay its debt.</summary>
    Unwind,

    /// <summary>Gives a bond back.</summary>
    Release,

    /// <summary>Pays what novation left over.</summary>
    Surplus,

    /// <summary>Pays what an unwind leaves owing.</summary>
    Shortfall,
}

/// <summary>An amount that goes from one party to another.</summary>
/// <param name="From">Who has less.</param>
/// <param name="To">Who has more.</param>
/// <param name="Asset">Of what; it names the chain.</param>
/// <param name="Amount">How much.</param>
public readonly record struct Flow(string From, string To, AssetId Asset, SymbolicAmount Amount);

/// <summary>One call that the executor makes.</summary>
public sealed record PlanStep
{
    /// <summary>The party that makes every call: the searcher's executor contract.</summary>
    public const string Executor = "executor";

    /// <summary>Whoever takes the other side of an unwind; the vault chooses at that
    /// time.</summary>
    public const string Market = "market";

    /// <summary>What it does.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>The row of the gas table it is looked up in, such as <c>concentrated</c> for a
    /// swap; empty for the row of the kind alone.</summary>
    public string Of { get; init; } = "";

    /// <summary>Who it deals with, by short name; an approval's spender.</summary>
    public required string Party { get; init; }

    /// <summary>The contract of <see cref="Party"/>, where the bundle or the tables name it.
    /// </summary>
    public AccountId? Contract { get; init; }

    /// <summary>What tells <see cref="Party"/> from all others: its contract, or its name where
    /// the contract is not known. Two names of one contract are one.</summary>
    public string Identity => Contract?.ToString() ?? Party;

    /// <summary>What goes in, or what is lent, approved or paid.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much.</summary>
    public required SymbolicAmount Amount { get; init; }

    /// <summary>What comes out of a swap or bridge.</summary>
    public AssetId? AssetOut { get; init; }

    /// <summary>How much comes out.</summary>
    public SymbolicAmount? AmountOut { get; init; }

    /// <summary>The least that may come out, base units of <see cref="AssetOut"/>.</summary>
    public UInt256? MinOut { get; init; }

    /// <summary>The fee in a <see cref="StepKind.Repay"/>'s amount, base units.</summary>
    public UInt256 Fee { get; init; }

    /// <summary>A pool's fee in pips, where it is known.</summary>
    public uint? FeePips { get; init; }

    /// <summary>The most that a lock's debt may be worth, as pips of what is locked.</summary>
    public uint? LtvPips { get; init; }

    /// <summary>Whether the party pulls what it gets, by an allowance.</summary>
    public bool Pulls { get; init; }

    /// <summary>The debt it opens: by the loan's wire.</summary>
    public string? Opens { get; init; }

    /// <summary>The debts it closes.</summary>
    public ImmutableArray<string> Closes { get; init; } = [];

    /// <summary>What it moves.</summary>
    public IEnumerable<Flow> Flows()
    {
        switch (Kind)
        {
            case StepKind.Approve:
                yield break;
            case StepKind.Take or StepKind.Lend or StepKind.Flash:
                yield return new Flow(Party, Executor, Asset, Amount);
                yield break;
            case StepKind.Novate or StepKind.Release or StepKind.Surplus or StepKind.Shortfall:
                yield return new Flow(Source, Party, Asset, Amount);
                yield break;
            case StepKind.Unwind:
                yield return new Flow(Source, Market, Asset, Amount);
                if (AssetOut is { } owed && AmountOut is { } brought)
                    yield return new Flow(Market, Party, owed, brought);
                yield break;
            default:
                yield return new Flow(Executor, Party, Asset, Amount);
                if (AssetOut is { } asset && AmountOut is { } amount)
                    yield return new Flow(Party, Executor, asset, amount);
                yield break;
        }
    }

    /// <summary>Who pays: the escrow or bond of the leg in a settlement step.</summary>
    public string Source { get; init; } = Executor;

    /// <summary>What it reads and writes on the chain it runs on. A bridge's far side is not its
    /// own.</summary>
    public Footprint Footprint()
    {
        ChainId chain = Asset.Chain;
        List<Resource> writes = [];
        if (Kind is StepKind.Approve || Pulls)
            writes.Add(Resource.Allowance(Asset, Executor, Identity));
        if (Kind is not StepKind.Approve)
        {
            writes.Add(Resource.Pool(Account(chain)));
            foreach (Flow flow in Flows().Where(flow => flow.Asset.Chain == chain))
            {
                writes.Add(Resource.Balance(flow.Asset, Holder(flow.From)));
                writes.Add(Resource.Balance(flow.Asset, Holder(flow.To)));
            }
        }
        return new Footprint([], writes);
    }

    private string Holder(string party) => party == Party ? Identity : party;

    /// <summary>The account called; a name stands in where the contract is not known.</summary>
    private PoolId Account(ChainId chain) =>
        PoolId.Parse(Contract?.ToString() ?? $"{chain}:{Party}");

    /// <summary>The token contracts it calls on its chain, in order.</summary>
    public IEnumerable<AssetId> Tokens() =>
        AssetOut is { } other && other.Chain == Asset.Chain && other != Asset
            ? [Asset, other]
            : [Asset];
}
