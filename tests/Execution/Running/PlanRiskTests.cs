// PlanRiskTests: what the risk gate denies sends nothing, is written down, and stays so; on nodes.
using System.Collections.Immutable;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Simulator.Actors;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

public sealed class PlanRiskTests
{
    [LocalChainFact]
    public async Task Plan_WhenItPutsTooMuchAtRisk_SendsNothing()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        using PlanProcess process = await world.StartProcessAsync(
            limits: WideGate.Limits with { BundleMicroUsd = 500_000_000 });
        await DeniedAsync(
            world, process, (await world.InventoryAsync()).Plan, "limit-bundle", "are allowed");
    }

    [LocalChainFact]
    public async Task Plan_WhenItCantBeValued_SendsNothing()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        foreach (PlanChain chain in world.Chains)
            world.Prices.PriceAs(
                chain.Contracts.GasAsset, AssetId.Parse($"{chain.Id}/erc20:0x00"));
        using PlanProcess process = await world.StartProcessAsync();
        await DeniedAsync(
            world, process, (await world.FlashAsync()).Plan, "unpriced", "can't be valued");
    }

    [LocalChainFact]
    public async Task Plan_WhenTheKillSwitchIsOn_SendsNothing_AndRunsAgainWhenItIsOff()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        bool isKilled = false;
        using PlanProcess process = await world.StartProcessAsync(isKilled: () => isKilled);
        OutcomeLine first = await process.RunAsync((await world.FlashAsync()).Plan);
        Assert.True(first.Success, first.Detail);
        await world.AlignAsync();

        isKilled = true;
        await DeniedAsync(
            world, process, (await world.InventoryAsync()).Plan, "kill-switch", "is on");
        isKilled = false;
        await world.AlignAsync();
        OutcomeLine last = await process.RunAsync((await world.InventoryAsync()).Plan);
        Assert.True(last.Success, last.Detail);
    }

    /// <summary>Between the acceptance and the first signature.</summary>
    [LocalChainFact]
    public async Task Plan_WhenItIsHaltedBeforeItsFirstSignature_SendsNothing()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        bool isKilled = false;
        using PlanProcess process = await world.StartProcessAsync(
            row => isKilled |= row.Entry is BundleAccepted, isKilled: () => isKilled);
        PlanLine plan = (await world.InventoryAsync()).Plan;
        OwnFunds before = await world.FundsAsync();
        OutcomeLine line = await process.RunAsync(plan);
        Assert.Equal((false, "risk-halted"), (line.Success, line.Reason));
        Assert.Null(line.SubmittedMs);
        Assert.Empty(line.Transactions);
        Assert.False(Assert.Single(process.Risk.State.Failures));
        await NothingWentAsync(world, before);
    }

    /// <summary>One leg is signed, then everything is halted: the other is not, and what landed is
    /// made good.</summary>
    [LocalChainFact]
    public async Task Plan_WhenItIsHaltedBetweenItsLegs_IsMadeGood()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        int looks = 0;
        // At admission, by each leg, by each desk: the fifth is the second desk's.
        using PlanProcess process = await world.StartProcessAsync(
            isKilled: () => Interlocked.Increment(ref looks) >= 5);
        OutcomeLine line = await process.RunAsync((await world.InventoryAsync()).Plan);
        Assert.Equal((false, "leg-failed"), (line.Success, line.Reason));
        Assert.Equal(["run", "failed"], line.Transactions.Select(one => one.Act));
        Assert.All(line.Transactions, one => Assert.True(one.Success));
        Assert.Contains("has made good", line.Detail, StringComparison.Ordinal);
    }

    [LocalChainFact]
    public async Task Breaker_WhenTheProcessStartsAnew_StillHolds_UntilAnOperatorResumes()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        RiskLimits limits = WideGate.Limits with { FailureWindow = 1, ReduceFailures = 1 };
        using (PlanProcess process = await world.StartProcessAsync(limits: limits))
        {
            PlanLine plan = (await world.FlashAsync()).Plan;
            process.Journal.Appended += row =>
            {
                if (row.Entry is BundleAccepted)
                    world.Chains[0].SpoilAsync(world.Chains[0].Dear, UInt256.Pow10(18))
                        .GetAwaiter().GetResult();
            };
            OutcomeLine line = await process.RunAsync(plan);
            Assert.Equal((false, "reverted"), (line.Success, line.Reason));
        }
        await world.AlignAsync();
        using PlanProcess next = await world.StartProcessAsync(limits: limits);
        await DeniedAsync(
            world, next, (await world.InventoryAsync()).Plan, "failure-rate", "has to resume");
        next.Risk.Resume(next.Journal, 7);
        Assert.Equal(RiskMode.Active, next.Risk.State.Mode);
        Assert.Equal(
            RiskMode.Active,
            RiskReplay.Replay(limits, RiskReplay.Rows([next.Journal])).Mode);
    }

    private static async Task DeniedAsync(
        PlanWorld world, PlanProcess process, PlanLine plan, string code, string words)
    {
        OwnFunds before = await world.FundsAsync();
        OutcomeLine line = await process.RunAsync(plan);
        Assert.Equal((false, "risk-" + code), (line.Success, line.Reason));
        Assert.Contains(words, line.Detail, StringComparison.Ordinal);
        Assert.Empty(line.Transactions);
        Assert.Null(line.SubmittedMs);
        JournalRecord row = Assert.Single(process.Journal.Read(line.Bundle));
        var denied = Assert.IsType<RiskDenied>(row.Entry);
        Assert.Equal((code, line.Detail), (denied.Reason, denied.Detail));
        Assert.DoesNotContain(line.Bundle, process.Journal.OpenBundles());
        await NothingWentAsync(world, before);
    }

    private static async Task NothingWentAsync(PlanWorld world, OwnFunds before)
    {
        foreach (PlanChain chain in world.Chains) await chain.MineAsync();
        Assert.Equivalent(before, await world.FundsAsync(), strict: true);
    }
}
