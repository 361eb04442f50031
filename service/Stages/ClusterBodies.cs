// ClusterBodies: where a cluster's lines come from: live chains, a recorded day, or made-up load.
using Lockstep.Detection;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Recording;
using Lockstep.Service.Config;
using Lockstep.Tools;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Live;

namespace Lockstep.Service.Stages;

/// <summary>Gets a slot of a cluster, and how current its chains are.</summary>
internal delegate void SlotTold(SlotBatch batch, IReadOnlyList<ChainPulse> chains);

/// <summary>Runs a cluster on the thread it is called on.</summary>
internal delegate void ClusterBody(Stage stage, SlotTold tell, CancellationToken stop);

/// <summary>The bodies. A slot is a second of the machine's clock in each of them.</summary>
internal static class ClusterBodies
{
    private const long MsPerSlot = 1000;

    /// <summary>Follows the chains of a world.</summary>
    public static ClusterBody Live(
        SearchConfig search, string name, string world, RouteDevices devices,
        TimeProvider clock, Action<string> say, StageLog? log = null, bool withRpc = false) =>
        (stage, tell, stop) =>
        {
            using RouteDevices.RouteSeat seat = devices.Seat(name);
            LiveDetector? live = null;
            LineRecorder? recorder = log?.Begin(false);
            live = new LiveDetector(
                new StageHost(
                    search, [name], false, recorder, accelerator: seat.Accelerator),
                Of(search, name),
                WorldFile.Read(world), clock, say,
                (slot, lines) =>
                {
                    stage.Beat();
                    Tell(stage, tell, slot, slot, lines, [.. live!.Pulses], clock);
                },
                withRpc && recorder is not null ? new FeedRecorder(recorder, name, clock) : null);
            stage.Ready();
            live.Run(stop);
        };

    /// <summary>Plays a recorded day, so many of its seconds a second. One that starts again goes
    /// on where the others are.</summary>
    public static ClusterBody Recorded(
        SearchConfig search, string name, RunSettings settings, long began,
        RouteDevices devices, TimeProvider clock, StageLog? log = null) =>
        (stage, tell, stop) =>
        {
            using RouteDevices.RouteSeat seat = devices.Seat(name);
            StageHost detector = new(
                search, [name], false, log?.Begin(false), accelerator: seat.Accelerator);
            RecordedDay day = RecordedDay.Open(settings.Recorded!);
            long from = day.Manifest.From + settings.Skip;
            using IEnumerator<FeedLine> lines = day.Lines().GetEnumerator();
            bool more = lines.MoveNext();
            List<Line> output = [];
            stage.Ready();
            SlotClock seconds = new(clock);
            while (more && seconds.WaitForEnd(stop, out long second, out _))
            {
                stage.Beat();
                long slot = from + (second - began) * settings.Speed;
                while (more && (lines.Current.Line is not SlotLine own || own.Slot <= slot))
                {
                    FeedLine line = lines.Current;
                    long timeMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
                    Detector.TakeOrRefuse(detector.Take(0, line.Line, timeMs), line);
                    more = lines.MoveNext();
                }
                detector.EndSlot(
                    0, slot, clock.GetUtcNow().ToUnixTimeMilliseconds(), output);
                Tell(stage, tell, slot, second, output, [], clock);
                output = [];
            }
        };

    /// <summary>So many updates a second of the recorded day's first states: reserves that move a
    /// little, and concentrated pools touched as they are.</summary>
    public static ClusterBody Load(
        SearchConfig search, string name, string recorded, int updates, int seed,
        RouteDevices devices, TimeProvider clock) =>
        (stage, tell, stop) =>
        {
            using RouteDevices.RouteSeat seat = devices.Seat(name);
            DetectorStage detector = new(search, name, accelerator: seat.Accelerator);
            HashSet<ChainId> chains = [.. Of(search, name).Chains];
            List<Line> output = [];
            List<QuoteLine> pools = [];
            RecordedDay day = RecordedDay.Open(recorded);
            foreach (FeedLine one in day.Lines())
            {
                if (one.Line is SlotLine own && own.Slot > day.Manifest.From) break;
                Detector.TakeOrRefuse(detector.Take(one.Line, output), one);
                if (one.Line is QuoteLine quote && chains.Contains(quote.Pool.Chain)
                    && quote.Reserve0 is null or { IsZero: false }) pools.Add(quote);
            }
            if (pools.Count == 0)
                throw new RefusedException($"{recorded}: no pool of cluster {name} is in it");
            Random random = new(seed);
            stage.Ready();
            SlotClock seconds = new(clock);
            while (seconds.WaitForEnd(stop, out long slot, out _))
            {
                stage.Beat();
                for (int i = 0; i < updates; i++)
                    Update(detector, pools[random.Next(pools.Count)], slot, random, output);
                if (detector.Propose(slot, output) is { } proposal)
                    detector.Take(proposal, output);
                detector.EndSlot(slot, output);
                Tell(stage, tell, slot, slot, output, [], clock);
                output = [];
            }
        };

    private static void Update(
        DetectorStage detector, QuoteLine pool, long slot, Random random, List<Line> output)
    {
        if (pool.Family != "constant-product" || pool.Reserve0 is not { } reserve0)
        {
            detector.Take(pool with { Slot = slot, AsOf = slot }, output);
            return;
        }
        // A tenth of a per cent to either side, at most.
        UInt256 part = (UInt256)(ulong)random.Next(999_000, 1_001_000);
        detector.Take(
            new SyncLine
            {
                Slot = slot, Block = slot, Log = 0, Pool = pool.Pool,
                Reserve0 = UInt256.MulDivFloor(reserve0, part, 1_000_000u),
                Reserve1 = pool.Reserve1!.Value,
            }, output);
    }

    private static void Tell(
        Stage stage, SlotTold tell, long slot, long second, IReadOnlyList<Line> lines,
        IReadOnlyList<ChainPulse> chains, TimeProvider clock)
    {
        long due = (second + 1) * MsPerSlot;
        stage.Took(Math.Max(0, clock.GetUtcNow().ToUnixTimeMilliseconds() - due));
        tell(new SlotBatch(slot, stage.Life, due, [.. lines]), chains);
    }

    private static Cluster Of(SearchConfig search, string name) =>
        search.Clusters.FirstOrDefault(one => one.Name == name)
        ?? throw new RefusedException($"clusters: there is no cluster '{name}'; there are "
            + string.Join(", ", search.Clusters.Select(one => one.Name)));
}
