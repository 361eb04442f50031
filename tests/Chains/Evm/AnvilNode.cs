// AnvilNode: a real EVM node on a free local port, installed once, gone with its test.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Tests.Tidy;

namespace Lockstep.Tests.Evm;

/// <summary>A running anvil. Blocks are made only when asked for, unless told otherwise.</summary>
public sealed partial class AnvilNode : IAsyncDisposable
{
    private const int InstallMs = 300_000;
    private const int StartSeconds = 30;

    private static readonly Lazy<string> Modules = new(Install);
    private readonly Process process;

    private AnvilNode(Process process, int port, string ipc)
    {
        (this.process, IpcPath) = (process, ipc);
        Http = new Uri($"http://127.0.0.1:{port}");
        WebSocket = new Uri($"ws://127.0.0.1:{port}");
        Rpc = new HttpRpc("anvil", Http, new RpcLimits(), TimeProvider.System);
    }

    /// <summary>The HTTP address.</summary>
    public Uri Http { get; }

    /// <summary>The WebSocket address.</summary>
    public Uri WebSocket { get; }

    /// <summary>The unix domain socket.</summary>
    public string IpcPath { get; }

    /// <summary>A connection.</summary>
    public HttpRpc Rpc { get; }

    /// <summary>The first of anvil's rich accounts: keys of the well-known test mnemonic.
    /// </summary>
    public static byte[] Key { get; } = Convert.FromHexString(
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

    /// <summary>Starts one.</summary>
    public static async Task<AnvilNode> StartAsync(params string[] more)
    {
        string program = Path.Combine(
            Modules.Value, "@foundry-rs", "anvil-linux-amd64", "bin", "anvil");
        string ipc = Path.Combine(
            Path.GetTempPath(), $"anvil-{Environment.ProcessId}-{Guid.NewGuid():n}.ipc");
        ProcessStartInfo start = new(program,
            ["--port", "0", "--ipc", ipc, "--no-mining", "--timestamp", "1700000000", .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill(process);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(StartSeconds));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (Listening().Match(line) is not { Success: true } match) continue;
            int port = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
            return new AnvilNode(process, port, ipc);
        }
        throw new InvalidOperationException(
            "anvil did not start: " + await process.StandardError.ReadToEndAsync(patience.Token));
    }

    /// <summary>The text of a compiled contract that npm installed.</summary>
    public static string Artifact(params string[] path) =>
        File.ReadAllText(Path.Combine([Modules.Value, .. path]));

    /// <summary>Calls and insists on a result.</summary>
    public async Task<JsonElement> AskAsync(RpcCall request) =>
        (await Rpc.CallAsync(request, CancellationToken.None)).Result;

    /// <summary>Makes blocks.</summary>
    public async Task MineAsync(int blocks = 1)
    {
        for (int i = 0; i < blocks; i++) await AskAsync(RpcCall.Of("evm_mine"));
    }

    /// <summary>Replaces the last blocks by as many other ones, which are empty.</summary>
    public Task<JsonElement> ReorgAsync(int depth) => AskAsync(RpcCall.Of(
        "anvil_reorg", depth, static (writer, n) =>
        {
            writer.WriteNumberValue(n);
            writer.WriteStartArray();
            writer.WriteEndArray();
        }));

    /// <summary>The number of the newest block.</summary>
    public async Task<long> HeadAsync() =>
        JsonHex.TryQuantity(await AskAsync(RpcCall.Of("eth_blockNumber")), out long head)
            ? head : throw new InvalidOperationException("no head");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Rpc.DisposeAsync();
        Kill(process);
        process.Dispose();
        File.Delete(IpcPath);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It ended before.
        }
    }

    /// <summary>Installs what the committed lock file names, once a lock file.</summary>
    private static string Install()
    {
        string from = Path.Combine(SourceTree.Root, "tests", "Chains", "Evm", "node");
        byte[] wanted = File.ReadAllBytes(Path.Combine(from, "package-lock.json"));
        string name = Keccak.Hash(wanted).ToString()[2..18];
        string to = Path.Combine(SourceTree.Root, ".build", "npm", name);
        string modules = Path.Combine(to, "node_modules"), done = Path.Combine(to, "installed");
        if (File.Exists(done)) return modules;
        Directory.CreateDirectory(to);
        foreach (string file in (ReadOnlySpan<string>)["package.json", "package-lock.json"])
            File.Copy(Path.Combine(from, file), Path.Combine(to, file), overwrite: true);
        using Process npm = Process.Start(new ProcessStartInfo(
            "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = to,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = npm.StandardOutput.ReadToEndAsync();
        Task<string> words = npm.StandardError.ReadToEndAsync();
        if (!npm.WaitForExit(InstallMs) || npm.ExitCode != 0)
            throw new InvalidOperationException($"npm ci in {to} failed: {words.Result}");
        _ = output.Result;
        File.WriteAllText(done, "");
        return modules;
    }

    [GeneratedRegex(@"Listening on 127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();
}
