// FlowMeter: what a leg's transaction moved, seen from the tokens alone; base units.
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Chains;

/// <summary>Adds to a leg's flows what changed hands in one of its transactions.</summary>
public static class FlowMeter
{
    /// <summary>The later state with the leg's flows brought up to it.</summary>
    public static ChainState Measure(
        ChainState before, ChainState after, EscrowLeg terms, EvmAddress caller)
    {
        Hash32 id = terms.Id(after.ChainNumber, after.Escrow);
        if (!after.Legs.TryGetValue(id, out Leg? leg)) return after;
        LegFlows flows = leg.Flows;
        flows = flows with
        {
            SearcherIn = flows.SearcherIn + Moved(terms.AssetIn, terms.Searcher),
            SearcherOut = flows.SearcherOut + Moved(terms.AssetOut, terms.Searcher),
            VaultIn = flows.VaultIn + Moved(terms.AssetIn, terms.Vault),
            VaultOut = flows.VaultOut + Moved(terms.AssetOut, terms.Vault),
            KeepersIn = caller == terms.Searcher
                ? flows.KeepersIn : flows.KeepersIn + Moved(terms.AssetIn, caller),
        };
        return after with { Legs = after.Legs.SetItem(id, leg with { Flows = flows }) };

        Int128 Moved(EvmAddress token, EvmAddress who) =>
            Has(after, token, who) - Has(before, token, who);
    }

    private static Int128 Has(ChainState state, EvmAddress token, EvmAddress who) =>
        Narrow(state.Balance(token, who))
        + Narrow(state.Credits.GetValueOrDefault((token, who)));

    private static Int128 Narrow(in UInt256 amount) =>
        checked((Int128)new UInt128(amount.U1, amount.U0));
}
