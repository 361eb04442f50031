// RiskGateTests: whatever comes, no more is at risk than allowed, and every denial says why.
using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using CsCheck;
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Execution.Risk;

public sealed class RiskGateTests
{
    private const int Bundles = 12;

    private static readonly ChainId[] Chains = [.. new[] { "eip155:1", "eip155:10", "eip155:8453" }
        .Select(ChainId.Parse)];

    private static readonly AssetId[] Assets =
    [
        .. Chains.SelectMany(chain => new[] { "aa", "bb" }.Select(token =>
            AssetId.Parse($"{chain}/erc20:0x{string.Concat(Enumerable.Repeat(token, 20))}"))),
    ];

    private static readonly string?[] Bridges = [null, null, "across", "cctp"];

    private static readonly Gen<RiskLimits> Limits =
        from bundle in Gen.Long[0, 1000]
        from total in Gen.Long[0, 3000]
        from open in Gen.Int[0, 6]
        from chain in Gen.Long[0, 2000]
        from asset in Gen.Long[0, 1500]
        from first in Gen.Long[0, 2000]
        from bridge in Gen.Long[0, 900]
        from reduce in Gen.Long[1, 800]
        from halt in Gen.Long[0, 800]
        from window in Gen.Int[1, 6]
        from failures in Gen.Int[1, window]
        select new RiskLimits
        {
            BundleMicroUsd = bundle,
            TotalMicroUsd = total,
            OpenBundles = open,
            OtherChainMicroUsd = chain,
            ChainMicroUsd = ImmutableDictionary<ChainId, long>.Empty.Add(Chains[0], first),
            OtherAssetMicroUsd = asset,
            OtherBridgeMicroUsd = bridge,
            ProfitMicroUsd = 10,
            ReduceDrawdownMicroUsd = reduce,
            HaltDrawdownMicroUsd = reduce + halt,
            FailureWindow = window,
            ReduceFailures = failures,
            FeedAgeMs = 500,
        };

    private static readonly Gen<RiskRequest> Requests =
        from id in Gen.Int[0, Bundles - 1]
        from items in Gen.Select(
            Gen.Int[0, Assets.Length - 1], Gen.Long[-1, 600], Gen.Int[0, Bridges.Length - 1])
            .Select((asset, worth, bridge) => new RiskItem(Assets[asset], worth, Bridges[bridge]))
            .Array[1, 3]
        from expected in Gen.Long[0, 100]
        from ageMs in Gen.Long[0, 520]
        select new RiskRequest
        {
            Bundle = $"b{id}",
            Items = [.. items],
            Pools = [],
            ExpectedMicroUsd = expected,
            FeedAgeMs = Chains.ToImmutableDictionary(chain => chain, _ => ageMs),
        };

    private static readonly Gen<RiskEvent> Events = Gen.Frequency(
        (1, Gen.Enum<RiskMode>().Select(mode => (RiskEvent)new ModeChosen(mode))),
        (1, Gen.Bool.Select(isOn => (RiskEvent)new KillSwitchSeen(isOn))),
        (6, Gen.Select(Gen.Int[0, Bundles - 1], Gen.Bool, Gen.Long[-300, 300]).Select(
            (id, failed, realised) => (RiskEvent)new BundleOver(
                $"b{id}", failed, realised == 300 ? null : realised))));

    private static readonly Gen<object[]> Days = Gen.OneOf(
        Requests.Select(one => (object)one), Events.Select(one => (object)one)).Array[0, 60];

    [Fact]
    public void Exposure_StaysWithinEveryLimit() => Gen.Select(Limits, Days).Sample(
        (limits, day) =>
        {
            RiskState state = new();
            Dictionary<string, RiskRequest> open = [];
            foreach (object one in day)
            {
                RiskState before = state;
                if (one is RiskEvent happened)
                {
                    state = RiskGate.Take(state, limits, happened);
                    if (happened is BundleOver over) open.Remove(over.Bundle);
                }
                else
                {
                    state = RiskGate.Judge(state, limits, (RiskRequest)one, out RiskDecision said);
                    if (said.IsAdmitted) open.Add(((RiskRequest)one).Bundle, (RiskRequest)one);
                    else Assert.Same(before, state);
                    Assert.Equal(said.IsAdmitted, said.Detail.Length == 0);
                }
                Within(limits, [.. open.Values]);
                Assert.Equal(open.Keys.Order(), state.Open.Keys.Order());
            }
        });

