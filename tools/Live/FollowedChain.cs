// FollowedChain: a chain's follower and watch: from its news to what a slot's detector is told.
using System.Threading.Channels;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Live;

/// <summary>What runs live and what is played back, so that both say the same.</summary>
internal sealed class FollowedChain
{
    private const int SilentBlocks = 3;
    private const long LeastAgeSeconds = 3;

    /// <summary>A chain that nobody has asked for anything yet.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="blockTime">Between two of its blocks.</param>
    /// <param name="link">All that is heard of it comes by this.</param>
    /// <param name="clock">Says when news were seen.</param>
    /// <param name="news">Where news wait; null is the follower's own.</param>
    public FollowedChain(
        LiveWorldChain chain, TimeSpan blockTime, IFeedLink link, TimeProvider clock,
        Channel<ChainNews>? news = null)
    {
        long maxAgeSeconds = Math.Max(
            LeastAgeSeconds, (long)Math.Ceiling(blockTime.TotalSeconds * SilentBlocks));
        Follower = new ChainFollower(chain, blockTime, link, clock, news);
        Watch = new ChainWatch(chain.Name, chain.Pools, maxAgeSeconds);
    }

    /// <summary>The follower.</summary>
    public ChainFollower Follower { get; }

    /// <summary>The watch.</summary>
    public ChainWatch Watch { get; }

    /// <summary>What the stage has to know before the first state.</summary>
    public IEnumerable<Line> Opening(long slot) =>
    [
        .. Follower.Chain.Tokens,
        .. Follower.Chain.Prices.Select(price => price with { Slot = slot }),
    ];

    /// <summary>Takes news that wait.</summary>
    /// <param name="most">So many at most.</param>
    /// <exception cref="RefusedException">The node serves another chain.</exception>
    public List<ChainNews> Read(int most)
    {
        List<ChainNews> read = [];
        while (read.Count < most && Follower.News.TryRead(out ChainNews? news))
        {
            if (news.Fault is { Reason: RpcReason.WrongChain } wrong)
                throw new RefusedException($"{wrong}; correct the world or end that node");
            read.Add(news);
        }
        return read;
    }

    /// <summary>A slot's lines.</summary>
    /// <param name="news">What the slot takes.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="say">Hears what people have to.</param>
    public List<Line> Lines(List<ChainNews> news, long slot, Action<string> say)
    {
        List<Line> lines = [];
        foreach (ChainNews one in news) Watch.Take(one, slot, lines, say);
        Watch.BeforeEnd(slot, lines, say);
        return lines;
    }
}
