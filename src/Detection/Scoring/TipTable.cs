// TipTable: how often trades landed by what they bid, beside the chance that was told of them.
using System.Collections.Immutable;

namespace Lockstep.Detection.Scoring;

/// <summary>Trades whose bids were of one order of magnitude.</summary>
/// <param name="FromPpm">The least bid, a share of the profit before gas, millionths; null where
/// no bid was told.</param>
/// <param name="ToPpm">The first that is beyond; null like the other one, and where there is none.
/// </param>
/// <param name="Count">How many trades.</param>
/// <param name="Predicted">The mean of the chances that were told when they were chosen.</param>
/// <param name="Happened">The share that landed.</param>
public sealed record TipRow(
    ulong? FromPpm, ulong? ToPpm, long Count, double Predicted, double Happened);

/// <summary>Counts by the tips' share of the profit before gas, by powers of two.</summary>
public sealed class TipTable
{
    // One for no bid, and one for each order of magnitude.
    private readonly (long Count, long Landed, UInt128 Ppm)[] rows = new (long, long, UInt128)[65];

    /// <summary>The rows that have trades, those without a bid first; none at all until a bid
    /// came.</summary>
    public ImmutableArray<TipRow> Rows => Array.TrueForAll(rows[1..], row => row.Count == 0) ? [] :
    [
        .. Enumerable.Range(0, rows.Length).Where(i => rows[i].Count > 0).Select(i => new TipRow(
            i == 0 ? null : i == 1 ? 0 : 1ul << (i - 1), i is 0 or 64 ? null : 1ul << i,
            rows[i].Count, (double)rows[i].Ppm / rows[i].Count / SearchConfig.Whole,
            (double)rows[i].Landed / rows[i].Count)),
    ];

    internal void Take(TipFeatures? bid, uint chancePpm, bool landed)
    {
        ref (long Count, long Landed, UInt128 Ppm) row =
            ref rows[bid is { } its ? TipFeatures.Magnitude(its.OfProfitPpm) + 1 : 0];
        row.Count++;
        if (landed) row.Landed++;
        row.Ppm += chancePpm;
    }
}
