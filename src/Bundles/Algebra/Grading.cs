// Grading: gas by chain (lax under `;`) and latency in ms (the critical path) of a diagram.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Bundles.Algebra;

/// <summary>What a transaction pays beside its execution.</summary>
/// <param name="Intrinsic">Paid once a transaction.</param>
/// <param name="ColdAccount">Extra for the first touch of an account in a transaction.</param>
/// <param name="ColdSlot">Extra for the first touch of a storage slot in a transaction.</param>
public sealed record GasSchedule(ulong Intrinsic, ulong ColdAccount, ulong ColdSlot)
{
    /// <summary>Ethereum since Berlin: 21,000 a transaction; a cold account costs 2,600 for 100, a
    /// cold slot 2,100 for 100 (EIP-2929). Calldata, refunds and data fees are not modelled.
    /// </summary>
    public static GasSchedule Berlin { get; } = new(21_000, 2_500, 2_000);

    /// <summary>Extra for the first touch of a resource.</summary>
    public ulong Cold(Resource resource) =>
        resource.Kind is ResourceKind.Pool ? ColdAccount : ColdSlot;
}

/// <summary>The two measures of a diagram; both are invariant under the laws.</summary>
public static class Grading
{
    /// <summary>Gas by chain: for each transaction its intrinsic gas, the warm gas of its steps,
    /// and one cold touch for each distinct resource. So gas(f;g) and gas(f (x) g) are at most
    /// gas f + gas g, with equality when no transaction is shared.</summary>
    public static ImmutableSortedDictionary<ChainId, ulong> Gas(
        this Diagram diagram, GasSchedule schedule)
    {
        var gas = ImmutableSortedDictionary.CreateBuilder<ChainId, ulong>();
        foreach (var at in diagram.Steps.Select(placed => placed.Box).GroupBy(box => box.At))
        {
            ulong sum = schedule.Intrinsic;
            foreach (Box box in at) sum += box.Effect.WarmGas;
            foreach (Resource touched in at.SelectMany(s => s.Effect.Footprint.All).Distinct())
                sum += schedule.Cold(touched);
            gas[at.Key.Chain] = gas.GetValueOrDefault(at.Key.Chain) + sum;
        }
        return gas.ToImmutable();
    }

    /// <summary>The longest path in ms, over wires and conflicts: (x) of parts that commute is the
    /// maximum; `;` is at most the sum, and the sum when the last of one waits for the first of the
    /// other.</summary>
    public static ulong LatencyMs(this Diagram diagram)
    {
        Order order = Order.Of(diagram.Steps);
        var end = new ulong[diagram.Steps.Length];
        for (int i = 0; i < end.Length; i++)
        {
            ulong start = order.Before[i].Select(before => end[before]).DefaultIfEmpty().Max();
            end[i] = start + diagram.Steps[i].Box.Effect.LatencyMs;
        }
        return end.DefaultIfEmpty().Max();
    }
}
