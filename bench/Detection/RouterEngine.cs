// RouterEngine: PlainRouter, CFMMRouter's way, until its dual is near the bound certified by ours.
using System.Globalization;
using Lockstep.Bench.Peers;
using Lockstep.Markets;

namespace Lockstep.Bench.Detection;

/// <summary>The restated router; from plain prices each time, since it keeps none.</summary>
/// <param name="bound">The bound to come near.</param>
public sealed class RouterEngine(Func<double> bound) : Engine("convex router (CFMMRouter's way)")
{
    private const double Near = 1e-3;
    private const int MaxEvaluations = 600;

    private PlainRouter router = null!;

    /// <inheritdoc/>
    public override string? Refuses(PoolSet given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return given.ProductsOnly ? null : "it knows constant products alone";
    }

    /// <inheritdoc/>
    public override void Build(PoolSet given)
    {
        ArgumentNullException.ThrowIfNull(given);
        router = new PlainRouter(given.References.Length, [.. given.Ends.Select((ends, p) =>
        {
            ProductMarket pool = (ProductMarket)given.Moved[p];
            return (ends.A, ends.B, (double)pool.Reserve0 * given.References[ends.A],
                (double)pool.Reserve1 * given.References[ends.B], pool.FeePips);
        })]);
    }

    /// <inheritdoc/>
    public override Finding Find()
    {
        (double dual, int evaluations) = router.Solve(bound() * (1 + Near), MaxEvaluations);
        double above = 100 * ((dual / bound()) - 1);
        return new Finding(null, double.NaN, string.Create(CultureInfo.InvariantCulture,
            $"a bound {above:0.###} % above ours, no trades; {evaluations} evaluations"));
    }
}
