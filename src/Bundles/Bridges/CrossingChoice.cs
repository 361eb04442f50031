// CrossingChoice: the answer of a selection: the way taken, and why each other one was not.
using System.Collections.Immutable;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Bridges;

/// <summary>What became of one candidate.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Reason">Why it was chosen, lost or fell out.</param>
/// <param name="Figure">Its figure in that reason's unit; zero where the reason has none.</param>
/// <param name="Against">What the figure was held against.</param>
/// <param name="Costs">Its expected costs; null when it was not priced.</param>
public sealed record CrossingVerdict(
    BridgeCandidate Candidate,
    CrossingReason Reason,
    ulong Figure,
    ulong Against,
    CrossingCosts? Costs)
{
    /// <summary>One line: the name, the code, and the two figures where there are any.</summary>
    public string Explain() => Reason switch
    {
        CrossingReason.Chosen => $"{Candidate.Id}: chosen: costs {Figure} micro-USD",
        CrossingReason.NotForced when Against == 0 =>
            $"{Candidate.Id}: not-forced: costs {Figure} micro-USD",
        CrossingReason.Costlier or CrossingReason.NotForced =>
            $"{Candidate.Id}: {Reason.Code()}: costs {Figure} micro-USD, the chosen one {Against}",
        CrossingReason.TooSlow =>
            $"{Candidate.Id}: too-slow: p99 is {Figure} s, the deadline {Against} s",
        CrossingReason.CapitalBeyondLimit => $"{Candidate.Id}: capital-beyond-limit: ties up "
            + $"{Figure} micro-USD, the limit is {Against}",
        _ => $"{Candidate.Id}: {Reason.Code()}",
    };
}

/// <summary>The answer to a request.</summary>
/// <param name="Chosen">The way taken; null when the request or the policy was refused.</param>
/// <param name="AmountArrivingFloor">What arrives at least, in base units: the amount less the
/// share fee, rounded down; zero without a way. Fixed fees and gas are paid beside it.</param>
/// <param name="Refusal">Why there is no way; null when there is one.</param>
/// <param name="Detail">What the refusal is about, such as a name the policy got wrong.</param>
/// <param name="Verdicts">Every candidate once: the feasible ones by rank, then the rest by name.
/// Empty when the request itself was refused.</param>
public sealed record CrossingChoice(
    BridgeCandidate? Chosen,
    UInt256 AmountArrivingFloor,
    CrossingReason? Refusal,
    string Detail,
    ImmutableArray<CrossingVerdict> Verdicts)
{
    /// <summary>The answer in lines: the refusal, if any, then one line a candidate.</summary>
    public IEnumerable<string> Explain()
    {
        if (Refusal is { } reason)
            yield return Detail.Length == 0 ? reason.Code() : $"{reason.Code()}: {Detail}";
        foreach (CrossingVerdict verdict in Verdicts) yield return verdict.Explain();
    }
}
