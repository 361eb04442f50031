// LiveDesks: opens the chains of an evm.toml for sending: nodes checked, key open, journal held.
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

    /// <summary>The variable that may hold the password of the keys.</summary>
    internal const string PasswordVariable = "LOCKSTEP_PASSWORD";

    private readonly ChainNodes nodes;
    private readonly Dictionary<ChainId, ChainDesk> desks = [];
    private SigningKey? key;

    private LiveDesks(SettlementJournal journal, TimeProvider clock) =>
        (Journal, nodes) = (journal, new ChainNodes(clock));

    /// <summary>The journal.</summary>
    public SettlementJournal Journal { get; }

    /// <summary>The chains on which sending is allowed.</summary>
    public IReadOnlyDictionary<ChainId, ChainDesk> Desks => desks;

    /// <summary>The account that signs.</summary>
    public EvmAddress Account => key!.Address;

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
        LiveDesks all = new(OpenJournal(settings.Live.JournalPath, clock), clock);
        try
        {
            all.key = KeyFile.Open(
                settings.Live.KeyPath, settings.Live.PasswordPath,
                new PasswordSource(PasswordVariable, null));
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
        await nodes.DisposeAsync();
        key?.Dispose();
        Journal.Dispose();
    }

    private async Task<ChainDesk> OpenAsync(
        EvmChain chain, TimeProvider clock, CancellationToken cancel)
    {
        IRpc rpc = await nodes.OpenAsync(
            chain.Id, (long)chain.Contracts.ChainNumber, chain.Rpc, chain.Quorum, cancel);
        TimeSpan poll = TimeSpan.FromMilliseconds(Math.Clamp(chain.BlockTimeMs / 4, 20, 1000));
        try
        {
            return await ChainDesk.OpenAsync(
                new DeskSettings(chain.Contracts, chain.SenderRules, poll, MaxGas)
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

    /// <summary>Opens a journal, its folder made where it is missing.</summary>
    /// <exception cref="RefusedException">It can't be opened, or is held by another process.
    /// </exception>
    internal static SettlementJournal OpenJournal(string file, TimeProvider clock)
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
}
