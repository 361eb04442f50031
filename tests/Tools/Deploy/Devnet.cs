// Devnet: a quiet devnet of two chains for one test; nobody trades on it, and it ends with it.
using System.Globalization;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Tools;

namespace Lockstep.Tests.Deploy;

/// <summary>Runs between the constructor and <see cref="Dispose"/>, five minutes at most.</summary>
public sealed class Devnet : IDisposable
{
    private const int FirstPort = 34_100;

    // One name and four ports a process, so that two runs of the tests don't meet.
    private readonly string name = $"deploy-test-{Environment.ProcessId}";

    /// <summary>Starts it.</summary>
    public Devnet()
    {
        int port = FirstPort + 4 * (Environment.ProcessId % 200);
        string[] up =
        [
            "up", "--chains", "base,arbitrum", "--name", name, "--noise", "0", "--speed", "0",
            "--block-time", "0.5", "--minutes", "5",
            "--port", port.ToString(CultureInfo.InvariantCulture),
            "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ];
        Ending ending = Run(up);
        if (ending.Code == 0) return;
        Dispose();
        throw new InvalidOperationException("the devnet did not start: " + ending.Words);
    }

    /// <summary>Its world.json.</summary>
    public string World => Path.Combine(Folder, "world.json");

    /// <summary>A place for files that go when the devnet does.</summary>
    public string Folder => Path.Combine(SourceTree.Root, ".build/devnet/runs", name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Run("down", "--name", name);
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static Ending Run(params string[] args) => Binary.RunFile(
        "node", [Path.Combine(SourceTree.Root, "devnet/devnet.mjs"), .. args], []);
}
