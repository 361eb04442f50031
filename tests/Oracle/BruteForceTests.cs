// BruteForceTests: at sampled seconds, plain search finds the printed paths and none better.
using System.Numerics;
using System.Text.Json;
using Xunit;

namespace Lockstep.Tests.Oracle;

public sealed class BruteForceTests
{
    /// <summary>Micro-dollars by which the best of plain search may beat the best that is printed.
    /// </summary>
    private const int Tolerance = 2;

    /// <summary>The first second and five spread over the events of the day.</summary>
    public static TheoryData<long> Slots()
    {
        Recorded day = RecordedDay.Day;
        long[] all = [.. day.Syncs.Select(s => s.Slot).Distinct()];
        int last = all.Length - 1;
        return [day.FirstSlot, .. Enumerable.Range(1, 5).Select(i => all[i * last / 5])];
    }

    /// <summary>A detector that starts in a second searches every pool as it stands then: its lines
    /// are the whole answer, and plain search has to arrive at the same one.</summary>
    [Theory]
    [MemberData(nameof(Slots))]
    public void BruteForce_FindsNothingBetter(long slot)
    {
        OracleConfig config = RecordedDay.Config;
        DayState state = RecordedDay.Day.At(slot);
        // Plain search walks simple cycles; what the search over all pools adds is none.
        byte[] output = ToolRun.Output(
            ["detector", "--cycles-only", "--top", "10000",
                "--from", $"{slot}", "--to", $"{slot}"]);
        Assert.Equal(
            state.Pools.Keys.Except(state.Shut.Keys).Order(StringComparer.Ordinal),
            ToolRun.Lines(output, "quote").Select(q => q.Text("pool"))
                .Order(StringComparer.Ordinal));

        Dictionary<string, JsonElement> printed =
            ToolRun.Lines(output, "opportunity").ToDictionary(line => KeyOf(line, state));
        Assert.NotEmpty(printed);
        IReadOnlyList<BruteBest> found =
            new BruteForce(state, config).Best(config.MaxSwaps, config.MinNetMicroUsd);
        BigInteger best = printed.Values.Max(Net);
        Assert.True(
            found[0].NetMicroUsd <= best + Tolerance,
            $"{found[0].NetMicroUsd} micro-USD by {found[0].Path.Key} with "
            + $"{found[0].Run.AmountIn} in; printed at most {best}");
        Assert.Multiple([.. found.Select(path => (Action)(() =>
            Compare(path, printed, config)))]);
        foreach ((string key, JsonElement line) in printed)
            Assert.True(
                Net(line) <= config.MinNetMicroUsd + 1000,
                $"printed with {Net(line)} micro-USD, not known to plain search: {key}");
    }

    /// <summary>Path by path: the same paths, worth the same but for the last units of each token
    /// on the way.</summary>
    private static void Compare(
        BruteBest found, Dictionary<string, JsonElement> printed, OracleConfig config)
    {
        bool there = printed.Remove(found.Path.Key, out JsonElement line);
        BigInteger units = Tolerance;
        for (int stage = 0; stage < found.Run.Stages.Count; stage++)
            units += found.Path.UnitMicroUsd(found.Run, stage);
        if (!there)
        {
            Assert.True(
                found.NetMicroUsd <= config.MinNetMicroUsd + 1000,
                $"not printed: {found.NetMicroUsd} micro-USD by {found.Path.Key}");
            return;
        }
        BigInteger lead = found.NetMicroUsd - Net(line);
        Assert.True(
            BigInteger.Abs(lead) <= units,
            $"{found.Path.Key}: plain search {found.NetMicroUsd} with {found.Run.AmountIn} in over "
            + $"{found.Run.TicksCrossed} ticks, printed {Net(line)} with {line.Big("amountIn")}, "
            + $"units on the way are worth {units}");
    }

    internal static string KeyOf(JsonElement line, DayState state) => OraclePath.KeyOf(
        line.GetProperty("hops").EnumerateArray().Select(hop =>
            new OracleEdge(
                state.Pools[hop.Text("pool")],
                state.Pools[hop.Text("pool")].Asset0 == hop.Text("assetIn"))));

    private static BigInteger Net(JsonElement line) => line.GetProperty("netMicroUsd").GetInt64();
}
