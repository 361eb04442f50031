// PoolSync: a chain's pools as lines: read, kept by logs, rolled back, checked against the chain.
using System.Runtime.CompilerServices;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>How often states are checked.</summary>
public sealed record CheckRules
{
    /// <summary>Blocks between two checks.</summary>
    public int EveryBlocks { get; init; } = 8;

    /// <summary>Pools read again in one check, each in its turn.</summary>
    public int Pools { get; init; } = 100;

    /// <summary>Clean checks after which a pool that failed one is let back in.</summary>
    public int CleanChecks { get; init; } = 3;
}

/// <summary>What comes out: a line for the search, or news of the feed itself.</summary>
/// <param name="Line">A <c>quote</c>, <c>sync</c> or <c>quarantine</c>, or null.</param>
/// <param name="Feed">The event of the feed that led to what follows, or null.</param>
public readonly record struct SyncOutput(Line? Line, FeedEvent? Feed);

/// <summary>Joins feed, tracker and reader. States that differ from the chain's own are replaced
/// and the pool is shut out: its logs don't tell all, so the next state would be wrong too.
/// </summary>
public sealed class PoolSync
{
    private readonly PoolTracker tracker;
    private readonly PoolReader reader;
    private readonly CheckRules rules;
    private readonly PoolIdentity[] turn;
    private readonly Dictionary<EvmAddress, int> dirty = [];
    private int next;
    private int sinceCheck;
    private bool unread = true;
    private BlockHeader? due;

    /// <summary>A sync.</summary>
    /// <param name="tracker">The pools; its window no smaller than the feed's.</param>
    /// <param name="reader">Reads states directly.</param>
    /// <param name="rules">How often.</param>
    public PoolSync(PoolTracker tracker, PoolReader reader, CheckRules rules)
    {
        (this.tracker, this.reader, this.rules) = (tracker, reader, rules);
        turn = [.. tracker.Pools.Values];
    }

    /// <summary>Whether the states told are those of the feed's last block; false until they were
    /// read, and from a restart of the feed until they are read again.</summary>
    public bool IsRead => !unread;

    /// <summary>Pool states compared with the chain's own so far.</summary>
    public long Checked { get; private set; }

    /// <summary>Those that differed.</summary>
    public long Mismatched { get; private set; }

    /// <summary>Turns a feed's events into lines until the feed ends. Each event comes first, then
    /// the lines it led to.</summary>
    public async IAsyncEnumerable<SyncOutput> ReadAsync(
        IAsyncEnumerable<FeedEvent> feed, [EnumeratorCancellation] CancellationToken cancel)
    {
        var lines = new List<Line>();
        await foreach (FeedEvent one in feed.WithCancellation(cancel).ConfigureAwait(false))
        {
            yield return new SyncOutput(null, one);
            lines.Clear();
            RpcFault? fault = await TakeAsync(one, lines, cancel).ConfigureAwait(false);
            foreach (Line line in lines) yield return new SyncOutput(line, null);
            if (fault is not null) yield return new SyncOutput(null, new FeedStalled(fault));
        }
    }

    /// <summary>Takes one event, and checks where that is due.</summary>
    /// <param name="next">The event.</param>
    /// <param name="lines">Gets the lines.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What kept a direct read from its end, or null. States that could not be read are
    /// read with the next block.</returns>
    public async ValueTask<RpcFault?> TakeAsync(
        FeedEvent next, List<Line> lines, CancellationToken cancel) =>
        await ApplyAsync(next, lines, cancel).ConfigureAwait(false)
            ?? await CheckAsync(lines, cancel).ConfigureAwait(false);

