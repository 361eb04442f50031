// LoadTool: run load: made-up updates through all stages; says how long cycles took, and what grew.
using System.CommandLine;
using System.Diagnostics;
using Lockstep.Detection.Scoring;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Stages;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;

namespace Lockstep.Service;

/// <summary>The tool <c>run load</c>. Updates are made up over the recorded day's pools: it
/// measures the machine, not the market.</summary>
public static class LoadTool
{
    private const double Mib = 1 << 20;
    private const int Samples = 10;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>The tool's row.</summary>
    public static Tool Row { get; } = new(
        "load",
        "Measures the service under made-up updates: cycle times, memory, greatest queues.",
        reads: [],
        writes: [],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> config = RunFile.Option();
        Option<int> updates = Number("--updates", "Updates a second and cluster.", 1000);
        Option<int> clusters = Number("--clusters", "So many clusters of lockstep.toml.", 4);
        Option<int> seconds = Number("--seconds", "How long.", 60);
        command.Add(config);
        command.Add(updates);
        command.Add(clusters);
        command.Add(seconds);
        return (host, options) =>
        {
            RunSettings settings = RunFile.Read(options.GetValue(config));
            SearchConfig search = ConfigFile.Read(settings.SearchPath);
            int most = options.GetValue(clusters), time = options.GetValue(seconds);
            if (most < 1 || most > search.Clusters.Length)
                throw new UsageException(
                    $"--clusters {most}: lockstep.toml has {search.Clusters.Length}");
            if (options.GetValue(updates) < 1) throw new UsageException("--updates: from 1");
            settings = settings with
            {
                Clusters = [.. search.Clusters.Take(most).Select(one => one.Name)],
                World = null,
                Recorded = settings.Recorded ?? ToolHost.HomePath("data/2024-11-01-rollups"),
                History = null,
                Record = null,
            };
            using Ending ending = new(TimeSpan.FromSeconds(time), patient: true);
            RunAsync(host, settings, options.GetValue(updates), time, ending.Token)
                .GetAwaiter().GetResult();
            return ExitCode.Ok;
        };
    }

    private static async Task RunAsync(
        ToolHost host, RunSettings settings, int updates, int seconds, CancellationToken stop)
    {
        using Engine engine = new(
            settings, new EngineWishes(false, updates, host.Say, _ => { }), TimeProvider.System);
        long cycles = 0;
        engine.Cycled += _ => Interlocked.Increment(ref cycles);
        Task running = engine.RunAsync(stop);
        await Task.WhenAny(running, Task.Delay(Settling, stop));
        List<Reading> memory = [Read(engine, Settling.TotalSeconds)];
        for (int second = 1; !stop.IsCancellationRequested && !running.IsCompleted; second++)
        {
            engine.Look();
            await Task.WhenAny(running, Task.Delay(1000, stop));
            if (second % Math.Max(seconds / Samples, 1) == 0)
                memory.Add(Read(engine, second + Settling.TotalSeconds));
        }
        (double p50, double p99) = engine.CycleLatency;
        Say($"{settings.Clusters.Length} clusters, {updates} updates a second each");
        Say($"{cycles} cycles; from a slot's end to its trades: p50 {p50:F1} ms, p99 {p99:F1} ms");
        Say($"{"after s",8} {"working set MiB",16} {"heap MiB",9} {"decisions kept",15}");
        foreach (Reading one in memory)
            Say($"{one.Seconds,8:F0} {one.WorkingSet,16:F0} {one.Heap,9:F0} {one.Kept,15}");
        Say($"live objects at the end: {GC.GetTotalMemory(forceFullCollection: true) / Mib:F0} "
            + $"MiB; decisions are kept up to {Recall.MostSeen + Recall.MostChosen}");
        foreach (Stage one in engine.Stages)
            Say($"{one.Name}: greatest queue {one.GreatestWait} of {one.MostWaits}, "
                + $"dropped {one.Dropped()}, restarts {one.Restarts}, "
                + $"work p50 {one.Latency.P50Ms:F2} ms, p99 {one.Latency.P99Ms:F2} ms");
        await running;

        void Say(string words) => host.WriteLine(words);
    }

    /// <summary>What is held: by the process, by the heap after its last collection, and by the
    /// page's memory of decisions, which grows until it is full.</summary>
    private static Reading Read(Engine engine, double seconds)
    {
        using var here = Process.GetCurrentProcess();
        return new Reading(
            seconds, here.WorkingSet64 / Mib, GC.GetGCMemoryInfo().HeapSizeBytes / Mib,
            engine.Board.Recall.Count);
    }

    private static Option<int> Number(string name, string words, int usual) => new(name)
    {
        Description = words, DefaultValueFactory = _ => usual, HelpName = "n",
    };

    private readonly record struct Reading(
        double Seconds, double WorkingSet, double Heap, int Kept);
}
