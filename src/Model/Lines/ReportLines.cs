// ReportLines: the line that counts how many plans ended how, how fast, and what gas they took;
// version 1.
using System.Collections.Immutable;

namespace Lockstep.Model.Lines;

/// <summary>What outcomes come to.</summary>
public sealed record ReportLine() : Line("report")
{
    /// <summary>Outcomes, each bundle once.</summary>
    public required int Bundles { get; init; }

    /// <summary>By guarantee, in the order of that enumeration.</summary>
    public required ImmutableArray<ReportGroup> Groups { get; init; }

    /// <summary>Gas of plans that did all they were to do, by guarantee; of those whose plan line
    /// was read.</summary>
    public required ImmutableArray<ReportGas> Gas { get; init; }
}

/// <summary>The outcomes of one guarantee.</summary>
public sealed record ReportGroup
{
    /// <summary>The guarantee.</summary>
    public required Guarantee Guarantee { get; init; }

    /// <summary>Outcomes.</summary>
    public required int Bundles { get; init; }

    /// <summary>Those that sent something.</summary>
    public required int Sent { get; init; }

    /// <summary>Outcomes by reason; <c>none</c> are those that succeeded.</summary>
    public required ImmutableSortedDictionary<string, long> Reasons { get; init; }

    /// <summary>Those that sent something, a thousand minutes: from the first one's start to the
    /// last one's end.</summary>
    public required long SentPerKilominute { get; init; }

    /// <summary>From detection to the first transaction's submission.</summary>
    public ReportSpan? DetectionToSubmission { get; init; }

    /// <summary>From the first submission until the outcome was final.</summary>
    public ReportSpan? SubmissionToFinal { get; init; }

    /// <summary>From detection until it had settled; of those that succeeded.</summary>
    public ReportSpan? DetectionToSettled { get; init; }

    /// <summary>Outcomes that sent something and say both what was expected and what came.
    /// </summary>
    public required int Valued { get; init; }

    /// <summary>What was expected of those, millionths of a dollar.</summary>
    public required long ExpectedMicroUsd { get; init; }

    /// <summary>What they brought after fees.</summary>
    public required long RealisedMicroUsd { get; init; }

    /// <summary>What their transactions cost.</summary>
    public required long FeeMicroUsd { get; init; }
}

/// <summary>Latencies, milliseconds.</summary>
/// <param name="Count">How many are behind it.</param>
/// <param name="P50Ms">Half of them took at most so long.</param>
/// <param name="P99Ms">Of a hundred, ninety-nine did.</param>
/// <param name="MostMs">The longest.</param>
public sealed record ReportSpan(int Count, long P50Ms, long P99Ms, long MostMs);

/// <summary>Gas as modelled, and as the EVM counted it.</summary>
/// <param name="Guarantee">Of plans of this guarantee.</param>
/// <param name="Plans">How many.</param>
/// <param name="ModelledBefore">Modelled, as their bundles were written.</param>
/// <param name="ModelledAfter">Modelled, as they were planned.</param>
/// <param name="Used">What their transactions used.</param>
public sealed record ReportGas(
    Guarantee Guarantee, int Plans, ulong ModelledBefore, ulong ModelledAfter, ulong Used);
