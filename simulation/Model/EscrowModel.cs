// EscrowModel: contracts/src/settlement/HtlbEscrow.sol, call by call and check by check.
using System.Collections.Immutable;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>The escrow. Every call either changes the machine's state or reverts.</summary>
public static class EscrowModel
{
    private const int MaxLegs = 16;
    private const long MaxSpan = 86_400;

    public static UInt256 Lock(
        Machine m, EscrowLeg terms, ImmutableArray<Hash32> legIds, in UInt256 index)
    {
        if (m.Sender != terms.Searcher)
            throw new RevertException("NotSearcher(address)", m.Sender);
        CheckTerms(m, terms);
        Hash32 id = Id(m, terms);
        bool listed = legIds.Length <= MaxLegs && index < (ulong)legIds.Length;
        if (!listed || legIds[(int)(ulong)index] != id)
            throw new RevertException("LegNotInBundle(bytes32)", id);
        Require(m.State.Leg(id), id, LegStatus.Idle);
        Hash32 bundle = EscrowLeg.BundleId(terms.HashLock, EscrowLeg.LegsHash(legIds));
        m.PullExact(terms.AssetIn, m.State.Escrow, terms.Bond);
        VaultModel.Lend(m, terms, id);
        UInt256 amountOut = PairModel.SwapExactIn(
            m, terms.Venue, terms.AssetIn, terms.AssetOut, terms.Principal);
        if (amountOut < terms.MinOut || !amountOut.FitsUInt128)
            throw new RevertException("TooLittleOut(uint256,uint256)", amountOut, terms.MinOut);
        VaultModel.Admit(m, terms.Vault, id, amountOut, terms.Due, terms.LtvPips);
        m.Set(id, new Leg
        {
            BundleId = bundle,
            AmountOut = amountOut,
            LockedAt = m.NowSeconds,
            Status = LegStatus.Locked,
            Terms = terms,
            LegIds = legIds,
        });
        EscrowLogs.Locked(m, id, bundle, terms, legIds, index, amountOut);
        return amountOut;
    }

    public static void Claim(
        Machine m, EscrowLeg terms, ReadOnlySpan<byte> secret, CommitCertificate certificate,
        ReadOnlySpan<byte> proof)
    {
        (Hash32 id, Leg leg) = In(m, terms, LegStatus.Locked);
        if (m.NowSeconds >= terms.DeadlineSeconds)
            throw new RevertException("Expired(uint256)", (ulong)terms.DeadlineSeconds);
        if (Keccak.Hash(secret) != terms.HashLock) throw new RevertException("WrongPreimage()");
        CheckCertificate(m, terms, leg.BundleId, Decision.Commit, certificate, proof);
        UInt256 reward = VaultModel.ShareFloor(
            terms.RewardCap, LegClock.ClaimRamp(terms, leg, m.NowSeconds));
        UInt256 surplus = leg.AmountOut - terms.Due;
        m.Set(id, leg with { Status = LegStatus.Claimed });
        EscrowLogs.Claimed(m, id, leg.BundleId, secret, terms.Due, surplus, reward);
        EvmAddress escrow = m.State.Escrow;
        m.Send(terms.AssetOut, escrow, terms.Vault, terms.Due);
        VaultModel.Repay(m, terms.Vault, id, UInt256.Zero, terms.Due);
        m.Pay(terms.AssetOut, escrow, terms.Searcher, surplus);
        m.Pay(terms.AssetIn, escrow, terms.Searcher, terms.Bond - reward);
        m.Pay(terms.AssetIn, escrow, m.Sender, reward);
    }

    public static void Unwind(
        Machine m, EscrowLeg terms, CommitCertificate certificate, ReadOnlySpan<byte> proof)
    {
        (Hash32 id, Leg leg) = In(m, terms, LegStatus.Locked);
        CheckCertificate(m, terms, leg.BundleId, Decision.Abort, certificate, proof);
        Unwind(m, terms, id, leg, expired: false);
    }

