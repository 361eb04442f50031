// PoolTracker: pool states kept by logs: pure (state, event) -> (state, lines), with a way back.
using System.Collections.Immutable;
using System.Globalization;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>The pools of one chain and the state each is in after the last block. States are
/// immutable; for each block of the window those it replaced are kept.</summary>
public sealed class PoolTracker
{
    private readonly Dictionary<EvmAddress, PoolIdentity> pools = [];
    private readonly Dictionary<EvmAddress, PoolState?> states = [];
    private readonly LinkedList<BlockUndo> undo = [];
    private readonly int window;

    /// <summary>Pools without states; a <see cref="Reset"/> brings those.</summary>
    /// <param name="pools">The pools of one chain.</param>
    /// <param name="window">Blocks that can be taken back; no less than the feed's window.</param>
    public PoolTracker(IEnumerable<PoolIdentity> pools, int window)
    {
        this.window = window;
        foreach (PoolIdentity one in pools) this.pools.Add(one.Contract, one);
    }

    private sealed record BlockUndo(long Number, Dictionary<EvmAddress, PoolState?> Before);

    /// <summary>The pools, by contract.</summary>
    public IReadOnlyDictionary<EvmAddress, PoolIdentity> Pools => pools;

    /// <summary>The states, by contract; null where there is no sound one.</summary>
    public IReadOnlyDictionary<EvmAddress, PoolState?> States => states;

    /// <summary>Takes states read directly at a block; what was before is forgotten.</summary>
    /// <returns>A quote for each pool.</returns>
    public IReadOnlyList<Line> Reset(
        BlockHeader at, IReadOnlyDictionary<EvmAddress, PoolState?> read)
    {
        undo.Clear();
        states.Clear();
        foreach (EvmAddress pool in pools.Keys) states[pool] = read.GetValueOrDefault(pool);
        return [.. pools.Select(one => PoolState.Quote(one.Value, states[one.Key], at))];
    }

    /// <summary>Takes one pool's state read directly at the last block.</summary>
    public Line Correct(BlockHeader at, EvmAddress pool, PoolState? state)
    {
        Remember(pool);
        states[pool] = state;
        return PoolState.Quote(pools[pool], state, at);
    }

    /// <summary>Applies a block.</summary>
    /// <returns>A <c>sync</c> for each event that set reserves, in the order of the chain, then a
    /// <c>quote</c> for each pool of ticks that changed, and a <c>quarantine</c> for each pool
    /// whose log can't be.</returns>
    public IReadOnlyList<Line> Apply(BlockHeader header, ImmutableArray<EvmLog> logs)
    {
        undo.AddLast(new BlockUndo(header.Number, []));
        if (undo.Count > window) undo.RemoveFirst();
        var lines = new List<Line>();
        var moved = new SortedSet<EvmAddress>();
        foreach (EvmLog log in logs)
        {
            if (!pools.TryGetValue(log.Emitter, out PoolIdentity? pool)
                || states.GetValueOrDefault(log.Emitter) is not { } before)
                continue;
            if (!PoolEvents.TryApply(pool, before, log, out PoolState? after, out string detail))
                lines.Add(Shut(header, pool, Reason.InvariantBroken, detail));
            else if (ReferenceEquals(before, after))
                continue;
            else if (after is ReserveState reserves)
                lines.Add(SyncOf(header, pool, log, reserves));
            else
                moved.Add(log.Emitter);
            Remember(log.Emitter);
            states[log.Emitter] = after;
        }
        foreach (EvmAddress one in moved)
            if (states[one] is { } state) lines.Add(PoolState.Quote(pools[one], state, header));
        return lines;
    }

    /// <summary>Goes back to a block.</summary>
    /// <returns>A quote for each pool that changed since, or null when that is too long ago: the
    /// states have to be read anew.</returns>
    public IReadOnlyList<Line>? RollBack(BlockHeader to)
    {
        if (undo.First is { } first && first.Value.Number > to.Number + 1) return null;
        var changed = new SortedSet<EvmAddress>();
        while (undo.Last is { } last && last.Value.Number > to.Number)
        {
            foreach ((EvmAddress pool, PoolState? before) in last.Value.Before)
            {
                states[pool] = before;
                changed.Add(pool);
            }
            undo.RemoveLast();
        }
        return [.. changed.Select(one => PoolState.Quote(pools[one], states[one], to))];
    }

    /// <summary>A line that shuts a pool out.</summary>
    internal static QuarantineLine Shut(
        BlockHeader at, PoolIdentity pool, Reason reason, string detail) => new()
        {
            Slot = at.TimestampS,
            Pool = pool.Pool,
            Reason = reason,
            Detail = string.Create(
                CultureInfo.InvariantCulture, $"block {at.Number}: {detail}"),
        };

    private static SyncLine SyncOf(
        BlockHeader header, PoolIdentity pool, EvmLog log, ReserveState reserves) => new()
        {
            Slot = header.TimestampS,
            Block = header.Number,
            Log = log.Index,
            Pool = pool.Pool,
            Reserve0 = reserves.Reserve0,
            Reserve1 = reserves.Reserve1,
        };

    private void Remember(EvmAddress pool)
    {
        if (undo.Last is { } last) last.Value.Before.TryAdd(pool, states[pool]);
    }
}
