// Program: the bench command: picks cases, measures them one by one, compares with the baseline.
using Lockstep.Bench.Cases;
using Lockstep.Bench.Harness;

namespace Lockstep.Bench;

/// <summary>Exits 0 (done), 1 (a case could not be measured) or 2 (usage).</summary>
public static class Program
{
    private const string Usage = """
        usage: ./lockstep bench [FILTER ...] [--quick] [--save] [--list]
               ./lockstep bench detection [options]    engines side by side; --help says more

        Times our code and a peer in turns and prints nanoseconds an operation.
          FILTER   run only the cases with one of these words in their name
          --quick  a glance in seconds, with fewer samples and less of the recorded day
          --save   write the medians to bench/baseline.json; full runs only
          --list   print the names of the cases

        min, median, max: of the samples. ratio: the median over pairs of samples of
        our time / the peer's. baseline: our median / the committed one. B/op: bytes allocated.

        """;

    /// <summary>The process's entry point.</summary>
    public static int Main(string[] args) => Run(args, FindRoot(), Console.Out, Console.Error);

    /// <summary>Runs the command.</summary>
    /// <param name="args">See the usage.</param>
    /// <param name="root">The repository's folder.</param>
    /// <param name="output">Receives the table.</param>
    /// <param name="words">Receives what is wrong.</param>
    public static int Run(string[] args, string root, TextWriter output, TextWriter words)
    {
        if (args is ["detection", ..])
            return Detection.DetectionBench.Run(args[1..], root, output, words);
        string[] options = [.. args.Where(arg => arg.StartsWith('-'))];
        string[] filters = [.. args.Where(arg => !arg.StartsWith('-'))];
        if (options.Any(option => option is "--help" or "-h"))
        {
            output.Write(Usage);
            return 0;
        }
        bool quick = options.Contains("--quick"), save = options.Contains("--save");
        string? unknown = options.FirstOrDefault(o => o is not ("--quick" or "--save" or "--list"));
        BenchCase[] cases = [.. CaseList.All.Where(c => filters.Length == 0 || filters.Any(
            filter => c.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))];
        string? wrong = unknown is not null ? $"there is no option {unknown}"
            : quick && save ? "--quick is too rough to --save"
            : cases.Length == 0 ? $"no case has '{string.Join("' or '", filters)}' in its name"
            : null;
        if (wrong is not null)
        {
            words.WriteLine($"bench: {wrong}; try --help");
            return 2;
        }
        if (options.Contains("--list"))
        {
            foreach (BenchCase one in cases) output.WriteLine(one.Name);
            return 0;
        }
        return Measure(cases, new BenchSetting(root, quick), save, output, words);
    }

    private static int Measure(
        BenchCase[] cases, BenchSetting setting, bool save, TextWriter output, TextWriter words)
    {
        string file = Path.Combine(setting.Root, "bench", "baseline.json");
        try
        {
            Baseline before = Baseline.Read(file);
            Dictionary<string, double> medians = [];
            Introduce(before, output);
            output.WriteLine(Table.Head());
            foreach (BenchCase one in cases)
            {
                double? old = before.MedianNs.TryGetValue(one.Name, out double ns) ? ns : null;
                if (MeasureOne(one, setting, old, output) is { } median)
                    medians[one.Name] = median;
                output.Flush();
            }
            output.WriteLine($"\nload at the end: {Machine.Load()}");
            if (save) Merge(before, medians).Write(file);
            return 0;
        }
        catch (BenchException e)
        {
            words.WriteLine($"bench: {e.Message}");
            return 1;
        }
    }

    private static double? MeasureOne(
        BenchCase one, BenchSetting setting, double? baselineNs, TextWriter output)
    {
        try
        {
            Benchmark benchmark = one.Build(setting);
            Timing timing = Sampler.Measure(
                benchmark, setting.Quick ? Effort.Quick : Effort.Full);
            output.WriteLine(Table.Row(one.Name, benchmark, timing, baselineNs));
            return timing.MedianNs;
        }
        catch (SkipException e)
        {
            output.WriteLine(Table.Skipped(one.Name, e.Message));
            return null;
        }
        catch (BenchException e)
        {
            throw new BenchException($"{one.Name}: {e.Message}");
        }
    }

    /// <summary>What was measured now, and of the rest what was measured on this machine before.
    /// </summary>
    private static Baseline Merge(Baseline before, Dictionary<string, double> medians)
    {
        Baseline next = before.Machine == Machine.Describe() ? before : Baseline.Empty();
        foreach ((string name, double median) in medians)
            next.MedianNs[name] = Math.Round(median, 3);
        return next;
    }

    private static void Introduce(Baseline before, TextWriter output)
    {
        string here = Machine.Describe();
        output.WriteLine($"{here}; load {Machine.Load()}");
        if (before.MedianNs.Count > 0 && before.Machine != here)
            output.WriteLine($"the baseline is of another machine: {before.Machine}");
        output.WriteLine();
    }

    private static string FindRoot()
    {
        string? up = AppContext.BaseDirectory;
        while (up is not null && !File.Exists(Path.Combine(up, "Lockstep.slnx")))
            up = Path.GetDirectoryName(up);
        return up ?? throw new InvalidOperationException("no Lockstep.slnx above the benchmarks");
    }
}