    public static void UnwindExpired(Machine m, EscrowLeg terms)
    {
        (Hash32 id, Leg leg) = In(m, terms, LegStatus.Locked);
        if (m.NowSeconds < terms.DeadlineSeconds)
            throw new RevertException("NotExpired(uint256)", (ulong)terms.DeadlineSeconds);
        Unwind(m, terms, id, leg, expired: true);
    }

    public static UInt256 Bid(Machine m, EscrowLeg terms, in UInt256 maxPrice, EvmAddress to)
    {
        (Hash32 id, Leg leg) = In(m, terms, LegStatus.Unwinding);
        long endsAt = LegClock.AuctionEnd(terms, leg);
        if (m.NowSeconds >= endsAt)
            throw new RevertException("AuctionOver(uint256)", (ulong)endsAt);
        UInt256 price = LegClock.AuctionPrice(terms, leg, m.NowSeconds);
        if (price > maxPrice)
            throw new RevertException("PriceAboveMax(uint256,uint256)", price, maxPrice);
        m.Set(id, leg with { Status = LegStatus.Refunded });
        m.PullExact(terms.AssetIn, m.State.Escrow, price);
        m.Send(terms.AssetOut, m.State.Escrow, to, leg.AmountOut);
        End(m, terms, id, leg, new Ending(1, price, default, default, default));
        return price;
    }

    public static void SettleInKind(Machine m, EscrowLeg terms)
    {
        (Hash32 id, Leg leg) = In(m, terms, LegStatus.Unwinding);
        long endsAt = LegClock.AuctionEnd(terms, leg);
        if (m.NowSeconds < endsAt)
            throw new RevertException("AuctionRunning(uint256)", (ulong)endsAt);
        m.Set(id, leg with { Status = LegStatus.Refunded });
        UInt256 reward = VaultModel.ShareFloor(
            terms.RewardCap, LegClock.InKindRamp(terms, leg, m.NowSeconds));
        (UInt256 kindOut, UInt256 value) = Kind(m, terms, leg.AmountOut);
        m.Send(terms.AssetOut, m.State.Escrow, terms.Vault, kindOut);
        m.Pay(terms.AssetOut, m.State.Escrow, terms.Searcher, leg.AmountOut - kindOut);
        End(m, terms, id, leg, new Ending(2, default, kindOut, value, reward));
    }

    private static Hash32 Id(Machine m, EscrowLeg terms) =>
        terms.Id(m.State.ChainNumber, m.State.Escrow);

    private static void CheckTerms(Machine m, EscrowLeg terms)
    {
        bool ok = terms.HashLock != default && terms.AssetIn != terms.AssetOut
            && !terms.Principal.IsZero && terms.Due <= terms.MinOut
            && terms.RewardCap <= terms.Bond && terms.RewardSpanSeconds != 0
            && terms.AuctionSpanSeconds is > 0 and <= (uint)MaxSpan
            && (long)terms.RewardDelaySeconds + terms.RewardSpanSeconds <= MaxSpan
            && terms.AuctionStart >= LegClock.Owed(terms);
        if (!ok) throw new RevertException("InvalidTerms()");
        if (m.NowSeconds >= terms.DeadlineSeconds)
            throw new RevertException("Expired(uint256)", (ulong)terms.DeadlineSeconds);
    }

    private static void Unwind(
        Machine m, EscrowLeg terms, in Hash32 id, Leg leg, bool expired)
    {
        uint ramp = expired ? LegClock.ExpiredRamp(terms, m.NowSeconds)
            : LegClock.ClaimRamp(terms, leg, m.NowSeconds);
        UInt256 reward = VaultModel.ShareFloor(terms.RewardCap, ramp);
        leg = leg with
        {
            RewardPips = ramp, UnwoundAt = m.NowSeconds, Status = LegStatus.Unwinding,
        };
        m.Set(id, leg);
        EscrowLogs.Unwinding(m, id, leg.BundleId, expired, reward);
        m.Pay(terms.AssetIn, m.State.Escrow, m.Sender, reward);
        ChainState before = m.State;
        UInt256 got;
        try
        {
            got = SwapBack(m, terms, leg.AmountOut);
        }
        catch (RevertException)
        {
            m.State = before;
            VaultModel.Distress(m, terms.Vault, id);
            return;
        }
        m.Set(id, leg with { Status = LegStatus.Refunded });
        End(m, terms, id, leg, new Ending(0, got, default, default, default));
    }

