// OrderBook: bundles that could be made now: buy ETH where it is cheap, sell it elsewhere.
using System.Collections.Immutable;
using System.Text.Json;
using Lockstep.Bundles.Check;
using Lockstep.Crypto;
using Lockstep.Execution.Running;
using Lockstep.Numerics;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Running;

/// <summary>Makes orders whose deadlines are the least that the timelock table allows.</summary>
public sealed class OrderBook
{
    private const long LockWindowSeconds = 6, CertLatencySeconds = 8;
    private static readonly JsonElement Plan =
        JsonElement.Parse("""{"kind":"plan","name":"simulated"}""");

    private readonly World world;
    private readonly Prng random;
    private int made;

    public OrderBook(World world)
    {
        (this.world, random) = (world, world.Stream("orders"));
        // Apart, so that fewer bundles are the first ones of more.
        Prng arrivals = world.Stream("arrivals");
        long at = 2000;
        for (int i = 0; i < world.Scenario.Bundles; i++)
        {
            world.Time.After(at, () => world.Coordinator.Order());
            at += arrivals.Between(3000, 21_000);
        }
        LastMs = World.StartMs + at;
    }

    /// <summary>When the last one is made.</summary>
    public long LastMs { get; }

    /// <summary>The most seconds from an order to its last deadline.</summary>
    public long LongestSeconds => LockWindowSeconds + CertLatencySeconds
        + world.Realms.Max(one => one.Timing.KnownSeconds)
        + world.Realms.Max(one => one.Timing.ActSeconds)
        + world.Realms.Max(one => one.Timing.InclusionSeconds) + 4;

    /// <summary>An order for now.</summary>
    public SettlementOrder Make()
    {
        int[] places = world.Realms.Length == 3 && random.Chance(300_000)
            ? [0, 1, 2] : [0, random.Between(1, world.Realms.Length - 1)];
        long now = world.Time.NowMs / 1000;
        long window = LockWindowSeconds
            + places.Max(at => world.Realms[at].Timing.InclusionSeconds);
        TimelocksSchedule times = Timelocks.Least(new SettlementTerms(
            [.. places.Select(at => world.Realms[at].Timing)], now, window, CertLatencySeconds));
        Hash32 salt = Keccak.HashText(FormattableString.Invariant(
            $"{world.Scenario.Seed} order {++made}"));
        UInt256 usd = (ulong)random.Between(100_000_000, 5_000_000_000);
        Realm cheap = world.Realms[places[0]];
        UInt256 eth = cheap.Quote(world.Chains[places[0]].Head.State, true, usd) * 998u / 1000u;
        UInt256 sold = eth * 9994u / 10_000u, back = usd + Realm.FeeOf(usd), dueEth = default;
        bool greedy = world.Scenario.Has(Faults.Greed) && random.Chance(120_000);
        uint auction = (uint)random.Between(10, 40);
        var legs = ImmutableArray.CreateBuilder<OrderLeg>();
        ulong parts = (ulong)places.Length - 1;
        for (int i = 1; i < places.Length; i++)
        {
            Realm dear = world.Realms[places[i]];
            UInt256 part = sold / parts, due = UInt256.DivCeiling(back, parts);
            dueEth += part + Realm.FeeOf(part);
            EscrowLegOf(dear, false, part, due, greedy && i == places.Length - 1, i);
        }
        EscrowLegOf(cheap, true, usd, dueEth, false, 0);
        return new SettlementOrder(
            Plan, legs.ToImmutable(), times.LockedBy, times.KnownBy);

        void EscrowLegOf(
            Realm realm, bool buysEth, UInt256 principal, UInt256 due, bool refused, int place)
        {
            var terms = realm.Leg(
                buysEth, principal, due, times.Legs[place].Deadline, salt, auction);
            if (refused) terms = terms with { MinOut = due * 11u / 10u };
            OrderLeg leg = new(realm.Id, terms, realm.Timing.ActSeconds);
            legs.Insert(place == 0 ? 0 : legs.Count, leg);
        }
    }
}
