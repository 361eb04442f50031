// LegClock: contracts/src/libraries/LegClock.sol: what a leg owes, asks and rewards at a time.
using Lockstep.Execution.Evm;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>Amounts are in assetIn, ramps in pips of rewardCap, times in seconds.</summary>
public static class LegClock
{
    private const uint One = 1_000_000;

    public static UInt256 Owed(EscrowLeg terms) => terms.Principal + terms.Fee;

    public static UInt256 Cover(EscrowLeg terms, Leg leg) =>
        terms.Bond - VaultModel.ShareFloor(terms.RewardCap, leg.RewardPips);

    public static uint ClaimRamp(EscrowLeg terms, Leg leg, long time) =>
        Ramp(terms, leg.LockedAt, time);

    public static uint ExpiredRamp(EscrowLeg terms, long time) =>
        Ramp(terms, terms.DeadlineSeconds, time);

    public static uint InKindRamp(EscrowLeg terms, Leg leg, long time) =>
        Math.Min(Ramp(terms, AuctionEnd(terms, leg), time), One - leg.RewardPips);

    public static long AuctionEnd(EscrowLeg terms, Leg leg) =>
        leg.UnwoundAt + terms.AuctionSpanSeconds;

    public static UInt256 AuctionPrice(EscrowLeg terms, Leg leg, long time)
    {
        UInt256 drop = terms.AuctionStart - AuctionFloor(terms, leg);
        return terms.AuctionStart
            - (drop * (ulong)(time - leg.UnwoundAt) / terms.AuctionSpanSeconds);
    }

    public static UInt256 AuctionFloor(EscrowLeg terms, Leg leg)
    {
        UInt256 debt = Owed(terms), covered = Cover(terms, leg);
        return debt > covered ? debt - covered : UInt256.Zero;
    }

    private static uint Ramp(EscrowLeg terms, long from, long time)
    {
        long elapsed = time - from - terms.RewardDelaySeconds;
        if (elapsed <= 0) return 0;
        return elapsed >= terms.RewardSpanSeconds
            ? One : (uint)(elapsed * One / terms.RewardSpanSeconds);
    }
}
