// SettlementPlan: a plan with lend, escrow and bond as an order of legs, or why it is none; pure.
using System.Collections.Immutable;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Risk;
using Lockstep.Model.Lines;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>A chain as plans are settled on it.</summary>
/// <param name="Contracts">Ours there; escrow, verifier, vaults and rules are set.</param>
/// <param name="Account">Who locks and posts bonds.</param>
/// <param name="ActSeconds">act: how long a claim may take to be included and stay, at worst.
/// </param>
/// <param name="FinalSeconds">From a lock's inclusion to everyone knowing that it stands.</param>
/// <param name="Assets">What its tokens count as.</param>
public sealed record SettlementPlace(
    Deployment Contracts, EvmAddress Account, long ActSeconds, long FinalSeconds,
    IReadOnlyDictionary<EvmAddress, AssetClass> Assets);

/// <summary>Why nothing was sent for a settled plan.</summary>
/// <param name="Reason">As a code; docs/settlement.md lists them.</param>
/// <param name="Detail">In words, with its numbers.</param>
public sealed record SettlementRefusal(string Reason, string Detail);

/// <summary>Reads settled plans. What COMMIT gives a vault is what the other vault lent, with its
/// fee: <c>due_i = principal_j + fee_j</c>, so that together they lose nothing and their books are
/// those of two swaps at the executed price.</summary>
public sealed class SettlementPlan
{
    private const uint Million = 1_000_000;
    private const int Legs = 2;

    private readonly PlanLine plan;
    private readonly IReadOnlyDictionary<ChainId, SettlementPlace> places;

    private SettlementPlan(PlanLine plan, IReadOnlyDictionary<ChainId, SettlementPlace> places) =>
        (this.plan, this.places) = (plan, places);

    /// <summary>Whether a plan is to be settled, rather than run.</summary>
    public static bool IsSettled(PlanLine plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Transactions.Any(one => one.Phase is "commit" or "abort"
            || one.Calls.Any(call => call.Op is "lend" or "escrow" or "bond"));
    }

    /// <summary>What the owner's rules have against a plan, whatever the chains say.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="limits">The gate's, as they are now.</param>
    /// <param name="nowMs">The coordinator's clock, UNIX milliseconds.</param>
    /// <returns>Null where nothing speaks against it.</returns>
    public static SettlementRefusal? Unfit(
        PlanLine plan, PlanRules rules, RiskLimits limits, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(limits);
        if (plan.FoundMs is { } found && (nowMs - found > rules.MaxAge?.TotalMilliseconds
            || found - nowMs > rules.MaxAhead.TotalMilliseconds))
            return new SettlementRefusal(PlanReason.StalePlan.Code(),
                $"it was detected {nowMs - found} ms ago; from "
                + $"{-rules.MaxAhead.TotalMilliseconds} to {rules.MaxAge?.TotalMilliseconds} are "
                + "taken");
        if (limits.DeniedIn(plan.Transactions.SelectMany(one => one.Calls)) is { } denied)
            return new SettlementRefusal(PlanReason.Denied.Code(), $"{denied} is set aside");
        return null;
    }

    /// <summary>The order of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="text">Its line, for the journal.</param>
    /// <param name="places">The chains it may be settled on.</param>
    /// <param name="nowSeconds">The coordinator's clock.</param>
    /// <param name="refusal">Why it is none; null where an order is given.</param>
    public static SettlementOrder? Order(
        PlanLine plan, JsonElement text, IReadOnlyDictionary<ChainId, SettlementPlace> places,
        long nowSeconds, out SettlementRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(places);
        SettlementPlan reading = new(plan, places);
        try
        {
            refusal = null;
            return reading.Read(text, nowSeconds);
        }
        catch (UnfitException e)
        {
            refusal = new SettlementRefusal(e.Reason, e.Message);
            return null;
        }
    }

    /// <summary>The outcome of a plan that nothing was sent for.</summary>
    public static OutcomeLine Refused(PlanLine plan, SettlementRefusal refusal, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(refusal);
        return new OutcomeLine
        {
            Name = plan.Name,
            Bundle = plan.Name,
            Guarantee = Guarantee.Settled,
            Success = false,
            Reason = refusal.Reason,
            Detail = refusal.Detail,
            Transactions = [],
            Realised = [],
            FoundMs = plan.FoundMs,
            StartedMs = nowMs,
            EndedMs = nowMs,
        };
    }

