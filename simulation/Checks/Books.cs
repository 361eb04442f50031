// Books: I1, I2 and I5 of the contracts, from balances and measured flows; base units, exact.
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;
using Lockstep.Simulator.Model;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Checks;

/// <summary>The arithmetic of the invariants, apart from the escrow's own.</summary>
public static class Books
{
    /// <summary>I5: the escrow holds the open legs, exactly; the vault holds what it has booked.
    /// </summary>
    public static void Check(World world, int chain, ChainState state)
    {
        Realm realm = world.Realms[chain];
        foreach (EvmAddress token in (EvmAddress[])[realm.Usd, realm.Eth])
        {
            UInt256 open = default;
            foreach (((EvmAddress of, _), UInt256 kept) in state.Credits)
                if (of == token) open += kept;
            foreach (Leg leg in state.Legs.Values)
            {
                if (leg.Status is not (LegStatus.Locked or LegStatus.Unwinding)) continue;
                if (leg.Terms.AssetOut == token) open += leg.AmountOut;
                if (leg.Terms.AssetIn == token)
                    open += leg.Terms.Bond - (leg.Terms.RewardCap * leg.RewardPips / 1_000_000u);
            }
            UInt256 holds = state.Balance(token, state.Escrow);
            if (holds != open)
                world.Watch.Fail("I5", $"chain {chain}: the escrow holds {holds}, open is {open}");
        }
        foreach ((EvmAddress at, Vault vault) in state.Vaults)
        {
            if (vault.Book0.Idle != state.Balance(vault.Asset0, at)
                || vault.Book1.Idle != state.Balance(vault.Asset1, at))
                world.Watch.Fail("I5", $"chain {chain}: the vault's books are not its balances");
            UInt256 lent0 = default, lent1 = default;
            foreach (VaultLoan loan in vault.Loans.Values)
            {
                if (loan.IsAsset0) lent0 += loan.Principal;
                else lent1 += loan.Principal;
            }
            if (lent0 != vault.Book0.Lent || lent1 != vault.Book1.Lent)
                world.Watch.Fail("I5", $"chain {chain}: the vault's loans are not its books");
        }
    }

    /// <summary>I1 and I2 of a leg that ended; null where they hold or it has not.</summary>
    /// <remarks>I1: the vault has less than it is owed only where of the bond nothing but the
    /// keepers' part went elsewhere. I2: the searcher never pays more than the bond.</remarks>
    public static (string Law, string Words)? UnfairEnd(ChainState state, Leg leg)
    {
        if (leg.Status is not (LegStatus.Claimed or LegStatus.Refunded)) return null;
        EscrowLeg terms = leg.Terms;
        LegFlows flows = leg.Flows;
        Int128 bond = Narrow(terms.Bond), cap = Narrow(terms.RewardCap);
        Int128 owed = Narrow(terms.Principal + terms.Fee);
        if (flows.SearcherIn < -bond || flows.SearcherOut < 0)
            return ("I2", $"the searcher lost {-flows.SearcherIn} and {-flows.SearcherOut}, "
                + $"its bond was {bond}");
        if (flows.KeepersIn > cap)
            return ("I2", $"keepers got {flows.KeepersIn}, their cap was {cap}");
        if (leg.Status is LegStatus.Claimed)
            return flows.VaultOut >= Narrow(terms.Due) ? null
                : ("I1", $"the vault got {flows.VaultOut}, due was {terms.Due}");
        // Flows count the loan going out: the vault is whole at fee.
        Int128 shortfall = owed - (flows.VaultIn + Narrow(terms.Principal))
            - Worth(state.Vaults[terms.Vault], terms.AssetOut, flows.VaultOut);
        if (shortfall <= 0) return null;
        return flows.SearcherIn <= -bond + cap ? null
            : ("I1", $"the vault is short of {shortfall} while the searcher kept "
                + $"{flows.SearcherIn + bond} of the bond");
    }

    /// <summary>At the vault's price; nothing where it has none.</summary>
    private static Int128 Worth(Vault vault, EvmAddress asset, Int128 amount)
    {
        if (amount <= 0 || vault.PriceX128.IsZero) return 0;
        UInt256 units = (UInt128)amount;
        return Narrow(asset == vault.Asset0
            ? UInt256.MulDivFloor(units, vault.PriceX128, VaultModel.OneX128)
            : UInt256.MulDivFloor(units, VaultModel.OneX128, vault.PriceX128));
    }

    private static Int128 Narrow(in UInt256 amount) =>
        checked((Int128)new UInt128(amount.U1, amount.U0));
}
