// LandingFeatures: what about a trade may tell whether it lands; names, each present or absent.
using System.Collections.Immutable;
using System.Globalization;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Scoring;

/// <summary>Features of trades, as words: what a model learnt can be read.</summary>
public static class LandingFeatures
{
    /// <summary>The features of a path.</summary>
    /// <param name="path">An opportunity or a trade.</param>
    /// <returns>Distinct names in a fixed order: <c>guarantee:settled</c>, <c>swaps:3</c>,
    /// <c>chain:eip155:10</c>, <c>pool:..</c>, <c>family:..</c>, <c>net:2^20</c> (the net profit's
    /// order of magnitude in micro-dollars), <c>gas:2^14</c> (the same of its gas), <c>path:..</c>
    /// (the path's id), <c>stale</c> where a state is not of its slot.</returns>
    public static ImmutableArray<string> Of(PathLine path)
    {
        ArgumentNullException.ThrowIfNull(path);
        SortedSet<string> names = new(StringComparer.Ordinal)
        {
            $"guarantee:{path.Guarantee}",
            string.Create(CultureInfo.InvariantCulture, $"swaps:{path.Hops.Length}"),
            string.Create(CultureInfo.InvariantCulture,
                $"net:2^{(path.NetMicroUsd > 0 ? long.Log2(path.NetMicroUsd) : 0)}"),
        };
        ulong gas = ulong.CreateSaturating(Feedback.GasMicroUsd(path));
        names.Add(string.Create(
            CultureInfo.InvariantCulture, $"gas:2^{(gas > 0 ? ulong.Log2(gas) : 0)}"));
        names.Add($"path:{path.Id}");
        if (path.StaleSeconds > 0) names.Add("stale");
        foreach (Hop hop in path.Hops)
        {
            names.Add($"chain:{hop.Pool.Chain}");
            names.Add($"family:{hop.Family}");
            names.Add($"pool:{hop.Pool}");
        }
        return [.. names];
    }
}
