// signer: one member of a committee: one key, one journal, one socket; votes by its own nodes.
using System.CommandLine;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Committees = Lockstep.Execution.Committees;

namespace Lockstep.Tools;

/// <summary>The tool <c>signer</c>.</summary>
public static class Signer
{
    private const string PasswordVariable = "LOCKSTEP_SIGNER_PASSWORD";
    private const int MaxPasswordBytes = 1024;

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "signer",
        "Certifies settled bundles as one member of a committee; listens on this machine only.",
        reads: [],
        writes: [],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string> config = Required("--config", "file", "Committee, chains and assets.");
        Option<string> key = Required("--key", "file", "Keystore (version 3) of the signer's key.");
        Option<string> journal = Required("--journal", "file", "Its votes; shared with nobody.");
        Option<string> listen = Required(
            "--listen", "place", "127.0.0.1:PORT, or the path of a unix socket.");
        Option<string?> password = new("--password-file")
        {
            Description = $"Its first line opens the key. [default: {PasswordVariable}, or stdin]",
            HelpName = "file",
        };
        Option<int?> parent = new("--parent")
        {
            Description = "End when this process does.",
            HelpName = "pid",
        };
        foreach (Option one in (Option[])[config, key, journal, listen, password, parent])
            command.Add(one);
        return (host, options) =>
        {
            SignerSettings settings = SignerFile.Read(options.GetValue(config)!);
            Committees.SignerEndpoint place = Place(options.GetValue(listen)!);
            using SigningKey opened = Open(
                host, options.GetValue(key)!, options.GetValue(password));
            return Run(
                host, settings, place, opened, options.GetValue(journal)!,
                options.GetValue(parent)).GetAwaiter().GetResult();
        };
    }

    private static Option<string> Required(string name, string value, string words) =>
        new(name) { Description = words, HelpName = value, Required = true };

    private static Committees.SignerEndpoint Place(string text)
    {
        try
        {
            return Committees.SignerEndpoint.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--listen: {e.Message}");
        }
    }

    private static async Task<int> Run(
        ToolHost host, SignerSettings settings, Committees.SignerEndpoint place, SigningKey key,
        string journalFile, int? parent)
    {
        using CancellationTokenSource ending = new();
        using PosixSignalRegistration term = OnSignal(PosixSignal.SIGTERM, ending);
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, ending);
        if (parent is { } pid) _ = EndWithAsync(pid, ending);
        Dictionary<ChainId, SignerChain> chains = [];
        List<RpcPool> pools = [];
        try
        {
            foreach ((ChainId id, SignerChainSettings chain) in settings.Chains)
            {
                RpcPool pool = Pool(id, chain);
                pools.Add(pool);
                if (await pool.StartAsync(ending.Token) is { } fault)
                    throw new RefusedException($"{id}: {fault}");
                chains.Add(id, new SignerChain(
                    chain.Served, new QuorumRpc(pool), chain.FinalityBlocks));
            }
            using SettlementJournal journal =
                SettlementJournal.Open(journalFile, TimeProvider.System);
            using Committees.Signer signer = Member(settings, key, chains, journal);
            using Socket listener = place.Listen();
            host.Say($"{signer.Address} listens on {place.Text}");
            Task refreshing = RefreshAsync(pools, ending.Token);
            await new SignerServer(signer, new SignerLimits(), TimeProvider.System)
                .ServeAsync(listener, ending.Token);
            await ending.CancelAsync();
            await refreshing;
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (JournalException e)
        {
            throw new RefusedException(e.Message);
        }
        finally
        {
            foreach (RpcPool pool in pools) await pool.DisposeAsync();
        }
    }

    private static Committees.Signer Member(
        SignerSettings settings, SigningKey key, Dictionary<ChainId, SignerChain> chains,
        SettlementJournal journal)
    {
        try
        {
            return new Committees.Signer(
                key, settings.Committee, chains, journal, TimeProvider.System);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException($"{e.Message}: add its address to signers, or take its key");
        }
    }

    private static RpcPool Pool(ChainId id, SignerChainSettings chain) => new(
        id.ToString(), new PoolRules { ChainId = chain.Number, Quorum = chain.Quorum },
        chain.Rpc.Select((uri, i) => new RpcEndpoint(
            new HttpRpc($"{id} node {i}", uri, new RpcLimits(), TimeProvider.System),
            RetryPolicy.Default, TimeProvider.System, Random.Shared.NextDouble)));

    /// <summary>Lets nodes back that were away, and benches those that lag.</summary>
    private static async Task RefreshAsync(List<RpcPool> pools, CancellationToken cancel)
    {
        try
        {
            using PeriodicTimer timer = new(TimeSpan.FromSeconds(2));
            while (await timer.WaitForNextTickAsync(cancel))
                foreach (RpcPool pool in pools) await pool.RefreshAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            // The signer ends.
        }
    }

    private static PosixSignalRegistration OnSignal(
        PosixSignal signal, CancellationTokenSource ending) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });

    private static async Task EndWithAsync(int pid, CancellationTokenSource ending)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            await process.WaitForExitAsync(ending.Token);
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
        catch (OperationCanceledException)
        {
            return;
        }
        await ending.CancelAsync();
    }

    private static SigningKey Open(ToolHost host, string file, string? passwordFile)
    {
        byte[] password = Password(host, passwordFile);
        try
        {
            return Keystore.Open(Private(file, Keystore.MaxFileBytes), password);
        }
        catch (KeystoreException e)
        {
            throw new RefusedException($"{file}: {e.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    private static byte[] Password(ToolHost host, string? file)
    {
        if (file is not null) return FirstLine(Private(file, MaxPasswordBytes));
        if (Environment.GetEnvironmentVariable(PasswordVariable) is { Length: > 0 } told)
            return Encoding.UTF8.GetBytes(told);
        if (!Console.IsInputRedirected)
            throw new RefusedException(
                $"no password: give --password-file, {PasswordVariable}, or a line on stdin");
        byte[] read = new byte[MaxPasswordBytes];
        int length = host.In.ReadAtLeast(read, 1, throwOnEndOfStream: false);
        while (length > 0 && length < read.Length && !read.AsSpan(0, length).Contains((byte)'\n'))
        {
            int more = host.In.Read(read, length, read.Length - length);
            if (more == 0) break;
            length += more;
        }
        return FirstLine(read[..length]);
    }

    private static byte[] FirstLine(byte[] text)
    {
        int end = text.AsSpan().IndexOfAny((byte)'\n', (byte)'\r');
        return end < 0 ? text : text[..end];
    }

    /// <summary>A file that only its owner can read.</summary>
    private static byte[] Private(string file, int most)
    {
        if (!File.Exists(file)) throw new RefusedException($"{file}: no such file");
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~Owner) != 0)
            throw new RefusedException($"{file}: others may read it; chmod 600 it");
        if (new FileInfo(file).Length > most)
            throw new RefusedException($"{file}: more than {most} bytes");
        return File.ReadAllBytes(file);
    }
}
