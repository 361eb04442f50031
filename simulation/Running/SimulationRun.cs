// SimulationRun: one scenario from its first block to its verdict; equal scenarios, equal runs.
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;
using Lockstep.Simulator.Checks;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Running;

/// <summary>What a run came to.</summary>
/// <param name="Scenario">What was run.</param>
/// <param name="Violations">All, those that are excused included.</param>
/// <param name="Committed">Bundles with every leg claimed.</param>
/// <param name="Aborted">Bundles with a leg refunded and none claimed.</param>
/// <param name="Empty">Bundles that nothing was locked for.</param>
/// <param name="Split">Bundles with one leg claimed and another not.</param>
/// <param name="Denied">Bundles that the risk gate did not take on.</param>
/// <param name="Outside">Bundles on whose way an assumption was broken.</param>
/// <param name="Events">How many events there were.</param>
/// <param name="Digest">Of everything that happened: equal for equal runs.</param>
public sealed record Verdict(
    Scenario Scenario, IReadOnlyList<Violation> Violations, int Committed, int Aborted, int Empty,
    int Split, int Denied, int Outside, long Events, ulong Digest)
{
    /// <summary>Violations that nothing excuses.</summary>
    public IEnumerable<Violation> Failures =>
        Violations.Where(one => one.Broken.Count == 0);
}

/// <summary>Runs scenarios.</summary>
public static class SimulationRun
{
    /// <summary>So long after the last fault all chains are in reach again, at most.</summary>
    private const long MostAfterMs = 3_600_000;

    /// <summary>Runs one.</summary>
    /// <param name="scenario">Which.</param>
    /// <param name="trace">Gets every step in words, or null.</param>
    public static Verdict Run(Scenario scenario, Action<string>? trace = null)
    {
        using World world = new(scenario, trace);
        long longest = world.Realms.Max(one =>
            one.Timing.ActSeconds + one.Timing.KnownSeconds + one.Timing.InclusionSeconds);
        // After T: an unwinding is included, its auction runs out, the end is included and final;
        // a retry may come 16 s late, and each of them twice. Who was dead by then begins later.
        long restMs = (longest + 120) * 1000;
        try
        {
            world.Time.Run(world.Driver.QuietMs, () => world.Watch.Violations.Count > 8);
            // No fault begins any more; a halt still ends, and fees still come down.
            world.Time.Run(
                world.Driver.QuietMs + MostAfterMs, () => world.Chains.All(Watch.IsInReach));
            world.Time.Run(
                Math.Max(world.Time.NowMs, world.Coordinator.BackMs) + restMs,
                () => IsOver(world));
        }
        catch (Exception e)
        {
            world.Watch.Fail("exception", e.ToString());
        }
        return Judge(world);
    }

    private static bool IsOver(World world) => world.Coordinator.IsUp
        && world.Coordinator.Runner is { Open.Count: 0 } && !world.Keeper.IsBusy
        && world.Watch.Open.Count == 0;

    private static Verdict Judge(World world)
    {
        int committed = 0, aborted = 0, empty = 0, split = 0, outside = 0;
        ulong digest = 14695981039346656037;
        foreach (BundleTrack track in world.Watch.Tracks)
        {
            LegStatus[] legs =
                [.. Enumerable.Range(0, track.Legs.Length).Select(i => track.StatusAt(world, i))];
            foreach (LegStatus one in legs)
                digest = unchecked((digest ^ (ulong)one) * 1099511628211);
            List<string> broken = world.Watch.BrokenFor(track);
            if (broken.Count > 0) outside++;
            int claimed = legs.Count(one => one is LegStatus.Claimed);
            if (claimed == legs.Length) committed++;
            else if (claimed > 0) split++;
            else if (legs.Contains(LegStatus.Refunded)) aborted++;
            else empty++;
            string shown = $"{track.Id[..10]}: {string.Join(", ", legs)}";
            if (world.Scenario.Faults is Faults.None && claimed < legs.Length)
                world.Watch.Fail("calm", $"{shown} although nothing went wrong");
            if (claimed > 0 && claimed < legs.Length) world.Watch.Report("I4", shown, broken);
            if (legs.Any(one => one is LegStatus.Locked or LegStatus.Unwinding))
                world.Watch.Report("I3", shown, Untrusted(broken));
            Hold(world, track, legs, broken);
        }
        digest = unchecked((digest ^ (ulong)world.Time.Count) * 1099511628211);
        return new Verdict(
            world.Scenario, world.Watch.Violations, committed, aborted, empty, split,
            world.Watch.Risk.Denied, outside,
            world.Time.Count, digest);
    }

    /// <summary>Nobody looks again at a leg whose end was final and is not any more, or whose
    /// rows or readings were false. Nothing else excuses that a leg stays open.</summary>
    private static List<string> Untrusted(List<string> broken) =>
        [.. broken.Where(one => one.StartsWith(Watch.Untrusted, StringComparison.Ordinal))];

    /// <summary>What the coordinator said of a bundle is what the chains say; and it said it.
    /// </summary>
    private static void Hold(
        World world, BundleTrack track, LegStatus[] legs, List<string> broken)
    {
        if (track.Outcome is not { } line)
        {
            if (world.Watch.Open.Contains(track))
                world.Watch.Report(
                    "liveness", $"{track.Id[..10]} is not over: {string.Join(", ", legs)}; "
                        + string.Join("; ", world.Coordinator.Runner?.Waiting ?? []),
                    broken);
            return;
        }
        bool success = legs.All(one => one is LegStatus.Claimed);
        if (line.Success != success)
            world.Watch.Report(
                "outcome", $"{track.Id[..10]} was told as {line.Reason}, it is "
                    + string.Join(", ", legs), broken);
        for (int i = 0; i < legs.Length; i++)
        {
            TrackedLeg leg = track.Legs[i];
            LegFlows flows = world.Chains[leg.Chain].Head.State.Leg(leg.Id).Flows;
            Compare(leg.Terms.AssetIn.ToLowerHex(), flows.SearcherIn);
            Compare(leg.Terms.AssetOut.ToLowerHex(), flows.SearcherOut);

            void Compare(string token, Int128 really)
            {
                Int128 told = 0;
                foreach (var flow in line.Realised)
                    if (flow.Asset.ToString().EndsWith(token, StringComparison.Ordinal))
                        told += flow.Amount;
                if (told != really)
                    world.Watch.Report(
                        "outcome", $"{track.Id[..10]} leg {i}: {token} is told as {told}, "
                            + $"it is {really}", broken);
            }
        }
    }
}
