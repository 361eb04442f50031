// BridgeSelectionTests: laws of the choice, and that every refusal says why, with its figures.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Bridges;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Bundles.Bridges;

public sealed class BridgeSelectionTests
{
    /// <summary>Half of all worlds have a way, a third have two: enough for every law.</summary>
    private const long Worlds = 1_000;

    private static readonly Gen<(BridgeCandidate[] Ways, CrossingPrices Prices,
        CrossingRequest Request)> World =
        Gen.Select(BridgeGen.Candidates, BridgeGen.Prices, BridgeGen.Request);

    private static readonly Func<BridgeCandidate, uint, BridgeCandidate>[] Worsenings =
    [
        (c, d) => c with { Fees = c.Fees with { FixedMicroUsd = c.Fees.FixedMicroUsd + d } },
        (c, d) => c with { Fees = c.Fees with { Pips = c.Fees.Pips + d } },
        (c, d) => c with { Fees = c.Fees with { GasFrom = c.Fees.GasFrom + (100 * d) } },
        (c, d) => c with { Fees = c.Fees with { GasTo = c.Fees.GasTo + (100 * d) } },
        (c, d) => c with { Time = Later(c.Time, d, d, d) },
        (c, d) => c with { Time = Later(c.Time, 0, 0, d) },
        (c, d) => c with { Capital = c.Capital with { Pips = c.Capital.Pips + (100 * d) } },
        (c, d) => c with { Capital = c.Capital with { Seconds = c.Capital.Seconds / 2 + d } },
        (c, d) => c with { Failure = c.Failure with { Ppm = c.Failure.Ppm + d } },
        (c, d) => c with { Failure = c.Failure with { LossPips = c.Failure.LossPips + d } },
    ];

    private static CompletionTime Later(CompletionTime time, ulong d50, ulong d95, ulong d99) =>
        CompletionTime.Table(
            time.P50Seconds + d50, time.P95Seconds + d95, time.P99Seconds + d99);

    private static CrossingChoice Choose(
        (BridgeCandidate[] Ways, CrossingPrices Prices, CrossingRequest Request) w,
        CrossingPolicy? policy = null) =>
        BridgeSelection.Select(w.Request, new(w.Ways, w.Prices), policy ?? CrossingPolicy.Free);

    private static bool IsRanked(CrossingVerdict verdict) => verdict.Reason
        is CrossingReason.Chosen or CrossingReason.Costlier or CrossingReason.NotForced;

    private static CrossingVerdict[] Ranking(CrossingChoice choice) =>
        [.. choice.Verdicts.TakeWhile(IsRanked)];

    private static int Rank(CrossingChoice choice, string id) =>
        Array.FindIndex(Ranking(choice), v => v.Candidate.Id == id) is >= 0 and int at
            ? at
            : int.MaxValue;

    [Fact]
    public void Choice_IsTheLeastAmongThoseThatFit() => World.Sample(w =>
    {
        CrossingRequest r = w.Request;
        var least = w.Ways
            .Where(c => c.Assets.Contains(r.Asset) && c.From.Contains(r.From)
                && c.To.Contains(r.To) && c.Time.P99Seconds <= r.DeadlineSeconds
                && (BigInteger)r.ValueMicroUsd * c.Capital.Pips
                    <= (BigInteger)r.CapitalLimitMicroUsd * 1_000_000)
            .Select(c => (
                CrossingCosts.Of(
                    c, r.ValueMicroUsd, w.Prices.GasMicroUsdPerMega[r.From],
                    w.Prices.GasMicroUsdPerMega[r.To], w.Prices.SigmaPips[r.Asset],
                    w.Prices.CapitalRatePpm).TotalMicroUsd,
                c.Time.P99Seconds, c.Failure.Ppm, c.Id))
            .Order().Cast<(ulong, ulong, uint, string)?>().FirstOrDefault();
        CrossingChoice choice = Choose(w);
        Assert.Equal(least?.Item4, choice.Chosen?.Id);
        Assert.Equal(choice.Chosen is null ? CrossingReason.NothingFeasible : null, choice.Refusal);
        if (choice.Chosen is { } chosen)
            Assert.Equal(
                ((BigInteger)r.Amount.U0 * (1_000_000 - chosen.Fees.Pips)) / 1_000_000,
                (ulong)choice.AmountArrivingFloor);
    }, iter: Worlds);

