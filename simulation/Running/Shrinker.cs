// Shrinker: a smaller scenario that fails by the same law: fewer faults, fewer bundles.
namespace Lockstep.Simulator.Running;

/// <summary>Shrinks failures.</summary>
public static class Shrinker
{
    private const int MostRuns = 120;

    /// <summary>The smallest scenario found that still breaks the law of the first failure.
    /// </summary>
    /// <param name="failing">One that fails.</param>
    /// <param name="law">Which law it has to break.</param>
    public static Scenario Shrink(Scenario failing, string law)
    {
        int runs = 0;
        bool smaller = true;
        while (smaller)
        {
            smaller = false;
            foreach (Faults fault in Enum.GetValues<Faults>())
            {
                if (fault is Faults.None || !failing.Has(fault)) continue;
                Try(failing with { Faults = failing.Faults & ~fault });
            }
            for (int cut = failing.Bundles / 2; cut > 0; cut /= 2)
                if (failing.Bundles > cut) Try(failing with { Bundles = failing.Bundles - cut });
        }
        return failing;

        void Try(Scenario candidate)
        {
            if (runs >= MostRuns) return;
            runs++;
            if (!SimulationRun.Run(candidate).Failures.Any(one => one.Law == law)) return;
            (failing, smaller) = (candidate, true);
        }
    }
}
