// FaultDriver: when which fault happens; each kind from a stream of its own, until all is quiet.
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;
using Lockstep.Simulator.Actors;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Running;

/// <summary>Makes things go wrong.</summary>
public sealed class FaultDriver
{
    private readonly World world;
    private readonly Prng downs;
    private readonly long[] spoiledUntilMs;

    /// <summary>Sets everything up that the scenario allows.</summary>
    public FaultDriver(World world)
    {
        (this.world, downs) = (world, world.Stream("downs"));
        spoiledUntilMs = new long[world.Chains.Length];
        QuietMs = world.Orders.LastMs + (world.Orders.LongestSeconds * 1000);
        Weather();
        Coordinator();
        Committee();
        Market();
        Strikes.Set(world, this);
        Beyond.Set(world, this);
        Arbitrage();
        world.Time.At(QuietMs, Calm);
    }

    /// <summary>From here on nothing goes wrong any more.</summary>
    public long QuietMs { get; }

    /// <summary>How long a killed coordinator stays down.</summary>
    public long DownMs() => downs.Chance(500_000) ? downs.Between(50, 1500)
        : downs.Between(1000, Math.Max(2000, ShortestOutageMs / 3));

    /// <summary>The least O of all chains.</summary>
    public long ShortestOutageMs =>
        world.Realms.Min(one => one.Timing.OutageSeconds) * 1000;

    /// <summary>Does something again and again, from a stream of its own.</summary>
    public void Every(Faults fault, long leastMs, long mostMs, Action<Prng> what)
    {
        if (!world.Scenario.Has(fault)) return;
        Prng random = world.Stream($"{fault}");
        Again();

        void Again() => world.Time.After(random.Between(leastMs, mostMs), () =>
        {
            if (world.Time.NowMs >= QuietMs) return;
            what(random);
            Again();
        });
    }

    /// <summary>In one of <paramref name="of"/> runs, one signer, drawn once: an f faulty one.
    /// </summary>
    public void One(Faults fault, int of, Action<SignerHost> what)
    {
        if (!world.Scenario.Has(fault)) return;
        Prng random = world.Stream($"{fault}");
        if (random.Between(1, of) == 1)
            what(world.Signers[random.Between(0, world.Signers.Length - 1)]);
    }

    private void Weather()
    {
        Every(Faults.Cut, 40_000, 200_000, random =>
        {
            Link link = world.Coordinator.Links[random.Between(0, world.Chains.Length - 1)];
            long ms = random.Between(500, ShortestOutageMs / 3);
            world.Say($"link '{link.Name}' is cut for {ms} ms");
            link.Weather.CutUntilMs = world.Time.NowMs + ms;
        });
        Every(Faults.Lag, 40_000, 200_000, random =>
        {
            int at = random.Between(0, world.Chains.Length - 1);
            VirtualNode node = world.Coordinator.Nodes[at];
            node.Lag = random.Between(1, 3);
            long ms = random.Between(1000, ShortestOutageMs / 3);
            world.Say($"the node of chain {at} lags {node.Lag} blocks for {ms} ms");
            world.Watch.Outages.Mark(
                at, world.Time.NowMs,
                world.Time.NowMs + ms + (node.Lag * node.Chain.Manners.BlockMs), "lag", true);
            world.Time.After(ms, () => node.Lag = 0);
        });
        Every(Faults.Reorg, 15_000, 120_000, random =>
        {
            int at = random.Between(0, world.Chains.Length - 1);
            VirtualChain chain = world.Chains[at];
            int depth = random.Between(1, chain.Manners.Finality - 1);
            if (!chain.IsHalted)
                chain.Reorganise(depth, (depth * chain.Manners.BlockMs) - 1);
        });
        Every(Faults.Halt, 60_000, 300_000, random =>
            Halt(random, random.Between(1000, ShortestOutageMs / 2)));
        Every(Faults.GasSpike, 60_000, 300_000, random =>
        {
            int at = random.Between(0, world.Chains.Length - 1);
            VirtualChain chain = world.Chains[at];
            long ms = random.Between(4, 20) * chain.Manners.BlockMs;
            chain.Fullness = 100;
            world.Say($"chain {at} is full for {ms} ms");
            world.Watch.Outages.Mark(
                at, world.Time.NowMs, world.Time.NowMs + ms + (4 * chain.Manners.BlockMs), "gas");
            world.Time.After(ms, () => chain.Fullness = 45);
        });
        Every(Faults.PoolLoss, 30_000, 200_000, random =>
        {
            int at = random.Between(0, world.Chains.Length - 1);
            world.Say($"nodes of chain {at} forget what waits");
            world.Watch.Outages.Mark(
                at, world.Time.NowMs,
                world.Time.NowMs + (2 * world.TurnMs) + world.Chains[at].Manners.InclusionMs,
                "pool");
            world.Chains[at].DropPool();
        });
    }