    [Fact]
    public void Verdicts_NameEveryCandidateOnceWithTrueFigures() => World.Sample(w =>
    {
        CrossingChoice choice = Choose(w);
        Assert.Equal(
            w.Ways.Select(c => c.Id).Order(), choice.Verdicts.Select(v => v.Candidate.Id).Order());
        ulong? best = choice.Verdicts.FirstOrDefault(v => v.Reason == CrossingReason.Chosen)
            ?.Figure;
        Assert.Equal(choice.Chosen is null, best is null);
        foreach (CrossingVerdict v in choice.Verdicts)
        {
            Assert.DoesNotContain('\n', v.Explain());
            Assert.Contains(v.Reason.Code(), v.Explain(), StringComparison.Ordinal);
            switch (v.Reason)
            {
                case CrossingReason.Chosen or CrossingReason.Costlier:
                    Assert.Equal(v.Costs!.Value.TotalMicroUsd, v.Figure);
                    Assert.True(v.Figure >= v.Against);
                    Assert.Equal(best, v.Against);
                    break;
                case CrossingReason.TooSlow or CrossingReason.CapitalBeyondLimit:
                    Assert.True(v.Figure > v.Against);
                    break;
                default:
                    Assert.Null(v.Costs);
                    break;
            }
        }
    }, iter: Worlds);

    [Fact]
    public void Rank_NeverImprovesByAddingCost() =>
        Gen.Select(World, Gen.Int[0, 8], Gen.Int[0, Worsenings.Length - 1], Gen.UInt[0, 3_000])
            .Sample((w, at, how, by) =>
            {
                at %= w.Ways.Length;
                // Capital's time is halved first, so that adding to it stays in range.
                BridgeCandidate before = Worsenings[how](w.Ways[at], 0);
                BridgeCandidate after = Worsenings[how](w.Ways[at], by);
                Assert.True(Rank(Choose(With(after)), after.Id)
                    >= Rank(Choose(With(before)), before.Id));

                (BridgeCandidate[], CrossingPrices, CrossingRequest) With(BridgeCandidate c) =>
                    ([.. w.Ways[..at], c, .. w.Ways[(at + 1)..]], w.Prices, w.Request);
            }, iter: Worlds);

    [Fact]
    public void Forbidding_TheWinnerPicksTheRunnerUp() => World.Sample(w =>
    {
        CrossingVerdict[] ranking = Ranking(Choose(w));
        if (ranking.Length == 0) return;
        CrossingChoice without = Choose(w, new([ranking[0].Candidate.Id], null));
        Assert.Equal(ranking.ElementAtOrDefault(1)?.Candidate.Id, without.Chosen?.Id);
        Assert.Equal(
            CrossingReason.Forbidden,
            without.Verdicts.Single(v => v.Candidate.Id == ranking[0].Candidate.Id).Reason);
    }, iter: Worlds);

    [Fact]
    public void Forcing_IsHonouredOrRefusedWithItsReason() =>
        Gen.Select(World, Gen.Int[0, 8], Gen.Bool).Sample((w, at, byKind) =>
        {
            BridgeCandidate wanted = w.Ways[at % w.Ways.Length];
            string name = byKind ? wanted.Kind.Word() : wanted.Id;
            CrossingVerdict[] ranking = Ranking(Choose(w));
            CrossingVerdict? best = ranking.FirstOrDefault(v =>
                byKind ? v.Candidate.Kind == wanted.Kind : v.Candidate.Id == wanted.Id);
            CrossingChoice forced = Choose(w, new([], name));
            Assert.Equal(best?.Candidate.Id, forced.Chosen?.Id);
            if (best is not null) return;
            Assert.Equal(CrossingReason.ForcedIsInfeasible, forced.Refusal);
            Assert.Equal(name, forced.Detail);
            Assert.False(IsRanked(forced.Verdicts.Single(v => v.Candidate.Id == wanted.Id)));
        }, iter: Worlds);

    [Fact]
    public void Choice_IsTheSameInAnyOrderOfTheTable() =>
        Gen.Select(World, Gen.Int[0, 8]).Sample((w, turn) =>
        {
            turn %= w.Ways.Length;
            BridgeCandidate[] turned = [.. w.Ways[turn..].Reverse(), .. w.Ways[..turn]];
            Assert.Equal(Choose(w).Explain(), Choose((turned, w.Prices, w.Request)).Explain());
        }, iter: Worlds);

