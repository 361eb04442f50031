// Strikes: an adversary who uses up every bound that the timelock table names, and no more.
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Simulator.Actors;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Checks;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Running;

/// <summary>Without it faults seldom meet a bundle when it has no time to lose.</summary>
internal static class Strikes
{
    /// <summary>How much of O is left to what else may happen, ms.</summary>
    private const long SpareMs = 1000;

    public static void Set(World world, FaultDriver driver)
    {
        if (!world.Scenario.Has(Faults.Strike)) return;
        Prng random = world.Stream($"{Faults.Strike}");
        HashSet<string> struck = new(StringComparer.Ordinal);
        long[] busyUntilMs = new long[world.Chains.Length];
        world.Coordinator.Disk.Written += row =>
        {
            if (world.Time.NowMs >= driver.QuietMs) return;
            BundleTrack? track = world.Watch.Tracks.FirstOrDefault(one => one.Id == row.Bundle);
            if (track is null) return;
            if (row.Entry is ActBegun { Act: ActKind.RequestCommit, Attempt: 0 }
                && random.Chance(250_000) && struck.Add(track.Id))
                Silence(world, track, random);
            if (row.Entry is CertificateHeld { Decision: Decision.Commit }
                && (struck.Contains(track.Id) || random.Chance(150_000)))
                Halt(world, track, random, busyUntilMs);
        };
    }

    /// <summary>The committee is not heard until shortly before T_sign.</summary>
    private static void Silence(World world, BundleTrack track, Prng random)
    {
        long until = (track.SignBySeconds * 1000) - random.Between(1000, 4500);
        world.Say($"the committee is silent until T_sign of {track.Id[..10]} is near");
        foreach (SignerHost one in world.Signers) one.SilentUntilMs = until;
    }

    /// <summary>One chain stands still for what is left of O, includes as late as it may, and
    /// takes the claim back once it is there.</summary>
    private static void Halt(
        World world, BundleTrack track, Prng random, long[] busyUntilMs)
    {
        TrackedLeg leg = track.Legs[random.Between(0, track.Legs.Length - 1)];
        VirtualChain chain = world.Chains[leg.Chain];
        long now = world.Time.NowMs, until = leg.Terms.DeadlineSeconds * 1000;
        long used = world.Watch.Outages.TotalMs(leg.Chain, now - 5000, until, long.MaxValue)
            + Math.Max(0, now - (track.SignBySeconds * 1000));
        long left = (world.Realms[leg.Chain].Timing.OutageSeconds * 1000) - used - SpareMs;
        // Two of them would be too much for a bundle that is open in both.
        if (left <= 0 || chain.IsHalted || now < busyUntilMs[leg.Chain]) return;
        busyUntilMs[leg.Chain] = until + (world.Orders.LongestSeconds * 1000);
        world.Say($"chain {leg.Chain} strikes at {track.Id[..10]}: {left} ms, and a fork");
        world.Watch.Outages.Mark(leg.Chain, now, now + left, "strike");
        chain.Halt(left);
        chain.SlowUntilMs = until;
        int depth = random.Between(1, chain.Manners.Finality - 1);
        bool done = false;
        chain.Grown += block =>
        {
            if (done || world.Time.NowMs > until
                || chain.Find(block.Number - depth + 1) is not { } at
                || at.State.Leg(leg.Id).Status is not LegStatus.Claimed) return;
            done = true;
            long within = (world.Realms[leg.Chain].Timing.ReorgSeconds * 1000)
                - (depth * chain.Manners.BlockMs);
            world.Time.After(1, () => chain.Reorganise(depth, Math.Max(0, within)));
        };
    }
}
