// ForgeOutput: our own contracts as forge compiled them, built once; and tests that need them.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Tests.Tidy;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

/// <summary>A test on real nodes with our own contracts; skipped, with words, where npm or the
/// pinned forge can't be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContractsFactAttribute : FactAttribute
{
    /// <summary>Decides whether it can run here.</summary>
    public ContractsFactAttribute()
    {
        bool npm = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "npm")));
        if (!npm) Skip = "needs npm, which installs the pinned forge, solc and anvil";
        else if (!OperatingSystem.IsLinux()
            || RuntimeInformation.OSArchitecture != Architecture.X64)
            Skip = "npm has the pinned anvil for Linux on x86-64 only";
    }
}

/// <summary>Creation code by name.</summary>
internal static class ForgeOutput
{
    private const int PatienceMs = 300_000;

    private static readonly string[] Sources =
    [
        "src/settlement/HtlbEscrow.sol", "src/settlement/FlashVault.sol",
        "src/settlement/EcdsaCommitVerifier.sol", "src/venues/FixedPriceSource.sol",
        "test/mocks/Pools.sol", "test/mocks/Tokens.sol",
    ];

    private static readonly Lazy<string> Built = new(Build);

    /// <summary>The creation code of a contract.</summary>
    public static byte[] Code(string file, string contract)
    {
        string path = Path.Combine(Built.Value, $"{file}.sol", $"{contract}.json");
        using var artifact = JsonDocument.Parse(File.ReadAllBytes(path));
        return Hex.Parse(
            artifact.RootElement.GetProperty("bytecode").GetProperty("object").GetString());
    }

    private static string Build()
    {
        string folder = Path.Combine(SourceTree.Root, "contracts");
        string forge = Path.Combine(
            folder, "node_modules", "@foundry-rs", "forge-linux-amd64", "bin", "forge");
        if (!File.Exists(forge))
            Run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        string to = Path.Combine(SourceTree.Root, ".build", "forge");
        Run(
            folder, forge,
            ["build", .. Sources, "--out", Path.Combine(to, "out"),
                "--cache-path", Path.Combine(to, "cache")]);
        return Path.Combine(to, "out");
    }

    private static void Run(string folder, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> words = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(PatienceMs) || process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {words.Result}{output.Result}");
    }
}
