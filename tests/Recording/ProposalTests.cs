// ProposalTests: whatever an accelerator proposes, bounds hold, and a replay without it is the run.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Detection;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tests.Detection;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Recording;

public sealed class ProposalTests : IDisposable
{
    private static readonly SearchConfig Config = World.Config() with
    {
        Routing = RouteRules.Usual with { Device = RouteDevice.Best },
    };

    private static readonly double[] Far = [1e-4, 0.05, 3, double.NaN];

    private readonly TempFolder folder = new();
    private int logs;

    public void Dispose() => folder.Dispose();

    /// <summary>An accelerator that guesses, and has days off, or breaks: its words are in the log,
    /// and where they are taken from there, nobody needs it.</summary>
    [Fact]
    public void Replay_DecidesAsTheRunDid_WithoutTheAccelerator()
    {
        long proposed = 0;
        Gen.Select(MadeDay.Any, Gen.UInt, Gen.Double[0, 0.2]).Sample((day, seed, far) =>
        {
            string log = Record(day, Guesses(seed, far));
            StageReplay replay = new(_ => Config);
            Divergence? parted = LogDiff.First(
                StageReplay.Recorded(RecordReader.Open(log).Read()),
                replay.Run(RecordReader.Open(log).Read()), out _);
            Assert.True(parted is null, $"{parted}");
            Interlocked.Add(ref proposed, replay.Proposed);
        }, iter: 60, threads: 1);
        Assert.True(proposed > 60, $"{proposed}");
    }

    /// <summary>Each value is below the other's bound: what is certified is certified, wherever it
    /// began.</summary>
    [Fact]
    public void Bound_HoldsWhateverIsProposed() =>
        Gen.Select(MadeDay.Any, Gen.UInt, Gen.Int[0, 3]).Sample(
            (day, seed, how) =>
            {
                List<Line> alone = Run(day, null), led = Run(day, Guesses(seed, Far[how]));
                foreach (OpportunityLine line in led.OfType<OpportunityLine>())
                    Assert.True(line.NetMicroUsd <= BoundOf(led, line.Slot).NetBoundMicroUsd + 1);
                foreach (BoundLine bound in led.OfType<BoundLine>())
                {
                    BoundLine other = BoundOf(alone, bound.Slot);
                    Assert.Equal(0, bound.Above);
                    AssertBelow(bound.ValueMicroUsd, other.BoundMicroUsd);
                    AssertBelow(other.ValueMicroUsd, bound.BoundMicroUsd);
                }
            }, iter: 30);

    [Fact]
    public void Proposal_WhenItIsNone_IsRefusedOrPassedOver()
    {
        DetectorStage stage = new(Config, "all");
        ProposalLine line = new() { Slot = 1, Cluster = "all", Device = "x", Roots = "AAAA" };
        Assert.Contains("base64", stage.Take(line, [])?.Message, StringComparison.Ordinal);
        Assert.NotNull(stage.Take(line with { Roots = "?" }, []));
        Assert.Null(stage.Take(line with { Roots = "AACAPwAAgD8=" }, []));
        Assert.Null(stage.Take(line with { Cluster = "c1", Roots = "?" }, []));
        stage.EndSlot(1, []);
        Assert.Null(new DetectorStage(World.Config(), "all").Take(line, []));
    }

    [Fact]
    public void Accelerator_ServesOneDetector() => Assert.Throws<ArgumentException>(() =>
        new StageHost(Config, ["c0", "c1"], false, accelerator: Guesses(1, 0)));

    /// <summary>A flow is feasible to a billionth of what passes, far more than it brings.
    /// </summary>
    private static void AssertBelow(long value, long bound) =>
        Assert.True(value <= (bound * (1 + 1e-4)) + 2, $"{value} beyond {bound}");

    private static BoundLine BoundOf(List<Line> lines, long slot) =>
        lines.OfType<BoundLine>().Last(one => one.Slot <= slot);

    /// <summary>Guesses differ from call to call, as nothing in the log could tell.</summary>
    private static RouteAccelerator Guesses(uint seed, double far)
    {
        Random random = new((int)(seed >> 1));
        return new RouteAccelerator("guesses", (solver, _) =>
        {
            if (random.Next(4) == 0) return [];
            solver.Absorb();
            double[] roots = new double[solver.Descent.Point.Length];
            for (int row = 0; row < roots.Length; row++)
                roots[row] = solver.Descent.Point[row] + (far * ((2 * random.NextDouble()) - 1));
            // It took the changes over and then broke.
            return random.Next(6) == 0 ? [] : roots;
        });
    }

    private static List<Line> Run(MadeDay day, RouteAccelerator? accelerator)
    {
        StageHost host = new(Config, ["all"], false, accelerator: accelerator);
        List<Line> said = [];
        for (int slot = 1; slot <= day.Slots.Length; slot++) Slot(host, day, slot, said);
        return said;
    }

    private static void Slot(StageHost host, MadeDay day, int slot, List<Line> said)
    {
        foreach (Line line in day.Slots[slot - 1]) Assert.Null(host.Take(0, line, slot));
        Assert.Null(host.EndSlot(0, slot, slot, said));
    }

    private string Record(MadeDay day, RouteAccelerator accelerator)
    {
        string log = Path.Combine(folder.Path, $"log{logs++}");
        using LineRecorder recorder = new(RecordWriter.Open(log));
        recorder.Take(Streams.Run, new RunLine
        {
            Program = "test", ProgramVersion = "0", Clusters = ["all"], Aggregates = true,
            Configuration = ImmutableSortedDictionary<string, string>.Empty,
        }, 0);
        StageHost host = new(Config, ["all"], true, recorder, accelerator: accelerator);
        List<Line> said = [];
        for (int slot = 1; slot <= day.Slots.Length; slot++)
        {
            Slot(host, day, slot, said);
            host.EndAggregatorSlot(slot, slot, said);
        }
        return log;
    }
}
