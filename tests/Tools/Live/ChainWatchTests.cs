// ChainWatchTests: a chain's pools are shut while its word is old, and for no other chain's sake.
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Live;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

public sealed class ChainWatchTests
{
    private const long Start = 1_700_000_000;
    private static readonly PoolIdentity[] Pools = [Pool(1), Pool(2)];
    private readonly ChainWatch watch = new("base", Pools, maxAgeSeconds: 3);
    private readonly List<string> words = [];

    [Fact]
    public void Pools_WhenBlocksStop_AreShutOnceAndLetInAgain()
    {
        Assert.Empty(Slot(0, News(new FeedRestarted(Header(0), "begins"))));
        for (int second = 1; second <= 3; second++) Assert.Empty(Slot(second));
        QuarantineLine[] shut = [.. Slot(4).Cast<QuarantineLine>()];
        Assert.Equal(Pools.Select(one => one.Pool), shut.Select(one => one.Pool));
        Assert.All(
            shut, one => Assert.Equal((Reason.StaleState, Start + 4), (one.Reason, one.Slot)));
        Assert.True(watch.IsStale);
        Assert.Empty(Slot(5));
        Assert.All(Slot(6, News(new BlockAdded(Header(6), []))).Cast<QuarantineLine>(),
            one => Assert.Equal(Reason.None, one.Reason));
        Assert.False(watch.IsStale);
        Assert.Single(words, one => one.Contains("are shut", StringComparison.Ordinal));
    }

    [Fact]
    public void Pools_WhenANodeTellsOldBlocksOneAfterAnother_AreShut()
    {
        Slot(0, News(new FeedRestarted(Header(0), "begins")));
        for (int second = 1; second <= 8; second++)
            Slot(second, News(new BlockAdded(Header(0), [])));
        Assert.True(watch.IsStale);
    }

    [Fact]
    public void Pools_WhenStatesCanNotBeRead_AreShutAtOnce()
    {
        Slot(0, News(new FeedRestarted(Header(0), "begins")));
        var fault = new RpcFault(RpcReason.Timeout, "base", "no answer");
        List<Line> lines = Slot(1, News(new FeedRestarted(Header(1), "a gap")) with
        {
            IsRead = false,
            Fault = fault,
        });
        Assert.All(lines.Cast<QuarantineLine>(),
            one => Assert.Equal(Reason.StaleState, one.Reason));
        Assert.Equal(Pools.Length, lines.Count);
        Assert.Contains(words, one => one.Contains("no answer", StringComparison.Ordinal));
    }

    [Fact]
    public void Verdicts_OfTheFeed_OutliveASilence()
    {
        Slot(0, News(new FeedRestarted(Header(0), "begins")));
        QuarantineLine broken = new()
        {
            Slot = Start, Pool = Pools[1].Pool, Reason = Reason.InvariantBroken, Detail = "differs",
        };
        Assert.Equal(broken with { Slot = Start + 1 }, Assert.Single(
            Slot(1, News(new BlockAdded(Header(1), []), broken))));
        Assert.Equal(Pools.Length, Slot(9).Count);
        // What is found meanwhile waits until the pools are let in.
        QuarantineLine other = broken with { Pool = Pools[0].Pool };
        Assert.Empty(Slot(10, News(new RolledBack(Header(0)), other)));
        QuarantineLine clean = broken with { Reason = Reason.None };
        QuarantineLine[] back =
        [
            .. Slot(11, News(new BlockAdded(Header(11), []), clean)).Cast<QuarantineLine>(),
        ];
        Assert.Equal(
            [Reason.InvariantBroken, Reason.None], back.Select(one => one.Reason));
    }

    [Fact]
    public void States_NeverComeFromTheFuture()
    {
        QuoteLine quote = PoolState.Quote(Pools[0], new ReserveState(5, 7), Header(9));
        QuoteLine told = Assert.IsType<QuoteLine>(Assert.Single(
            Slot(2, News(new FeedRestarted(Header(9), "begins"), quote))));
        Assert.Equal((Start + 2, Start + 2), (told.Slot, told.AsOf));
    }

    [Fact]
    public void Faults_AreSaidOncePerReasonUntilABlockComes()
    {
        ChainNews fault = new(
            null, [], false, new RpcFault(RpcReason.Transport, "base", "refused"), 0);
        Slot(0, fault, fault, fault);
        Assert.Single(words);
        Slot(1, News(new FeedRestarted(Header(1), "begins")), fault);
        Assert.Equal(2, words.Count(one => one.Contains("refused", StringComparison.Ordinal)));
    }

    private static PoolIdentity Pool(int number) => new()
    {
        Pool = PoolId.Parse($"eip155:8453:0x{number:x40}"),
        Family = "constant-product",
        FeePips = 3000,
        Asset0 = AssetId.Parse($"eip155:8453/erc20:0x{1:x40}"),
        Asset1 = AssetId.Parse($"eip155:8453/erc20:0x{2:x40}"),
    };

    private static BlockHeader Header(long second) =>
        new(second, Keccak.HashText($"{second}"), default, Start + second, 0, 0, 0);

    private static ChainNews News(FeedEvent one, params Line[] lines) =>
        new(one, lines, true, null, 0);

    private List<Line> Slot(int second, params ChainNews[] news)
    {
        List<Line> lines = [];
        foreach (ChainNews one in news) watch.Take(one, Start + second, lines, words.Add);
        watch.BeforeEnd(Start + second, lines, words.Add);
        return lines;
    }
}
