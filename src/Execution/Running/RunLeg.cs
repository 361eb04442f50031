// RunLeg: one leg of a running settlement with its lane, its act on the way and its last reading.
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Running;

/// <summary>A leg of a run.</summary>
internal sealed class RunLeg(int place, SettlementLane lane, EscrowLeg terms)
{
    public int Place => place;

    public SettlementLane Lane => lane;

    public EscrowLeg Terms => terms;

    public Hash32 Id { get; } = terms.Id(lane.Chain.ChainNumber, lane.Chain.Escrow);

    /// <summary>The act that is wanted or on its way.</summary>
    public ActKind? Act { get; set; }

    /// <summary>The nonce that carries it out; null until something was signed for it.</summary>
    public BundleNonce? Nonce { get; set; }

    /// <summary>The last reading.</summary>
    public EscrowReading Reading { get; set; }

    /// <summary>The block the last reading was of; -1 before the first.</summary>
    public long ReadAt { get; set; } = -1;

    /// <summary>When an auction of this leg is over, chain time.</summary>
    public long AuctionEndSeconds => Reading.Head.UnwoundAtSeconds + terms.AuctionSpanSeconds;
}