    private static UInt256 SwapBack(Machine m, EscrowLeg terms, in UInt256 amountIn)
    {
        UInt256 fair = VaultModel.Quote(m, terms.Vault, terms.AssetOut, amountIn);
        uint band = m.Vault(terms.Vault).Policy.BandPips;
        UInt256 least = UInt256.Max(fair - VaultModel.ShareFloor(fair, band), terms.MinBack);
        UInt256 got = PairModel.SwapExactIn(
            m, terms.Venue, terms.AssetOut, terms.AssetIn, amountIn);
        return got >= least ? got
            : throw new RevertException("TooLittleOut(uint256,uint256)", got, least);
    }

    /// <summary>How a leg ends: path, what the sale brought, what the vault takes in kind and its
    /// worth, the closer's reward.</summary>
    private readonly record struct Ending(
        ulong Path, UInt256 Got, UInt256 KindOut, UInt256 KindValue, UInt256 Reward);

    /// <summary>The waterfall: the sale, then the bond up to what is owed; the rest is the
    /// searcher's.</summary>
    private static void End(
        Machine m, EscrowLeg terms, in Hash32 id, Leg leg, in Ending ending)
    {
        UInt256 owed = LegClock.Owed(terms), cover = LegClock.Cover(terms, leg) - ending.Reward;
        UInt256 sold = UInt256.Min(ending.Got, owed);
        UInt256 missing = owed - sold - UInt256.Min(ending.KindValue, owed - sold);
        UInt256 fromBond = UInt256.Min(cover, missing), paidIn = sold + fromBond;
        UInt256 toSearcher = ending.Got - sold + cover - fromBond;
        EvmAddress escrow = m.State.Escrow;
        m.Send(terms.AssetIn, escrow, terms.Vault, paidIn);
        VaultModel.Repay(m, terms.Vault, id, paidIn, ending.KindOut);
        m.Pay(terms.AssetIn, escrow, terms.Searcher, toSearcher);
        m.Pay(terms.AssetIn, escrow, m.Sender, ending.Reward);
        EscrowLogs.Refunded(
            m, id, leg.BundleId,
            [
                ending.Path, paidIn, ending.KindOut, fromBond, missing - fromBond, toSearcher,
                ending.Reward,
            ]);
    }

    private static (UInt256 KindOut, UInt256 Value) Kind(
        Machine m, EscrowLeg terms, in UInt256 lot)
    {
        UInt256 owed = LegClock.Owed(terms), worth;
        try
        {
            worth = VaultModel.Quote(m, terms.Vault, terms.AssetOut, lot);
        }
        catch (RevertException)
        {
            return (lot, UInt256.Zero);
        }
        return worth <= owed ? (lot, worth) : (UInt256.MulDivCeiling(lot, owed, worth), owed);
    }

    private static void CheckCertificate(
        Machine m, EscrowLeg terms, in Hash32 bundle, Decision outcome,
        CommitCertificate certificate, ReadOnlySpan<byte> proof)
    {
        bool fits = certificate.BundleId == bundle && certificate.Decision == outcome
            && EscrowLeg.BundleId(terms.HashLock, certificate.LegsHash) == bundle;
        if (!fits) throw new RevertException("WrongCertificate()");
        Hash32 digest = certificate.Digest(m.CommitteeOf(terms.Verifier));
        if (!m.Verify(terms.Verifier, digest, proof))
            throw new RevertException("InvalidProof()");
    }

    private static (Hash32 Id, Leg Leg) In(Machine m, EscrowLeg terms, LegStatus status)
    {
        Hash32 id = Id(m, terms);
        Leg leg = m.State.Leg(id);
        Require(leg, id, status);
        return (id, leg);
    }

    private static void Require(Leg leg, in Hash32 id, LegStatus status)
    {
        if (leg.Status != status)
            throw new RevertException("WrongStatus(bytes32,uint8)", id, (ulong)leg.Status);
    }
}
