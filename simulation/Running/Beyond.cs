// Beyond: faults that the guarantee does not cover; each says to the watch which assumption went.
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Simulator.Actors;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Running;

/// <summary>The hostile profile's part.</summary>
internal static class Beyond
{
    public static void Set(World world, FaultDriver driver)
    {
        driver.Every(Faults.DeepReorg, 100_000, 600_000, random =>
        {
            VirtualChain chain = world.Chains[random.Between(0, world.Chains.Length - 1)];
            int finality = chain.Manners.Finality, depth = finality + random.Between(0, 6);
            if (!chain.IsHalted) chain.Reorganise(depth, random.Between(1000, 60_000));
        });
        driver.Every(Faults.LongHalt, 150_000, 900_000, random =>
            driver.Halt(random, driver.ShortestOutageMs * random.Between(2, 6)));
        driver.Every(Faults.LongCrash, 150_000, 900_000, random =>
        {
            if (world.Coordinator.IsUp)
                world.Coordinator.Crash(driver.ShortestOutageMs * random.Between(2, 6));
        });
        LateReturn(world, driver);
        driver.One(Faults.DeadCommittee, 6, first =>
        {
            first.IsDead = true;
            world.Signers[(first.Place + 1) % world.Signers.Length].IsDead = true;
        });
        driver.One(Faults.Equivocators, 6, first =>
        {
            foreach (int step in (int[])[0, 1])
            {
                SignerHost one = world.Signers[(first.Place + step) % world.Signers.Length];
                (one.IsTraitor, one.IsDead) = (true, false);
                world.Watch.FaultySigners.Add(one.Place);
            }
        });
        driver.One(Faults.LyingSignerNodes, 6, first =>
        {
            foreach (int step in (int[])[0, 1, 2])
            {
                SignerHost one = world.Signers[(first.Place + step) % world.Signers.Length];
                world.Watch.FaultySigners.Add(one.Place);
                foreach (VirtualNode node in one.Nodes) node.Lie = Lie(world);
            }
        });
        driver.Every(Faults.LyingNode, 200_000, 900_000, random =>
        {
            VirtualNode node = world.Coordinator.Nodes[
                random.Between(0, world.Chains.Length - 1)];
            long ms = random.Between(5000, 30_000);
            world.Watch.LiedTo(world.Time.NowMs + ms + 20_000);
            world.Say($"the coordinator's node of {node.Chain.Number} lies");
            node.Lie = Lie(world);
            world.Time.After(ms, () => node.Lie = null);
        });
        driver.Every(Faults.LostVotes, 200_000, 900_000, random =>
        {
            SignerHost one = world.Signers[random.Between(0, world.Signers.Length - 1)];
            world.Watch.FaultySigners.Add(one.Place);
            world.Say($"the disk of {one.Process.Name} loses votes");
            one.Disk.Lose(random.Between(1, 4));
            one.Restart();
        });
        driver.Every(Faults.LostRows, 300_000, 1_200_000, random =>
        {
            if (!world.Coordinator.IsUp) return;
            world.Watch.IsDiskBroken = true;
            world.Say($"the coordinator's disk loses rows");
            world.Coordinator.Crash(driver.DownMs());
            world.Coordinator.Disk.Lose(random.Between(1, 6));
        });
        driver.Every(Faults.Withholding, 100_000, 400_000, random =>
        {
            if (world.Watch.Open.Count > 0)
                Thief.Withhold(world, world.Watch.Open[^1], random);
        });
    }

    /// <summary>The coordinator dies with the certificate in its hands, before anybody else saw
    /// it, and comes back shortly before the deadline.</summary>
    private static void LateReturn(World world, FaultDriver driver)
    {
        if (!world.Scenario.Has(Faults.LongCrash)) return;
        Prng random = world.Stream("late return");
        world.Coordinator.Disk.Written += row =>
        {
            if (row.Entry is not CertificateHeld { Decision: Decision.Commit }
                || world.Time.NowMs >= driver.QuietMs || !random.Chance(60_000)) return;
            Checks.BundleTrack track = world.Watch.Tracks.First(one => one.Id == row.Bundle);
            long back = (track.LastDeadlineSeconds * 1000) - random.Between(1000, 25_000);
            world.Time.After(1, () =>
            {
                if (world.Coordinator.IsUp)
                    world.Coordinator.Crash(Math.Max(1, back - world.Time.NowMs));
            });
        };
    }

    /// <summary>A node that shows every leg of a bundle as locked.</summary>
    private static Func<Lockstep.Crypto.Hash32, Leg, Leg> Lie(World world) => (id, leg) =>
    {
        if (leg.Status is not LegStatus.Idle) return leg with { Status = LegStatus.Locked };
        Checks.BundleTrack? track = world.Watch.Tracks.FirstOrDefault(
            one => one.Legs.Any(place => place.Id == id));
        return track is null ? leg : leg with
        {
            Status = LegStatus.Locked, BundleId = Lockstep.Crypto.Hash32.Parse(track.Id),
            LockedAt = track.AcceptedMs / 1000,
        };
    };
}
