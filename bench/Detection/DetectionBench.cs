// DetectionBench: `bench detection`: every engine on the same sets in one run: time, share, ratio.
using System.Diagnostics;
using System.Globalization;
using Lockstep.Bench.Cases;
using Lockstep.Bench.Harness;
using Lockstep.Bench.Peers;
using Lockstep.Detection.Routing;

namespace Lockstep.Bench.Detection;

/// <summary>A row of the table.</summary>
/// <param name="Set">The set.</param>
/// <param name="Pools">Its pools.</param>
/// <param name="Touched">Pools that moved.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Ns">Its fastest time; NaN when it was left out.</param>
/// <param name="Share">What it took of the certified bound; NaN without trades.</param>
/// <param name="Words">What else there is to say.</param>
public sealed record DetectionRow(
    string Set, int Pools, int Touched, string Engine, double Ns, double Share, string Words);

/// <summary>Runs the engines.</summary>
public static class DetectionBench
{
    private const string Usage = """
        usage: ./lockstep bench detection [options]

        Gives every engine the same pools and prints the fastest of its times, the value of its
        trades, run in exact integers by one referee, as a share of the certified bound, and its
        time over that of our warm dual with exact trades.
          --graphs LIST   of synthetic, power-law, synthetic-mixed, power-law-mixed, day, and
                          synthetic-low, power-law-low, ...-low-mixed: no fee above 0.3 %
          --pools LIST    pools of the made-up graphs [default: 500,2000]
          --touched LIST  pools that moved before the timed search; all: every pool is off
                          [default: all,10]
          --file FILE     pools to take as a set: lines tokenA,tokenB,valueA,valueB,feePips
          --swaps N       longest cycles of the cycle engines, 2 to 4 [default: 3]
          --cycles N      most cycles they may list [default: 1000000]
          --slow N        pools beyond which engines that may take minutes are left out
                          [default: 20000]
          --threads N     of the dual [default: all, at most 4]
          --plot FILE     write an SVG of time against pools and against touched pools
          --save          write ratios and shares to bench/detection.json

        """;

    /// <summary>Runs the command.</summary>
    /// <param name="args">Behind the word detection.</param>
    /// <param name="root">The repository's folder.</param>
    /// <param name="output">Receives the table.</param>
    /// <param name="words">Receives what is wrong.</param>
    public static int Run(string[] args, string root, TextWriter output, TextWriter words)
    {
        if (args.Any(arg => arg is "--help" or "-h"))
        {
            output.Write(Usage);
            return 0;
        }
        if (!DetectionOptions.TryRead(args, out DetectionOptions options, out string wrong))
        {
            words.WriteLine($"bench detection: {wrong}; try --help");
            return 2;
        }
        try
        {
            string file = DetectionBaseline.PathIn(root);
            DetectionBaseline before = DetectionBaseline.Read(file);
            output.WriteLine($"{Machine.Describe()}; load {Machine.Load()}\n");
            output.WriteLine(
                "| set | pools | touched | engine | time | of the bound | ratio | baseline | note |"
                + "\n| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- |");
            List<DetectionRow> rows = [];
            using WorkGang gang = new(options.Threads);
            foreach (PoolSet set in PoolSets.Of(options, root))
                Measure(set, options, gang, before, rows, output);
            output.WriteLine($"\nload at the end: {Machine.Load()}");
            if (options.Plot is { } plot) File.WriteAllText(plot, DetectionPlot.Svg(rows));
            if (options.Save) Save(before, rows, file);
            return 0;
        }
        catch (Exception e) when (e is BenchException or SkipException or IOException)
        {
            words.WriteLine($"bench detection: {e.Message}");
            return 1;
        }
    }

    private static void Measure(
        PoolSet set, DetectionOptions options, WorkGang gang, DetectionBaseline before,
        List<DetectionRow> rows, TextWriter output)
    {
        DualEngine warm = new("dual, warm, exact", gang, cold: false, DualEnd.Batch);
        List<DetectionRow> here = [];
        double bound = double.NaN;
        Engine[] engines =
        [
            warm,
            new DualEngine("dual, warm", gang, cold: false, DualEnd.Flow),
            new DualEngine("dual, cold", gang, cold: true, DualEnd.Flow),
            new DualEngine("dual, warm, in sequence", gang, cold: false, DualEnd.Sequence),
            new CycleEngine(options.Swaps, options.Cycles),
            new RouterEngine(() => bound),
            new PlainEnumeration(options.Swaps, options.Cycles),
            new FixedSizes(),
        ];
        foreach (Engine engine in engines)
        {
            bool slow = engine is RouterEngine or PlainEnumeration or FixedSizes
                or DualEngine { End: DualEnd.Sequence };
            string? refused = slow && set.Ends.Length > options.Slow
                ? $"left out beyond {options.Slow} pools (--slow)" : engine.Refuses(set);
            DetectionRow row = refused is null
                ? Time(engine, set, () => bound, out bound)
                : new DetectionRow(
                    set.Name, set.Ends.Length, set.Touched.Length, engine.Name, double.NaN,
                    double.NaN, refused);
            here.Add(row);
            output.WriteLine(Line(row, here[0].Ns, before.Against(row, here[0].Ns)));
            output.Flush();
        }
        rows.AddRange(here);
    }

    /// <summary>The fastest of a few runs, each from the settled states.</summary>
    private static DetectionRow Time(
        Engine engine, PoolSet set, Func<double> known, out double bound)
    {
        // The first run of an engine is also the JIT's: where it is short, others follow it.
        const int MinRuns = 3, MaxRuns = 9;
        const double BudgetMs = 1500, PatienceMs = 20_000;
        bound = known();
        DetectionRow row = new(
            set.Name, set.Ends.Length, set.Touched.Length, engine.Name, double.NaN, double.NaN, "");
        try
        {
            engine.Build(set);
            double best = double.PositiveInfinity, spent = 0;
            Finding found = null!;
            for (int run = 0;
                run < MaxRuns && spent < (run < MinRuns ? PatienceMs : BudgetMs); run++)
            {
                engine.Settle();
                long begun = Stopwatch.GetTimestamp();
                found = engine.Find();
                double ms = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                (best, spent) = (Math.Min(best, ms), spent + ms);
            }
            if (engine is DualEngine dual && double.IsNaN(bound)) bound = dual.Bound;
            double value = found.Trades is { } trades ? Referee.Value(set, trades) : found.Value;
            return row with { Ns = best * 1e6, Share = value / bound, Words = found.Words };
        }
        catch (InvalidOperationException e)
        {
            return row with { Words = e.Message };
        }
    }

    private static string Line(DetectionRow row, double ours, double? against)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        string share = double.IsNaN(row.Share)
            ? "" : $"{(100 * row.Share).ToString("F2", plain)} %";
        string ratio = double.IsNaN(row.Ns) ? "" : (row.Ns / ours).ToString("G3", plain);
        string baseline = against?.ToString("F2", plain) ?? "";
        return $"| {row.Set} | {row.Pools} | {row.Touched} | {row.Engine} | "
            + $"{(double.IsNaN(row.Ns) ? "" : Table.Time(row.Ns))} | {share} | {ratio} | "
            + $"{baseline} | {row.Words} |";
    }

    private static void Save(DetectionBaseline before, List<DetectionRow> rows, string file)
    {
        foreach (IGrouping<(string, int, int), DetectionRow> set in rows.GroupBy(
            row => (row.Set, row.Pools, row.Touched)))
        {
            double first = set.First().Ns;
            foreach (DetectionRow row in set) before.Take(row, first);
        }
        before.Write(file);
    }
}
