// PlanRunnerTests: plans on two real nodes with our own executor end whole, whenever the process
// dies; the oracle is the chain: balances, nonces and receipts.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Tools;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Execution.Running;

public sealed class PlanRunnerTests(ITestOutputHelper output)
{
    /// <summary>Nothing moved: what was predicted is what came, to the last unit.</summary>
    [LocalChainFact]
    public async Task Transaction_WhenTheStateStands_BringsWhatWasPredicted()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        using PlanProcess process = await world.StartProcessAsync();
        OwnFunds before = await world.FundsAsync();
        (PlanLine plan, UInt256 profit) = await world.FlashAsync();
        AssetId usd = world.Chains[0].Asset(world.Chains[0].Usd);
        plan = plan with { Expected = new PlanExpectation(usd, profit) };
        OutcomeLine line = await process.RunAsync(plan);

        Assert.True(line.Success, line.Detail);
        Assert.Equal(Guarantee.Transaction, line.Guarantee);
        OutcomeFlow flow = Assert.Single(line.Realised);
        Assert.Equal((usd, profit.ToString()), (flow.Asset, flow.Amount.ToString()));
        PlanWorld.AssertAccounts(line, before, await world.FundsAsync());
        // A dollar's millionths are the dollar's base units; gas is priced at 2550 an ether.
        Assert.Equal(profit.ToString(), line.ExpectedMicroUsd!.Value.ToString());
        UInt256 gas = UInt256.MulDivCeiling(
            line.Transactions.Single().FeeWei, 2_550_000_000, UInt256.Pow10(18));
        Assert.Equal(gas.ToString(), line.FeeMicroUsd!.Value.ToString());
        Assert.Equal(line.ExpectedMicroUsd - line.FeeMicroUsd, line.RealisedMicroUsd);
        await AssertTipsAsync(world, process, line);
        output.WriteLine($"{line.RealisedMicroUsd} micro-USD after {line.FeeMicroUsd} for gas");
    }

    [LocalChainFact]
    public async Task Inventory_WhenTheStateStands_BringsWhatWasPredicted()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        using PlanProcess process = await world.StartProcessAsync();
        OwnFunds before = await world.FundsAsync();
        (PlanLine plan, UInt256 eth, UInt256 usd) = await world.InventoryAsync();
        OutcomeLine line = await process.RunAsync(plan);

        Assert.True(line.Success, line.Detail);
        Assert.Equal(Guarantee.Inventory, line.Guarantee);
        OwnFunds after = await world.FundsAsync();
        PlanWorld.AssertAccounts(line, before, after);
        AssetId ether = world.Chains[0].Asset(world.Chains[0].Eth);
        AssetId dollar = world.Chains[1].Asset(world.Chains[1].Usd);
        Assert.Equal(eth.ToString(), (after.Tokens[ether] - before.Tokens[ether]).ToString());
        Assert.Equal(usd.ToString(), (after.Tokens[dollar] - before.Tokens[dollar]).ToString());
    }

    /// <summary>In a pool of a vault, which is found by the configuration alone.</summary>
    [LocalChainFact]
    public async Task WeightedSwap_RunsThroughItsVault()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        using PlanProcess process = await world.StartProcessAsync();
        OwnFunds before = await world.FundsAsync();
        OutcomeLine line = await process.RunAsync(world.Weighted());

        Assert.True(line.Success, line.Detail);
        OwnFunds after = await world.FundsAsync();
        PlanWorld.AssertAccounts(line, before, after);
        AssetId dollar = world.Chains[0].Asset(world.Chains[0].Usd);
        Assert.Equal(50_000_000, after.Tokens[dollar] - before.Tokens[dollar]);
    }

    /// <summary>The process is killed after each record of the journal in turn; another one takes
    /// over from the file.</summary>
    [LocalChainFact]
    public async Task Plan_WhenKilledAfterAnyRecord_EndsWhole()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        foreach (bool flash in new[] { true, false })
        {
            int kills = 0;
            while (await KilledAsync(world, kills, flash, Happening.Nothing) is { } line)
            {
                Assert.True(line.Success, $"killed after record {kills}: {line.Detail}");
                kills++;
            }
            output.WriteLine($"flash {flash}: killed after {kills} records");
            Assert.True(kills >= (flash ? 4 : 6), $"only {kills} records");
        }
    }

    /// <summary>The second leg reverts: the first one is swapped back, whoever does it.</summary>
    [LocalChainFact]
    public async Task Inventory_WhenALegFailsAndTheProcessIsKilled_IsMadeGood()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        int kills = 0;
        while (await KilledAsync(world, kills, false, Happening.PriceMoves) is { } line)
        {
            Assert.Equal("leg-failed", line.Reason);
            Assert.Equal(
                ["failed", "run", "run"],
                line.Transactions.Select(one => one.Act).Order(StringComparer.Ordinal));
            kills++;
        }
        output.WriteLine($"killed after {kills} records");
        Assert.True(kills >= 8, $"only {kills} records");
    }

    /// <summary>Each process writes one record and dies; what it told last is the end.</summary>
    [LocalChainFact]
    public async Task Plan_WhenEveryProcessDiesAtItsFirstRecord_EndsWhole()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        foreach (bool flash in new[] { true, false })
        {
            await world.AlignAsync();
            PlanLine plan = flash ? (await world.FlashAsync(ttlMs: 60_000)).Plan
                : (await world.InventoryAsync(ttlMs: 60_000)).Plan;
            OwnFunds before = await world.FundsAsync();
            OutcomeLine? told = null;
            bool open = true;
            for (int lives = 0; open; lives++)
            {
                Assert.True(lives < 20, "it does not end");
                using PlanProcess process = await world.StartProcessAsync(
                    _ => throw new KilledException());
                await Assert.ThrowsAsync<KilledException>(async () => _ = lives == 0
                    ? await process.RunAsync(plan) : await process.RecoverAsync());
                told = process.Told.SingleOrDefault();
                open = process.Journal.OpenBundles().Count > 0;
            }
            Assert.True(told!.Success, told.Detail);
            PlanWorld.AssertAccounts(told, before, await world.FundsAsync());
        }
    }

    /// <summary>The next process starts when the deadline is past: nothing of the plan is sent any
    /// more, and what may be under way is brought to an end.</summary>
    [LocalChainFact]
    public async Task Plan_WhenTakenUpAfterItsDeadline_SendsNothingNew()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        foreach (bool flash in new[] { true, false })
        {
            int kills = 0;
            while (await KilledAsync(world, kills, flash, Happening.TimePasses) is { } line)
            {
                output.WriteLine($"{kills}: {line.Reason}: {line.Detail}");
                kills++;
            }
            Assert.True(kills >= 4, $"only {kills} records");
        }
    }

    /// <summary>No block of the second chain takes its leg in time.</summary>
    [LocalChainFact]
    public async Task Inventory_WhenALegIsNotIncludedInTime_IsCancelledAndMadeGood()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        // It makes none from the leg's signing to its cancellation.
        using PlanProcess process = await world.StartProcessAsync(record =>
        {
            if (record.Entry is TransactionSigned signed
                && Order(signed) is { } order && order.ChainId == world.Chains[1].Number)
                world.Chains[1].IsStalled = !order.Data.IsEmpty;
        });
        OwnFunds before = await world.FundsAsync();
        (PlanLine plan, _, _) = await world.InventoryAsync();
        OutcomeLine line = await process.RunAsync(plan);

        Assert.Equal("leg-failed", line.Reason);
        Assert.Equal(
            ["cancel", "failed", "run"],
            line.Transactions.Select(one => one.Act).Order(StringComparer.Ordinal));
        await AssertTipsAsync(world, process, line);
        PlanWorld.AssertAccounts(line, before, await world.FundsAsync());
    }

    /// <summary>Somebody else used the nonce of a transaction that was signed and not yet sent.
    /// </summary>
    [LocalChainFact]
    public async Task Transaction_WhenItsNonceIsTaken_EndsAndTheLaneGoesOn()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        (PlanLine plan, _) = await world.FlashAsync();
        using (PlanProcess process = await world.StartProcessAsync(KillAt(1)))
            await Assert.ThrowsAsync<KilledException>(() => process.RunAsync(plan));
        await world.Chains[0].UseNonceAsync();
        await world.AlignAsync();
        using PlanProcess next = await world.StartProcessAsync();
        OutcomeLine? line = await next.RecoverAsync();

        Assert.Equal("nonce-taken", line!.Reason);
        Assert.Empty(line.Transactions);
        (PlanLine again, _) = await world.FlashAsync();
        OutcomeLine success = await next.RunAsync(again);
        Assert.True(success.Success, success.Detail);
    }

    private enum Happening
    {
        Nothing,
        PriceMoves,
        TimePasses,
    }

    private static Task AssertTipsAsync(
        PlanWorld world, PlanProcess process, OutcomeLine line) => BidTips.AssertAsync(
            line, process.Journal.Read(line.Bundle),
            id => world.Chains.Single(chain => chain.Id == id).Rpc);

    private static EvmTransaction Order(TransactionSigned signed) =>
        SignedTransaction.Decode(Hex.Parse(signed.Raw)).Transaction;

    private static Action<JournalRecord> KillAt(int records) => row =>
    {
        if (row.Sequence >= records) throw new KilledException();
    };

    /// <summary>One bundle, killed once; null where it ended before.</summary>
    private async Task<OutcomeLine?> KilledAsync(
        PlanWorld world, int records, bool flash, Happening happening)
    {
        bool killed = false, moved = false;
        await world.AlignAsync();
        PlanLine plan = flash ? (await world.FlashAsync()).Plan
            : (await world.InventoryAsync()).Plan;
        OwnFunds before = await world.FundsAsync();
        OutcomeLine? first = null;
        using (PlanProcess process = await world.StartProcessAsync(row =>
        {
            Move(row);
            if (row.Sequence < records) return;
            killed = true;
            throw new KilledException();
        }))
        {
            try
            {
                first = await process.RunAsync(plan);
            }
            catch (KilledException)
            {
                first = process.Told.SingleOrDefault();
            }
        }
        if (happening is Happening.TimePasses)
            for (int i = 0; i < 15; i++) await world.Clock.TickAsync();
        DateTimeOffset taken = world.Clock.GetUtcNow();
        using PlanProcess next = await world.StartProcessAsync(Move);
        OutcomeLine? line = await next.RecoverAsync() ?? first;
        Assert.NotNull(line);
        string place = $"killed after record {records}";
        PlanWorld.AssertAccounts(line, before, await world.FundsAsync(), place);
        Assert.Empty(next.Journal.OpenBundles());
        if (happening is Happening.TimePasses)
            AssertNothingNew(line, next.Journal.Read(line.Bundle), taken, place);
        return killed ? line : null;

        // The price moves in front of the leg that is signed and not sent yet.
        void Move(JournalRecord row)
        {
            PlanChain chain = world.Chains[1];
            if (happening is not Happening.PriceMoves || moved
                || row.Entry is not TransactionSigned signed
                || Order(signed).ChainId != chain.Number)
                return;
            moved = true;
            chain.SpoilAsync(chain.Dear, UInt256.Pow10(18) * 10).GetAwaiter().GetResult();
        }
    }

    /// <summary>What was signed after the new process began does nothing but end a nonce, or make
    /// good a leg that had landed.</summary>
    private static void AssertNothingNew(
        OutcomeLine line, IReadOnlyList<JournalRecord> rows, DateTimeOffset taken, string place)
    {
        foreach (JournalRecord row in rows)
        {
            if (row.Entry is not TransactionSigned signed
                || row.AtMs < taken.ToUnixTimeMilliseconds()) continue;
            Assert.True(
                Order(signed).Data.IsEmpty || signed.Act is ActKind.Remedy,
                $"{place}: {line.Reason}");
        }
    }
}
