// LearntRunTests: a process that goes on with its log knows what it knew, and replays the same.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tests.Detection;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Recording;

public sealed class LearntRunTests : IDisposable
{
    private readonly TempFolder folder = new();
    private int logs;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Restart_KnowsWhatItKnew_AndReplaysTheSame()
    {
        long taught = 0, bids = 0;
        Gen.Select(MadeDay.Any, Gen.Int[0, 1 << 20]).Sample((day, seed) =>
        {
            string log = Path.Combine(folder.Path, $"log{logs++}");
            Random random = new(seed);
            Feedback first = Run(log, day, random, null);
            Feedback? folded = FeedbackFold.Of(
                _ => World.Config(), RecordReader.Open(log).Read());
            AssertSame(first, folded!, day);
            Feedback second = Run(log, day, random, folded);
            taught += second.Outcomes;
            bids += second.Bids.Rows.Sum(row => row.FromPpm is null ? 0 : row.Count);
            StageReplay replay = new(_ => World.Config());
            Assert.Null(LogDiff.First(
                StageReplay.Recorded(RecordReader.Open(log).Read()),
                replay.Run(RecordReader.Open(log).Read()), out _));
            Assert.Equal(0, replay.Unlearnt);
            AssertSame(second, replay.Host!.Aggregator!.Feedback!, day);
            // A run that began with nothing has forgotten both, to fold and replay alike.
            Feedback third = Run(log, day, random, null);
            AssertSame(
                third,
                FeedbackFold.Of(_ => World.Config(), RecordReader.Open(log).Read())!, day);
        }, iter: 40, threads: 1);
        Assert.True(taught > 100, $"{taught} outcomes");
        Assert.True(bids > 0, "no outcome had a tip");
    }

    /// <summary>A run of a day in which each trade ends at once, one way or another.</summary>
    private static Feedback Run(string log, MadeDay day, Random random, Feedback? learnt)
    {
        using LineRecorder recorder = new(RecordWriter.Open(log));
        recorder.Take(Streams.Run, new RunLine
        {
            Program = "test",
            ProgramVersion = "0",
            Clusters = ["all"],
            Aggregates = true,
            Configuration = ImmutableSortedDictionary<string, string>.Empty,
            Learnt = learnt is null ? null : true,
        }, 0);
        StageHost host = new(World.Config(), ["all"], true, recorder, learnt);
        for (int slot = 1; slot <= day.Slots.Length; slot++)
        {
            List<Line> said = [];
            foreach (Line line in day.Slots[slot - 1]) Assert.Null(host.Take(0, line, slot * 1000));
            Assert.Null(host.EndSlot(0, slot, slot * 1000, said));
            host.EndAggregatorSlot(slot, slot * 1000, said);
            foreach (TradeLine trade in said.OfType<TradeLine>())
                Assert.Null(host.TakeAggregated(Outcome(trade, random), slot * 1000));
        }
        return host.Aggregator!.Feedback!;
    }

    private static void AssertSame(Feedback ours, Feedback theirs, MadeDay day)
    {
        Assert.Equal((ours.Outcomes, ours.PassedOver), (theirs.Outcomes, theirs.PassedOver));
        Assert.Equal(ours.Learnt.Brier, theirs.Learnt.Brier);
        Assert.Equal(
            ours.Tips.Medians.OrderBy(one => one.Key), theirs.Tips.Medians.OrderBy(one => one.Key));
        Assert.Equal(ours.Bids.Rows.AsEnumerable(), theirs.Bids.Rows);
        Assert.Equal(ours.TimeRisk.Shares, theirs.TimeRisk.Shares);
        (_, List<Line>[] trades) = day.Run(World.Config(), "all");
        foreach (TradeLine trade in trades.SelectMany(slot => slot).OfType<TradeLine>())
        {
            Assert.Equal(ours.ChancePpm(trade, 9), theirs.ChancePpm(trade, 9));
            Assert.Equal(ours.Expected(trade, 9), theirs.Expected(trade, 9));
        }
    }

    private static OutcomeLine Outcome(TradeLine trade, Random random)
    {
        int how = random.Next(3);
        return new OutcomeLine
        {
            Name = Feedback.NameOf(trade),
            Bundle = $"{Feedback.NameOf(trade)}-{random.Next()}",
            Guarantee = trade.Guarantee,
            Success = how == 0,
            Reason = how switch { 0 => "none", 1 => "profit-gone", _ => "reverted" },
            Detail = "",
            Transactions = how == 1 ? [] :
            [
                .. trade.Hops.Select(hop => hop.Pool.Chain).Distinct().Select(chain =>
                    new OutcomeTransaction(chain, "0x", "run", 1, how == 0, 1, 1)
                    {
                        TipWei = random.Next(3) == 0 ? null : (ulong)random.Next(),
                    }),
            ],
            Realised = [],
            RealisedMicroUsd = how == 1 ? null : trade.NetMicroUsd / 2 * (how == 0 ? 1 : -1),
            FeeMicroUsd = how == 1 ? null : 1000,
            StartedMs = trade.Slot * 1000,
            SubmittedMs = how == 1 ? null : trade.Slot * 1000,
            EndedMs = (trade.Slot * 1000) + random.Next(90_000),
        };
    }
}
