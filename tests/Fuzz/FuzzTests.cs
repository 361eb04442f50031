// FuzzTests: a smoke run over every reader, and the fuzzer itself: it repeats, finds and shrinks.
using System.Text;
using Xunit;

namespace Lockstep.Tests.Fuzz;

public sealed class FuzzTests
{
    private const int Runs = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Targets => [.. FuzzCommand.Targets.Select(one => one.Name)];

    /// <summary>The first inputs of what <c>./lockstep fuzz</c> runs by the million.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void Reader_AnswersAnyInput(string name)
    {
        FuzzTarget target = FuzzCommand.Targets.Single(one => one.Name == name);
        FuzzRun run = new([target], FuzzCommand.DefaultSeed, Patience);
        run.Many(Runs, 2, _ => { });
        Assert.True(run.Failures.Count == 0, string.Join('\n', run.Failures));
        Assert.Equal(Runs, run.Counts[0].Runs);
    }

    /// <summary>Inputs that once broke a law, as the fuzzer shrank them.</summary>
    [Theory]
    [InlineData("language", "bundle b{\n a(", ";(", 400)]
    [InlineData("language", "bundle{committee s on b=\u202E", "", 0)]
    [InlineData("gas.toml", "\"\\", "", 0)]
    [InlineData("gas.toml", "a = ", "[", 100)]
    [InlineData("crossings.toml", "\u007F", "", 0)]
    [InlineData("line", "{\"v\":1,\"kind\":\"plan\",\"transactions\":[{\"\":t\u007F", "", 0)]
    [InlineData("plan-line", "{\"v\":1,\"kind\":\"plan\",\"name\":\"n\",\"transactions\":[null],"
        + "\"gas\":[],\"latencyBeforeMs\":1,\"latencyAfterMs\":1,\"flashFees\":[],\"rules\":[]}",
        "", 0)]
    [InlineData("feed", "f\u007F\n", "", 0)]
    [InlineData("manifest", "{\"v\":1,\"\\udc00\":1}", "", 0)]
    public void Reader_AnswersWhatOnceFell(string name, string head, string piece, int times)
    {
        FuzzTarget target = FuzzCommand.Targets.Single(one => one.Name == name);
        string text = head + string.Concat(Enumerable.Repeat(piece, times));
        Assert.Null(FuzzRun.Try(target, Encoding.UTF8.GetBytes(text))?.Words);
    }

    /// <summary>A seed as it stands is read, so that the runs get past the front door.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_AreReadBySomeTarget(string name)
    {
        FuzzTarget target = FuzzCommand.Targets.Single(one => one.Name == name);
        Assert.Contains(target.Seeds, seed => target.Read(seed).Accepted);
    }

    [Fact]
    public void Input_DependsOnSeedTargetAndRunAlone()
    {
        FuzzTarget[] targets = [.. FuzzCommand.Targets];
        byte[][] first = Inputs(1), second = Inputs(1), other = Inputs(2);
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);

        byte[][] Inputs(ulong seed) => [.. targets.SelectMany(target =>
            Enumerable.Range(0, 5).Select(run =>
                new FuzzRun(targets, seed, Patience).Input(target, run)))];
    }

    [Fact]
    public void Failure_WhenAReaderThrows_IsShrunkToItsCause()
    {
        FuzzFailure failure = Failure(input => input.AsSpan().IndexOf("needle"u8) >= 0
            ? throw new FormatException("found it")
            : Nothing);
        Assert.Equal("needle", FuzzFailure.Escape(failure.Input));
        Assert.Contains("FormatException", failure.Kind, StringComparison.Ordinal);
        Assert.Contains($"--seed 1 --target made --run {failure.Run}", failure.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_WhenALawIsBroken_IsFound() => Assert.Contains("EmptyException", Failure(
        input => new Answer(true, () => Assert.Empty(input))).Kind, StringComparison.Ordinal);

    [Fact]
    public void Failure_WhenMemoryIsNotBounded_IsFound() => Assert.Equal("too much memory",
        Failure(input => new byte[10_000 + 100 * input.Length] is { Length: > 0 }
            ? Nothing
            : default).Kind);

    [Fact]
    public void Failure_WhenAReaderHangs_IsFound()
    {
        using ManualResetEventSlim never = new();
        FuzzFailure failure = Failure(_ =>
        {
            never.Wait();
            return Nothing;
        }, TimeSpan.FromMilliseconds(50));
        never.Set();
        Assert.StartsWith("no answer within", failure.Kind, StringComparison.Ordinal);
    }

    private static readonly Answer Nothing = new(true, () => { });

    private static FuzzFailure Failure(Func<byte[], Answer> read, TimeSpan? patience = null)
    {
        FuzzTarget made = new(
            "made", ["a hay stack with a needle in it"u8.ToArray()], 5_000, 1, read);
        FuzzRun run = new([made], 1, patience ?? Patience);
        run.Many(50, 1, _ => { });
        return Assert.Single(run.Failures);
    }
}
