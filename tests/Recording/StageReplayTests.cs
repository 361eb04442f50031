// StageReplayTests: a recorded run, run again, decides the same; a change is found where it is.
using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tests.Detection;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Recording;

public sealed class StageReplayTests : IDisposable
{
    private static readonly string[][] Clusters = [["all"], ["c0", "c1", "c2"], ["c1", "c2"]];

    private readonly TempFolder folder = new();
    private int logs;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Replay_DecidesAsTheRunDid() =>
        Gen.Select(MadeDay.Any, MadeDay.Any, Gen.Int[0, 2]).Sample((day, next, which) =>
        {
            string log = Record([day, next], Clusters[which]);
            List<Decision> once = Replayed(log, World.Config());
            Assert.Null(LogDiff.First(
                StageReplay.Recorded(RecordReader.Open(log).Read()), once, out var equal));
            Assert.Equal(once.Count, equal.Values.Sum());
            Assert.Equal(once.Select(Show), Replayed(log, World.Config()).Select(Show));
        }, iter: 40, threads: 1);

    [Fact]
    public void Replay_UnderOtherSettings_PartsWhereTheyMatter()
    {
        int parted = 0;
        MadeDay.Any.Sample(day =>
        {
            string log = Record([day], ["all"]);
            SearchConfig other = World.Config() with { MinNetMicroUsd = 50_000_000 };
            List<Decision> theirs = Replayed(log, other), ours = Replayed(log, World.Config());
            Divergence? found = LogDiff.First(ours, theirs, out _);
            bool differs = !ours.Select(Show).SequenceEqual(theirs.Select(Show));
            Assert.Equal(differs, found is not null);
            if (found is null) return;
            parted++;
            // By another way: the first line of the stream that is not the same text.
            string[] a = Lines(ours, found.Stream), b = Lines(theirs, found.Stream);
            int first = a.Zip(b).TakeWhile(pair => pair.First == pair.Second).Count();
            Assert.Equal(first + 1, found.Line);
        }, iter: 60, threads: 1);
        Assert.InRange(parted, 5, 60);
    }