    /// <summary>What was denied is denied under tighter limits too.</summary>
    [Fact]
    public void Denial_SurvivesTighterLimits() =>
        Gen.Select(Limits, Days, Requests, Gen.Long[1, 500]).Sample((limits, day, last, less) =>
        {
            RiskState state = After(limits, day);
            RiskGate.Judge(state, limits, last, out RiskDecision said);
            if (said.IsAdmitted) return;
            foreach (RiskLimits tighter in new[]
            {
                limits with { BundleMicroUsd = limits.BundleMicroUsd - less },
                limits with { TotalMicroUsd = limits.TotalMicroUsd - less },
                limits with { OpenBundles = limits.OpenBundles - 1 },
                limits with { OtherChainMicroUsd = limits.OtherChainMicroUsd - less },
                limits with { OtherAssetMicroUsd = limits.OtherAssetMicroUsd - less },
                limits with { OtherBridgeMicroUsd = limits.OtherBridgeMicroUsd - less },
                limits with { ProfitMicroUsd = limits.ProfitMicroUsd + less },
                limits with { FeedAgeMs = limits.FeedAgeMs - less },
                limits with { Denied = [Assets[0].ToString()] },
            })
            {
                RiskGate.Judge(state, tighter, last, out RiskDecision again);
                Assert.False(again.IsAdmitted);
            }
        });

    [Fact]
    public void Breakers_StayUntilAnOperatorResumes() => Gen.Select(Limits, Days, Requests).Sample(
        (limits, day, request) =>
        {
            RiskState state = new();
            BigInteger realised = 0, peak = 0;
            List<bool> failures = [];
            bool isTripped = false;
            foreach (object one in day)
            {
                if (one is RiskRequest asked)
                {
                    state = RiskGate.Judge(state, limits, asked, out RiskDecision said);
                    Assert.False(said.IsAdmitted && isTripped);
                    continue;
                }
                if (one is ModeChosen { Mode: RiskMode.Active })
                {
                    (peak, isTripped) = (realised, false);
                    failures.Clear();
                }
                if (one is BundleOver over
                    && state.Open.TryGetValue(over.Bundle, out RiskRequest? open))
                {
                    realised += over.RealisedMicroUsd
                        ?? -open.Items.Sum(item => item.MicroUsd!.Value);
                    peak = BigInteger.Max(peak, realised);
                    failures.Add(over.HasFailed);
                    isTripped |= peak - realised >= limits.ReduceDrawdownMicroUsd
                        || failures.TakeLast(limits.FailureWindow).Count(failed => failed)
                            >= limits.ReduceFailures;
                }
                state = RiskGate.Take(state, limits, (RiskEvent)one);
                Assert.Equal(isTripped, state.Tripped > RiskMode.Active);
            }
        });

    [Fact]
    public void Halt_StopsLocksAndRuns_OfOpenBundles() => Gen.Select(Limits, Days).Sample(
        (limits, day) =>
        {
            RiskState state = After(limits, day);
            foreach (string bundle in state.Open.Keys)
                Assert.Equal(state.Mode < RiskMode.Halted, RiskGate.MayGoOn(state, bundle));
            Assert.False(RiskGate.MayGoOn(
                RiskGate.Take(state, limits, new KillSwitchSeen(true)), "b0"));
            Assert.False(RiskGate.MayGoOn(state, "nobody"));
        });

