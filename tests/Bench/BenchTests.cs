// BenchTests: the benchmarks run, refuse sides that disagree, and keep their baseline; no times.
using System.Globalization;
using Lockstep.Bench.Harness;
using Lockstep.Tests.Tidy;
using Xunit;

namespace Lockstep.Tests.Bench;

/// <summary>Laws of the harness and one real case.</summary>
public sealed class BenchTests
{
    [Fact]
    public void Run_WhenQuick_PrintsTheCase()
    {
        (int code, string output, string words) = Run("v2.quote", "--quick");

        Assert.True(code == 0, words);
        Assert.Contains("| v2.quote", output, StringComparison.Ordinal);
        Assert.Contains("| BigInteger", output, StringComparison.Ordinal);
    }

    /// <summary>Every engine's trades are run by the referee, which refuses what can't be run or
    /// is owed.</summary>
    [Fact]
    public void Detection_PutsEveryEngineBesideOurs()
    {
        string plot = Path.Combine(Directory.CreateTempSubdirectory("bench").FullName, "plot.svg");
        (int code, string output, string words) = Run(
            "detection", "--graphs", "synthetic,power-law-mixed", "--pools", "60",
            "--touched", "all,3", "--threads", "1", "--plot", plot);

        Assert.True(code == 0, words);
        string[] rows = [.. output.Split('\n').Where(line =>
            line.StartsWith("| synth", StringComparison.Ordinal)
            || line.StartsWith("| power", StringComparison.Ordinal))];
        Assert.Equal(2 * 2 * 8, rows.Length);
        double[] shares = [.. rows.Select(row => row.Split('|')[6].Trim(' ', '%'))
            .Where(share => share.Length > 0)
            .Select(share => double.Parse(share, CultureInfo.InvariantCulture))];
        Assert.All(shares, share => Assert.InRange(share, 0, 100.01));
        Assert.Equal(4, rows.Count(row => row.Contains("dual, cold", StringComparison.Ordinal)));
        Assert.StartsWith("<svg ", File.ReadAllText(plot), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(plot)!, recursive: true);
    }

    [Theory]
    [InlineData("--pools", "many")]
    [InlineData("--graphs", "round")]
    [InlineData("--touched")]
    public void Detection_WhenAskedWrong_SaysSoWithCodeTwo(params string[] args)
    {
        (int code, string output, string words) = Run(["detection", .. args]);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("try --help", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing-has-this-name")]
    [InlineData("--slow")]
    [InlineData("--quick", "--save")]
    public void Run_WhenAskedWrong_SaysSoWithCodeTwo(params string[] args)
    {
        (int code, string output, string words) = Run(args);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("try --help", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_WhenSidesDisagree_TimesNeither()
    {
        int calls = 0;
        Benchmark benchmark = new("op", 1, () => calls++)
        {
            Peer = () => calls++,
            Difference = () => "1 is not 2",
        };

        BenchException refused = Assert.Throws<BenchException>(
            () => Sampler.Measure(benchmark, Effort.Quick));

        Assert.Equal("1 is not 2", refused.Message);
        Assert.Equal(2, calls);
    }

    [Fact]
    public void Baseline_ReadsBackWhatItWrote()
    {
        string folder = Directory.CreateTempSubdirectory("bench").FullName;
        try
        {
            string file = Path.Combine(folder, "baseline.json");
            Baseline written = Baseline.Empty();
            written.MedianNs["a.b"] = 12.345;
            written.Write(file);

            Baseline read = Baseline.Read(file);

            Assert.Equal(written.Machine, read.Machine);
            Assert.Equal(written.MedianNs, read.MedianNs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Code, string Output, string Words) Run(params string[] args)
    {
        using StringWriter output = new(), words = new();
        int code = Lockstep.Bench.Program.Run(args, SourceTree.Root, output, words);
        return (code, output.ToString(), words.ToString());
    }
}
