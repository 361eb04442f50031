// BridgeGen: random candidates, prices and requests in a world of three chains and two assets.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Bundles.Bridges;
using Lockstep.Model;

namespace Lockstep.Tests.Bundles.Bridges;

internal static class BridgeGen
{
    internal static readonly ImmutableArray<ChainId> Chains =
        [ChainId.Parse("eip155:1"), ChainId.Parse("eip155:10"), ChainId.Parse("eip155:8453")];

    internal static readonly ImmutableArray<string> Assets = ["USDC", "WETH"];

    private static readonly Gen<ulong> Seconds = Gen.OneOf(
        Gen.ULong[0, 100], Gen.ULong[0, 100_000], Gen.Const(CompletionTime.MaxSeconds));

    private static readonly Gen<CompletionTime> Time =
        Gen.Select(Gen.ULong[0, 200], Gen.ULong[0, 200], Gen.ULong[0, 2_000])
            .Select((a, b, c) => CompletionTime.Table(a, a + b, a + b + c));

    private static readonly Gen<CrossingFees> Fees = Gen.Select(
        Gen.ULong[0, 200_000], Gen.UInt[0, 2_000], Gen.ULong[0, 500_000], Gen.ULong[0, 500_000],
        (fixedPart, pips, from, to) => new CrossingFees(fixedPart, pips, from, to));

    private static readonly Gen<LockedCapital> Capital = Gen.Select(
        Gen.UInt[0, 1_500_000], Seconds, (pips, seconds) => new LockedCapital(pips, seconds));

    private static readonly Gen<CrossingFailure> Failure = Gen.Select(
        Gen.UInt[0, 50_000], Gen.UInt[0, 5_000], Seconds,
        (ppm, loss, delay) => new CrossingFailure(ppm, loss, delay));

    /// <summary>All members of a list, or some in its order, never none of them.</summary>
    private static Gen<ImmutableArray<T>> Some<T>(ImmutableArray<T> all) =>
        Gen.OneOf(
            Gen.Const(all),
            Gen.Int[1, (1 << all.Length) - 1].Select(bits =>
                all.Where((_, i) => ((bits >> i) & 1) != 0).ToImmutableArray()));

    private static readonly Gen<BridgeCandidate> Candidate = Gen.Select(
        Gen.Select(Gen.Int[0, 6], Some(Assets), Some(Chains), Some(Chains)),
        Fees, Time, Capital, Failure,
        (who, fees, time, capital, failure) => new BridgeCandidate(
            "", (BridgeKind)who.Item1, who.Item2, who.Item3, who.Item4, fees, time, capital,
            failure, ImmutableSortedDictionary<string, Provenance>.Empty));

    /// <summary>Up to nine candidates, named apart; some twice under two names, so that ties
    /// happen.</summary>
    internal static readonly Gen<BridgeCandidate[]> Candidates =
        Gen.Select(Candidate.Array[1, 6], Gen.Int[0, 3]).Select((some, twins) =>
            some.Concat(some.Take(twins)).Select((c, i) => c with { Id = $"way-{i}" }).ToArray());

    internal static readonly Gen<CrossingPrices> Prices = Gen.Select(
        Gen.ULong[0, 5_000_000].Array[3], Gen.UInt[0, 20_000].Array[2], Gen.UInt[0, 500_000],
        (gas, sigma, rate) => new CrossingPrices(
            Chains.Zip(gas).ToImmutableSortedDictionary(p => p.First, p => p.Second),
            Assets.Zip(sigma).ToImmutableSortedDictionary(
                p => p.First, p => p.Second, StringComparer.Ordinal),
            rate));

    internal static readonly Gen<CrossingRequest> Request = Gen.Select(
        Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[1, 2],
        Gen.OneOf(
            Gen.ULong[1, 1_000_000_000_000], Gen.Const(CrossingRequest.MaxValueMicroUsd)),
        Gen.ULong[0, 4_000], Gen.ULong[0, 300],
        (asset, from, step, value, deadline, share) => new CrossingRequest(
            Assets[asset], Chains[from], Chains[(from + step) % 3], value, value, deadline,
            value * share / 100));

    internal static CrossingRequest Ask(
        string asset, string from, string to, ulong usd, ulong deadline, ulong limitUsd) =>
        new(asset, ChainId.Parse(from), ChainId.Parse(to), usd * 1_000_000, usd * 1_000_000,
            deadline, limitUsd * 1_000_000);
}
