// BlockFeed: the chain's tip as ordered events; gaps filled, reorganisations found by parent hash.
using System.Runtime.CompilerServices;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Follows one chain through one source. After any number of events the blocks of
/// <see cref="Window"/> are what the source said last, each standing on the one before.</summary>
public sealed class BlockFeed
{
    private readonly IRpc rpc;
    private readonly FeedRules rules;
    private readonly IReadOnlyList<EvmAddress> emitters;
    private readonly IReadOnlyList<Hash32> topics;
    private readonly Func<CancellationToken, ValueTask>? onStall;

    /// <summary>A feed; nothing is asked yet.</summary>
    /// <param name="rpc">The source, such as a pool.</param>
    /// <param name="rules">Its rules.</param>
    /// <param name="emitters">Whose logs are wanted; everybody's when empty.</param>
    /// <param name="topics">Which events are wanted; all when empty.</param>
    /// <param name="onStall">What helps when there is no news, such as to refresh the pool.
    /// </param>
    public BlockFeed(
        IRpc rpc, FeedRules rules, IReadOnlyList<EvmAddress> emitters,
        IReadOnlyList<Hash32> topics, Func<CancellationToken, ValueTask>? onStall = null)
    {
        (this.rpc, this.rules) = (rpc, rules);
        (this.emitters, this.topics, this.onStall) = (emitters, topics, onStall);
        Window = new HeaderWindow(rules.Window);
    }

    /// <summary>The newest headers.</summary>
    public HeaderWindow Window { get; }

