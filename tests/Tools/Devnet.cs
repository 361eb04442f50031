// Devnet: Base and Arbitrum as local chains for one test or class of tests, gone with it.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lockstep.Tests.Tidy;

namespace Lockstep.Tests.Tools;

/// <summary>Runs between the constructor and <see cref="Dispose"/>, five minutes at most.</summary>
public sealed class Devnet : IDisposable
{
    private static int count;

    // One name and four ports each, so that tests at a time don't meet.
    private readonly string name =
        $"test-{Environment.ProcessId}-{Interlocked.Increment(ref count)}";

    /// <summary>Starts it.</summary>
    /// <param name="options">Of <c>devnet up</c>, beside those that make it a test's.</param>
    /// <exception cref="InvalidOperationException">It did not start; the message says why.
    /// </exception>
    public Devnet(params string[] options)
    {
        Ending ending = Run(
        [
            "up", "--chains", "base,arbitrum", "--name", name, "--minutes", "5",
            "--port", FreePorts().ToString(CultureInfo.InvariantCulture),
            "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            .. options,
        ]);
        if (ending.Code == 0) return;
        Dispose();
        throw new InvalidOperationException("the devnet did not start: " + ending.Words);
    }

    /// <summary>Options of one on which nobody trades.</summary>
    public static string[] Quiet { get; } = ["--noise", "0", "--speed", "0", "--block-time", "0.5"];

    /// <summary>Its world.json.</summary>
    public string World => Path.Combine(Folder, "world.json");

    /// <summary>A place for files that go when the devnet does.</summary>
    public string Folder => Path.Combine(SourceTree.Root, ".build", "devnet", "runs", name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Run("down", "--name", name);
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The first of four neighbouring ports; the devnet refuses ports that are taken.
    /// </summary>
    private int FreePorts()
    {
        int first = 34_000 + 8 * (Environment.ProcessId % 500);
        for (int port = first + 4 * (name[^1] % 2); ; port += 8)
            if (Enumerable.Range(port, 4).All(IsFree)) return port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Ending Run(params string[] args) => Binary.RunFile(
        "node", [Path.Combine(SourceTree.Root, "devnet", "devnet.mjs"), .. args], []);
}
