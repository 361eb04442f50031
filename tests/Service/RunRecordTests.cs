// RunRecordTests: what a service recorded is what its stages, run again, decide; across deaths too.
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Service;
using Lockstep.Service.Config;
using Lockstep.Service.Stages;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Records;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Service;

public sealed class RunRecordTests(ITestOutputHelper say) : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Two processes on one folder; in the first, a cluster and the aggregator are killed
    /// and come back. Every log equals its replay, and the second goes on with what the first
    /// learnt.</summary>
    [Fact]
    public async Task Logs_EqualTheirReplay_AcrossKilledStagesAndProcesses()
    {
        await RunAsync(["cluster base", "aggregator"]);
        await RunAsync([]);
        string[] logs = [.. RunLog.Logs(folder.Path)];
        Assert.Equal(
            ["aggregator", "cluster-arbitrum", "cluster-base", "cluster-optimism"],
            logs.Select(Path.GetFileName));
        int[] lives = [3, 2, 3, 2];
        foreach ((string log, int runs) in logs.Zip(lives))
            AssertReplays(log, runs);
        Assert.Equal(
            [null, true, true],
            Records(logs[0]).Where(one => one.Stream == Streams.Run)
                .Select(one => ((RunLine)StageReplay.Line(one)).Learnt));
        // By the tools, as an operator does it.
        Ending diff = Binary.Run("managed", ["diff", folder.Path], []);
        Assert.True(diff.Code == 0, diff.Text + diff.Words);
        HashSet<(long, string)> found = [.. Lines<OpportunityLine>(logs[0], Streams.AggregatorIn)
            .Select(one => (one.Slot, one.Id))];
        HashSet<string> planned = [.. Lines<PlanLine>(logs[0], Streams.Plans)
            .Select(one => one.Name)];
        // Each plan's bundle stands before it, checked, under the plan's name.
        HashSet<string> bundled = new(StringComparer.Ordinal);
        foreach (LogRecord record in Records(logs[0]))
            if (record.Stream == Streams.Bundles)
                bundled.Add(((BundleLine)StageReplay.Line(record)).Name);
            else if (record.Stream == Streams.Plans)
                Assert.Contains(((PlanLine)StageReplay.Line(record)).Name, bundled);
        Assert.NotEmpty(bundled);
        TradeLine trade = Lines<TradeLine>(logs[0], Streams.AggregatorOut).First(one =>
            found.Contains((one.Slot, one.Id)) && planned.Contains(Feedback.NameOf(one)));
        Ending why = Binary.Run(
            "managed", ["why", $"trade_{trade.Slot}_{trade.Id}", folder.Path], []);
        Assert.True(why.Code == 0, why.Words);
        foreach (string step in (string[])["detector", "aggregator", "bundle", "plan", "executor"])
            Assert.Contains(step, why.Text, StringComparison.Ordinal);
    }

    /// <summary>A log of so many runs decides again what it has.</summary>
    internal static void AssertReplays(string log, int runs)
    {
        StageReplay replay = new(run => RunLog.Settings(run, null));
        Divergence? parted = LogDiff.First(
            StageReplay.Recorded(Records(log)).Where(one => StageReplay.IsStages(one.Stream)),
            replay.Run(Records(log)), out var equal);
        Assert.True(parted is null, $"{log}: {parted}");
        Assert.Equal((runs, 0L, 0), (replay.Runs, replay.PassedOver, replay.Unlearnt));
        Assert.True(equal.Values.Sum() > 10, $"{log}: {equal.Values.Sum()}");
    }

    /// <summary>What was planned and how it ended is there, as often as it was told.</summary>
    private async Task RunAsync(string[] killed)
    {
        string log = Path.Combine(folder.Path, "aggregator");
        int before = Directory.Exists(log) ? Ends().Length : 0;
        List<OutcomeLine> told;
        using (EngineTests.Running running = new(Settings(), say.WriteLine))
        {
            Engine engine = running.Engine;
            await running.UntilAsync(() => engine.IsReady && !running.Ends.IsEmpty);
            foreach (string name in killed)
            {
                long slot = engine.Board.Slot ?? 0;
                Stage stage = engine.Stages.Single(one => one.Name == name);
                stage.Kill("for a test");
                await running.UntilAsync(() => stage.Restarts == 1 && engine.IsReady
                    && engine.Board.Slot > slot + (3 * Settings().Speed));
            }
            await running.StopAsync();
            told = [.. running.Ends];
        }
        Assert.Equal(told.Select(one => one.Bundle), Ends().Skip(before));

        string[] Ends() =>
            [.. Lines<OutcomeLine>(log, Streams.Outcomes).Select(one => one.Bundle)];
    }

    /// <summary>Two services in one folder would mix what they decided.</summary>
    [Fact]
    public void Folder_WhenAnotherServiceHasIt_IsRefused()
    {
        using Engine first = Engine();
        RefusedException refused = Assert.Throws<RefusedException>(Engine);
        Assert.Contains("another process writes this log", refused.Message,
            StringComparison.Ordinal);

        Engine Engine() => new(
            Settings(), new EngineWishes(false, 0, _ => { }, _ => { }), TimeProvider.System);
    }

    /// <summary>A log that broke loses notes, and says so; the stage's next life opens it anew.
    /// </summary>
    [Fact]
    public void Log_WhenItBroke_IsOpenedByTheNextLife()
    {
        List<string> words = [];
        string log = Path.Combine(folder.Path, "one");
        using (StageLog kept = new(
            log, RecordLimits.Default, RunLog.Line("test", [], true, null, null, null),
            TimeProvider.System, words.Add))
        {
            kept.Begin(false).Dispose();
            kept.Note(Streams.Plans, new TickLine { Slot = 1 });
            kept.Note(Streams.Plans, new TickLine { Slot = 2 });
            Assert.Equal(2, kept.Lost);
            Assert.Contains("lines are lost", Assert.Single(words), StringComparison.Ordinal);
            kept.Begin(true);
            kept.Note(Streams.Plans, new TickLine { Slot = 3 });
            Assert.Equal(2, kept.Lost);
        }
        Assert.Equal(
            [Streams.Run, Streams.Run, Streams.Plans], Records(log).Select(one => one.Stream));
    }

    private RunSettings Settings() => EngineTests.Settings() with
    {
        Record = new RecordSettings(folder.Path, 1L << 30, 30),
    };

    private static IEnumerable<LogRecord> Records(string log) => RecordReader.Open(log).Read();

    private static IEnumerable<T> Lines<T>(string log, string stream) => Records(log)
        .Where(one => one.Stream == stream).Select(one => StageReplay.Line(one)).OfType<T>();
}
