// FuzzCommand: `./lockstep fuzz`: reads a million hostile inputs, says what fell, repeats one run.
using System.Diagnostics;
using System.Globalization;

namespace Lockstep.Tests.Fuzz;

/// <summary>The entry point of this assembly when it is run by itself.</summary>
public static class FuzzCommand
{
    /// <summary>The seed when none is given, so that a run repeats.</summary>
    internal const ulong DefaultSeed = 20241101;

    private const long DefaultRuns = 1_000_000;

    private const string Usage = """
        usage: ./lockstep fuzz [--runs N] [--seed S] [--target T] [--run N]

        Feeds hostile inputs to every reader. Exits 0 when nothing fell, 1 when something did.
          --runs N    how many inputs, over all targets [default: 1000000]
          --seed S    where they start from [default: 20241101]
          --target T  one target alone
          --run N     show this one input of --target and read it again

        targets:
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal static IReadOnlyList<FuzzTarget> Targets { get; } =
        [.. BundleTargets.All, .. LineTargets.All, .. ConfigTargets.All];

    /// <summary>Runs the command: 0 nothing fell, 1 something did, 2 a wrong command line.
    /// </summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args.Contains("--help"))
        {
            Console.WriteLine(Usage);
            foreach (FuzzTarget target in Targets) Console.WriteLine($"  {target.Name}");
            return 0;
        }
        Dictionary<string, string> options = new(StringComparer.Ordinal);
        for (int i = 0; i < args.Length; i += 2)
        {
            bool known = args[i] is "--runs" or "--seed" or "--target" or "--run" or "--trail";
            if (!known || i + 1 == args.Length || !options.TryAdd(args[i], args[i + 1]))
                return Wrong($"there is no option {args[i]}, or it has no value, or two");
        }
        if (!Number("--runs", DefaultRuns, out long runs) || !Number("--run", -1, out long run)
            || !Number("--seed", (long)DefaultSeed, out long seed))
            return Wrong("--runs, --run and --seed are whole numbers");
        FuzzTarget[] targets = [.. Targets.Where(one =>
            !options.TryGetValue("--target", out string? only) || one.Name == only)];
        if (targets.Length == 0) return Wrong("there is no such target");
        if (run >= 0 && targets.Length > 1) return Wrong("--run needs --target");
        return run >= 0
            ? Repeat(targets[0], (ulong)seed, run)
            : Run(targets, (ulong)seed, runs, options.GetValueOrDefault("--trail"));

        bool Number(string name, long usual, out long value)
        {
            value = usual;
            return !options.TryGetValue(name, out string? text) || long.TryParse(
                text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        }
    }

    private static int Wrong(string words)
    {
        Console.Error.WriteLine($"fuzz: {words}; try --help");
        return 2;
    }

    private static int Repeat(FuzzTarget target, ulong seed, long number)
    {
        FuzzRun run = new([target], seed, Patience);
        byte[] input = run.Input(target, number);
        Console.WriteLine($"{target.Name}, seed {seed}, run {number}, {input.Length} bytes:");
        Console.WriteLine(FuzzFailure.Escape(input));
        run.One(number);
        return Close(run);
    }

    private static int Run(FuzzTarget[] targets, ulong seed, long runs, string? trailPath)
    {
        long start = Stopwatch.GetTimestamp(), said = start;
        int workers = Environment.ProcessorCount;
        Say($"seed {seed}, {targets.Length} targets, {workers} threads, {runs} runs");
        using FuzzTrail? trail = trailPath is null ? null : new FuzzTrail(trailPath, workers);
        FuzzRun run = new(targets, seed, Patience);
        run.Many(runs, workers, Progress, trail);
        Console.WriteLine($"{"target",-16}{"runs",10}{"accepted",10}  memory, of its bound");
        foreach ((FuzzTarget target, FuzzCount count) in targets.Zip(run.Counts))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{target.Name,-16}{count.Runs,10}{count.Accepted,10}"
                + $"  {count.WorstPerMille / 10.0:F1} %"));
        return Close(run);

        void Progress(long done)
        {
            if (Stopwatch.GetElapsedTime(said) < TimeSpan.FromSeconds(5)) return;
            said = Stopwatch.GetTimestamp();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Say(string.Create(CultureInfo.InvariantCulture,
                $"{done} runs, {done / seconds:F0} a second, {run.Failures.Count} failures"));
        }
    }

    private static int Close(FuzzRun run)
    {
        foreach (FuzzFailure failure in run.Failures) Console.WriteLine($"\n{failure}");
        long runs = run.Counts.Sum(count => count.Runs);
        long accepted = run.Counts.Sum(count => count.Accepted);
        Console.WriteLine($"{runs} runs, {accepted} accepted, {run.Failures.Count} failures");
        return run.Failures.Count == 0 ? 0 : 1;
    }

    private static void Say(string words) => Console.Error.WriteLine($"fuzz: {words}");
}
