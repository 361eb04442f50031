// SlotRoutesTests: bound and cycles check each other over made days; no chance, no thread counts.
using System.Buffers;
using System.Text;
using CsCheck;
using Lockstep.Detection;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class SlotRoutesTests
{
    private const int Days = 40;

    private static SearchConfig Config { get; } =
        World.Config() with { Routing = RouteRules.Usual };

    [Fact]
    public void Bound_HoldsForEveryCycle() =>
        MadeDay.Any.Sample(
            day =>
            {
                foreach (List<Line> slot in day.Run(Config, "all").Found)
                {
                    BoundLine? bound = slot.OfType<BoundLine>().SingleOrDefault();
                    if (bound is null) continue;
                    Assert.Equal(0, bound.Above);
                    Assert.True(bound.ValueMicroUsd <= bound.BoundMicroUsd);
                    Assert.True(bound.NetBoundMicroUsd <= bound.BoundMicroUsd);
                    Assert.True(bound.RoutesMicroUsd <= bound.NetBoundMicroUsd + 1);
                    Assert.True(bound.CyclesMicroUsd <= bound.NetBoundMicroUsd + 1);
                    foreach (OpportunityLine line in slot.OfType<OpportunityLine>())
                        Assert.True(line.NetMicroUsd <= bound.NetBoundMicroUsd + 1);
                }
            },
            iter: Days);

    [Fact]
    public void Bound_OverAllChains_IsNoLessThanOverEach() =>
        MadeDay.Any.Sample(
            day =>
            {
                long whole = First(day, "all")?.BoundMicroUsd ?? 0;
                double parts = Enumerable.Range(0, World.Chains)
                    .Sum(chain => First(day, $"c{chain}")?.ValueMicroUsd ?? 0.0);
                // A flow is feasible to a billionth of what passes, far more than it brings.
                Assert.True(whole >= parts - 2 - (1e-4 * parts), $"{whole}, {parts} in parts");
            },
            iter: Days);

    [Fact]
    public void Opportunities_StandTheAggregatorsRecomputation() =>
        MadeDay.Any.Sample(
            day =>
            {
                DetectorStage detector = new(Config, "all");
                AggregatorStage aggregator = new(Config);
                List<Line> found = [];
                for (int slot = 0; slot < day.Slots.Length; slot++)
                {
                    foreach (Line line in day.Slots[slot]) detector.Take(line, found);
                    detector.EndSlot(slot + 1, found);
                    foreach (Line line in found) aggregator.Take(line, []);
                    aggregator.EndSlot(slot + 1, []);
                    found.Clear();
                }
                Assert.Equal(0, aggregator.Dropped.GetValueOrDefault(Reason.QuoteMismatch));
            },
            iter: Days);

    [Fact]
    public void SameLines_GiveTheSameBytes_WhateverTheThreads() =>
        MadeDay.Any.Sample(
            day =>
            {
                using WorkGang three = new(3);
                Assert.Equal(
                    Text(Run(day, new DetectorStage(Config, "all"))),
                    Text(Run(day, new DetectorStage(Config, "all", three))));
            },
            iter: 12);

    private static List<Line> Run(MadeDay day, DetectorStage detector)
    {
        List<Line> found = [];
        for (int slot = 0; slot < day.Slots.Length; slot++)
        {
            foreach (Line line in day.Slots[slot]) detector.Take(line, found);
            detector.EndSlot(slot + 1, found);
        }
        return found;
    }

    private static BoundLine? First(MadeDay day, string cluster) =>
        day.Run(Config, cluster).Found[0].OfType<BoundLine>().SingleOrDefault();

    private static string Text(List<Line> lines)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (Line line in lines) LineCodec.Write(line, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