    /// <summary>Follows the chain until cancelled, or until it stalled too often in a row: the
    /// last event then says why.</summary>
    /// <param name="wake">Waits for a reason to look again: <see cref="HeadWatch.WaitAsync"/>.
    /// </param>
    /// <param name="beganMs">Now, by the clock of the wakes.</param>
    /// <param name="cancel">Stops it.</param>
    /// <remarks>Time is what the wakes say, so that the same wakes and answers make the same
    /// events.</remarks>
    public async IAsyncEnumerable<FeedEvent> ReadAsync(
        WaitForHead wake, long beganMs, [EnumeratorCancellation] CancellationToken cancel)
    {
        var events = new List<FeedEvent>();
        JsonElement? hint = null;
        long newsMs = beganMs, nowMs = beganMs;
        double silentMs = (rules.BlockTime * rules.SilentBlocks).TotalMilliseconds;
        for (int stalls = 0; stalls < rules.MaxStalls;)
        {
            events.Clear();
            RpcFault? fault = await AdvanceAsync(hint, events, cancel).ConfigureAwait(false);
            if (events.Count > 0) newsMs = nowMs;
            else if (nowMs - newsMs > silentMs)
            {
                fault ??= new RpcFault(
                    RpcReason.Silent, rpc.Name, $"no head for {nowMs - newsMs} ms");
                newsMs = nowMs;
            }
            foreach (FeedEvent one in events) yield return one;
            if (fault is not null)
            {
                stalls++;
                yield return new FeedStalled(fault);
                if (onStall is not null) await onStall(cancel).ConfigureAwait(false);
            }
            else if (events.Count > 0)
            {
                stalls = 0;
            }
            (hint, nowMs) = await wake(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Goes to the source's head once, as far as it gets.</summary>
    /// <param name="hint">A header the source sent by itself, which spares a question.</param>
    /// <param name="events">Gets the events.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What kept it from the head, or null.</returns>
    public async ValueTask<RpcFault?> AdvanceAsync(
        JsonElement? hint, List<FeedEvent> events, CancellationToken cancel)
    {
        if (hint is not { } told || !BlockHeader.TryRead(told, out BlockHeader? head))
        {
            (head, RpcFault? none) =
                await HeaderAsync(EthCalls.Block((long?)null), cancel).ConfigureAwait(false);
            if (head is null) return none;
        }
        if (Window.Tip is not { } tip)
            return Restart(head, "the feed begins", events);
        if (Window.TryFind(head.Number, head.Hash, out _)) return null;
        if (head.Number - tip.Number > rules.MaxGap)
            return Restart(head, $"{head.Number - tip.Number} blocks were missed", events);
        (List<BlockHeader>? path, RpcFault? fault) =
            await PathAsync(head, tip, cancel).ConfigureAwait(false);
        if (path is null) return fault;
        BlockHeader first = path[^1];
        if (!Window.TryFind(first.Number - 1, first.ParentHash, out BlockHeader? ancestor))
            return Restart(head, $"reorganised below block {Window.Oldest!.Number}", events);
        if (ancestor.Number < tip.Number)
        {
            Window.RollBackTo(ancestor.Number);
            events.Add(new RolledBack(ancestor));
        }
        path.Reverse();
        return await AddAsync(path, events, cancel).ConfigureAwait(false);
    }

    private RpcFault? Restart(BlockHeader at, string why, List<FeedEvent> events)
    {
        Window.Restart(at);
        events.Add(new FeedRestarted(at, why));
        return null;
    }

    /// <summary>The headers from the head down to the first one not in the window.</summary>
    private async ValueTask<(List<BlockHeader>? Path, RpcFault? Fault)> PathAsync(
        BlockHeader head, BlockHeader tip, CancellationToken cancel)
    {
        var path = new List<BlockHeader> { head };
        Dictionary<Hash32, BlockHeader> known =
            await MissedAsync(tip.Number + 1, head.Number - 1, cancel).ConfigureAwait(false);
        long oldest = Window.Oldest!.Number;
        for (BlockHeader at = head; ; path.Add(at))
        {
            if (Window.TryFind(at.Number - 1, at.ParentHash, out _) || at.Number - 1 <= oldest)
                return (path, null);
            Hash32 parent = at.ParentHash;
            if (!known.TryGetValue(parent, out BlockHeader? below))
            {
                (below, RpcFault? fault) =
                    await HeaderAsync(EthCalls.Block(parent), cancel).ConfigureAwait(false);
                if (below is null) return (null, fault);
            }
            if (below.Hash != parent || below.Number != at.Number - 1)
                return (null, new RpcFault(RpcReason.Malformed, rpc.Name,
                    $"block {below.Number} {below.Hash} where the parent of {at.Number} "
                    + $"{at.Hash} was asked for"));
            at = below;
        }
    }

    /// <summary>Headers by number, in batches: a first guess that their hashes then confirm.
    /// </summary>
    private async ValueTask<Dictionary<Hash32, BlockHeader>> MissedAsync(
        long first, long last, CancellationToken cancel)
    {
        var known = new Dictionary<Hash32, BlockHeader>();
        for (long at = first; at <= last; at += rules.BatchSize)
        {
            int count = (int)Math.Min(rules.BatchSize, last - at + 1);
            RpcCall[] calls =
                [.. Enumerable.Range(0, count).Select(i => EthCalls.Block((long?)(at + i)))];
            foreach (RpcReply one in await rpc.BatchAsync(calls, cancel).ConfigureAwait(false))
                if (one.IsOk && BlockHeader.TryRead(one.Result, out BlockHeader? header))
                    known[header.Hash] = header;
        }
        return known;
    }

    /// <summary>Fetches the logs of the blocks and adds these, oldest first.</summary>
    private async ValueTask<RpcFault?> AddAsync(
        List<BlockHeader> path, List<FeedEvent> events, CancellationToken cancel)
    {
        for (int at = 0; at < path.Count; at += rules.BatchSize)
        {
            List<BlockHeader> some = path.GetRange(at, Math.Min(rules.BatchSize, path.Count - at));
            RpcReply[] replies = await LogsAsync(some, cancel).ConfigureAwait(false);
            for (int i = 0; i < some.Count; i++)
            {
                if (replies[i].Fault is { } fault) return fault;
                if (!EvmLog.TryReadAll(
                    replies[i].Result, some[i].Hash, out var logs, out string detail))
                    return new RpcFault(RpcReason.Malformed, rpc.Name, detail);
                Window.Push(some[i]);
                events.Add(new BlockAdded(some[i], logs));
            }
        }
        return null;
    }

    private async ValueTask<RpcReply[]> LogsAsync(
        List<BlockHeader> blocks, CancellationToken cancel)
    {
        RpcCall[] calls =
            [.. blocks.Select(block => EthCalls.Logs(block.Hash, emitters, topics))];
        return calls.Length == 1
            ? [await rpc.CallAsync(calls[0], cancel).ConfigureAwait(false)]
            : await rpc.BatchAsync(calls, cancel).ConfigureAwait(false);
    }

    private async ValueTask<(BlockHeader? Header, RpcFault? Fault)> HeaderAsync(
        RpcCall request, CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(request, cancel).ConfigureAwait(false);
        if (reply.Fault is { } fault) return (null, fault);
        return BlockHeader.TryRead(reply.Result, out BlockHeader? header)
            ? (header, null)
            : (null, new RpcFault(RpcReason.Malformed, rpc.Name, $"{request} gave no header"));
    }
}
