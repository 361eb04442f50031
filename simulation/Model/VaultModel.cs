// VaultModel: contracts/src/settlement/FlashVault.sol as the escrow uses it, line by line.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>The vault's side of a leg. Amounts are base units, shares pips.</summary>
public static class VaultModel
{
    public static readonly UInt256 OneX128 = UInt256.One << 128;
    private static readonly UInt256 Million = 1_000_000u;

    /// <summary>lend: books a loan within the policy and sends the principal.</summary>
    public static void Lend(Machine m, EscrowLeg terms, in Hash32 legId)
    {
        Vault vault = m.Vault(terms.Vault);
        bool isAsset0 = terms.AssetIn == vault.Asset0;
        if (!isAsset0 && terms.AssetIn != vault.Asset1)
            throw new RevertException("InvalidAsset(address)", terms.AssetIn);
        if (vault.Loans.ContainsKey(legId))
            throw new RevertException("LoanExists(bytes32)", legId);
        VaultBook book = isAsset0 ? vault.Book0 : vault.Book1;
        CheckPolicy(m, vault, terms, isAsset0, book);
        VaultBook after = book with
        {
            Idle = book.Idle - terms.Principal, Lent = book.Lent + terms.Principal,
        };
        if (terms.Fee.BitLength > 112)
            throw new RevertException("AmountTooLarge(uint256)", terms.Fee);
        m.Set(terms.Vault, With(vault, isAsset0, after) with
        {
            Loans = vault.Loans.SetItem(
                legId, new VaultLoan(terms.Principal, terms.Fee, isAsset0, false)),
        });
        m.Send(terms.AssetIn, terms.Vault, m.State.Escrow, terms.Principal);
    }

    /// <summary>admit: refuses what is out of the band or above the ltv.</summary>
    public static void Admit(
        Machine m, EvmAddress at, in Hash32 legId, in UInt256 amountOut, in UInt256 due,
        uint ltvPips)
    {
        Vault vault = m.Vault(at);
        VaultLoan loan = Known(vault, legId);
        UInt256 fair = Quote(vault, loan.IsAsset0, loan.Principal);
        UInt256 band = ShareFloor(fair, vault.Policy.BandPips), low = fair - band;
        if (amountOut < low || amountOut > fair + band)
            throw new RevertException("OutOfBand(uint256,uint256)", amountOut, fair);
        if (due < low) throw new RevertException("OutOfBand(uint256,uint256)", due, fair);
        UInt256 owed = Quote(vault, loan.IsAsset0, loan.Principal + loan.Fee);
        if (owed > ShareFloor(amountOut, ltvPips))
            throw new RevertException("Undercollateralised(uint256,uint256)", owed, amountOut);
    }

    /// <summary>distress: the swap back failed.</summary>
    public static void Distress(Machine m, EvmAddress at, in Hash32 legId)
    {
        Vault vault = m.Vault(at);
        VaultLoan loan = Known(vault, legId);
        if (loan.Distressed) return;
        VaultBook book = loan.IsAsset0 ? vault.Book0 : vault.Book1;
        m.Set(at, With(vault, loan.IsAsset0, book with
        {
            Distressed = book.Distressed + loan.Principal,
        }) with
        {
            Loans = vault.Loans.SetItem(legId, loan with { Distressed = true }),
        });
    }

    /// <summary>repay: closes a loan with what came in.</summary>
    public static void Repay(
        Machine m, EvmAddress at, in Hash32 legId, in UInt256 paidIn, in UInt256 paidOut)
    {
        Vault vault = m.Vault(at);
        VaultLoan loan = Known(vault, legId);
        (UInt256 paid0, UInt256 paid1) = loan.IsAsset0 ? (paidIn, paidOut) : (paidOut, paidIn);
        VaultBook book0 = vault.Book0, book1 = vault.Book1;
        book0 = book0 with { Idle = book0.Idle + Arrived(m, vault.Asset0, at, book0.Idle, paid0) };
        book1 = book1 with { Idle = book1.Idle + Arrived(m, vault.Asset1, at, book1.Idle, paid1) };
        VaultBook book = loan.IsAsset0 ? book0 : book1;
        book = book with
        {
            Lent = book.Lent - loan.Principal,
            Distressed = loan.Distressed ? book.Distressed - loan.Principal : book.Distressed,
        };
        m.Set(at, vault with
        {
            Book0 = loan.IsAsset0 ? book : book0,
            Book1 = loan.IsAsset0 ? book1 : book,
            Loans = vault.Loans.Remove(legId),
        });
    }

