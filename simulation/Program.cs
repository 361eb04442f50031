// Program: the simulate command: seeds in parallel, verdicts summed up, failures to replay.
using System.Diagnostics;
using System.Globalization;
using Lockstep.Simulator.Checks;
using Lockstep.Simulator.Mutation;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator;

/// <summary>Exits 0 (nothing found), 1 (the guarantee was broken) or 2 (usage).</summary>
public static class Program
{
    private const int MostShown = 5;

    private const string Usage = """
        usage: ./lockstep simulate [options]

        Runs the settlement's own code in a simulated world of faults and holds the invariants of
        docs/contracts.md against it. A run is a function of its options.
          --profile P    calm: no faults; storm: what the guarantee allows; hostile: beyond it;
                         all (the default): the three, one after the other
          --seeds N      how many seeds, 100
          --seed S       the first seed, 1
          --bundles B    bundles a seed, 40
          --without F,G  leave out these faults; --only F,G nothing but these; --faults lists them
          --jobs N       threads, one a core
          --record FILE  write finished seeds down there, and don't run those again that it has:
                         what was stopped goes on, and the counts are of all
          --trace        one seed, every step in words
          --no-shrink    don't look for a smaller failure

        ./lockstep simulate mutants [WORD] [options] makes the code under test wrong, one line at
        a time (of those whose names have the word), and says what finds it: the simulator, else
        the unit tests of its room. It takes long.
          --quick        the simulator alone; --tests the unit tests alone
          --only N,N-M   these places in the list
          --list         what would be tried, and by which tests

        """;

    /// <summary>The process's entry point.</summary>
    public static int Main(string[] args) => Run(args, Console.Out, Console.Error);

    /// <summary>Runs the command.</summary>
    /// <param name="args">See the usage.</param>
    /// <param name="output">Receives the counts.</param>
    /// <param name="words">Receives everything else.</param>
    public static int Run(string[] args, TextWriter output, TextWriter words)
    {
        if (args is ["mutants", .. string[] chosen])
        {
            if (MutantChoice.TryRead(chosen, out MutantChoice choice, out string wrong))
                return choice.Lists ? choice.List(output)
                    : new MutantRun(FindRoot(), choice, output).Run() == 0 ? 0 : 1;
            words.WriteLine($"simulate: {wrong}");
            words.Write(Usage);
            return 2;
        }
        if (!Options.TryRead(args, out Options options, out string fault))
        {
            words.WriteLine($"simulate: {fault}");
            words.Write(Usage);
            return 2;
        }
        if (options.Shows is { } shown)
        {
            output.Write(shown == "help" ? Usage
                : string.Join('\n', Enum.GetNames<Faults>()[1..]) + "\n");
            return 0;
        }
        bool failed = false;
        try
        {
            using RunRecord? record =
                options.Record is { } file ? RunRecord.Open(file) : null;
            foreach (Profile profile in options.Profiles)
                failed |= options.Trace ? Trace(options.Of(profile), output)
                    : Count(options, profile, record, output, words);
        }
        catch (IOException e)
        {
            words.WriteLine($"simulate: {e.Message}");
            return 1;
        }
        return failed ? 1 : 0;
    }

    private static bool Trace(Scenario scenario, TextWriter output)
    {
        Verdict verdict = SimulationRun.Run(scenario, output.WriteLine);
        foreach (Violation one in verdict.Violations)
            output.WriteLine($"{(one.Broken.Count == 0 ? "FAILED" : "outside")} {one.Law}: "
                + $"{one.Words}{Why(one)}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verdict.Committed} committed, {verdict.Aborted} aborted, {verdict.Empty} never "
            + $"locked, {verdict.Split} split, {verdict.Denied} denied; digest "
            + $"{verdict.Digest:x16}"));
        return verdict.Failures.Any();
    }

    private static bool Count(
        Options options, Profile profile, RunRecord? record, TextWriter output,
        TextWriter words)
    {
        var watch = Stopwatch.StartNew();
        long shownMs = 0;
        Scenario sample = options.Of(profile);
        Tally tally = Campaign.Run(
            profile, options.Seed, options.Seeds, options.Bundles, sample.Faults, options.Jobs,
            so =>
            {
                if (watch.ElapsedMilliseconds < shownMs + 10_000) return;
                shownMs = watch.ElapsedMilliseconds;
                words.WriteLine($"simulate: {profile}: {so.Seeds} seeds, {so.Bundles} bundles, "
                    + $"{so.Failed.Count} failed");
            },
            record);
        double seconds = watch.Elapsed.TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{profile.ToString().ToLowerInvariant()}: {tally.Seeds} seeds, {tally.Bundles} "
            + $"bundles: {tally.Committed} committed, {tally.Aborted} aborted, {tally.Empty} "
            + $"never locked, {tally.Split} split, {tally.Denied} denied; {tally.Outside} met a "
            + $"broken assumption; {tally.Failed.Count} seeds failed; {seconds:F0} s, "
            + $"{tally.Bundles / Math.Max(seconds, 0.001):F0} bundles/s"));
        foreach ((string law, long times) in tally.Excused)
            output.WriteLine($"  outside the guarantee, {law}: {times} times");
        foreach (Verdict one in tally.Failed.Values.Take(MostShown))
            Explain(one, options, output);
        return tally.Failed.Count > 0;
    }

    private static void Explain(Verdict failed, Options options, TextWriter output)
    {
        Violation first = failed.Failures.First();
        Scenario small = options.Shrink
            ? Shrinker.Shrink(failed.Scenario, first.Law) : failed.Scenario;
        first = SimulationRun.Run(small).Failures.First(one => one.Law == first.Law);
        output.WriteLine($"seed {failed.Scenario.Seed} breaks {first.Law}: {first.Words}");
        output.WriteLine($"  replay: ./lockstep simulate --trace {Options.Line(small)}");
    }

    private static string FindRoot()
    {
        string? up = AppContext.BaseDirectory;
        while (up is not null && !File.Exists(Path.Combine(up, "Lockstep.slnx")))
            up = Path.GetDirectoryName(up);
        return up ?? throw new InvalidOperationException("no Lockstep.slnx above the program");
    }

    private static string Why(Violation one) =>
        one.Broken.Count == 0 ? "" : $" ({string.Join("; ", one.Broken)})";
}
