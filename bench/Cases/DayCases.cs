// DayCases: the recorded day through a detector stage, slot by slot; time of each slot.
using System.Diagnostics;
using Lockstep.Bench.Harness;
using Lockstep.Detection;
using Lockstep.Model.Lines;

namespace Lockstep.Bench.Cases;

/// <summary>The whole detection path on real input; reading the lines is not part of it.</summary>
public static class DayCases
{
    private const int QuickSlots = 500;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("day.slot", setting => Slots(Day.Read(setting), setting.Quick)),
    ];

    private static Benchmark Slots(Day day, bool quick)
    {
        var slots = day.Slots[..(quick ? Math.Min(QuickSlots, day.Slots.Count) : day.Slots.Count)];
        double[] slotNs = new double[slots.Count];
        int cycles = 0, found = 0;
        return new Benchmark(
            "slot", slots.Count, () => (cycles, found) = Run(day, slots, slotNs))
        {
            Slow = true,
            Note = ns => $"{slots.Count} slots in {Table.Time(ns * slots.Count)}; of the last run "
                + $"p50 {Table.Time(Sampler.Quantile(slotNs, 0.5))}, "
                + $"p99 {Table.Time(Sampler.Quantile(slotNs, 0.99))}, "
                + $"most {Table.Time(slotNs.Max())}; {cycles} cycles, {found} opportunities",
        };
    }

    private static (int Cycles, int Found) Run(
        Day day, List<(long Slot, Line[] Lines)> slots, double[] slotNs)
    {
        DetectorStage stage = new(day.Config, Day.Cluster);
        List<Line> output = [];
        int found = 0;
        for (int i = 0; i < slots.Count; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            foreach (Line line in slots[i].Lines)
                if (stage.Take(line, output) is { } fault)
                    throw new BenchException($"{fault.Field}: {fault.Message}");
            stage.EndSlot(slots[i].Slot, output);
            slotNs[i] = (Stopwatch.GetTimestamp() - begun) * 1e9 / Stopwatch.Frequency;
            found += output.OfType<OpportunityLine>().Count();
            output.Clear();
        }
        return (stage.Cycles, found);
    }
}
