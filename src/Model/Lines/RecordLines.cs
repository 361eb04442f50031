// RecordLines: the lines that only a record log has: where a process began, how slots did and end.
using System.Collections.Immutable;

namespace Lockstep.Model.Lines;

/// <summary>A process begins to write a record log: stages start anew from here.</summary>
public sealed record RunLine() : Line("run")
{
    /// <summary>What runs: a tool's name.</summary>
    public required string Program { get; init; }

    /// <summary>The version of the program.</summary>
    public required string ProgramVersion { get; init; }

    /// <summary>The clusters whose detectors run in it, in the order of their slots.</summary>
    public required ImmutableArray<string> Clusters { get; init; }

    /// <summary>Whether an aggregator runs in it.</summary>
    public required bool Aggregates { get; init; }

    /// <summary>The text of each configuration file by its name; <c>lockstep.toml</c> is the
    /// search's.</summary>
    public required ImmutableSortedDictionary<string, string> Configuration { get; init; }

    /// <summary>Most trades a slot, where the command line said so.</summary>
    public int? Top { get; init; }

    /// <summary>True where the command line turned the search over all pools at once off; absent
    /// where it did not.</summary>
    public bool? CyclesOnly { get; init; }

    /// <summary>Whether the aggregator began with what the log's trades and outcomes before this
    /// line had taught; absent where there were none.</summary>
    public bool? Learnt { get; init; }

    /// <summary>Oldest state a path may rest on, seconds, where the command line said so.</summary>
    public long? MaxStateAgeSeconds { get; init; }
}

/// <summary>A stage was told to end a slot.</summary>
public sealed record TickLine() : SlotLine("tick");

/// <summary>Where an accelerator proposed that a slot's search over all pools begins. With it a
/// replay decides what the run did, on a machine that has no such device.</summary>
public sealed record ProposalLine() : SlotLine("proposal")
{
    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>What proposed it.</summary>
    public required string Device { get; init; }

    /// <summary>Of each token the root of its price over its unit's, less one: floats of four
    /// bytes, little endian, in base64, by order of arrival.</summary>
    public required string Roots { get; init; }
}
