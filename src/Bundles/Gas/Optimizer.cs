// Optimizer: applies the rules until none has anything to do; reports what each one changed.
using System.Collections.Immutable;
using Lockstep.Bundles.Gas.Rules;

namespace Lockstep.Bundles.Gas;

/// <summary>What one rule did to a plan, all rounds together.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Changes">In how many rounds it changed something.</param>
/// <param name="GasSaved">Modelled gas, all chains and phases together.</param>
/// <param name="MsSaved">Modelled latency; negative where it rose.</param>
public sealed record RuleEffect(string Rule, int Changes, ulong GasSaved, long MsSaved);

/// <summary>A plan, before and after.</summary>
/// <param name="Before">As lowered.</param>
/// <param name="After">As rewritten.</param>
/// <param name="Effects">One for each rule, in the order of the rules.</param>
public sealed record Optimized(Plan Before, Plan After, ImmutableArray<RuleEffect> Effects);

/// <summary>The rewriting of plans: deterministic, bounded, idempotent.</summary>
public static class Optimizer
{
    /// <summary>The most rounds; a law shows that half of them are more than it takes to come to
    /// rest.</summary>
    public const int MaxRounds = 16;

    /// <summary>Rewrites with every rule.</summary>
    public static Optimized Optimize(Plan plan, GasModel model) =>
        Optimize(plan, model, PlanRule.All);

    /// <summary>Rewrites with some rules. A rewrite that would raise the modelled gas is not
    /// taken.</summary>
    public static Optimized Optimize(
        Plan plan, GasModel model, IReadOnlyList<PlanRule> rules)
    {
        model = model.Remembering();
        RuleEffect[] effects = [.. rules.Select(rule => new RuleEffect(rule.Name, 0, 0, 0))];
        Plan now = plan;
        for (int round = 0; round < MaxRounds; round++)
        {
            Plan start = now;
            for (int i = 0; i < effects.Length; i++)
            {
                Plan next = rules[i].Apply(now, model);
                if (ReferenceEquals(next, now)) continue;
                (ulong before, ulong after) = (model.Total(now), model.Total(next));
                if (after > before) continue;
                effects[i] = effects[i] with
                {
                    Changes = effects[i].Changes + 1,
                    GasSaved = effects[i].GasSaved + (before - after),
                    MsSaved = effects[i].MsSaved
                        + (long)model.LatencyMs(now) - (long)model.LatencyMs(next),
                };
                now = next;
            }
            if (ReferenceEquals(start, now)) break;
        }
        return new Optimized(plan, now, [.. effects]);
    }
}
