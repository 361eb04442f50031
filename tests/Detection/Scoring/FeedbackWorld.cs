// FeedbackWorld: made trades and how they ended, for what feedback is tested on.
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Tests.Detection.Scoring;

internal static class FeedbackWorld
{
    private static readonly ChainCosts Costs = World.Config().Chains[0];
    private static readonly AssetId Gas = AssetId.Parse("eip155:1/slip44:60");

    /// <summary>A trade whose path is of a kind: so many swaps, through pools of its own.</summary>
    internal static TradeLine Trade(int kind, int slot, long net, long gas) => new()
    {
        Slot = slot,
        Rank = 1,
        Id = $"{kind:x16}",
        Cluster = "all",
        Guarantee = Guarantee.Transaction,
        Asset = World.Asset(0, 0),
        AmountIn = 1000,
        AmountOut = 2000,
        Hops = [.. Enumerable.Range(0, kind + 2).Select(h => new Hop(
            PoolId.Parse($"eip155:1:0x{(kind * 10) + h + 1:x40}"), "constant-product", 3000,
            World.Asset(0, 0), World.Asset(0, 1), 1, 1, slot))],
        Crossings = [],
        Costs = [new Cost("gas", Gas, 1, (ulong)gas)],
        GrossMicroUsd = net + gas,
        NetMicroUsd = net,
        ExpectedMicroUsd = net,
        StaleSeconds = 0,
        Truncated = false,
    };

    /// <summary>An outcome: 0 landed, 1 the profit was gone, 2 the trial failed, 3 it reverted.
    /// </summary>
    internal static OutcomeLine Outcome(TradeLine trade, int how, long realised, long fee) => new()
    {
        Name = Feedback.NameOf(trade),
        Bundle = Feedback.NameOf(trade) + "-1",
        Guarantee = trade.Guarantee,
        Success = how == 0,
        Reason = how switch
        {
            0 => "none", 1 => "profit-gone", 2 => "simulation-failed", _ => "reverted",
        },
        Detail = "",
        Transactions = how is 0 or 3
            ? [new OutcomeTransaction(ChainId.Parse("eip155:1"), "0x", "run", 1, how == 0, 1, 1)]
            : [],
        Realised = [],
        RealisedMicroUsd = how is 0 or 3 ? realised : null,
        FeeMicroUsd = how is 0 or 3 ? fee : null,
        StartedMs = trade.Slot * 1000,
        SubmittedMs = how is 0 or 3 ? (trade.Slot * 1000) + 100 : null,
        EndedMs = (trade.Slot * 1000) + 500,
    };

    /// <summary>What a transaction pays for so much gas on a chain of <see cref="World.Config"/>,
    /// wei.</summary>
    internal static UInt256 Wei(ulong gas, int transactions = 1) =>
        ((UInt256)gas * Costs.GasPriceWei)
        + ((UInt256)(ulong)transactions * Costs.DataFeeWei);

    /// <summary>The gas of a trade on a chain.</summary>
    internal static Cost GasOn(int chain, ulong gas, ulong microUsd, int transactions = 1) => new(
        "gas", AssetId.Parse($"{World.Chain(chain)}/slip44:60"), Wei(gas, transactions), microUsd);

    /// <summary>A trade on one chain, of a hundred thousand gas worth a tenth of a dollar, that
    /// brings a dollar before gas.</summary>
    internal static TradeLine On(int chain, int slot)
    {
        TradeLine trade = Trade(0, slot, 900_000, 100_000);
        return trade with
        {
            Id = $"{chain:x16}",
            Hops =
            [
                .. trade.Hops.Select(hop => hop with
                {
                    Pool = PoolId.Parse(hop.Pool.ToString().Replace(
                        "eip155:1:", $"{World.Chain(chain)}:", StringComparison.Ordinal)),
                }),
            ],
            Costs = [GasOn(chain, 100_000, 100_000)],
        };
    }

    /// <summary>The outcome of a trade on one chain that bid a tip.</summary>
    internal static OutcomeLine Bid(OutcomeLine outcome, int chain, UInt256? tip) => outcome with
    {
        Transactions =
        [
            new OutcomeTransaction(
                World.Chain(chain), "0x", outcome.Success ? "run" : "cancel", 1, true, 1, 1)
            {
                TipWei = tip,
            },
        ],
    };
}
