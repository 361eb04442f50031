// FeedbackSums: gas and profit as modelled and as they came; micro-dollars, shares in millionths.
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Scoring;

/// <summary>Sums over outcomes of one guarantee. Each share begins at one and leaves it as sums
/// outgrow a dollar; when many are in, old ones count half.</summary>
public sealed class FeedbackSums
{
    private const long Weight = SearchConfig.Whole;
    private const int Many = 1000;
    private const uint MostGasPpm = 100 * SearchConfig.Whole;

    private Int128 gasModelled, gasCame, profitModelled, profitCame, failureCost;
    private long count, failures;

    /// <summary>Nothing learnt.</summary>
    internal static FeedbackSums None { get; } = new();

    /// <summary>Outcomes in the sums; old ones count half.</summary>
    public long Count => count;

    /// <summary>Gas that came to gas that was modelled, of all that was chosen, sent or not.
    /// </summary>
    public uint GasPpm => Share(gasCame, gasModelled, MostGasPpm);

    /// <summary>Profit before gas that came to what was modelled, of what landed; one at most: a
    /// trade is never worth more than its own integers say.</summary>
    public uint ProfitPpm => Share(profitCame, profitModelled, SearchConfig.Whole);

    /// <summary>What a trade that was not to land cost beyond gas, on average.</summary>
    public long FailureMicroUsd => long.CreateSaturating(failureCost / (failures + 1));

    /// <summary>Takes an outcome.</summary>
    /// <param name="netMicroUsd">The trade's net as modelled.</param>
    /// <param name="gasMicroUsd">Its gas as modelled.</param>
    /// <param name="outcome">What came.</param>
    internal void Take(long netMicroUsd, long gasMicroUsd, OutcomeLine outcome)
    {
        if (outcome.SubmittedMs is not null && outcome.FeeMicroUsd is null) return;
        long fee = Math.Max(outcome.FeeMicroUsd ?? 0, 0);
        gasModelled += gasMicroUsd;
        gasCame += fee;
        count++;
        if (outcome.RealisedMicroUsd is { } realised)
        {
            Int128 before = (Int128)realised + fee;
            if (outcome.Success)
            {
                profitModelled += (Int128)netMicroUsd + gasMicroUsd;
                profitCame += before;
            }
            else if (Int128.IsNegative(before)) failureCost -= before;
        }
        if (!outcome.Success) failures++;
        if (count < Many) return;
        (gasModelled, gasCame) = (gasModelled / 2, gasCame / 2);
        (profitModelled, profitCame) = (profitModelled / 2, profitCame / 2);
        (failureCost, failures, count) = (failureCost / 2, failures / 2, count / 2);
    }

    private static uint Share(Int128 came, Int128 modelled, uint most)
    {
        Int128 above = came + Weight, below = modelled + Weight;
        if (Int128.IsNegative(above)) return 0;
        if (below <= 0) return SearchConfig.Whole;
        return (uint)Int128.Min(above * SearchConfig.Whole / below, most);
    }
}