    [Fact]
    public void Diff_FindsTheOneFieldThatChanged() =>
        Gen.Select(MadeDay.Any, Gen.Int[0, 1 << 20]).Sample((day, pick) =>
        {
            string log = Record([day], ["all"]);
            List<Decision> ours = [.. StageReplay.Recorded(RecordReader.Open(log).Read())];
            int[] ends = [.. Enumerable.Range(0, ours.Count).Where(i =>
                Encoding.UTF8.GetString(ours[i].Utf8.Span).Contains("\"touchedPools\":"))];
            int at = ends[pick % ends.Length];
            List<Decision> theirs = [.. ours];
            theirs[at] = ours[at] with
            {
                Utf8 = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ours[at].Utf8.Span)
                    .Replace("\"touchedPools\":", "\"touchedPools\":9", StringComparison.Ordinal)),
            };
            Divergence found = LogDiff.First(ours, theirs, out _)!;
            Assert.Equal("$.touchedPools", found.Field);
            Assert.Equal(found.Right, "9" + found.Left);
            Assert.Equal(ours.Take(at + 1).Count(one => one.Stream == ours[at].Stream), found.Line);
            // A line that is missing is a difference too, on either side.
            Assert.NotNull(LogDiff.First(ours, ours.SkipLast(1), out _)!.Left);
            Assert.NotNull(LogDiff.First(ours.SkipLast(1), ours, out _)!.Right);
            // How streams lie between each other is none.
            Assert.Null(LogDiff.First(ours, ours.OrderBy(one => one.Stream), out _));
        }, iter: 40, threads: 1);

    [Fact]
    public void Replay_WithoutTheRunsBeginning_PassesOver()
    {
        string log = Record([MadeDay.Any.Single()], ["all"]);
        StageReplay replay = new(_ => World.Config());
        Assert.Empty(replay.Run(RecordReader.Open(log).Read(2)));
        Assert.True(replay.PassedOver > 0 && replay.Runs == 0);
        Assert.Throws<RecordException>(() => new StageReplay(_ => World.Config()).Run(
            RecordReader.Open(log).Read().Select(one => one.Stream == Streams.Run ? one
                : one with { Payload = "{}"u8.ToArray() })).Count());
    }

    /// <summary>A service goes on behind a quote that is wrong; so does its replay.</summary>
    [Fact]
    public void Replay_WhenTheAggregatorMetAWrongQuote_GoesOn()
    {
        string source = Record([MadeDay.Any.Single()], ["all"]);
        QuoteLine quote = StageReplay.Recorded(RecordReader.Open(source).Read())
            .Select(one => LineCodec.Read(one.Utf8.Span, out _)).OfType<QuoteLine>().First();
        string log = Path.Combine(folder.Path, "wrong");
        using (LineRecorder recorder = new(RecordWriter.Open(log)))
        {
            Begin(recorder, []);
            StageHost host = new(World.Config(), [], true, recorder);
            Assert.NotNull(host.TakeAggregated(quote, 0));
            Assert.Null(host.TakeAggregated(
                new QuarantineLine
                {
                    Slot = 1, Pool = quote.Pool, Reason = Reason.InvariantBroken,
                    Detail = "",
                }, 0));
            host.EndAggregatorSlot(1, 0, []);
        }
        Assert.Null(LogDiff.First(
            StageReplay.Recorded(RecordReader.Open(log).Read()), Replayed(log, World.Config()),
            out var equal));
        Assert.Equal(1, equal[Streams.AggregatorOut]);
    }

    /// <summary>The tools: a recorded day, replayed twice, and under other settings.</summary>
    [Fact]
    public void Tools_ProveAReplayAndShowADifference()
    {
        string log = Path.Combine(folder.Path, "day"), again = Path.Combine(folder.Path, "again");
        Ok("replay", "--record", log, "--to", "00:02:00");
        Ok("replay", log, "--record", again);
        Assert.StartsWith("equal: ", Ok("diff", log), StringComparison.Ordinal);
        Assert.StartsWith("equal: ", Ok("diff", log, again, "--inputs"), StringComparison.Ordinal);
        string settings = Path.Combine(folder.Path, "other.toml");
        string text = File.ReadAllText(Path.Combine(Tidy.SourceTree.Root, "config/lockstep.toml"));
        File.WriteAllText(settings, text.Replace("top = 8 ", "top = 1 ", StringComparison.Ordinal));
        Ending parted = Binary.Run("managed", ["diff", log, "--config", settings], []);
        Assert.Equal(1, parted.Code);
        Assert.Matches(@"^differs: run 1, \S+, line \d+, slot 1730419200, \$", parted.Text);
        // The pipe's tools record what they take, and it leads to what they said.
        string detector = Path.Combine(folder.Path, "d");
        string aggregator = Path.Combine(folder.Path, "a");
        byte[] lines = Binary.Run(
            "managed", ["detector", "--to", "00:01:00", "--record", detector], []).Output;
        Assert.Equal(0, Binary.Run("managed", ["aggregator", "--record", aggregator], lines).Code);
        Assert.StartsWith("equal: ", Ok("diff", detector), StringComparison.Ordinal);
        Assert.Contains("aggregator.out", Ok("diff", aggregator), StringComparison.Ordinal);

        static string Ok(params string[] args)
        {
            Ending end = Binary.Run("managed", args, []);
            Assert.True(end.Code == 0, $"{string.Join(' ', args)}: {end.Text}{end.Words}");
            return end.Text;
        }
    }

    /// <summary>Of each thing that a detector found, the log tells what became of it.</summary>
    [Fact]
    public void Why_TellsOfEachOpportunityWhatBecameOfIt()
    {
        string log = Path.Combine(folder.Path, "day");
        Assert.Equal(
            0, Binary.Run("managed", ["replay", "--record", log, "--to", "00:00:30"], []).Code);
        OpportunityLine[] found = [.. StageReplay.Recorded(RecordReader.Open(log).Read())
            .Select(one => LineCodec.Read(one.Utf8.Span, out _)).OfType<OpportunityLine>()];
        Assert.True(found.Length > 2);
        foreach (OpportunityLine one in found.DistinctBy(one => one.Id).Take(4))
        {
            string name = $"trade_{one.Slot}_{one.Id}";
            Ending why = Binary.Run("managed", ["why", name, log], []);
            Assert.True(why.Code == 0, why.Words);
            Assert.Contains("detector   slot", why.Text, StringComparison.Ordinal);
            Assert.Matches("aggregator slot [0-9]+  (chosen|dropped: [a-z-]+)", why.Text);
        }
        string wrong = found[0].Id[..^1] + (found[0].Id[^1] == '0' ? '1' : '0');
        Ending none = Binary.Run("managed", ["why", wrong, log], []);
        Assert.Equal(1, none.Code);
        Assert.Contains($"near it: {found[0].Id}", none.Words, StringComparison.Ordinal);
        // A backtest of the log says what its lines say.
        string told = Binary.Run("managed", ["backtest", log, "--json"], []).Text;
        TradeLine[] trades = [.. StageReplay.Recorded(RecordReader.Open(log).Read())
            .Select(one => LineCodec.Read(one.Utf8.Span, out _)).OfType<TradeLine>()];
        Assert.Contains($"\"chosen\":{trades.Length},", told, StringComparison.Ordinal);
        Assert.Contains(
            $"\"everySlotMicroUsd\":{trades.Sum(one => one.NetMicroUsd)},", told,
            StringComparison.Ordinal);
    }

    private static List<Decision> Replayed(string log, SearchConfig config) =>
        [.. new StageReplay(_ => config).Run(RecordReader.Open(log).Read())];

    private static string[] Lines(List<Decision> all, string stream) =>
        [.. all.Where(one => one.Stream == stream).Select(Show)];

    private static string Show(Decision one) =>
        $"{one.Run} {one.Stream} {Encoding.UTF8.GetString(one.Utf8.Span)}";

    /// <summary>A log of days, each a run of its own.</summary>
    private string Record(MadeDay[] days, string[] clusters)
    {
        string log = Path.Combine(folder.Path, $"log{logs++}");
        foreach (MadeDay day in days)
        {
            using LineRecorder recorder = new(RecordWriter.Open(log));
            Begin(recorder, clusters);
            StageHost host = new(World.Config(), clusters, true, recorder);
            List<Line> said = [];
            for (int slot = 1; slot <= day.Slots.Length; slot++)
            {
                for (int d = 0; d < clusters.Length; d++)
                {
                    foreach (Line line in day.Slots[slot - 1])
                        Assert.Null(host.Take(d, line, slot * 1000));
                    Assert.Null(host.EndSlot(d, slot, slot * 1000, said));
                }
                host.EndAggregatorSlot(slot, slot * 1000, said);
            }
            (_, List<Line>[] trades) = day.Run(World.Config(), clusters);
            Assert.Equal(
                trades.Sum(slot => slot.OfType<TradeLine>().Count()),
                said.OfType<TradeLine>().Count());
        }
        return log;
    }

    private static void Begin(LineRecorder recorder, string[] clusters) =>
        recorder.Take(Streams.Run, new RunLine
        {
            Program = "test",
            ProgramVersion = "0",
            Clusters = [.. clusters],
            Aggregates = true,
            Configuration = ImmutableSortedDictionary<string, string>.Empty,
        }, 0);
}