    /// <summary>A chain stands still.</summary>
    public void Halt(Prng random, long ms)
    {
        int at = random.Between(0, world.Chains.Length - 1);
        world.Say($"chain {at} halts for {ms} ms");
        world.Watch.Outages.Mark(at, world.Time.NowMs, world.Time.NowMs + ms, "halt");
        world.Chains[at].Halt(ms);
    }

    private void Coordinator()
    {
        Every(Faults.Crash, 30_000, 200_000, random =>
        {
            if (!world.Coordinator.IsUp) return;
            // Between any two events of the next turns, an await being open or not.
            world.Time.After(random.Between(0, 4000), () =>
            {
                if (world.Coordinator.IsUp) world.Coordinator.Crash(DownMs());
            });
        });
        Every(Faults.CrashOnRow, 30_000, 200_000, random =>
            world.Coordinator.Disk.KillAfter = random.Between(1, 12));
        Every(Faults.Limits, 20_000, 150_000, random =>
        {
            world.Coordinator.IsToResume = true;
            if (!random.Chance(500_000)) return;
            Kill(random.Between(300, 15_000));
        });
        if (!world.Scenario.Has(Faults.Limits)) return;
        // Between the gate's yes and the lock's signature, too.
        Prng moments = world.Stream("kill at lock");
        world.Coordinator.Disk.Written += row =>
        {
            if (row.Entry is ActBegun { Act: ActKind.Lock } && world.Time.NowMs < QuietMs
                && moments.Chance(40_000))
                world.Time.After(moments.Between(1, 400), () => Kill(2000));
        };
    }

    private void Kill(long ms)
    {
        world.Say($"the kill switch is on for {ms} ms");
        world.Coordinator.Gate.IsKilled = true;
        world.Time.After(ms, () => world.Coordinator.Gate.IsKilled = false);
    }

    private void Committee()
    {
        One(Faults.DeadSigner, 2, signer => signer.IsDead = true);
        One(Faults.Equivocator, 2, signer =>
        {
            // One of the four may be faulty: a dead one is.
            if (world.Signers.Any(one => one.IsDead)) return;
            signer.IsTraitor = true;
            world.Watch.FaultySigners.Add(signer.Place);
        });
        Every(Faults.SignerCrash, 20_000, 90_000, random =>
        {
            SignerHost signer = world.Signers[random.Between(0, world.Signers.Length - 1)];
            if (random.Chance(500_000)) signer.SlowMs = random.Between(0, 2500);
            else if (random.Chance(500_000)) signer.Disk.KillAfter = 1;
            else signer.Restart();
        });
        Every(Faults.AbortGriefer, 60_000, 240_000, random =>
        {
            if (world.Watch.Open.Count == 0) return;
            Thief.AskAbort(world, world.Watch.Open[
                random.Between(0, world.Watch.Open.Count - 1)], random);
        });
    }

