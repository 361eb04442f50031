// FeedReplayTests: a feed over what its nodes said once says to its detector what it said then.
using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Feeds;
using Lockstep.Tools.Live;
using Lockstep.Tools.Records;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

public sealed class FeedReplayTests : IDisposable
{
    private const string Cluster = "made";
    private static readonly TimeSpan BlockTime = TimeSpan.FromSeconds(1);
    private readonly TempFolder folder = new();
    private int logs;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Feeds_OverWhatNodesSaid_TellTheSameLines()
    {
        int shut = 0, back = 0;
        await Gen.Int[0, int.MaxValue - 2].SampleAsync(async seed =>
        {
            string log = await RecordAsync(seed, lives: 2);
            string[] told = [.. Inputs(RecordReader.Open(log).Read())];
            FeedReplay again = new();
            Assert.Equal(told, Inputs(again.Anew(RecordReader.Open(log).Read())));
            Assert.Equal(told.Count(one => !IsProposal(one)), again.Made);
            shut += told.Count(one => one.Contains("invariant-broken", StringComparison.Ordinal));
            back += told.Count(one => one.Contains("stale-state", StringComparison.Ordinal));
        }, iter: 8, threads: 1);
        // The made chains do what the feed has to bear.
        Assert.True(shut > 0 && back > 0, $"{shut} pools shut by checks, {back} by age");
    }

    [Fact]
    public async Task Record_HoldsNoWordsOfAFault()
    {
        string log = await RecordAsync(1, lives: 1);
        PackedText.Joiner[] joiners = [new(), new()];
        int faults = 0;
        foreach (LogRecord record in RecordReader.Open(log).Read())
        {
            if (!Streams.IsFeed(record.Stream)) continue;
            PackedText.Joiner joiner = joiners[record.Stream == Streams.FeedOf(Id(0)) ? 0 : 1];
            string text = Encoding.UTF8.GetString(joiner.Take(record.Payload.Span)!);
            faults += text.Contains("\"fault\"", StringComparison.Ordinal) ? 1 : 0;
            Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal);
            Assert.DoesNotContain("ws://", text, StringComparison.Ordinal);
        }
        Assert.True(faults > 0);
    }

    [Fact]
    public async Task Replay_WhenAnAnswerIsMissing_NamesTheRecord()
    {
        string log = await RecordAsync(2, lives: 1);
        LogRecord[] all = [.. RecordReader.Open(log).Read()];
        // The first answer: what comes next is none to that question.
        LogRecord missing = all.First(one => one.Stream == Streams.FeedOf(Id(0))
            && Encoding.UTF8.GetString(new PackedText.Joiner().Take(one.Payload.Span)!)
                .StartsWith("{\"ask\"", StringComparison.Ordinal));
        RecordException refused = Assert.Throws<RecordException>(() => new FeedReplay().Anew(
            all.Where(one => one.Sequence != missing.Sequence)).Count());
        Assert.StartsWith("record ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Streams.FeedOf(Id(0)), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_WhenTheLogTakesNothing_Ends()
    {
        LiveWorldChain chain = Chain(0);
        RecordWriter writer = RecordWriter.Open(folder["broken"]);
        FeedRecorder recorder = new(new LineRecorder(writer), Cluster, new FakeClock());
        FollowedChain followed = new(
            chain, BlockTime, recorder.Over(new MadeLink(3, chain.Pools), chain), new FakeClock());
        writer.Dispose();
        await Assert.ThrowsAsync<RecordException>(
            () => followed.Follower.RunAsync(CancellationToken.None));
    }

    private static bool IsProposal(string line) =>
        line.Contains("\"kind\":\"proposal\"", StringComparison.Ordinal);

    private static IEnumerable<string> Inputs(IEnumerable<LogRecord> log) =>
        log.Where(one => one.Stream == Streams.DetectorIn(Cluster))
            .Select(one => Encoding.UTF8.GetString(one.Payload.Span));

    /// <summary>Two chains, followed and recorded as a live detector does it.</summary>
    private async Task<string> RecordAsync(int seed, int lives)
    {
        string log = folder[$"log{logs++}"];
        Random random = new(seed);
        using LineRecorder recorder = new(RecordWriter.Open(log));
        for (int life = 0; life < lives; life++)
        {
            recorder.Take(Streams.Run, Run(), 0);
            FakeClock clock = new();
            FeedRecorder feeds = new(recorder, Cluster, clock);
            List<FollowedChain> chains = [];
            List<MadeLink> links = [];
            for (int i = 0; i < 2; i++)
            {
                LiveWorldChain chain = Chain(i);
                feeds.Begin(chain, BlockTime);
                MadeLink link = new(seed + life + i, chain.Pools);
                links.Add(link);
                chains.Add(new FollowedChain(chain, BlockTime, feeds.Over(link, chain), clock));
            }
            using CancellationTokenSource stop = new();
            Task[] following = [.. chains.Select(
                one => Task.Run(() => one.Follower.RunAsync(stop.Token)))];
            for (long slot = 1_700_000_000; slot < 1_700_000_040; slot++)
            {
                if (slot == 1_700_000_000)
                    foreach (Line line in chains.SelectMany(one => one.Opening(slot))) Take(line);
                foreach ((FollowedChain one, MadeLink link) in chains.Zip(links))
                {
                    int wanted = random.Next(12);
                    while (one.Follower.News.Count < wanted && link.Wakes > 0)
                        await Task.Delay(1);
                    List<ChainNews> news = one.Read(wanted);
                    feeds.Slot(one.Follower.Chain, slot, news.Count);
                    foreach (Line line in one.Lines(news, slot, _ => { })) Take(line);
                }
                if (random.Next(3) == 0) Take(Proposal(slot));
                recorder.Tick(Streams.DetectorIn(Cluster), slot, 0);
                if (random.Next(3) == 0) await Task.Yield();
            }
            feeds.End();
            await stop.CancelAsync();
            await Task.WhenAll(following);
        }
        return log;

        void Take(Line line) => recorder.Take(Streams.DetectorIn(Cluster), line, 0);
    }

    private static ProposalLine Proposal(long slot) =>
        new() { Slot = slot, Cluster = Cluster, Device = "made", Roots = "" };

    private static string Id(int number) => $"eip155:{number + 1}";

    private static LiveWorldChain Chain(int number)
    {
        string id = Id(number);
        AssetId[] assets = [.. Enumerable.Range(1, 4).Select(i =>
            AssetId.Parse($"{id}/erc20:0x{i:x40}"))];
        Uri nowhere = new("ws://node.example/v3/SECRET");
        return new LiveWorldChain(
            ChainId.Parse(id), $"chain{number}", number + 1, nowhere, nowhere,
            [.. assets.Select((one, i) => new TokenLine
            {
                Asset = one, Symbol = $"T{i}", Decimals = 18,
            })],
            [new PriceLine { Slot = 0, Asset = assets[0], UsdE18 = 7 }], [],
            [.. Enumerable.Range(1, 3).Select(i => new PoolIdentity
            {
                Pool = PoolId.Parse($"{id}:0x{i + 100:x40}"),
                Family = "constant-product",
                FeePips = 3000,
                Asset0 = assets[0],
                Asset1 = assets[i],
            })],
            0, []);
    }

    private static RunLine Run() => new()
    {
        Program = "test",
        ProgramVersion = "0",
        Clusters = [Cluster],
        Aggregates = false,
        Configuration = ImmutableSortedDictionary<string, string>.Empty,
    };
}