    /// <summary>Takes one event and leaves the check to <see cref="CheckAsync(List{Line},
    /// CancellationToken)"/>, so that a block's lines need not wait for it.</summary>
    /// <param name="next">The event.</param>
    /// <param name="lines">Gets the lines.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>As of <see cref="TakeAsync"/>.</returns>
    public async ValueTask<RpcFault?> ApplyAsync(
        FeedEvent next, List<Line> lines, CancellationToken cancel)
    {
        due = null;
        switch (next)
        {
            case FeedRestarted restart:
                unread = true;
                return await ResetAsync(restart.At, lines, cancel).ConfigureAwait(false);
            case BlockAdded block when unread:
                return await ResetAsync(block.Header, lines, cancel).ConfigureAwait(false);
            case BlockAdded block:
                lines.AddRange(tracker.Apply(block.Header, block.Logs));
                if (++sinceCheck >= rules.EveryBlocks) due = block.Header;
                return null;
            case RolledBack back when !unread:
                if (tracker.RollBack(back.To) is { } undone)
                {
                    lines.AddRange(undone);
                    return null;
                }
                unread = true;
                return await ResetAsync(back.To, lines, cancel).ConfigureAwait(false);
            default:
                return null;
        }
    }

    /// <summary>Checks states at the event taken last, if it was a block and a check is due.
    /// </summary>
    /// <param name="lines">Gets the lines.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What kept the check from its end, or null.</returns>
    public async ValueTask<RpcFault?> CheckAsync(List<Line> lines, CancellationToken cancel)
    {
        if (due is not { } at) return null;
        (due, sinceCheck) = (null, 0);
        return await CheckAsync(at, lines, cancel).ConfigureAwait(false);
    }

    private async ValueTask<RpcFault?> ResetAsync(
        BlockHeader at, List<Line> lines, CancellationToken cancel)
    {
        (Dictionary<EvmAddress, PoolState?>? read, RpcFault? fault) =
            await reader.ReadAsync(turn, at.Hash, cancel).ConfigureAwait(false);
        if (read is null) return fault;
        unread = false;
        lines.AddRange(tracker.Reset(at, read));
        return null;
    }

    /// <summary>Compares the next pools with what the chain says.</summary>
    private async ValueTask<RpcFault?> CheckAsync(
        BlockHeader at, List<Line> lines, CancellationToken cancel)
    {
        int count = Math.Min(rules.Pools, turn.Length);
        PoolIdentity[] some =
            [.. Enumerable.Range(0, count).Select(i => turn[(next + i) % turn.Length])];
        // A pool that failed is looked at every time until it is clean again.
        some = [.. some.Concat(dirty.Keys.Select(one => tracker.Pools[one])).Distinct()];
        (Dictionary<EvmAddress, PoolState?>? read, RpcFault? fault) =
            await reader.ReadAsync(some, at.Hash, cancel).ConfigureAwait(false);
        if (read is null) return fault;
        next = (next + count) % Math.Max(1, turn.Length);
        foreach (PoolIdentity pool in some)
        {
            Checked++;
            Compare(at, pool, read[pool.Contract], lines);
        }
        return null;
    }

    private void Compare(BlockHeader at, PoolIdentity pool, PoolState? chain, List<Line> lines)
    {
        EvmAddress contract = pool.Contract;
        PoolState? ours = tracker.States[contract];
        if (!Equals(ours, chain))
        {
            Mismatched++;
            dirty[contract] = 0;
            lines.Add(tracker.Correct(at, contract, chain));
            lines.Add(PoolTracker.Shut(at, pool, Reason.InvariantBroken,
                $"its logs lead to {Show(ours)}, the chain says {Show(chain)}"));
        }
        else if (dirty.TryGetValue(contract, out int clean) && chain is not null)
        {
            dirty[contract] = clean + 1;
            if (clean + 1 < rules.CleanChecks) return;
            dirty.Remove(contract);
            lines.Add(PoolTracker.Shut(
                at, pool, Reason.None, $"{rules.CleanChecks} checks in a row were clean"));
        }
    }

    private static string Show(PoolState? state) => state switch
    {
        ReserveState r => $"reserves {r.Reserve0} and {r.Reserve1}",
        TickState t => $"price {t.SqrtPriceX96}, tick {t.Tick}, liquidity {t.Liquidity}, "
            + $"{t.Ticks.Count} ticks",
        _ => "no state",
    };
}
