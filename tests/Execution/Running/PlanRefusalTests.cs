// PlanRefusalTests: every reason not to run a plan, on real nodes: said as such, nothing is sent.
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Simulator.Actors;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

public sealed class PlanRefusalTests
{
    [LocalChainFact]
    public Task Plan_WhenItsProfitIsGone_IsRefused() => RefusedAsync(
        "profit-gone", "TooLittleOut", arrange: world => world.Chains[1].SpoilAsync(
            world.Chains[1].Dear, UInt256.Pow10(18)));

    /// <summary>Dollars for a millionth of one: gas is more than that.</summary>
    [LocalChainFact]
    public async Task Plan_WhenItsGasCostsMoreThanItBrings_IsRefused()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        foreach (PlanChain chain in world.Chains)
            world.Prices.Take(new PriceLine
            {
                Slot = 1, Asset = chain.Asset(chain.Usd), UsdE18 = UInt256.Pow10(12),
            });
        using PlanProcess process = await world.StartProcessAsync();
        await RefusedAsync(
            world, process, (await world.FlashAsync()).Plan, "profit-gone", "gas costs");
    }

    [LocalChainFact]
    public Task Plan_WhenTheExecutorRefusesItsKeeper_IsRefused() => RefusedAsync(
        "simulation-failed", "NotKeeper", arrange: world => world.Chains[1].KeepAsync(false));

    [LocalChainFact]
    public Task Plan_WhenTheNodeServesAnotherChain_IsRefused() => RefusedAsync(
        "wrong-chain", "the node serves eip155:11", arrange: world =>
            world.Chains[1].RenumberAsync(11));

    [LocalChainFact]
    public Task Plan_WhenItsDetectionIsTooLongAgo_IsRefused() => RefusedAsync(
        "stale-plan", "5001 ms ago", rules: new() { MaxAge = TimeSpan.FromSeconds(5) },
        change: (plan, now) => plan with { FoundMs = now - 5001 });

    [LocalChainFact]
    public Task Plan_WhenItsDetectionIsInTheFuture_IsRefused() => RefusedAsync(
        "stale-plan", "in 2001 ms", change: (plan, now) => plan with { FoundMs = now + 2001 });

    [LocalChainFact]
    public Task Plan_WhenAChainStandsStill_IsRefused() => RefusedAsync(
        "stale-chain", "61 s old", arrange: world =>
        {
            world.Clock.Set(world.Clock.GetUtcNow() + TimeSpan.FromSeconds(61));
            return Task.CompletedTask;
        });

    [LocalChainFact]
    public async Task Plan_WhenAPoolOfItIsSetAside_IsRefused()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        PlanChain chain = world.Chains[1];
        var pool = AccountId.Parse($"{chain.Id}:{chain.Dear.ToLowerHex()}");
        await RefusedWhenDeniedAsync(world, pool.ToString());
    }

    [LocalChainFact]
    public async Task Plan_WhenAnAssetOfItIsSetAside_IsRefused()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        AssetId asset = world.Chains[1].Asset(world.Chains[1].Usd);
        await RefusedWhenDeniedAsync(world, asset.ToString());
    }

    [LocalChainFact]
    public async Task Plan_WhenAChainOfItIsSetAside_IsRefused()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        await RefusedWhenDeniedAsync(world, world.Chains[1].Id.ToString());
    }

    [LocalChainFact]
    public Task Plan_WhenTheOwnerHasTooLittle_IsRefused() => RefusedAsync(
        "insufficient-balance", "the owner has", change: (plan, _) => plan with
        {
            Transactions =
            [
                .. plan.Transactions.Select(one => one with
                {
                    Calls = [.. one.Calls.Select(call =>
                        call.Op == "take" && call.Amount.All(char.IsAsciiDigit)
                            ? call with { Amount = UInt256.Pow10(29).ToString() } : call)],
                }),
            ],
        });

    [LocalChainFact]
    public Task Plan_WhenTheKeeperCantPayForGas_IsRefused() => RefusedAsync(
        "insufficient-balance", "the keeper has 7 wei", arrange: world =>
            world.Chains[1].SetEtherAsync(PlanChain.Keeper.Address, 7));

    [LocalChainFact]
    public Task Plan_WhenTheAllowanceIsMissing_IsRefused() => RefusedAsync(
        "allowance-missing", "lets the executor take 0", arrange: async world =>
        {
            await world.Chains[0].AllowAsync(world.Chains[0].Usd, 0);
            await world.AlignAsync();
        });

    /// <summary>The leg would run; what it brings could not be taken to swap it back.</summary>
    [LocalChainFact]
    public Task Plan_WhenARemedyLacksItsAllowance_IsRefused() => RefusedAsync(
        "allowance-missing", "remedy t", arrange: async world =>
        {
            await world.Chains[0].AllowAsync(world.Chains[0].Eth, 0);
            await world.AlignAsync();
        });

    [LocalChainFact]
    public Task Plan_WhenItsDeadlineIsTooClose_IsRefused() => RefusedAsync(
        "deadline-close", "10000 ms are left", desk: settings => settings with
        {
            LeastTime = TimeSpan.FromSeconds(11),
        });

    [LocalChainFact]
    public Task Plan_WhenGasIsAboveTheCap_IsRefused() => RefusedAsync(
        "gas-above-cap", "the cap is 1", desk: settings => settings with
        {
            Sender = settings.Sender with { Fees = new() { MaxFeePerGas = 1, MaxTip = 1 } },
        });

    [LocalChainFact]
    public async Task Plan_WhenNodesDisagree_IsRefused()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        // Same chain id and height, other blocks.
        await using AnvilNode other = await AnvilNode.StartAsync("--chain-id", "8453");
        await other.MineAsync((int)(await world.Chains[0].HeadAsync()));
        await using RpcPool pool = new(
            "two", new PoolRules { ChainId = 8453, Quorum = 2 },
            new[] { world.Chains[0].Http, other.Http }.Select((at, i) => new RpcEndpoint(
                new HttpRpc($"node {i}", at, new RpcLimits(), TimeProvider.System),
                RetryPolicy.Default, TimeProvider.System, () => 0)));
        Assert.Null(await pool.StartAsync(CancellationToken.None));
        QuorumRpc both = new(pool);
        using PlanProcess process = await world.StartProcessAsync(
            desk: (chain, journal) => chain.OpenAsync(
                journal, world.Clock, chain == world.Chains[0] ? both : null));
        await RefusedAsync(world, process, (await world.InventoryAsync()).Plan, "no-quorum",
            "2 have to agree");
    }

    [LocalChainFact]
    public async Task Plan_WhenItIsReadTwice_RunsOnce()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        using PlanProcess process = await world.StartProcessAsync();
        PlanLine plan = (await world.FlashAsync()).Plan with
        {
            FoundMs = world.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        OutcomeLine first = await process.RunAsync(plan);
        Assert.True(first.Success, first.Detail);
        await world.AlignAsync();
        OwnFunds before = await world.FundsAsync();
        OutcomeLine second = await process.RunAsync(plan);
        Assert.Equal(("duplicate", first.Bundle), (second.Reason, second.Bundle));
        Assert.Equivalent(before, await world.FundsAsync(), strict: true);
    }

    [LocalChainFact]
    public async Task Plan_WhenItsChainIsNotAllowed_IsRefused()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        PlanLine plan = (await world.InventoryAsync()).Plan;
        using PlanProcess process = await world.StartProcessAsync();
        await RefusedAsync(world, process, plan with
        {
            Transactions = [.. plan.Transactions.Select(one => one.Chain == world.Chains[0].Id
                ? one : one with { Chain = ChainId.Parse("eip155:1") })],
        }, "not-executable", "nothing may be sent on eip155:1");
    }

    private static async Task RefusedAsync(
        string reason, string words, Func<PlanWorld, Task>? arrange = null,
        PlanRules? rules = null, Func<PlanLine, long, PlanLine>? change = null,
        Func<DeskSettings, DeskSettings>? desk = null)
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        PlanLine plan = (await world.InventoryAsync()).Plan;
        using PlanProcess process = await world.StartProcessAsync(
            rules: rules, desk: (chain, journal) =>
                chain.OpenAsync(journal, world.Clock, change: desk));
        if (arrange is not null) await arrange(world);
        long now = world.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await RefusedAsync(world, process, change?.Invoke(plan, now) ?? plan, reason, words);
    }

    /// <summary>A name that is denied while the process runs, and let in again.</summary>
    private static async Task RefusedWhenDeniedAsync(PlanWorld world, string name)
    {
        using PlanProcess process = await world.StartProcessAsync();
        PlanLine plan = (await world.InventoryAsync()).Plan;
        process.Risk.Change(WideGate.Limits with { Denied = [name] }, RiskMode.Active);
        await RefusedAsync(world, process, plan, "denied", name);
        process.Risk.Change(WideGate.Limits, RiskMode.Active);
        OutcomeLine line = await process.RunAsync(plan);
        Assert.NotEqual("denied", line.Reason);
        Assert.NotEmpty(line.Transactions);
    }

    private static async Task RefusedAsync(
        PlanWorld world, PlanProcess process, PlanLine plan, string reason, string words)
    {
        OwnFunds before = await world.FundsAsync();
        OutcomeLine line = await process.RunAsync(plan);

        Assert.False(line.Success);
        Assert.Equal(reason, line.Reason);
        Assert.Contains(words, line.Detail, StringComparison.Ordinal);
        Assert.Empty(line.Transactions);
        Assert.Null(line.SubmittedMs);
        Assert.Empty(process.Journal.Read(line.Bundle));
        foreach (PlanChain chain in world.Chains) await chain.MineAsync();
        Assert.Equivalent(before, await world.FundsAsync(), strict: true);
    }
}
