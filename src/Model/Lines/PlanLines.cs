// PlanLines: the line that carries a plan: transactions, calls, modelled gas and latency; version
// 1.
using System.Collections.Immutable;
using Lockstep.Numerics;

namespace Lockstep.Model.Lines;

/// <summary>What to send for one bundle, and what the gas model says of it.</summary>
/// <remarks>Amounts of calls are base units: digits where they are known, else a sum over names of
/// what swaps and bridges bring, such as <c>1.w - 62787731895831488</c>.</remarks>
public sealed record PlanLine() : Line("plan")
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>When it was detected, UNIX milliseconds; absent where the bundle does not say.
    /// </summary>
    public long? FoundMs { get; init; }

    /// <summary>What detection expects it to bring after every cost; absent where the bundle does
    /// not say.</summary>
    public PlanExpectation? Expected { get; init; }

    /// <summary>The transactions, each behind those it waits for.</summary>
    public required ImmutableArray<PlanTransactionLine> Transactions { get; init; }

    /// <summary>Modelled gas by chain.</summary>
    public required ImmutableArray<PlanGas> Gas { get; init; }

    /// <summary>Modelled time from the first sending to the last settlement when nothing fails,
    /// milliseconds, as the bundle was written.</summary>
    public required ulong LatencyBeforeMs { get; init; }

    /// <summary>The same, as it is planned.</summary>
    public required ulong LatencyAfterMs { get; init; }

    /// <summary>Fees of flash loans by asset.</summary>
    public required ImmutableArray<PlanFee> FlashFees { get; init; }

    /// <summary>What each rule of docs/gas.md did.</summary>
    public required ImmutableArray<PlanRuleEffect> Rules { get; init; }
}

/// <summary>What is expected of a plan.</summary>
/// <param name="Asset">What it is counted in.</param>
/// <param name="Units">Base units.</param>
public sealed record PlanExpectation(AssetId Asset, UInt256 Units);

/// <summary>One transaction, from the searcher to the executor on its chain.</summary>
public sealed record PlanTransactionLine
{
    /// <summary>Its name in the plan.</summary>
    public required string Id { get; init; }

    /// <summary>The chain.</summary>
    public required ChainId Chain { get; init; }

    /// <summary>The block and leg it belongs to.</summary>
    public required string Scope { get; init; }

    /// <summary><c>run</c>, <c>commit</c>, <c>abort</c> or <c>failed</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>The nearest transactions it waits for.</summary>
    public required ImmutableArray<string> After { get; init; }

    /// <summary>When it has to be included at the latest, milliseconds.</summary>
    public long? DeadlineMs { get; init; }

    /// <summary>Where the deadline counts from: <c>bundle</c> or <c>lock</c>.</summary>
    public string? DeadlineFrom { get; init; }

    /// <summary>Its modelled gas.</summary>
    public required PlanTransactionGas Gas { get; init; }

    /// <summary>The calls, in order.</summary>
    public required ImmutableArray<PlanCall> Calls { get; init; }

    /// <summary>Accounts and slots to list in advance (EIP-2930), by the model's names.</summary>
    public ImmutableArray<string>? AccessList { get; init; }
}

/// <summary>Modelled gas of a transaction; the four parts are all of it.</summary>
/// <param name="Intrinsic">The transaction itself.</param>
/// <param name="Execution">Its calls, everything they touch being warm.</param>
/// <param name="Cold">First touches, or access list entries in their place.</param>
/// <param name="Batch">The executor's loop over several calls.</param>
public sealed record PlanTransactionGas(
    ulong Intrinsic, ulong Execution, ulong Cold, ulong Batch);

/// <summary>One call of the executor.</summary>
public sealed record PlanCall
{
    /// <summary><c>approve</c>, <c>take</c>, <c>lend</c>, <c>flash</c>, <c>swap</c>,
    /// <c>bridge</c>, <c>escrow</c>, <c>bond</c>, <c>repay</c>, <c>transfer</c>, <c>novate</c>,
    /// <c>unwind</c>, <c>release</c>, <c>surplus</c> or <c>shortfall</c>.</summary>
    public required string Op { get; init; }

    /// <summary>Who it deals with; who is paid.</summary>
    public required string Party { get; init; }

    /// <summary>The party's contract, where it is known.</summary>
    public AccountId? Contract { get; init; }

    /// <summary>What kind of pool, lender or bridge it is, as the gas table names it.</summary>
    public string? Family { get; init; }

    /// <summary>The pool's fee, in pips; absent where it is not known.</summary>
    public uint? FeePips { get; init; }

    /// <summary>The most a lock's debt may be worth, as pips of what is locked.</summary>
    public uint? LtvPips { get; init; }

    /// <summary>Who pays, in settlement: the escrow or bond of the leg.</summary>
    public string? From { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much.</summary>
    public required string Amount { get; init; }

    /// <summary>What comes out.</summary>
    public AssetId? AssetOut { get; init; }

    /// <summary>How much comes out.</summary>
    public string? AmountOut { get; init; }

    /// <summary>The least that may come out.</summary>
    public UInt256? MinOut { get; init; }

    /// <summary>The fee in a repayment's amount.</summary>
    public UInt256? Fee { get; init; }

    /// <summary>The debt it opens.</summary>
    public string? Opens { get; init; }

    /// <summary>The debts it closes.</summary>
    public ImmutableArray<string>? Closes { get; init; }

    /// <summary>Its modelled gas, everything it touches being warm.</summary>
    public required ulong Gas { get; init; }
}

/// <summary>Modelled gas on a chain. Contingent is what only an abort or a failed leg
/// takes: every alternative counted.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Before">Run and commit, as the bundle was written.</param>
/// <param name="After">Run and commit, as it is planned.</param>
/// <param name="ContingentBefore">Abort and failed, as it was written.</param>
/// <param name="ContingentAfter">Abort and failed, as it is planned.</param>
/// <param name="Limit">The bundle's own bound, where it gives one.</param>
public sealed record PlanGas(
    ChainId Chain, ulong Before, ulong After, ulong ContingentBefore, ulong ContingentAfter,
    ulong? Limit = null);

/// <summary>Fees of flash loans, base units.</summary>
/// <param name="Asset">In what.</param>
/// <param name="Before">From the lenders the bundle names.</param>
/// <param name="After">From the lenders the plan takes.</param>
public sealed record PlanFee(AssetId Asset, UInt256 Before, UInt256 After);

/// <summary>What one rule did.</summary>
/// <param name="Rule">Its name in docs/gas.md.</param>
/// <param name="Changes">In how many rounds it changed something.</param>
/// <param name="GasSaved">Modelled gas, all chains and phases together.</param>
/// <param name="MsSaved">Modelled latency, milliseconds.</param>
public sealed record PlanRuleEffect(string Rule, int Changes, ulong GasSaved, long MsSaved);
