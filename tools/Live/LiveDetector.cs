// LiveDetector: a detector stage over followed chains: each second is a slot, told on stdout.
using System.Globalization;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools.Live;

/// <summary>Runs until it is stopped or its reader leaves.</summary>
internal sealed class LiveDetector
{
    private const int KeptLatencies = 1 << 16;
    private const int SilentBlocks = 3;
    private const long LeastAgeSeconds = 3;
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(2);

    private readonly ToolHost host;
    private readonly StageHost stages;
    private readonly TimeProvider clock;
    private readonly List<(ChainFollower Follower, ChainWatch Watch)> chains = [];
    private readonly LatencyTally slotLatency = new(KeptLatencies);
    private readonly LatencyTally blockLatency = new(KeptLatencies);
    private readonly List<Line> output = [];
    private long slots;

    private LiveDetector(ToolHost host, StageHost stages, TimeProvider clock) =>
        (this.host, this.stages, this.clock) = (host, stages, clock);

    /// <summary>Runs it.</summary>
    /// <exception cref="RefusedException">The cluster has no chain of the world, or a node serves
    /// another chain than it should.</exception>
    public static int Run(
        ToolHost host, StageHost stages, Cluster cluster, LiveWorld world, TimeSpan? time)
    {
        TimeProvider clock = TimeProvider.System;
        LiveDetector live = new(host, stages, clock);
        long maxAgeSeconds = Math.Max(
            LeastAgeSeconds, (long)Math.Ceiling(world.BlockTime.TotalSeconds * SilentBlocks));
        foreach (var id in cluster.Chains)
        {
            if (world.Chains.FirstOrDefault(one => one.Chain == id) is not { } chain)
            {
                host.Say($"{id} is not in the world: it is left out");
                continue;
            }
            if (chain.Skipped > 0)
                host.Say($"{chain.Name}: {chain.Skipped} pools of other families are left out");
            live.chains.Add((
                new ChainFollower(chain, world.BlockTime, clock, Random.Shared.NextDouble),
                new ChainWatch(chain.Name, chain.Pools, maxAgeSeconds)));
        }
        if (live.chains.Count == 0)
            throw new RefusedException(
                $"no chain of cluster {cluster.Name} is in the world; it has "
                + string.Join(", ", world.Chains.Select(one => one.Chain)));
        using Ending ending = new(time);
        return live.Run(ending);
    }

    private int Run(Ending ending)
    {
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
            ending.Ask();
            Task.WhenAll(following).ContinueWith(_ => { }, TaskScheduler.Default).Wait(Parting);
            Report(seconds.Missed);
        }
        return ExitCode.Ok;
    }

    /// <summary>One slot, from what came to what is told.</summary>
    private void EndSlot(long slot, long dueAt)
    {
        if (slots++ == 0) Open(slot);
        List<long> seen = [];
        foreach ((ChainFollower follower, ChainWatch watch) in chains)
        {
            List<Line> lines = [];
            // As many as wait now: a chain that goes on while this reads is left for the next slot.
            for (int left = follower.News.Count; left > 0; left--)
            {
                if (!follower.News.TryRead(out ChainNews? news)) break;
                if (news.Fault is { Reason: RpcReason.WrongChain } wrong)
                    throw new RefusedException($"{wrong}; correct the world or end that node");
                watch.Take(news, slot, lines, host.Say);
                if (news.Event is BlockAdded) seen.Add(news.SeenAt);
            }
            watch.BeforeEnd(slot, lines, host.Say);
            foreach (Line line in lines) Take(line, follower.Chain.Name, slot);
        }
        stages.EndSlot(0, slot, NowMs(), output);
        foreach (Line line in output) LineCodec.Write(line, host.Out);
        output.Clear();
        host.Out.Flush();
        long now = clock.GetTimestamp();
        slotLatency.Add(Ms(dueAt, now));
        foreach (long at in seen) blockLatency.Add(Ms(at, now));
    }

    /// <summary>What the stage has to know before the first state.</summary>
    private void Open(long slot)
    {
        foreach ((ChainFollower follower, _) in chains)
        {
            LiveWorldChain chain = follower.Chain;
            foreach (TokenLine token in chain.Tokens) Take(token, chain.Name, slot);
            foreach (PriceLine price in chain.Prices)
                Take(price with { Slot = slot }, chain.Name, slot);
        }
    }

    private void Take(Line line, string from, long slot) =>
        Detector.TakeOrRefuse(stages.Take(0, line, NowMs()), new FeedLine(line, from, slot));

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private double Ms(long from, long to) => clock.GetElapsedTime(from, to).TotalMilliseconds;

    private void Report(long missed)
    {
        host.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{slots} slots, {missed} left out; from a slot's end to its lines: {slotLatency}; "
            + $"from a block's logs to their lines: {blockLatency}"));
        foreach ((ChainFollower follower, _) in chains)
        {
            (long looked, long mismatched) = follower.Checks;
            host.Say($"{follower.Chain.Name}: {looked} states compared with the chain's own, "
                + $"{mismatched} differed");
        }
    }
}
