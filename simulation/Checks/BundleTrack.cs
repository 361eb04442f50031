// BundleTrack: what really happened to one bundle, as no process in the world can see it.
using System.Collections.Immutable;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Simulator.Model;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Checks;

/// <summary>One leg of it.</summary>
public sealed record TrackedLeg(int Chain, Hash32 Id, EscrowLeg Terms)
{
    /// <summary>How often a reorganisation took its claim back.</summary>
    public int TakenBack { get; set; }
}

/// <summary>A bundle.</summary>
public sealed class BundleTrack
{
    /// <summary>From the coordinator's first row.</summary>
    public BundleTrack(World world, string id, TermsText terms)
    {
        Id = id;
        AcceptedMs = world.Time.NowMs;
        var legs = ImmutableArray.CreateBuilder<TrackedLeg>();
        var orders = ImmutableArray.CreateBuilder<OrderLeg>();
        foreach (LegTermsText leg in terms.Legs)
        {
            int at = Array.FindIndex(world.Realms, one => one.Id == ChainId.Parse(leg.Chain));
            EscrowLeg body = EscrowLeg.Decode(Hex.Parse(leg.Body));
            legs.Add(new TrackedLeg(
                at, body.Id(world.Realms[at].Number, world.Realms[at].Escrow), body));
            orders.Add(new OrderLeg(world.Realms[at].Id, body, leg.ActSeconds));
            SignBySeconds = Math.Min(SignBySeconds, leg.DeadlineSeconds - leg.ActSeconds);
        }
        Legs = legs.ToImmutable();
        LegsHash = EscrowLeg.LegsHash(Legs.Select(leg => leg.Id));
        Order = new SettlementOrder(
            JsonElement.Parse("{}"), orders.ToImmutable(), terms.LockBySeconds,
            terms.KnownBySeconds);
    }

    public string Id { get; }

    public ImmutableArray<TrackedLeg> Legs { get; }

    public Hash32 LegsHash { get; }

    public SettlementOrder Order { get; }

    public long AcceptedMs { get; }

    /// <summary>T_sign.</summary>
    public long SignBySeconds { get; } = long.MaxValue;

    /// <summary>When somebody first held COMMIT; 0 for never.</summary>
    public long CommittedMs { get; set; }

    /// <summary>Whether a leg is known never to be locked: others need not be any more.</summary>
    public bool HasFallenOut { get; set; }

    /// <summary>Whether the coordinator ever held COMMIT.</summary>
    public bool IsHonestlyHeld { get; set; }

    /// <summary>When a chain first showed a decision; 0 for never.</summary>
    public long SeenMs { get; set; }

    public Decision Seen { get; set; }

    public byte[]? Proof { get; set; }

    public byte[]? Secret { get; set; }

    /// <summary>A chain took blocks back.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="was">Its state before.</param>
    /// <param name="left">The state that is left.</param>
    public void Forked(int chain, ChainState was, ChainState left)
    {
        foreach (TrackedLeg leg in Legs)
            if (leg.Chain == chain && was.Leg(leg.Id).Status is LegStatus.Claimed
                && left.Leg(leg.Id).Status is not LegStatus.Claimed)
                leg.TakenBack++;
    }

    /// <summary>Which signers signed what.</summary>
    public HashSet<int> Commits { get; } = [];

    /// <inheritdoc cref="Commits"/>
    public HashSet<int> Aborts { get; } = [];

    /// <summary>What the coordinator said at the end.</summary>
    public OutcomeLine? Outcome { get; set; }

    public long LastDeadlineSeconds => Legs.Max(leg => leg.Terms.DeadlineSeconds);

    /// <summary>Where a leg stands in the newest block.</summary>
    public LegStatus StatusAt(World world, int leg) =>
        world.Chains[Legs[leg].Chain].Head.State.Leg(Legs[leg].Id).Status;
}