    /// <summary>quote at the vault's price.</summary>
    public static UInt256 Quote(Machine m, EvmAddress at, EvmAddress assetIn, in UInt256 amountIn)
    {
        Vault vault = m.Vault(at);
        if (assetIn != vault.Asset0 && assetIn != vault.Asset1)
            throw new RevertException("InvalidAsset(address)", assetIn);
        return Quote(vault, assetIn == vault.Asset0, amountIn);
    }

    public static UInt256 ShareFloor(in UInt256 amount, in UInt256 pips) =>
        amount * pips / Million;

    public static UInt256 ShareCeiling(in UInt256 amount, in UInt256 pips) =>
        UInt256.DivCeiling(amount * pips, Million);

    private static void CheckPolicy(
        Machine m, Vault vault, EscrowLeg terms, bool isAsset0, in VaultBook book)
    {
        VaultPolicy p = vault.Policy;
        UInt256 principal = terms.Principal, most = isAsset0 ? p.MaxLoan0 : p.MaxLoan1;
        Require(!principal.IsZero && principal <= most, "LoanLimit(uint256,uint256)",
            principal, most);
        UInt256 lent = book.Lent + principal, mostLent = isAsset0 ? p.MaxLent0 : p.MaxLent1;
        Require(lent <= mostLent, "TotalLimit(uint256,uint256)", lent, mostLent);
        Require(principal <= book.Idle, "InsufficientIdle(uint256,uint256)",
            vault.Book0.Idle, vault.Book1.Idle);
        UInt256 least = ShareCeiling(principal, p.LoanFeePips);
        Require(terms.Fee >= least, "FeeTooLow(uint256,uint256)", terms.Fee, least);
        // The keepers' part of the bond covers no shortfall.
        UInt256 bond = terms.Bond - terms.RewardCap;
        least = ShareCeiling(principal + terms.Fee, p.MinBondPips);
        Require(bond >= least, "BondTooLow(uint256,uint256)", bond, least);
        Require(terms.LtvPips <= p.MaxLtvPips, "LtvTooHigh(uint256,uint256)",
            (ulong)terms.LtvPips, (ulong)p.MaxLtvPips);
        UInt256 latest = m.Now + p.MaxDuration, deadline = (ulong)terms.DeadlineSeconds;
        Require(deadline <= latest, "DeadlineTooFar(uint256,uint256)", deadline, latest);
        if (!vault.Venues.Contains(terms.Venue.ToWord()))
            throw new RevertException("VenueNotAllowed(uint256)", terms.Venue.ToWord());
        if (!vault.Verifiers.Contains(terms.Verifier))
            throw new RevertException("VerifierNotAllowed(address)", terms.Verifier);
    }

    private static void Require(bool holds, string error, in UInt256 a, in UInt256 b)
    {
        if (!holds) throw new RevertException(error, a, b);
    }

    private static VaultLoan Known(Vault vault, in Hash32 legId) =>
        vault.Loans.TryGetValue(legId, out VaultLoan? loan)
            ? loan : throw new RevertException("UnknownLoan(bytes32)", legId);

    private static UInt256 Quote(Vault vault, bool fromAsset0, in UInt256 amount)
    {
        if (vault.PriceX128.IsZero) throw new RevertException("PriceUnavailable()");
        return fromAsset0
            ? UInt256.MulDivFloor(amount, vault.PriceX128, OneX128)
            : UInt256.MulDivFloor(amount, OneX128, vault.PriceX128);
    }

    /// <summary>What of a payment is really here.</summary>
    private static UInt256 Arrived(
        Machine m, EvmAddress token, EvmAddress at, in UInt256 idle, in UInt256 paid)
    {
        if (paid.IsZero) return paid;
        UInt256 held = m.State.Balance(token, at);
        return UInt256.Min(held > idle ? held - idle : UInt256.Zero, paid);
    }

    private static Vault With(Vault vault, bool isAsset0, in VaultBook book) =>
        isAsset0 ? vault with { Book0 = book } : vault with { Book1 = book };
}