    [Fact]
    public void Choice_NeverCostsMoreWithMoreTimeAndCapital() =>
        Gen.Select(World, Gen.ULong[0, 1_000], Gen.ULong[0, 1_000_000_000_000])
            .Sample((w, time, capital) =>
            {
                CrossingVerdict? tight = Ranking(Choose(w)).FirstOrDefault();
                CrossingRequest looser = w.Request with
                {
                    DeadlineSeconds = w.Request.DeadlineSeconds + time,
                    CapitalLimitMicroUsd = w.Request.CapitalLimitMicroUsd + capital,
                };
                CrossingVerdict? loose =
                    Ranking(Choose((w.Ways, w.Prices, looser))).FirstOrDefault();
                Assert.True(tight is null || loose!.Figure <= tight.Figure);
            }, iter: Worlds);

    [Theory]
    [InlineData(CrossingReason.SameChain)]
    [InlineData(CrossingReason.ValueOutOfRange)]
    [InlineData(CrossingReason.AssetNotPriced)]
    [InlineData(CrossingReason.UnknownName)]
    [InlineData(CrossingReason.ForcedIsForbidden)]
    public void Request_WhenImpossible_IsRefusedWithoutVerdicts(CrossingReason reason) =>
        World.Sample(w =>
        {
            CrossingRequest request = reason switch
            {
                CrossingReason.SameChain => w.Request with { To = w.Request.From },
                CrossingReason.ValueOutOfRange => w.Request with
                {
                    ValueMicroUsd = CrossingRequest.MaxValueMicroUsd + 1,
                },
                CrossingReason.AssetNotPriced => w.Request with { Asset = "DOGE" },
                _ => w.Request,
            };
            CrossingPolicy policy = reason switch
            {
                CrossingReason.UnknownName => new(["way-0", "way-99"], null),
                CrossingReason.ForcedIsForbidden => new([w.Ways[0].Kind.Word()], w.Ways[0].Id),
                _ => CrossingPolicy.Free,
            };
            CrossingChoice choice = Choose((w.Ways, w.Prices, request), policy);
            Assert.Equal(reason, choice.Refusal);
            Assert.Null(choice.Chosen);
            Assert.True(choice.AmountArrivingFloor.IsZero);
            Assert.Empty(choice.Verdicts);
            Assert.StartsWith(reason.Code() + ": ", Assert.Single(choice.Explain()));
        }, iter: 20);

    [Fact]
    public void Gas_WhenNotPricedWhereItIsNeeded_RulesOut() => World.Sample(w =>
    {
        CrossingPrices unpriced = w.Prices with
        {
            GasMicroUsdPerMega = w.Prices.GasMicroUsdPerMega.Remove(w.Request.From),
        };
        Assert.All(Choose((w.Ways, unpriced, w.Request)).Verdicts, v => Assert.True(
            v.Costs is null || v.Candidate.Fees.GasFrom == 0));
    }, iter: Worlds);

    [Fact]
    public void Table_WhenANameIsTakenOrAFigureOutOfRange_IsRefused()
    {
        BridgeCandidate way = new(
            "way", BridgeKind.Cctp, ["USDC"], BridgeGen.Chains, BridgeGen.Chains, default,
            CompletionTime.Table(1, 2, 3), default, default,
            ImmutableSortedDictionary<string, Provenance>.Empty);
        CrossingPrices prices = new(
            ImmutableSortedDictionary<ChainId, ulong>.Empty,
            ImmutableSortedDictionary<string, uint>.Empty, 0);
        Assert.Equal(way, Assert.Single(new BridgeTable([way], prices).Candidates));
        Refused([way, way], prices);
        Refused([way with { Id = "cctp" }], prices);
        Refused([way with { Failure = new(1_000_001, 0, 0) }], prices);
        Refused([way], prices with { CapitalRatePpm = CrossingPrices.MaxRatePpm + 1 });

        static void Refused(BridgeCandidate[] ways, CrossingPrices prices) =>
            Assert.Throws<ArgumentException>(() => new BridgeTable(ways, prices));
    }
}
