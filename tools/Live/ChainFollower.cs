// ChainFollower: keeps one chain's pool states by a link; connects again for ever; bounded news.
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

    private readonly FeedRules rules;
    private readonly IFeedLink link;
    private readonly TimeProvider clock;
    private readonly PoolSync sync;
    private readonly EvmAddress[] emitters;
    private readonly Channel<ChainNews> news;

    /// <summary>A follower that has asked nothing yet.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="blockTime">Between two of its blocks.</param>
    /// <param name="link">All that it hears comes by this.</param>
    /// <param name="clock">Says when news were seen; nothing follows from that.</param>
    /// <param name="news">Where news wait; null is 256 at most.</param>
    public ChainFollower(
        LiveWorldChain chain, TimeSpan blockTime, IFeedLink link, TimeProvider clock,
        Channel<ChainNews>? news = null)
    {
        ArgumentNullException.ThrowIfNull(chain);
        (Chain, this.link, this.clock) = (chain, link, clock);
        this.news = news ?? Channel.CreateBounded<ChainNews>(MaxNews);
        rules = new FeedRules { BlockTime = blockTime, MaxStalls = 3 };
        var tracker = new PoolTracker(chain.Pools, rules.Window);
        sync = new PoolSync(tracker, new PoolReader(link.CallAsync), Checking);
        emitters = [.. tracker.Pools.Keys];
    }

    /// <summary>A link to the node that the world names.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="clock">For waits and timeouts.</param>
    /// <param name="jitter">Numbers in [0, 1) that spread the waits.</param>
    public static NodeLink Dial(LiveWorldChain chain, TimeProvider clock, Func<double> jitter)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return new NodeLink(chain.Name, chain.Ws, chain.ChainId, clock, jitter);
    }

    /// <summary>The chain.</summary>
    public LiveWorldChain Chain { get; }

    /// <summary>The news, oldest first; at most 256 wait. One reader.</summary>
    public ChannelReader<ChainNews> News => news.Reader;

    /// <summary>States compared with the chain's own, and those that differed.</summary>
    public (long Checked, long Mismatched) Checks => (sync.Checked, sync.Mismatched);

    /// <summary>Follows until cancelled; nothing that a node or a network does ends it but another
    /// chain behind the address: the last news then says so.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            for (int failures = 0; ; failures++)
            {
                (RpcFault fault, bool hadNews) =
                    await ConnectAsync(failures, cancel).ConfigureAwait(false);
                if (hadNews) failures = 0;
                await TellAsync(null, [], fault, clock.GetTimestamp(), cancel)
                    .ConfigureAwait(false);
                if (fault.Reason == RpcReason.WrongChain) return;
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The slot loop is done.
        }
        finally
        {
            news.Writer.TryComplete();
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One life of a connection.</summary>
    /// <returns>Why it ended, and whether it brought a block before.</returns>
    private async Task<(RpcFault Fault, bool HadNews)> ConnectAsync(
        int failures, CancellationToken cancel)
    {
        (RpcFault? fault, long beganMs) =
            await link.OpenAsync(failures, cancel).ConfigureAwait(false);
        if (fault is not null) return (fault, false);
        bool hadNews = false;
        var feed = new BlockFeed(link, rules, emitters, PoolEvents.Topics);
        await foreach (FeedEvent one in
            feed.ReadAsync(link.WakeAsync, beganMs, cancel).ConfigureAwait(false))
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
        return (fault ?? new RpcFault(RpcReason.Silent, Chain.Name, "the feed ended"), hadNews);
    }

    private ValueTask TellAsync(
        FeedEvent? one, List<Line> lines, RpcFault? fault, long seenAt,
        CancellationToken cancel) =>
        news.Writer.WriteAsync(
            new ChainNews(one, lines, sync.IsRead, fault, seenAt), cancel);
}