    private SettlementOrder Read(JsonElement text, long nowSeconds)
    {
        PlanTransactionLine[] locks = [.. plan.Transactions.Where(one => one.Phase == "run")];
        PlanTransactionLine? other = plan.Transactions.FirstOrDefault(
            one => one.Phase is not ("run" or "commit" or "abort"));
        if (other is not null) throw Unfit($"{other.Id} is of phase {other.Phase}");
        if (locks.Length != Legs || locks[0].Chain == locks[1].Chain)
            throw Unfit($"it locks on {locks.Select(one => one.Chain).Distinct().Count()} chains "
                + $"in {locks.Length} transactions; a settled plan locks once on each of {Legs}");
        Draft[] drafts = [.. locks.Select(Drafted)];
        long escape = Phase("commit").Min(one => one.DeadlineMs) / 1000
            ?? throw Unfit("no deadline of its claims says when it escapes");
        long lockBy = nowSeconds + (locks.Min(one => one.DeadlineMs) / 1000
            ?? throw Unfit("no deadline of its locks says when the window closes"));
        long knownBy = lockBy + drafts.Max(one => one.Place.FinalSeconds);
        foreach (Draft one in drafts)
            if (knownBy > nowSeconds + escape - one.Place.ActSeconds)
                throw new UnfitException(PlanReason.DeadlineClose.Code(),
                    $"on {one.Chain} a claim takes up to {one.Place.ActSeconds} s, so COMMIT may "
                    + $"be signed until {escape - one.Place.ActSeconds} s from now; locks are "
                    + $"known after {knownBy - nowSeconds}");
        return new SettlementOrder(
            text,
            [
                .. drafts.Select((one, i) => new OrderLeg(
                    one.Chain, Terms(one, drafts[1 - i], nowSeconds + escape),
                    one.Place.ActSeconds)),
            ],
            lockBy, knownBy);
    }

    /// <summary>What one lock says: bond, loan, a swap of all of it, escrow of what that brings.
    /// </summary>
    private Draft Drafted(PlanTransactionLine line)
    {
        if (!places.TryGetValue(line.Chain, out SettlementPlace? place))
            throw Unfit($"nothing may be settled on {line.Chain}: it is not in [live] allow, or "
                + "has no escrow");
        PlanCall? strange = line.Calls.FirstOrDefault(
            call => call.Op is not ("approve" or "bond" or "lend" or "swap" or "escrow"));
        if (strange is not null) throw Unfit($"{line.Id}: a lock does no {strange.Op}");
        PlanCall bond = One(line, "bond"), lend = One(line, "lend"), swap = One(line, "swap"),
            escrow = One(line, "escrow");
        EvmAddress vault = lend.Contract is { } lender ? Address(lender) : default;
        if (!place.Contracts.Vaults.Contains(vault))
            throw Unfit($"{line.Id}: {lend.Contract} is none of the vaults on {line.Chain}");
        if (bond.Asset != lend.Asset)
            throw Unfit($"{line.Id}: the bond is of {bond.Asset}, the debt of {lend.Asset}");
        if (swap.Asset != lend.Asset || swap.Amount != lend.Amount)
            throw Unfit($"{line.Id}: it swaps something else than all that it borrows");
        if (swap.AssetOut is not { } bought || escrow.Asset != bought
            || escrow.Amount != swap.AmountOut)
            throw Unfit($"{line.Id}: it locks something else than all that the swap brings");
        if (swap.Contract is not { } pool || swap.MinOut is not { } least)
            throw Unfit($"{line.Id}: the swap's pool or its minimum is not known");
        PlanCall unwind = Phase("abort").SelectMany(one => one.Calls).SingleOrDefault(
                call => call.Op == "unwind" && call.From == escrow.Party)
            ?? throw Unfit($"{line.Id}: no abort unwinds its escrow");
        if (!Phase("commit").SelectMany(one => one.Calls).Any(
            call => call.Op == "novate" && call.From == escrow.Party))
            throw Unfit($"{line.Id}: no commit claims its escrow");
        return new Draft(
            line.Chain, place, vault, lend.Asset, bought,
            new Venue(Kind(swap, line), swap.FeePips ?? 0, Address(pool)),
            Units(lend, line), least, Units(bond, line),
            unwind.MinOut ?? throw Unfit($"{line.Id}: its unwinding has no minimum"),
            escrow.LtvPips);
    }

