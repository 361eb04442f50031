// LandingModelTests: learnt chances approach the true ones, follow them when they move, and last.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Detection.Scoring;
using Xunit;

namespace Lockstep.Tests.Detection.Scoring;

public sealed class LandingModelTests
{
    private static readonly string[] Names = ["pool:a", "pool:b", "pool:c", "chain:x", "chain:y"];

    private static readonly LandingRules Patient = new(0.5, 1e12, 100);

    private static readonly Gen<ImmutableArray<string>> Features = Gen.Bool.Array[Names.Length]
        .Select(present => Names.Where((_, i) => present[i]).ToImmutableArray());

    /// <summary>Against the truth itself, which no test of a learner on data has.</summary>
    [Fact]
    public void Chance_ApproachesTheTruth_AndBeatsTheBaseRate() =>
        Gen.Select(Gen.Double[-2, 2].Array[Names.Length], Gen.Double[-1, 1], Gen.Int[0, 1 << 30])
            .Sample((truth, bias, seed) =>
            {
                Random random = new(seed);
                LandingModel model = new(Patient);
                Calibration ours = new(), baseRate = new(), ideal = new();
                long landed = 0;
                for (int i = 0; i < 6000; i++)
                {
                    ImmutableArray<string> features =
                        [.. Names.Where(_ => random.Next(2) == 0)];
                    double odds = bias + features.Sum(name => truth[Array.IndexOf(Names, name)]);
                    double chance = 1 / (1 + Math.Exp(-odds));
                    bool lands = random.NextDouble() < chance;
                    if (i >= 2000)
                    {
                        ours.Take(model.Chance(features, i), lands);
                        ideal.Take(chance, lands);
                        baseRate.Take(landed / (double)i, lands);
                    }
                    model.Learn(features, lands, i);
                    if (lands) landed++;
                }
                Assert.InRange(ours.Brier - ideal.Brier, -0.01, 0.01);
                // Where features tell something, they are worth more than learning costs.
                if (baseRate.Brier - ideal.Brier > 0.015) Assert.True(ours.Brier < baseRate.Brier);
                Assert.InRange(ours.Error, 0, 0.06);
            }, iter: 60);

    [Fact]
    public void Chance_OfWhatWasNotSeenLately_GoesBackToAHalf() =>
        Gen.Select(Features, Gen.Int[1, 50], Gen.Bool).Sample((features, count, landed) =>
        {
            LandingModel model = new(new LandingRules(0.5, 1000, 100));
            for (int i = 0; i < count; i++) model.Learn(features, landed, i);
            double now = model.Chance(features, count), later = model.Chance(features, 5000);
            Assert.True(landed ? now > 0.5 : now < 0.5);
            Assert.True(Math.Abs(later - 0.5) < Math.Abs(now - 0.5));
            Assert.InRange(model.Chance(features, 1_000_000), 0.499999, 0.500001);
        });

    [Fact]
    public void Chance_RisesWithALanding_AndFallsWithAFailure() =>
        Gen.Select(Gen.Select(Features, Gen.Bool).Array[0, 40], Features, Gen.Bool).Sample(
            (day, last, landed) =>
            {
                LandingModel model = new(Patient);
                foreach ((ImmutableArray<string> features, bool lands) in day)
                    model.Learn(features, lands, 0);
                double before = model.Chance(last, 0);
                model.Learn(last, landed, 0);
                double after = model.Chance(last, 0);
                Assert.InRange(after, 0, 1);
                Assert.True(landed ? after > before : after < before);
            });

    [Fact]
    public void Model_FromItsWeights_GoesOnAsItself() =>
        Gen.Select(Gen.Select(Features, Gen.Bool).Array[0, 60], Features).Sample((day, last) =>
        {
            LandingModel model = new(LandingRules.Default);
            for (int i = 0; i < day.Length; i++) model.Learn(day[i].Item1, day[i].Item2, i * 1000);
            LandingModel again = new(LandingRules.Default, model.Weights);
            Assert.Equal(model.Chance(last, 99_999), again.Chance(last, 99_999));
            Assert.Equal(model.Weights, again.Weights);
        });

    [Fact]
    public void Weights_StayBounded_WhateverIsSeen()
    {
        LandingModel model = new(new LandingRules(0.5, 1e9, 10));
        for (int i = 0; i < 1000; i++) model.Learn([$"pool:{i}", "pool:0"], i % 2 == 0, i);
        Assert.InRange(model.Weights.Count, 1, 11);
        Assert.Throws<ArgumentException>(() => new LandingModel(
            LandingRules.Default,
            [new("x", new LandingWeight(double.NaN, 0, 0))]));
    }

    [Fact]
    public void Brier_OfAMixture_IsTheMeanOfItsParts() =>
        Gen.Select(Gen.Double[0, 1], Gen.Bool).Array[1, 100].Sample(all =>
        {
            Calibration one = new();
            foreach ((double chance, bool happened) in all) one.Take(chance, happened);
            Assert.Equal(
                all.Average(a => Math.Pow(a.Item1 - (a.Item2 ? 1 : 0), 2)), one.Brier, 12);
            Assert.Equal(all.Length, one.Diagram.Sum(bar => bar.Count));
            Assert.All(one.Diagram, bar => Assert.InRange(bar.Predicted, bar.From, bar.To));
        });
}
