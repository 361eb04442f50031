// RunSettings: what the service runs, as service.toml, the environment and the command line say.
using System.Collections.Immutable;

namespace Lockstep.Service.Config;

/// <summary>Everything that is set before a start.</summary>
public sealed record RunSettings
{
    /// <summary>Whether the file allows sending; <c>--live</c> has to say so too.</summary>
    public required bool MaySend { get; init; }

    /// <summary>Clusters of lockstep.toml, a stage each; no chain is in two of them.</summary>
    public required ImmutableArray<string> Clusters { get; init; }

    /// <summary>Live chains: a world.json; null where a recorded day is run.</summary>
    public string? World { get; init; }

    /// <summary>A recorded day's folder; null where chains are live.</summary>
    public string? Recorded { get; init; }

    /// <summary>Recorded seconds a second.</summary>
    public required int Speed { get; init; }

    /// <summary>The first recorded slot, seconds after the recording's own.</summary>
    public required int Skip { get; init; }

    /// <summary>lockstep.toml; null for the default, and so on.</summary>
    public string? SearchPath { get; init; }

    /// <summary>bundles.toml.</summary>
    public string? BundlesPath { get; init; }

    /// <summary>bridges.toml.</summary>
    public string? BridgesPath { get; init; }

    /// <summary>crossings.toml.</summary>
    public string? CrossingsPath { get; init; }

    /// <summary>gas.toml.</summary>
    public string? GasPath { get; init; }

    /// <summary>timelocks.toml.</summary>
    public string? TimelocksPath { get; init; }

    /// <summary>evm.toml; null where nothing is sent.</summary>
    public string? EvmPath { get; init; }

    /// <summary>While there is such a file, no plan is begun.</summary>
    public required string PausePath { get; init; }

    /// <summary>The page.</summary>
    public required PageSettings Page { get; init; }

    /// <summary>What waits where.</summary>
    public required QueueSettings Queues { get; init; }

    /// <summary>How a stage that died comes back.</summary>
    public required RestartSettings Restart { get; init; }

    /// <summary>Where outcomes are kept; null where they are not.</summary>
    public HistorySettings? History { get; init; }

    /// <summary>Where what stages take and say is recorded; null where it is not.</summary>
    public RecordSettings? Record { get; init; }

    /// <summary>How long a stop waits for what is open.</summary>
    public required TimeSpan Drain { get; init; }
}

/// <summary>The page.</summary>
/// <param name="Port">On 127.0.0.1; 0 is any that is free.</param>
/// <param name="MaxClients">So many watch at a time; one more is sent away.</param>
/// <param name="TokenPath">The file whose first line allows control; null: nobody may.</param>
public sealed record PageSettings(int Port, int MaxClients, string? TokenPath);

/// <summary>Bounds of what waits between stages.</summary>
/// <param name="Slots">Of market news and of trades: beyond, the two oldest are merged.</param>
/// <param name="Plans">Plans; beyond, the pipe waits.</param>
/// <param name="PlanAgeMs">A plan that waited for longer since it was detected is not begun; 0: age
/// does not matter here.</param>
/// <param name="StaleSeconds">A cluster that is silent for longer has its pools shut.</param>
/// <param name="PatienceMs">How long a slot waits for the clusters that run.</param>
public sealed record QueueSettings(
    int Slots, int Plans, int PlanAgeMs, int StaleSeconds, int PatienceMs);

/// <summary>Restarts.</summary>
/// <param name="First">The first wait; it doubles.</param>
/// <param name="Most">The longest.</param>
/// <param name="Healthy">A stage that ran for so long starts over with the first wait.</param>
public sealed record RestartSettings(TimeSpan First, TimeSpan Most, TimeSpan Healthy);

/// <summary>History.</summary>
/// <param name="Path">The database.</param>
/// <param name="Days">Older rows go.</param>
/// <param name="MostRows">The oldest go beyond so many.</param>
public sealed record HistorySettings(string Path, int Days, int MostRows);

/// <summary>The record logs.</summary>
/// <param name="Folder">A log a stage is in it.</param>
/// <param name="KeptBytes">Of all logs together; each may have an equal part.</param>
/// <param name="KeptDays">Older segments go.</param>
/// <param name="Rpc">Whether what nodes say to the feeds is recorded, too.</param>
public sealed record RecordSettings(
    string Folder, long KeptBytes, int KeptDays, bool Rpc = false);
