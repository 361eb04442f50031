// RiskWatch: what is at risk never passes the bounds, counted from rows; halted, no lock is signed.
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Checks;

/// <summary>Counts again, by the journal alone, what the gate admitted.</summary>
public sealed class RiskWatch(World world)
{
    private readonly Dictionary<string, RiskText> open = new(StringComparer.Ordinal);

    /// <summary>Bundles that the gate denied.</summary>
    public int Denied { get; private set; }

    /// <summary>A row of the coordinator's journal.</summary>
    public void Wrote(JournalRecord row)
    {
        switch (row.Entry)
        {
            case RiskDenied:
                Denied++;
                break;
            case BundleAccepted { Risk: { } asked }:
                open[row.Bundle] = asked;
                Hold(row.Bundle);
                break;
            case BundleAccepted when !world.Watch.IsDiskBroken:
                world.Watch.Fail("risk", $"{row.Bundle} was taken on without the gate");
                break;
            case TransactionSigned { Act: ActKind.Lock, Replaces: null }
                when world.Coordinator.Gate.IsKilled:
                world.Watch.Fail("halted", $"a lock of {row.Bundle} leg {row.Leg} was signed");
                break;
            case BundleEnded:
                open.Remove(row.Bundle);
                break;
        }
    }

    private void Hold(string bundle)
    {
        var limits = world.Coordinator.Gate.Limits;
        if (world.Watch.IsDiskBroken) return;
        if (world.Coordinator.Gate.IsKilled)
            world.Watch.Fail("halted", $"{bundle} was taken on");
        if (open.Count > limits.OpenBundles)
            world.Watch.Fail("risk", $"{open.Count} bundles are open with {bundle}");
        RiskItemText[] items = [.. open.Values.SelectMany(one => one.Items)];
        if (Sum(items) > limits.TotalMicroUsd)
            world.Watch.Fail("risk", $"{Sum(items)} micro-dollars are at risk with {bundle}");
        foreach (var chain in items.GroupBy(
            one => one.Asset[..one.Asset.IndexOf('/', StringComparison.Ordinal)]))
            if (Sum(chain) > limits.OtherChainMicroUsd)
                world.Watch.Fail("risk", $"{Sum(chain)} micro-dollars are at risk on {chain.Key}");
    }

    private static Int128 Sum(IEnumerable<RiskItemText> items) =>
        items.Aggregate(Int128.Zero, (sum, one) => sum + (one.MicroUsd ?? 0));
}