    [Theory]
    [InlineData("eip155:1")]
    [InlineData("eip155:1/erc20:0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("across")]
    [InlineData("eip155:10:0xcccccccccccccccccccccccccccccccccccccccc")]
    public void Request_WhenOneOfItsPartsIsDenied_IsRefused(string part)
    {
        RiskLimits wide = Wide();
        RiskRequest request = new()
        {
            Bundle = "b",
            Items = [new RiskItem(Assets[0], 1, "across")],
            Pools = [PoolId.Parse("eip155:10:0xcccccccccccccccccccccccccccccccccccccccc")],
            ExpectedMicroUsd = 10,
            FeedAgeMs = Chains.ToImmutableDictionary(chain => chain, _ => 0L),
        };
        RiskGate.Judge(new RiskState(), wide, request, out RiskDecision said);
        Assert.True(said.IsAdmitted, said.Detail);
        RiskGate.Judge(
            new RiskState(), wide with { Denied = [part] }, request, out RiskDecision denied);
        Assert.Equal(RiskReason.NotAllowed, denied.Reason);
        Assert.Contains(part, denied.Detail, StringComparison.Ordinal);
        RiskGate.Judge(
            new RiskState(), wide with { Allowed = [part] }, request, out RiskDecision alone);
        Assert.Equal(RiskReason.NotAllowed, alone.Reason);
    }

    [Fact]
    public void Chain_WhenItWasNeverHeard_IsStale()
    {
        RiskGate.Judge(
            new RiskState(), Wide(), new RiskRequest
            {
                Bundle = "b",
                Items = [new RiskItem(Assets[0], 1)],
                Pools = [],
                ExpectedMicroUsd = 10,
                FeedAgeMs = ImmutableDictionary<ChainId, long>.Empty,
            },
            out RiskDecision said);
        Assert.Equal(RiskReason.StaleFeed, said.Reason);
    }

    [Fact]
    public void Code_OfEachReason_IsItsNameInKebabCase()
    {
        foreach (RiskReason reason in Enum.GetValues<RiskReason>())
            Assert.Equal(
                JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString()), reason.Code());
    }

    private static RiskState After(RiskLimits limits, object[] day)
    {
        RiskState state = new();
        foreach (object one in day)
            state = one is RiskEvent happened
                ? RiskGate.Take(state, limits, happened)
                : RiskGate.Judge(state, limits, (RiskRequest)one, out _);
        return state;
    }

    private static void Within(RiskLimits limits, RiskRequest[] open)
    {
        RiskItem[] items = [.. open.SelectMany(one => one.Items)];
        Assert.True(open.Length <= limits.OpenBundles);
        Assert.True(items.Sum(item => item.MicroUsd) <= limits.TotalMicroUsd);
        Assert.All(open, one => Assert.True(
            one.Items.Sum(item => item.MicroUsd) <= limits.BundleMicroUsd
            && one.ExpectedMicroUsd >= limits.ProfitMicroUsd
            && one.Items.All(item => item.MicroUsd >= 0)));
        foreach (var chain in items.GroupBy(item => item.Asset.Chain))
            Assert.True(chain.Sum(item => item.MicroUsd) <= (chain.Key == Chains[0]
                ? limits.ChainMicroUsd[Chains[0]] : limits.OtherChainMicroUsd));
        foreach (var asset in items.GroupBy(item => item.Asset))
            Assert.True(asset.Sum(item => item.MicroUsd) <= limits.OtherAssetMicroUsd);
        foreach (var bridge in items.Where(item => item.Bridge is not null)
            .GroupBy(item => item.Bridge))
            Assert.True(bridge.Sum(item => item.MicroUsd) <= limits.OtherBridgeMicroUsd);
    }

    private static RiskLimits Wide() => new()
    {
        BundleMicroUsd = 1000,
        TotalMicroUsd = 1000,
        OpenBundles = 10,
        OtherChainMicroUsd = 1000,
        OtherAssetMicroUsd = 1000,
        OtherBridgeMicroUsd = 1000,
        ProfitMicroUsd = 0,
        ReduceDrawdownMicroUsd = 1,
        HaltDrawdownMicroUsd = 1,
        FailureWindow = 1,
        ReduceFailures = 1,
        FeedAgeMs = 0,
    };
}
