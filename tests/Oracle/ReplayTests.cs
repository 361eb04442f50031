// ReplayTests: the recorded day through the real tools, checked line by line by the oracle.
using System.Numerics;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Lockstep.Tests.Oracle;

public sealed class ReplayTests
{
    /// <summary>Micro-dollars by which plain search may beat the product: rounding of the last
    /// base units.</summary>
    private const int Tolerance = 2;

    /// <summary>Every printed trade, recomputed to the last base unit from the recorded state.
    /// </summary>
    [Fact]
    public void EveryPrintedTrade_Reverifies() =>
        AssertAllAgree(RecordedDay.Lines(RecordedDay.Replay, "trade"));

    /// <summary>The same for what the detector prints, before the aggregator chose.</summary>
    [Fact]
    public void EveryPrintedOpportunity_Reverifies() =>
        AssertAllAgree(RecordedDay.Lines(RecordedDay.Detector, "opportunity"));

    [Fact]
    public void NoSlot_UsesAPoolTwice()
    {
        foreach (var slot in RecordedDay.Lines(RecordedDay.Replay, "trade").GroupBy(SlotOf))
        {
            string[] pools = [.. slot.SelectMany(t => t.GetProperty("hops").EnumerateArray())
                .Select(hop => hop.Text("pool"))];
            Assert.Equal(pools.Length, pools.Distinct().Count());
            Assert.Equal(
                Enumerable.Range(1, slot.Count()),
                slot.Select(t => t.GetProperty("rank").GetInt32()));
        }
    }

    [Fact]
    public void BruteForce_FindsNothingBetter()
    {
        ILookup<long, JsonElement> printed =
            RecordedDay.Lines(RecordedDay.Detector, "opportunity").ToLookup(SlotOf);
        long[] slots = Sample([.. printed.Select(p => p.Key).Order()]);
        Assert.Equal(6, slots.Length);
        foreach (DayState state in RecordedDay.Day.Walk(slots))
        {
            // A pool counts as touched when it was not there before: at first all of them are.
            IReadOnlySet<string> touched = state.Slot == RecordedDay.Day.FirstSlot
                ? state.Pools.Keys.ToHashSet()
                : state.Touched;
            IReadOnlyList<BruteBest> found = new BruteForce(state, RecordedDay.Config).Best(touched);
            BigInteger best = printed[state.Slot].Max(Net);
            Assert.All(found.Take(1), top => Assert.True(
                top.NetMicroUsd <= best + Tolerance,
                $"slot {state.Slot}: {top.NetMicroUsd} micro-USD by {top.Path.Key} "
                + $"with {top.Run.AmountIn}; printed at most {best}"));
            AssertReproduced(state, found, printed[state.Slot]);
        }
    }

    [Fact]
    public void TwoRuns_PrintTheSameBytes() =>
        Assert.Equal(RecordedDay.Replay, RecordedDay.Run(["replay", "--json"]));

    [Fact]
    public void Pipe_GivesTheSameTrades() => Assert.Equal(
        TradesOf(RecordedDay.Replay),
        TradesOf(RecordedDay.Run(["aggregator"], RecordedDay.Detector)));

    private static void AssertAllAgree(IReadOnlyList<JsonElement> lines)
    {
        Assert.NotEmpty(lines);
        ILookup<long, JsonElement> bySlot = lines.ToLookup(SlotOf);
        string[] differences = [.. RecordedDay.Day.Walk(bySlot.Select(s => s.Key))
            .AsParallel()
            .SelectMany(state => bySlot[state.Slot].SelectMany(line =>
                TradeChecker.Check(line, state, RecordedDay.Config)
                    .Select(d => $"slot {state.Slot} {line.Text("id")}: {d}")))
            .Order(StringComparer.Ordinal)];
        Assert.True(
            differences.Length == 0,
            $"{differences.Length} differences in {lines.Count} lines, the first:\n"
            + string.Join('\n', differences.Take(20)));
    }

    /// <summary>The best printed path of at most three swaps is among those that plain search
    /// found, and worth the same.</summary>
    private static void AssertReproduced(
        DayState state, IReadOnlyList<BruteBest> found, IEnumerable<JsonElement> printed)
    {
        JsonElement[] small = [.. printed
            .Where(line => line.GetProperty("hops").GetArrayLength() <= 3)
            .OrderByDescending(Net)];
        if (small.Length == 0) return;
        string key = KeyOf(small[0]);
        BruteBest? same = found.Where(b => b.Path.Key == key).MaxBy(b => b.NetMicroUsd);
        Assert.True(same is not null, $"slot {state.Slot}: plain search does not know {key}");
        Assert.InRange(Net(small[0]), same.NetMicroUsd - Tolerance, same.NetMicroUsd + Tolerance);
    }

    private static string KeyOf(JsonElement line)
    {
        IReadOnlyDictionary<string, OraclePool> pools =
            RecordedDay.Day.At(SlotOf(line)).Pools;
        string[] names = [.. line.GetProperty("hops").EnumerateArray().Select(hop =>
            new OracleEdge(
                pools[hop.Text("pool")],
                pools[hop.Text("pool")].Asset0 == hop.Text("assetIn")).ToString())];
        int first = Array.IndexOf(names, names.Min(StringComparer.Ordinal));
        return string.Join(' ', names.Skip(first).Concat(names.Take(first)));
    }

    /// <summary>The first slot and five spread evenly over the rest.</summary>
    private static long[] Sample(long[] slots) =>
        [.. Enumerable.Range(0, 6).Select(i => slots[i * (slots.Length - 1) / 5]).Distinct()];

    private static string TradesOf(byte[] printed) => string.Join('\n', Encoding.UTF8
        .GetString(printed).Split('\n')
        .Where(line => line.Contains("\"kind\":\"trade\"", StringComparison.Ordinal)));

    private static long SlotOf(JsonElement line) => line.GetProperty("slot").GetInt64();

    private static BigInteger Net(JsonElement line) => line.GetProperty("netMicroUsd").GetInt64();
}
