// Waterfall: where the money went, from gross to realised, micro-dollars; the parts add up.
using Lockstep.Model.Lines;

namespace Lockstep.Service.Board;

/// <summary>Sums over bundles that were sent and say both what was expected and what came. What a
/// trade counted for loans and for moving value is taken from its line; fees are those that were
/// paid; the rest of a bundle that landed is slippage, model error included, and the rest of one
/// that did not is what failing cost.</summary>
internal sealed class Waterfall
{
    private long bundles, expected, realised, fees;
    private Int128 gross, loans, moves, slippage, failed;

    /// <summary>Takes an outcome.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="trade">The trade behind it; null where it is not known: its gross is then what
    /// was expected, and the fees.</param>
    public void Take(OutcomeLine outcome, TradeLine? trade)
    {
        if (outcome is not
            { SubmittedMs: not null, ExpectedMicroUsd: { } hoped, RealisedMicroUsd: { } came })
            return;
        bundles++;
        long fee = outcome.FeeMicroUsd ?? 0;
        Int128 itsLoans = Of("flash-loan"), itsMoves = Of("rebalance", "time-risk", "crossing");
        Int128 itsGross = trade is null ? (Int128)hoped + fee : trade.GrossMicroUsd;
        Int128 rest = came - (itsGross - itsLoans - itsMoves - fee);
        (expected, realised, fees) =
            (Sat((Int128)expected + hoped), Sat((Int128)realised + came), Sat((Int128)fees + fee));
        (gross, loans, moves) = (gross + itsGross, loans + itsLoans, moves + itsMoves);
        if (outcome.Success) slippage += rest;
        else failed += rest;

        Int128 Of(params string[] kinds) => trade is null ? 0
            : trade.Costs.Where(one => kinds.Contains(one.Kind))
                .Aggregate((Int128)0, (sum, one) => sum + one.MicroUsd);
    }

    /// <summary>It for the page.</summary>
    public PnlWords Words() => new(bundles, expected, realised, fees,
    [
        new("gross", Sat(gross)), new("loans", Sat(-loans)), new("bridges", Sat(-moves)),
        new("gas and tips", -fees), new("slippage", Sat(slippage)),
        new("reverts and losses", Sat(failed)), new("realised", realised),
    ]);

    private static long Sat(Int128 sum) => long.CreateSaturating(sum);
}
