// Devnet: a devnet of two chains for one class of tests, gone with them; skipped in words.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Live;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

/// <summary>A test that needs a devnet; skipped where Node or npm are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DevnetFactAttribute : FactAttribute
{
    private static readonly string[] Programs = ["node", "npm"];

    public DevnetFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || Array.Find(Programs, one => !IsThere(one)) is { } missing)
            Skip = "a devnet needs Linux, Node 20.12 or later, and npm";
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}

/// <summary>Base and Arbitrum, in blocks of a second.</summary>
public sealed class Devnet : IAsyncLifetime
{
    private const int UpMs = 170_000;
    private readonly string name = $"test-{Environment.ProcessId}";

    /// <summary>The world's file.</summary>
    public string WorldPath =>
        Path.Combine(SourceTree.Root, ".build", "devnet", "runs", name, "world.json");

    /// <summary>The chains as the detector reads them.</summary>
    public LiveWorld World { get; private set; } = new(TimeSpan.Zero, []);

    /// <summary>A contract of a chain, such as <c>uniswap-v3</c>, <c>quoter</c>.</summary>
    public EvmAddress Contract(LiveWorldChain chain, string protocol, string role)
    {
        using JsonDocument world = JsonDocument.Parse(File.ReadAllBytes(WorldPath));
        JsonElement found = Named(
            Named(world.RootElement.GetProperty("chains"), "chain", chain.Chain.ToString())
                .GetProperty("routers"), "protocol", protocol);
        return EvmAddress.Parse(found.GetProperty(role).GetString()!);
    }

    /// <summary>The protocol of each pool of a chain.</summary>
    public Dictionary<string, string> Protocols(LiveWorldChain chain)
    {
        using JsonDocument world = JsonDocument.Parse(File.ReadAllBytes(WorldPath));
        return Named(world.RootElement.GetProperty("chains"), "chain", chain.Chain.ToString())
            .GetProperty("pools").EnumerateArray().ToDictionary(
                one => one.GetProperty("pool").GetString()!,
                one => one.GetProperty("protocol").GetString()!, StringComparer.Ordinal);
    }

    /// <summary>A connection to a chain's node.</summary>
    public static DuplexRpc Dial(LiveWorldChain chain) => DuplexRpc.WebSocket(
        chain.Name, chain.Ws, new RpcLimits(), TimeProvider.System, () => 0.5);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (new DevnetFactAttribute().Skip is not null) return;
        (int code, string words) = await RunAsync(
            "up", "--chains", "base,arbitrum", "--name", name, "--minutes", "4", "--port",
            FreePorts().ToString(CultureInfo.InvariantCulture), "--parent",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Assert.True(code == 0, $"devnet up ended with {code}: {words}");
        World = WorldFile.Read(WorldPath);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (World.Chains.Count > 0) await RunAsync("down", "--name", name);
        string folder = Path.GetDirectoryName(WorldPath)!;
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static JsonElement Named(JsonElement list, string field, string value) =>
        list.EnumerateArray().Single(one => one.GetProperty(field).GetString() == value);

    /// <summary>The first of four neighbouring ports; the devnet refuses ports that are taken.
    /// </summary>
    private static int FreePorts()
    {
        for (int port = 34_000 + (Environment.ProcessId % 4000); ; port += 4)
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

    private static async Task<(int Code, string Words)> RunAsync(params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(SourceTree.Root, "devnet", "devnet.mjs"), .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(UpMs);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        string said = await process.StandardError.ReadToEndAsync(patience.Token);
        await output;
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, said);
    }
}
