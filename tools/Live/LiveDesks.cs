// LiveDesks: opens the chains of an evm.toml for sending: nodes checked, key open, journal held.
using System.Text;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Live;

/// <summary>All that sending needs, opened together and closed together.</summary>
public sealed class LiveDesks : IAsyncDisposable
{
    private const ulong MaxGas = 5_000_000;
    private const long LeastHeadAgeMs = 10_000;
    private const int MostHeadAge = 5;
    private static readonly RpcLimits Limits = new();

    private readonly List<RpcPool> pools = [];
    private readonly Dictionary<ChainId, ChainDesk> desks = [];
    private SigningKey? key;

    private LiveDesks(SettlementJournal journal) => Journal = journal;

    /// <summary>The journal.</summary>
    public SettlementJournal Journal { get; }

    /// <summary>The chains on which sending is allowed.</summary>
    public IReadOnlyDictionary<ChainId, ChainDesk> Desks => desks;

    /// <summary>Opens them.</summary>
    /// <param name="settings">The file's content.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="RefusedException">Nothing is allowed, a node or the key does not answer to
    /// what the file says, or the journal is held by another process.</exception>
    public static async Task<LiveDesks> OpenAsync(
        EvmSettings settings, TimeProvider clock, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Live.Allow.IsEmpty)
            throw new RefusedException("[live] allow names no chain, so nothing may be sent; add "
                + "the chains on which it may, such as allow = [\"eip155:8453\"]");
        LiveDesks all = new(OpenJournal(settings.Live.JournalPath, clock));
        try
        {
            all.key = OpenKey(settings.Live);
            foreach (EvmChain chain in settings.Chains.Where(one => settings.MaySend(one.Id)))
                all.desks.Add(chain.Id, await all.OpenAsync(chain, clock, cancel));
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ChainDesk desk in desks.Values) desk.Dispose();
        foreach (RpcPool pool in pools) await pool.DisposeAsync();
        key?.Dispose();
        Journal.Dispose();
    }

    private async Task<ChainDesk> OpenAsync(
        EvmChain chain, TimeProvider clock, CancellationToken cancel)
    {
        Func<double> jitter = Random.Shared.NextDouble;
        RpcPool pool = new(
            chain.Id.ToString(),
            new PoolRules { ChainId = (long)chain.Contracts.ChainNumber, Quorum = chain.Quorum },
            chain.Rpc.Select((node, i) => new RpcEndpoint(
                Node($"{chain.Id}#{i + 1}", node, clock, jitter), RetryPolicy.Default, clock,
                jitter)));
        pools.Add(pool);
        if (await pool.StartAsync(cancel) is { } fault)
            throw new RefusedException($"{chain.Id}: {fault}");
        IRpc rpc = chain.Quorum > 1 ? new QuorumRpc(pool) : pool;
        SenderRules sender = new()
        {
            Fees = chain.Fees,
            PatienceBlocks = chain.PatienceBlocks,
            Confirmations = chain.FinalityBlocks,
        };
        TimeSpan poll = TimeSpan.FromMilliseconds(Math.Clamp(chain.BlockTimeMs / 4, 20, 1000));
        try
        {
            return await ChainDesk.OpenAsync(
                new DeskSettings(chain.Contracts, sender, poll, MaxGas)
                {
                    LeastTime = TimeSpan.FromMilliseconds(chain.BlockTimeMs / 2),
                    MaxHeadAge = TimeSpan.FromMilliseconds(
                        Math.Max(LeastHeadAgeMs, MostHeadAge * (long)chain.BlockTimeMs)),
                }, rpc, key!, Journal, clock, cancel);
        }
        catch (ChainException e)
        {
            throw new RefusedException(e.Message);
        }
    }

    private static IRpc Node(string name, Uri at, TimeProvider clock, Func<double> jitter) =>
        at.Scheme is "ws" or "wss"
            ? DuplexRpc.WebSocket(name, at, Limits, clock, jitter)
            : new HttpRpc(name, at, Limits, clock);

    private static SettlementJournal OpenJournal(string file, TimeProvider clock)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
                Directory.CreateDirectory(folder);
            return SettlementJournal.Open(file, clock);
        }
        catch (Exception e) when (e is JournalException or IOException
            or UnauthorizedAccessException)
        {
            throw new RefusedException(e.Message);
        }
    }

    private static SigningKey OpenKey(LiveSettings live)
    {
        try
        {
            string password = live.PasswordPath is { } file
                ? File.ReadLines(file).FirstOrDefault() ?? ""
                : Environment.GetEnvironmentVariable("LOCKSTEP_PASSWORD")
                    ?? throw new RefusedException("no password for the key: name a passwordFile "
                        + "under [live], or put it into LOCKSTEP_PASSWORD");
            return Keystore.Open(File.ReadAllBytes(live.KeyPath), Encoding.UTF8.GetBytes(password));
        }
        catch (Exception e) when (e is KeystoreException or IOException
            or UnauthorizedAccessException)
        {
            throw new RefusedException($"{live.KeyPath}: {e.Message}");
        }
    }
}
