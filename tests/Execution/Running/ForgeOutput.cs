// ForgeOutput: our own contracts as forge compiled them, built once a run.
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Tools;

namespace Lockstep.Tests.Execution.Running;

/// <summary>Creation code by name.</summary>
internal static class ForgeOutput
{
    private static readonly string[] Sources =
    [
        "src/settlement/HtlbEscrow.sol", "src/settlement/FlashVault.sol",
        "src/settlement/EcdsaCommitVerifier.sol", "src/settlement/Executor.sol",
        "src/venues/FixedPriceSource.sol",
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

    /// <summary>Builds all contracts where the deployer looks for them.</summary>
    public static void BuildAll() => Forge("build", "--offline", "--skip", "test");

    private static string Build()
    {
        string to = Path.Combine(SourceTree.Root, ".build", "forge");
        Forge(
            ["build", .. Sources, "--out", Path.Combine(to, "out"),
                "--cache-path", Path.Combine(to, "cache")]);
        return Path.Combine(to, "out");
    }

    private static void Forge(params string[] arguments)
    {
        Ending ending = Binary.RunFile(
            Path.Combine(SourceTree.Root, "contracts", "forge.sh"), arguments, []);
        if (ending.Code != 0)
            throw new InvalidOperationException($"forge failed: {ending.Words}{ending.Text}");
    }
}
