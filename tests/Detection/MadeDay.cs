// MadeDay: a random world of three chains over some slots: quotes, then swaps as sync lines.
using CsCheck;
using Lockstep.Detection;
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Tests.Detection;

/// <summary>The lines of each slot, in order; slot 1 brings the pools.</summary>
internal sealed record MadeDay(Line[][] Slots, string Words)
{
    /// <summary>Three to nine pools over token pairs, up to four slots of one to three swaps.
    /// </summary>
    public static readonly Gen<MadeDay> Any =
        from pools in Gen.Select(
            Gen.Int[0, 2], Gen.Int[0, World.Tokens.Length - 2], Gen.Int[1, 3],
            Gen.Int[-20_000, 20_000], Gen.ULong[10_000, 2_000_000], Gen.Int[0, 5])
            .Array[3, 9]
        from swaps in Gen.Select(Gen.Int[0, 8], Gen.Bool, Gen.ULong[1, 40]).Array[1, 3].Array[0, 4]
        select Make(pools, swaps);

    /// <summary>Runs the day through the detectors of some clusters and one aggregator.</summary>
    /// <returns>What each detector wrote, and what the aggregator wrote, slot by slot.</returns>
    public (List<Line>[] Found, List<Line>[] Trades) Run(
        SearchConfig config, params string[] clusters)
    {
        DetectorStage[] detectors = [.. clusters.Select(c => new DetectorStage(config, c))];
        AggregatorStage aggregator = new(config);
        List<Line>[] found = [.. Slots.Select(_ => new List<Line>())];
        List<Line>[] trades = [.. Slots.Select(_ => new List<Line>())];
        for (int slot = 0; slot < Slots.Length; slot++)
        {
            foreach (DetectorStage detector in detectors)
            {
                foreach (Line line in Slots[slot]) Require(detector.Take(line, found[slot]));
                detector.EndSlot(slot + 1, found[slot]);
            }
            foreach (Line line in found[slot]) Require(aggregator.Take(line, trades[slot]));
            aggregator.EndSlot(slot + 1, trades[slot]);
        }
        return (found, trades);
    }

    public override string ToString() => Words;

    private static MadeDay Make(
        (int Chain, int T0, int Next, int SkewPpm, ulong Usd, int Kind)[] pools,
        (int Pool, bool ZeroForOne, ulong Thousandths)[][] swaps)
    {
        QuoteLine[] quotes = [.. pools.Select((p, i) => Quote(p, i))];
        List<Line[]> slots = [[.. World.Opening(), .. quotes]];
        QuoteLine[] now = [.. quotes];
        foreach ((int Pool, bool ZeroForOne, ulong Thousandths)[] events in swaps)
        {
            List<Line> lines = [];
            foreach ((int pool, bool zeroForOne, ulong thousandths) in events)
            {
                int at = pool % now.Length;
                if (now[at].Family != "constant-product") continue;
                now[at] = Swapped(now[at], zeroForOne, thousandths);
                lines.Add(World.Sync(
                    now[at], now[at].Reserve0!.Value, now[at].Reserve1!.Value, slots.Count + 1));
            }
            slots.Add([.. lines]);
        }
        return new MadeDay(
            [.. slots], $"pools [{string.Join(' ', pools)}] swaps [{string.Join(" | ",
                swaps.Select(s => string.Join(' ', s)))}]");
    }

    private static QuoteLine Quote(
        (int Chain, int T0, int Next, int SkewPpm, ulong Usd, int Kind) pool, int number)
    {
        int t1 = Math.Min(pool.T0 + pool.Next, World.Tokens.Length - 1);
        return pool.Kind switch
        {
            0 => World.Range(
                pool.Chain, number, pool.T0, t1, (UInt128)pool.Usd * 1_000_000_000_000,
                pool.SkewPpm / 100),
            1 => World.Weighted(
                pool.Chain, number, pool.T0, t1, pool.Usd, Percents[number % Percents.Length],
                pool.SkewPpm),
            _ => World.Fair(pool.Chain, number, pool.T0, t1, pool.Usd, pool.SkewPpm),
        };
    }

    private static readonly ulong[] Percents = [50, 80, 20, 37];

    /// <summary>The pool after a swap of so many thousandths of its reserve.</summary>
    private static QuoteLine Swapped(QuoteLine quote, bool zeroForOne, ulong thousandths)
    {
        UInt256 reserveIn = (zeroForOne ? quote.Reserve0 : quote.Reserve1)!.Value;
        Market market = MarketCodec.Read(quote, out _, out _)!
            .Apply(zeroForOne, reserveIn * thousandths / 1000, out _);
        return MarketCodec.Write(quote, market, quote.Slot, quote.AsOf, "");
    }

    private static void Require(LineFault? fault)
    {
        if (fault is { } wrong) throw new InvalidOperationException($"{wrong}");
    }
}
