// ChainFollower: keeps one chain's pool states by its node; connects again for ever; bounded news.
using System.Threading.Channels;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Live;

/// <summary>Follows a chain in the background. Whoever reads late holds it up: it then takes the
/// blocks it missed in one go, or reads all states anew.</summary>
/// <remarks>Logs are kept across connections: what was found against a pool's logs stands.
/// </remarks>
public sealed class ChainFollower
{
    private const int MaxNews = 256;

    // A few pools a block, so that no check holds up the next one.
    private static readonly CheckRules Checking = new() { EveryBlocks = 1, Pools = 5 };

    private static readonly RpcLimits Limits = new()
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxNotices = 64,
        MaxRedials = 3,
    };

    private readonly LiveWorldChain chain;
    private readonly FeedRules rules;
    private readonly TimeProvider clock;
    private readonly Func<double> jitter;
    private readonly PoolSync sync;
    private readonly EvmAddress[] emitters;
    private readonly Channel<ChainNews> news = Channel.CreateBounded<ChainNews>(MaxNews);
    private RpcEndpoint? current;

    /// <summary>A follower that has asked nothing yet.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="blockTime">Between two of its blocks.</param>
    /// <param name="clock">For waits and timeouts.</param>
    /// <param name="jitter">Numbers in [0, 1) that spread the waits.</param>
    public ChainFollower(
        LiveWorldChain chain, TimeSpan blockTime, TimeProvider clock, Func<double> jitter)
    {
        (this.chain, this.clock, this.jitter) = (chain, clock, jitter);
        rules = new FeedRules { BlockTime = blockTime, MaxStalls = 3 };
        var tracker = new PoolTracker(chain.Pools, rules.Window);
        sync = new PoolSync(tracker, new PoolReader(AskAsync), Checking);
        emitters = [.. tracker.Pools.Keys];
    }

    /// <summary>The chain.</summary>
    public LiveWorldChain Chain => chain;

    /// <summary>The news, oldest first; at most 256 wait. One reader.</summary>
    public ChannelReader<ChainNews> News => news.Reader;

    /// <summary>States compared with the chain's own, and those that differed.</summary>
    public (long Checked, long Mismatched) Checks => (sync.Checked, sync.Mismatched);

    /// <summary>Follows until cancelled; nothing that a node or a network does ends it but another
    /// chain behind the address: the last news then says so.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var backoff = new Backoff(
            clock, jitter, new RetryPolicy(int.MaxValue, TimeSpan.FromMilliseconds(250),
                TimeSpan.FromSeconds(2)));
        try
        {
            for (int attempt = 0; ; attempt++)
            {
                (RpcFault fault, bool hadNews) = await ConnectAsync(cancel).ConfigureAwait(false);
                if (hadNews) attempt = 0;
                await TellAsync(null, [], fault, clock.GetTimestamp(), cancel)
                    .ConfigureAwait(false);
                if (fault.Reason == RpcReason.WrongChain) return;
                if (!await backoff.WaitAsync(attempt, cancel).ConfigureAwait(false)) return;
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The slot loop is done.
        }
        finally
        {
            news.Writer.TryComplete();
        }
    }

    /// <summary>One life of a connection.</summary>
    /// <returns>Why it ended, and whether it brought a block before.</returns>
    private async Task<(RpcFault Fault, bool HadNews)> ConnectAsync(CancellationToken cancel)
    {
        await using DuplexRpc node =
            DuplexRpc.WebSocket(chain.Name, chain.Ws, Limits, clock, jitter);
        await using RpcEndpoint endpoint = new(node, RetryPolicy.Default, clock, jitter);
        if (await endpoint.CheckChainAsync(chain.ChainId, cancel).ConfigureAwait(false) is { } no)
            return (no, false);
        (RpcSubscription? heads, RpcFault? fault) =
            await node.SubscribeAsync("newHeads", cancel).ConfigureAwait(false);
        if (heads is null) return (fault!, false);
        current = endpoint;
        bool hadNews = false;
        var feed = new BlockFeed(endpoint, rules, clock, emitters, PoolEvents.Topics);
        await foreach (FeedEvent one in feed.ReadAsync(heads, cancel).ConfigureAwait(false))
        {
            long seenAt = clock.GetTimestamp();
            List<Line> lines = [];
            fault = one is FeedStalled stalled ? stalled.Fault
                : await sync.ApplyAsync(one, lines, cancel).ConfigureAwait(false);
            hadNews |= one is BlockAdded;
            await TellAsync(one, lines, fault, seenAt, cancel).ConfigureAwait(false);
            lines = [];
            RpcFault? cut = await sync.CheckAsync(lines, cancel).ConfigureAwait(false);
            if (lines.Count == 0 && cut is null) continue;
            await TellAsync(null, lines, cut, seenAt, cancel).ConfigureAwait(false);
        }
        return (fault ?? new RpcFault(RpcReason.Silent, chain.Name, "the feed ended"), hadNews);
    }

    private ValueTask TellAsync(
        FeedEvent? one, List<Line> lines, RpcFault? fault, long seenAt,
        CancellationToken cancel) =>
        news.Writer.WriteAsync(
            new ChainNews(one, lines, sync.IsRead, fault, seenAt), cancel);

    private ValueTask<RpcReply> AskAsync(RpcCall request, CancellationToken cancel) =>
        current!.CallAsync(request, cancel);
}
