// DevnetFactAttribute: a test on a real devnet; skipped, with words, where none has been built.
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Deploy;
using Xunit;

namespace Lockstep.Tests.Deploy;

/// <summary>Building a devnet fetches packages and takes a minute, so a test does not begin it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DevnetFactAttribute : FactAttribute
{
    /// <summary>Looks for what the test needs.</summary>
    public DevnetFactAttribute()
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (!path.Split(Path.PathSeparator).Any(
            folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "node"))))
            Skip = "no node on the PATH: the devnet needs Node 20.12 or later";
        else if (!Has(".build/devnet/worlds"))
            Skip = "no devnet here: run `./lockstep devnet build`";
        else if (!Has(Artifacts.DefaultFolder + "/HtlbEscrow.sol"))
            Skip = "the contracts are not built: run `./lockstep contracts build`";
    }

    private static bool Has(string folder) =>
        Directory.Exists(Path.Combine(SourceTree.Root, folder));
}
