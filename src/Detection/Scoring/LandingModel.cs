// LandingModel: the chance that a trade lands, learnt online from outcomes; logistic, with decay.
using System.Collections.Immutable;

namespace Lockstep.Detection.Scoring;

/// <summary>How fast a model learns and forgets.</summary>
/// <param name="Rate">Step of the first update of a weight, log-odds.</param>
/// <param name="HalfLifeMs">After so long a weight has half of itself left, milliseconds.</param>
/// <param name="MaxFeatures">The most features that are kept; others count nothing.</param>
public sealed record LandingRules(double Rate, double HalfLifeMs, int MaxFeatures)
{
    /// <summary>An hour's half-life: gaps live and competitors change by the hour.</summary>
    public static LandingRules Default { get; } = new(0.5, 3_600_000, 10_000);

    /// <summary>Step of the first update of what all trades share; as <see cref="Rate"/> unless
    /// told otherwise.</summary>
    public double BiasRate { get; init; } = Rate;
}

/// <summary>What is known of one feature.</summary>
/// <param name="Weight">Its part in the log-odds, at <paramref name="AtMs"/>.</param>
/// <param name="Gradients">Sum of squared gradients, decayed alike: the step shrinks with it.
/// </param>
/// <param name="AtMs">When it was last seen, UNIX milliseconds.</param>
public readonly record struct LandingWeight(double Weight, double Gradients, long AtMs);

/// <summary>Logistic regression on features that are present or absent, updated with each outcome
/// by AdaGrad (Duchi, Hazan, Singer 2011), its weights drawn back to zero with time: what was not
/// seen lately decides little. Doubles: the model ranks, it settles nothing.</summary>
public sealed class LandingModel
{
    private const string Bias = "";
    private const double Bound = 12;

    private readonly LandingRules rules;
    private readonly Dictionary<string, LandingWeight> weights = new(StringComparer.Ordinal);

    /// <summary>A model that knows nothing, or goes on from weights.</summary>
    /// <param name="rules">How it learns.</param>
    /// <param name="weights">What <see cref="Weights"/> gave; null for nothing.</param>
    /// <exception cref="ArgumentException">A weight or a rule is not finite, or there are too many.
    /// </exception>
    public LandingModel(
        LandingRules rules, IEnumerable<KeyValuePair<string, LandingWeight>>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (!IsRate(rules.Rate) || !IsRate(rules.BiasRate) || !(rules.HalfLifeMs > 0)
            || rules.MaxFeatures < 1)
            throw new ArgumentException("rates and half-lives are positive");
        this.rules = rules;
        foreach ((string name, LandingWeight one) in weights ?? [])
        {
            if (!double.IsFinite(one.Weight) || !(one.Gradients >= 0)
                || !double.IsFinite(one.Gradients))
                throw new ArgumentException($"the weight of '{name}' is no number");
            this.weights[name] = one;
        }
        if (this.weights.Count > rules.MaxFeatures + 1)
            throw new ArgumentException($"there are more than {rules.MaxFeatures} weights");
    }

    /// <summary>All weights by the feature's name; the empty name has what all trades share.
    /// </summary>
    public ImmutableSortedDictionary<string, LandingWeight> Weights =>
        weights.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The chance that a trade lands, strictly between 0 and 1; a half of one of which
    /// nothing is known.</summary>
    /// <param name="features">Its features.</param>
    /// <param name="nowMs">UNIX milliseconds.</param>
    /// <param name="prior">Log-odds of such a trade where nothing is learnt; 0 is a half.</param>
    public double Chance(ImmutableArray<string> features, long nowMs, double prior = 0) =>
        1 / (1 + Math.Exp(-LogOdds(features, nowMs, prior)));

    /// <summary>Learns how a trade ended.</summary>
    /// <param name="features">Its features.</param>
    /// <param name="landed">Whether it landed.</param>
    /// <param name="nowMs">When that became known, UNIX milliseconds.</param>
    /// <param name="prior">As for <see cref="Chance"/>.</param>
    public void Learn(
        ImmutableArray<string> features, bool landed, long nowMs, double prior = 0)
    {
        double error = (landed ? 1 : 0) - Chance(features, nowMs, prior);
        Update(Bias, rules.BiasRate, error, nowMs);
        foreach (string feature in features) Update(feature, rules.Rate, error, nowMs);
    }

    private static bool IsRate(double rate) => rate > 0 && double.IsFinite(rate);

    private double LogOdds(ImmutableArray<string> features, long nowMs, double prior)
    {
        double sum = prior + Now(Bias, nowMs).Weight;
        foreach (string feature in features) sum += Now(feature, nowMs).Weight;
        return Math.Clamp(sum, -Bound, Bound);
    }

    /// <summary>A weight as it is now; clocks that go back change nothing.</summary>
    private LandingWeight Now(string feature, long nowMs)
    {
        if (!weights.TryGetValue(feature, out LandingWeight one)) return default;
        double left = Math.Pow(
            2, -Math.Max(nowMs - one.AtMs, 0) / rules.HalfLifeMs);
        return new LandingWeight(one.Weight * left, one.Gradients * left, one.AtMs);
    }

    private void Update(string feature, double rate, double error, long nowMs)
    {
        if (!weights.ContainsKey(feature) && weights.Count > rules.MaxFeatures) return;
        LandingWeight one = Now(feature, nowMs);
        double gradients = one.Gradients + (error * error);
        weights[feature] = new LandingWeight(
            one.Weight + (rate * error / Math.Sqrt(1 + gradients)), gradients,
            Math.Max(nowMs, one.AtMs));
    }
}