    private void Market()
    {
        Every(Faults.FrontRunner, 40_000, 200_000, random =>
        {
            int at = random.Between(0, world.Chains.Length - 1);
            Realm realm = world.Realms[at];
            UInt256 eth = UInt256.Pow10(18) * (ulong)random.Between(20, 600);
            world.Say($"somebody moves the price on chain {at}");
            Give(at, eth);
            spoiledUntilMs[at] = world.Time.NowMs + random.Between(5000, 40_000);
            world.Time.At(spoiledUntilMs[at], () => Restore(at));
        });
        Every(Faults.NoPrice, 60_000, 300_000, random =>
        {
            int at = random.Between(0, world.Chains.Length - 1);
            EvmAddress vault = world.Realms[at].Vault;
            UInt256 price = world.Chains[at].Head.State.Vaults[vault].PriceX128;
            if (price.IsZero) return;
            world.Say($"the vault of chain {at} has no price");
            SetPrice(at, default);
            world.Time.After(random.Between(4000, 30_000), () => SetPrice(at, price));
        });
        Every(Faults.Refusal, 60_000, 300_000, random =>
        {
            int at = random.Between(0, world.Chains.Length - 1);
            EvmAddress token = random.Chance(500_000)
                ? world.Realms[at].Usd : world.Realms[at].Eth;
            var one = (token, Cast.Searcher.Address);
            world.Chains[at].Outside(state => state with { Refused = state.Refused.Add(one) });
            world.Time.After(random.Between(4000, 40_000), () => world.Chains[at].Outside(
                state => state with { Refused = state.Refused.Remove(one) }));
        });
        Every(Faults.Bidder, 4000, 15_000, random => Thief.Bid(world, random));
    }

    private void SetPrice(int chain, UInt256 price)
    {
        EvmAddress at = world.Realms[chain].Vault;
        world.Chains[chain].Outside(state => state with
        {
            Vaults = state.Vaults.SetItem(at, state.Vaults[at] with { PriceX128 = price }),
        });
    }

    private void Give(int chain, UInt256 eth)
    {
        Realm realm = world.Realms[chain];
        world.Chains[chain].Outside(state => state with
        {
            Balances = state.Balances.SetItem(
                (realm.Eth, realm.Pool), state.Balance(realm.Eth, realm.Pool) + eth),
        });
    }

    /// <summary>In every profile others trade too: what bundles move is moved back.</summary>
    private void Arbitrage() => world.Time.After(20_000, () =>
    {
        for (int i = 0; i < world.Chains.Length; i++)
            if (world.Time.NowMs > spoiledUntilMs[i]) Restore(i);
        if (world.Time.NowMs < QuietMs) Arbitrage();
    });

    /// <summary>The pool is back where it began.</summary>
    private void Restore(int chain)
    {
        Realm realm = world.Realms[chain];
        ChainState first = world.Chains[chain].Blocks[0].State;
        world.Chains[chain].Outside(state => state with
        {
            Balances = state.Balances
                .SetItem((realm.Eth, realm.Pool), first.Balance(realm.Eth, realm.Pool))
                .SetItem((realm.Usd, realm.Pool), first.Balance(realm.Usd, realm.Pool)),
        });
    }

    private void Calm()
    {
        world.Say($"from here on nothing goes wrong");
        foreach (SignerHost signer in world.Signers)
            (signer.IsDead, signer.SlowMs, signer.Disk.KillAfter) = (false, 0, 0);
        world.Coordinator.Disk.KillAfter = 0;
        world.Coordinator.Gate.IsKilled = false;
        for (int i = 0; i < world.Chains.Length; i++)
        {
            world.Chains[i].Fullness = 45;
            world.Chains[i].Outside(state => state with { Refused = [] });
            Restore(i);
            UInt256 price = world.Chains[i].Blocks[0].State.Vaults[world.Realms[i].Vault].PriceX128;
            SetPrice(i, price);
        }
        foreach (Link link in world.Coordinator.Links)
            (link.Weather.Loss, link.Weather.CutUntilMs) = (0, 0);
        foreach (VirtualNode node in world.Coordinator.Nodes.Concat(
            world.Signers.SelectMany(one => one.Nodes)))
            (node.Lag, node.Lie) = (0, null);
    }
}
