// SettledTerms: what the writer is told of settled bundles: committee, loans, bonds, costs; exact.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;

namespace Lockstep.Bundles.Writing;

/// <summary>A vault that lends to the escrow: it holds two assets of its chain.</summary>
/// <param name="Contract">Its short name and account.</param>
/// <param name="Asset0">One of them.</param>
/// <param name="Asset1">The other.</param>
public sealed record LpVault(WriterContract Contract, AssetId Asset0, AssetId Asset1)
{
    /// <summary>Whether it lends the one against the other.</summary>
    public bool Holds(AssetId x, AssetId y) =>
        (x == Asset0 && y == Asset1) || (x == Asset1 && y == Asset0);
}

/// <summary>What the writer knows of settling on a chain.</summary>
/// <param name="Committee">The contract that checks certificates there.</param>
/// <param name="Searcher">Who locks, posts bonds and gets surpluses.</param>
/// <param name="Vaults">Who lends.</param>
public sealed record SettledChain(
    AccountId Committee, AccountId Searcher, ImmutableArray<LpVault> Vaults);

/// <summary>How trades are settled. Shares are millionths.</summary>
/// <param name="Preferred">Whether a trade that fits is settled; else it stays inventory.</param>
/// <param name="Committee">The committee's short name.</param>
/// <param name="Threshold">How many of it have to sign.</param>
/// <param name="Members">How many there are.</param>
/// <param name="EscapeSeconds">How long after its lock a leg unwinds without a certificate.</param>
/// <param name="LoanFeePips">The vaults' premium, of the principal, rounded up.</param>
/// <param name="MinBondPips">The vaults' least bond, of what is owed, rounded up.</param>
/// <param name="RewardCapPips">The keepers' part, of the principal, on top of what a bond covers.
/// </param>
/// <param name="LtvPips">The most the debt may be worth, of what is escrowed.</param>
/// <param name="SlackPips">How far below the trade's amount a swap may come out at most; less where
/// so much would leave no net. What comes out above is a surplus, so slack costs no money.</param>
/// <param name="UnwindLossPips">The most that a swap back may lose beside the pool's fee both ways.
/// </param>
/// <param name="GasUnits">What settling takes on a chain beyond the trade's own gas, counted
/// twice: a lock and a claim are two transactions.</param>
/// <param name="LeastNetMicroUsd">What has to be left after all costs.</param>
public sealed record SettledTerms(
    bool Preferred,
    string Committee,
    int Threshold,
    int Members,
    uint EscapeSeconds,
    uint LoanFeePips,
    uint MinBondPips,
    uint RewardCapPips,
    uint LtvPips,
    uint SlackPips,
    uint UnwindLossPips,
    ulong GasUnits,
    ulong LeastNetMicroUsd)
{
    /// <summary>The most gas that settling may be said to take.</summary>
    public const ulong MaxGasUnits = 100_000_000;

    /// <summary>The highest loan to value.</summary>
    public const uint MaxLtvPips = 2 * WriterBounds.Whole;

    /// <summary>The highest net that may be asked for.</summary>
    public const ulong MaxLeastNet = 1UL << 50;

    /// <summary>The first that is out of its range, in words; null when all are in theirs.
    /// </summary>
    public string? OutOfRange() =>
        !Words.IsName(Committee) ? $"'{Committee}' can not be a name in a bundle"
        : Members is < 1 or > Certificate.MaxMembers || Threshold > Members
            || 2L * Threshold <= Members
            ? $"a committee has up to {Certificate.MaxMembers} members, and more than half sign"
        : EscapeSeconds is 0 or > WriterBounds.MaxSeconds
            ? $"times are from 1 to {WriterBounds.MaxSeconds} s"
        : LoanFeePips >= WriterBounds.Whole || RewardCapPips >= WriterBounds.Whole
            || SlackPips >= WriterBounds.Whole
            || UnwindLossPips >= WriterBounds.Whole || MinBondPips > WriterBounds.Whole
            ? $"fee, reward, bond, slack and loss are shares below {WriterBounds.Whole} pips"
        : LtvPips is 0 or > MaxLtvPips ? $"loan to value is from 1 to {MaxLtvPips} pips"
        : GasUnits > MaxGasUnits ? $"gas is at most {MaxGasUnits} units"
        : LeastNetMicroUsd > MaxLeastNet ? $"the least net is at most {MaxLeastNet}"
        : null;
}