    private static EscrowLeg Terms(Draft one, Draft other, long deadline)
    {
        EscrowRules rules = one.Place.Contracts.Rules!;
        UInt256 due = Due(one, other);
        if (due > one.MinOut)
            throw Unfit($"on {one.Chain} the swap brings at least {one.MinOut} base units, the "
                + $"vault on {other.Chain} is owed {due} of them with its fee");
        UInt256 reward = UInt256.MulDivFloor(one.Principal, rules.RewardCapPips, Million);
        if (reward > one.Bond)
            throw Unfit($"on {one.Chain} keepers may get {reward} of a bond of {one.Bond}");
        return new EscrowLeg
        {
            HashLock = default,
            Searcher = one.Place.Account,
            Vault = one.Vault,
            Verifier = one.Place.Contracts.Verifier,
            AssetIn = Address(one.Lent),
            AssetOut = Address(one.Bought),
            Venue = one.Venue,
            Principal = one.Principal,
            Fee = one.Fee,
            MinOut = one.MinOut,
            Due = due,
            Bond = one.Bond,
            RewardCap = reward,
            MinBack = one.MinBack,
            AuctionStart = UInt256.MulDivCeiling(one.Owed, rules.AuctionStartPips, Million),
            LtvPips = one.LtvPips ?? rules.LtvPips,
            DeadlineSeconds = deadline,
            RewardDelaySeconds = rules.RewardDelaySeconds,
            RewardSpanSeconds = rules.RewardSpanSeconds,
            AuctionSpanSeconds = rules.AuctionSpanSeconds,
            // The hash lock already makes every leg another one.
            Salt = default,
        };
    }

    /// <summary>What the other vault is owed, in units of what this swap brings, rounded up.
    /// </summary>
    private static UInt256 Due(Draft one, Draft other)
    {
        (AssetClass mine, AssetClass theirs) = (
            Class(one, one.Bought), Class(other, other.Lent));
        if (mine.Name != theirs.Name)
            throw Unfit($"{one.Bought} and {other.Lent} count as {mine.Name} and {theirs.Name}: "
                + "one swap does not bring what the other vault lends");
        int more = mine.Decimals - theirs.Decimals;
        return more >= 0 ? other.Owed * UInt256.Pow10(more)
            : UInt256.DivCeiling(other.Owed, UInt256.Pow10(-more));
    }

    private static AssetClass Class(Draft one, AssetId asset) =>
        one.Place.Assets.TryGetValue(Address(asset), out AssetClass? known) ? known
            : throw Unfit($"what {asset} counts as is not known: add it to an [[asset]]");

    private IEnumerable<PlanTransactionLine> Phase(string phase) =>
        plan.Transactions.Where(one => one.Phase == phase);

    private static PlanCall One(PlanTransactionLine line, string op)
    {
        PlanCall[] found = [.. line.Calls.Where(call => call.Op == op)];
        return found.Length == 1 ? found[0]
            : throw Unfit($"{line.Id}: it has {found.Length} calls of {op}, a lock has one");
    }

    private static VenueKind Kind(PlanCall swap, PlanTransactionLine line) => swap.Family switch
    {
        "constant-product" => VenueKind.UniswapV2,
        "concentrated" => VenueKind.UniswapV3,
        "solidly-volatile" or "solidly-stable" => VenueKind.Solidly,
        var family => throw Unfit(
            $"{line.Id}: no escrow swaps in a {family ?? "pool of no family"}"),
    };

    /// <summary>The contracts keep amounts in 128 bits, and premiums in 112.</summary>
    private static UInt256 Units(PlanCall call, PlanTransactionLine line) =>
        UInt256.TryParse(call.Amount, null, out UInt256 units) && (units >> 112).IsZero ? units
            : throw Unfit($"{line.Id}: {call.Amount} is no number below 2^112");

    private static EvmAddress Address(AssetId asset) =>
        EvmAddress.TryParse(asset.Reference, out EvmAddress token) ? token
            : throw Unfit($"{asset} is no token of an EVM chain");

    private static EvmAddress Address(AccountId account) =>
        EvmAddress.TryParse(account.Address, out EvmAddress address) ? address
            : throw Unfit($"{account} is no account of an EVM chain");

    private static UnfitException Unfit(string words) =>
        new(PlanReason.NotExecutable.Code(), words);

    private sealed record Draft(
        ChainId Chain, SettlementPlace Place, EvmAddress Vault, AssetId Lent, AssetId Bought,
        Venue Venue, UInt256 Principal, UInt256 MinOut, UInt256 Bond, UInt256 MinBack,
        uint? LtvPips)
    {
        public UInt256 Fee => UInt256.MulDivCeiling(
            Principal, Place.Contracts.Rules!.LoanFeePips, Million);

        public UInt256 Owed => Principal + Fee;
    }

    private sealed class UnfitException(string reason, string words) : Exception(words)
    {
        public string Reason => reason;
    }
}
