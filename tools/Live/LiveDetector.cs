// LiveDetector: a detector stage over followed chains: each second is a slot, told to its reader.
using System.Globalization;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools.Live;

/// <summary>How current a chain is.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Tip">The newest block that was heard of; null before the first.</param>
/// <param name="IsStale">Whether its pools are shut because its word is old.</param>
/// <param name="Checked">States compared with the chain's own.</param>
/// <param name="Mismatched">Those that differed.</param>
internal sealed record ChainPulse(
    LiveWorldChain Chain, BlockHeader? Tip, bool IsStale, long Checked, long Mismatched);

/// <summary>Runs until it is stopped or its reader leaves.</summary>
internal sealed class LiveDetector
{
    private const int KeptLatencies = 1 << 16;
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(2);

    private readonly Action<string> say;
    private readonly StageHost stages;
    private readonly Action<long, IReadOnlyList<Line>> tell;
    private readonly TimeProvider clock;
    private readonly List<FollowedChain> chains = [];
    private readonly FeedRecorder? feeds;
    private readonly LatencyTally slotLatency = new(KeptLatencies);
    private readonly LatencyTally blockLatency = new(KeptLatencies);
    private readonly List<Line> output = [];
    private long slots;

    /// <summary>A detector that has dialled nobody yet.</summary>
    /// <param name="stages">Has the cluster's stage as its first.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="world">Where the chains are.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="say">Hears words.</param>
    /// <param name="tell">Gets the lines of each slot as it ends; keeps none of the list.</param>
    /// <param name="feeds">Records what the nodes say; null does not.</param>
    /// <exception cref="RefusedException">The cluster has no chain of the world.</exception>
    /// <exception cref="RecordException">The disk does not take what is recorded.</exception>
    public LiveDetector(
        StageHost stages, Cluster cluster, LiveWorld world, TimeProvider clock,
        Action<string> say, Action<long, IReadOnlyList<Line>> tell, FeedRecorder? feeds = null)
    {
        (this.say, this.stages, this.clock, this.tell, this.feeds) =
            (say, stages, clock, tell, feeds);
        foreach (var id in cluster.Chains)
        {
            if (world.Chains.FirstOrDefault(one => one.Chain == id) is not { } chain)
            {
                say($"{id} is not in the world: it is left out");
                continue;
            }
            if (chain.Skipped > 0)
                say($"{chain.Name}: {chain.Skipped} pools of other families are left out");
            feeds?.Begin(chain, world.BlockTime);
            IFeedLink link = ChainFollower.Dial(chain, clock, Random.Shared.NextDouble);
            chains.Add(new FollowedChain(
                chain, world.BlockTime, feeds?.Over(link, chain) ?? link, clock));
        }
        if (chains.Count == 0)
            throw new RefusedException(
                $"no chain of cluster {cluster.Name} is in the world; it has "
                + string.Join(", ", world.Chains.Select(one => one.Chain)));
    }

    /// <summary>Runs it for a tool, its lines on stdout.</summary>
    /// <exception cref="RefusedException">The cluster has no chain of the world, or a node serves
    /// another chain than it should.</exception>
    public static int Run(
        ToolHost host, StageHost stages, Cluster cluster, LiveWorld world, TimeSpan? time,
        FeedRecorder? feeds)
    {
        LiveDetector live = new(stages, cluster, world, TimeProvider.System, host.Say,
            (_, lines) =>
            {
                foreach (Line line in lines) LineCodec.Write(line, host.Out);
                host.Out.Flush();
            }, feeds);
        using Ending ending = new(time);
        live.Run(ending.Token);
        return ExitCode.Ok;
    }

    /// <summary>How current its chains are; asked from the thread it runs on.</summary>
    public IEnumerable<ChainPulse> Pulses => chains.Select(one => new ChainPulse(
        one.Follower.Chain, one.Watch.Tip, one.Watch.IsStale, one.Follower.Checks.Checked,
        one.Follower.Checks.Mismatched));

    /// <summary>Runs it on this thread until it is stopped.</summary>
    /// <exception cref="RefusedException">A node serves another chain than it should.</exception>
    public void Run(CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] following = [.. chains.Select(
            one => Task.Run(() => one.Follower.RunAsync(ending.Token)))];
        SlotClock seconds = new(clock);
        try
        {
            while (seconds.WaitForEnd(ending.Token, out long slot, out long dueAt))
            {
                // A follower ends by itself for a wrong chain alone; anything else is a bug.
                foreach (Task one in following) one.Exception?.Handle(bug => throw bug);
                EndSlot(slot, dueAt);
            }
        }
        finally
        {
            feeds?.End();
            ending.Cancel();
            Task.WhenAll(following).ContinueWith(_ => { }, TaskScheduler.Default)
                .Wait(Parting, CancellationToken.None);
            Report(seconds.Missed);
        }
    }

    /// <summary>One slot, from what came to what is told.</summary>
    private void EndSlot(long slot, long dueAt)
    {
        if (slots++ == 0) Open(slot);
        List<long> seen = [];
        foreach (FollowedChain chain in chains)
        {
            // As many as wait now: a chain that goes on while this reads is left for the next slot.
            List<ChainNews> news = chain.Read(chain.Follower.News.Count);
            feeds?.Slot(chain.Follower.Chain, slot, news.Count);
            foreach (ChainNews one in news)
                if (one.Event is BlockAdded) seen.Add(one.SeenAt);
            foreach (Line line in chain.Lines(news, slot, say)) Take(line, chain, slot);
        }
        stages.EndSlot(0, slot, NowMs(), output);
        tell(slot, output);
        output.Clear();
        long now = clock.GetTimestamp();
        slotLatency.Add(Ms(dueAt, now));
        foreach (long at in seen) blockLatency.Add(Ms(at, now));
    }

    /// <summary>What the stage has to know before the first state.</summary>
    private void Open(long slot)
    {
        foreach (FollowedChain chain in chains)
            foreach (Line line in chain.Opening(slot)) Take(line, chain, slot);
    }

    private void Take(Line line, FollowedChain from, long slot) => Detector.TakeOrRefuse(
        stages.Take(0, line, NowMs()), new FeedLine(line, from.Follower.Chain.Name, slot));

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private double Ms(long from, long to) => clock.GetElapsedTime(from, to).TotalMilliseconds;

    private void Report(long missed)
    {
        say(string.Create(
            CultureInfo.InvariantCulture,
            $"{slots} slots, {missed} left out; from a slot's end to its lines: {slotLatency}; "
            + $"from a block's logs to their lines: {blockLatency}"));
        foreach (FollowedChain one in chains)
        {
            (long looked, long mismatched) = one.Follower.Checks;
            say($"{one.Follower.Chain.Name}: {looked} states compared with the chain's own, "
                + $"{mismatched} differed");
        }
    }
}
