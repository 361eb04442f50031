// SpinTests: the settlement's Spin model holds; with any of its supports taken away it does not.
using System.Diagnostics;
using System.Text.RegularExpressions;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Simulator;

/// <summary>A test that needs Spin and a C compiler; skipped, with words, where they are not.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SpinTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides whether it can run here.</summary>
    public SpinTheoryAttribute()
    {
        if (!Programs.IsThere("spin")) Skip = "needs spin: apt-get install spin";
        else if (!Programs.IsThere("gcc")) Skip = "needs gcc, for the verifier that spin writes";
    }
}

public sealed partial class SpinTests
{
    private const int PatienceMs = 240_000;

    [SpinTheory]
    [InlineData("")]
    [InlineData("CLAIMREORG")]
    public void Model_Holds(string define) => Assert.Equal("", Verify(define));

    /// <summary>T_sign one tick later than T - act is too late already, with and without
    /// reorganisations of claims: the inequality is tight.</summary>
    [SpinTheory]
    [InlineData("NOCERTIFICATE", "leg")]
    [InlineData("TSIGN=11", "leg")]
    [InlineData("CLAIMREORG TSIGN=9", "leg")]
    [InlineData("QUORUM=2", "commits")]
    [InlineData("FAULTY=2", "commits")]
    [InlineData("LONGHALT", "leg")]
    [InlineData("DEEPREORG", "leg")]
    [InlineData("SEARCHERONLY", "leg")]
    [InlineData("SWAPATCLAIM", "leg")]
    public void Model_WhenASupportIsTakenAway_Fails(string define, string what) =>
        Assert.Contains(what, Verify(define), StringComparison.Ordinal);

    /// <summary>The assertion that was violated; empty where every state was visited and none was.
    /// </summary>
    private static string Verify(string define)
    {
        string folder = Path.Combine(
            SourceTree.Root, ".build", "spin", $"m{define.Replace(' ', '-').Replace('=', '-')}");
        Directory.CreateDirectory(folder);
        string model = Path.Combine(SourceTree.Root, "simulation", "spin", "settlement.pml");
        string[] defines = [.. define.Split(
            ' ', StringSplitOptions.RemoveEmptyEntries).Select(one => $"-D{one}")];
        Run(folder, "spin", ["-a", .. defines, model]);
        Run(folder, "gcc", "-O1", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c");
        string told = Run(folder, Path.Combine(folder, "pan"), "-m20000");
        Assert.DoesNotContain("too small", told, StringComparison.Ordinal);
        Assert.Contains("Full statespace search", told, StringComparison.Ordinal);
        Match violated = Violated().Match(told);
        Assert.Equal(!violated.Success, told.Contains("errors: 0", StringComparison.Ordinal));
        return violated.Groups[1].Value;
    }

    private static string Run(string folder, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> words = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        return process.WaitForExit(PatienceMs) && process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{program}: {output}{words.Result}");
    }

    [GeneratedRegex(@"assertion violated\s+(.*)")]
    private static partial Regex Violated();
}
