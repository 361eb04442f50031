// PriceFiles: reference prices from token and price lines; gas priced as lockstep.toml says.
using Lockstep.Detection.Scoring;
using Lockstep.Execution.Running;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools.Live;

/// <summary>Reads what outcomes are valued at.</summary>
public static class PriceFiles
{
    /// <summary>Reads files; lines of other kinds are passed over.</summary>
    /// <param name="files">Where token and price lines are.</param>
    /// <param name="config">Says which token each chain's gas is priced as.</param>
    /// <exception cref="RefusedException">A file is missing or a line is wrong.</exception>
    public static ReferencePrices Read(IEnumerable<string> files, SearchConfig config)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(config);
        ReferencePrices prices = new();
        foreach (ChainCosts chain in config.Chains)
            prices.PriceAs(chain.GasAsset, chain.GasPricedAs);
        foreach (string file in files)
        {
            if (!File.Exists(file)) throw new RefusedException($"{file}: no such file");
            using FileStream lines = File.OpenRead(file);
            foreach (FeedLine line in FeedReader.Read(lines, file)) Take(prices, line.Line);
        }
        return prices;
    }

    /// <summary>Takes a line that is of a token or a price.</summary>
    /// <returns>Whether it was.</returns>
    public static bool Take(ReferencePrices prices, Line line)
    {
        ArgumentNullException.ThrowIfNull(prices);
        if (line is TokenLine token) prices.Take(token);
        if (line is PriceLine price) prices.Take(price);
        return line is TokenLine or PriceLine;
    }
}
