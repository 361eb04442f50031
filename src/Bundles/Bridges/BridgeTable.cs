// BridgeTable: every candidate in one fixed order, and the prices of gas, capital and time.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Bundles.Bridges;

/// <summary>What gas, capital and waiting cost.</summary>
/// <param name="GasMicroUsdPerMega">By chain: the price of a million gas units, in millionths of a
/// US dollar.</param>
/// <param name="SigmaPips">By asset group: the standard deviation of its price over one hour, in
/// millionths.</param>
/// <param name="CapitalRatePpm">The yearly rate own money has to earn, in millionths.</param>
public sealed record CrossingPrices(
    ImmutableSortedDictionary<ChainId, ulong> GasMicroUsdPerMega,
    ImmutableSortedDictionary<string, uint> SigmaPips,
    uint CapitalRatePpm)
{
    /// <summary>The largest price of a million gas units: 10,000 US dollars.</summary>
    public const ulong MaxGasPrice = 10_000_000_000;

    /// <summary>The largest rate and the largest hourly deviation: tenfold, and all of it.
    /// </summary>
    public const uint MaxRatePpm = 10_000_000, MaxSigmaPips = 1_000_000;
}

/// <summary>The candidates a selection chooses from.</summary>
public sealed class BridgeTable
{
    /// <summary>Puts the candidates in the order of their names.</summary>
    /// <exception cref="ArgumentException">A name is taken twice or is the word of a kind, a
    /// figure or a price is out of its range.</exception>
    public BridgeTable(IEnumerable<BridgeCandidate> candidates, CrossingPrices prices)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(prices);
        Candidates = [.. candidates.OrderBy(c => c.Id, StringComparer.Ordinal)];
        Prices = prices;
        for (int i = 0; i < Candidates.Length; i++)
        {
            BridgeCandidate candidate = Candidates[i];
            if (candidate.OutOfRange() is { } fault)
                throw new ArgumentException($"{candidate.Id}: {fault}");
            if (BridgeKinds.IsWord(candidate.Id) || (i > 0 && Candidates[i - 1].Id == candidate.Id))
                throw new ArgumentException($"the name {candidate.Id} is taken");
        }
        if (prices.CapitalRatePpm > CrossingPrices.MaxRatePpm
            || prices.GasMicroUsdPerMega.Values.Any(price => price > CrossingPrices.MaxGasPrice)
            || prices.SigmaPips.Values.Any(sigma => sigma > CrossingPrices.MaxSigmaPips))
            throw new ArgumentException("a price of gas, capital or time is out of its range");
    }

    /// <summary>The candidates, in the order of their names.</summary>
    public ImmutableArray<BridgeCandidate> Candidates { get; }

    /// <summary>The prices they are held against.</summary>
    public CrossingPrices Prices { get; }

    /// <summary>Whether <paramref name="name"/> names a candidate or a kind.</summary>
    public bool Knows(string name) =>
        BridgeKinds.IsWord(name) || Candidates.Any(candidate => candidate.Id == name);
}
