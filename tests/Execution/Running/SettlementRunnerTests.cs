// SettlementRunnerTests: bundles on two real nodes with our own contracts end whole, come what may.
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Tools;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Execution.Running;

public sealed class SettlementRunnerTests(ITestOutputHelper output)
{
    [LocalChainFact]
    public async Task Bundle_WhenAllIsWell_CommitsAndAccountsToTheUnit()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        var before = await world.FundsAsync();
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        OutcomeLine line = await world.FinishAsync(runner);
        var after = await world.FundsAsync();

        Assert.True(line.Success, line.Detail);
        Assert.All(
            await world.StagesAsync(journal, id), stage => Assert.Equal(LegStage.Claimed, stage));
        Assert.Equal(["lock", "claim", "lock", "claim"], line.Transactions.Select(t => t.Act));
        await BidTips.AssertAsync(line, journal.Read(id), chain =>
            world.Chains.Single(one => one.Id == chain).Node.Rpc);
        AssertAccounts(world, line, before, after);
        Assert.Empty(journal.OpenBundles());
        foreach (OutcomeTransaction one in line.Transactions)
            output.WriteLine($"{one.Chain} {one.Act}: {one.GasUsed} gas");
    }

    [LocalChainFact]
    public async Task Bundle_WhenOneLockIsRefused_AbortsAndUnwinds()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        var before = await world.FundsAsync();
        string id = runner.Accept(await world.OrderAsync(greedy: true), world.Random()).Id;
        OutcomeLine line = await world.FinishAsync(runner);
        var after = await world.FundsAsync();

        Assert.Equal((false, "aborted"), (line.Success, line.Reason));
        Assert.Contains("TooLittleOut", line.Detail, StringComparison.Ordinal);
        Assert.Equal(
            [LegStage.Refunded, LegStage.Idle], await world.StagesAsync(journal, id));
        Assert.Equal(["lock", "unwind"], line.Transactions.Select(t => t.Act));
        AssertAccounts(world, line, before, after);
        foreach (OutcomeTransaction one in line.Transactions)
            output.WriteLine($"{one.Chain} {one.Act}: {one.GasUsed} gas");
    }

    /// <summary>The process is killed after each record of the journal in turn, as long as there
    /// is one; another one takes over from the file.</summary>
    [LocalChainFact]
    public async Task Bundle_WhenKilledAfterAnyRecord_EndsWhole()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        foreach (bool greedy in new[] { false, true })
        {
            int kills = 0;
            while (await KilledAfterAsync(world, kills, greedy)) kills++;
            output.WriteLine($"greedy {greedy}: killed after {kills} records");
            Assert.True(kills >= 10, $"only {kills} records");
        }
    }

    /// <summary>Between two turns everything was done that was journalled: the other place to die.
    /// </summary>
    [LocalChainFact]
    public async Task Bundle_WhenRestartedAtEveryTurn_Commits()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        OutcomeLine? line = null;
        for (int turn = 0; line is null; turn++)
        {
            Assert.True(turn < 100, "it does not end");
            using SettlementJournal journal = world.OpenJournal();
            using SettlementRunner runner = await world.StartRunnerAsync(journal);
            if (turn == 0) runner.Accept(await world.OrderAsync(), world.Random());
            line = (await world.TurnAsync(runner)).SingleOrDefault();
        }
        Assert.True(line.Success, line.Detail);
    }

    [LocalChainFact]
    public async Task Claim_WhenThreeBlocksAreTakenBack_IsMadeAgain()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        await world.UntilAsync(
            runner, state => state.Legs.All(leg => leg.Head is LegStage.Claimed));
        await world.Chains[0].ReorgAsync(3);
        Assert.Equal(
            [LegStage.Locked, LegStage.Claimed], await world.StagesAsync(journal, id));
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.True(line.Success, line.Detail);
        Assert.All(
            await world.StagesAsync(journal, id), stage => Assert.Equal(LegStage.Claimed, stage));
        // By the transaction that was signed for it: it is on its way again.
        Assert.Single(journal.Read(id), row => row.Leg == 0
            && row.Entry is TransactionSigned { Act: ActKind.Claim, Replaces: null });
    }

    /// <summary>Nobody certifies anything: T ends the bundle.</summary>
    [LocalChainFact]
    public async Task Bundle_WhenTheCommitteeIsDead_UnwindsAtItsDeadline()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(
            journal, committee: world.DeadCommittee());
        var before = await world.FundsAsync();
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.Equal("aborted", line.Reason);
        Assert.All(
            await world.StagesAsync(journal, id), stage => Assert.Equal(LegStage.Refunded, stage));
        AssertAccounts(world, line, before, await world.FundsAsync());
    }

    /// <summary>The pool has moved too far to swap back, nobody bids: the leg ends in kind.
    /// </summary>
    [LocalChainFact]
    public async Task Bundle_WhenTheSwapBackFails_EndsInKind()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        var before = await world.FundsAsync();
        string id = runner.Accept(await world.OrderAsync(greedy: true), world.Random()).Id;
        await world.UntilAsync(runner, state => state.Legs[0].Head is LegStage.Locked);
        await world.Chains[0].SpoilPoolAsync(UInt256.Pow10(21));
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.Equal(["lock", "unwind", "settle-in-kind"], line.Transactions.Select(t => t.Act));
        Assert.Equal(
            [LegStage.Refunded, LegStage.Idle], await world.StagesAsync(journal, id));
        AssertAccounts(world, line, before, await world.FundsAsync());
    }

    /// <summary>With secret and certificate anybody can claim; who locked finds it done.</summary>
    [LocalChainFact]
    public async Task Keeper_WhenTheSearcherIsGone_ClaimsForIt()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        SettlementOrder order = await world.OrderAsync();
        string id;
        IReadOnlyList<JournalRecord> rows;
        using (SettlementJournal journal = world.OpenJournal())
        {
            using SettlementRunner runner = await world.StartRunnerAsync(journal);
            journal.Appended += row =>
            {
                if (row.Entry is CertificateHeld) throw new KilledException();
            };
            id = runner.Accept(order, world.Random()).Id;
            await Assert.ThrowsAsync<KilledException>(() => world.FinishAsync(runner));
            rows = journal.Read(id);
        }
        SecretMade made = rows.Select(row => row.Entry).OfType<SecretMade>().Single();
        var hash = Hash32.Parse(made.Hash);
        KeptBundle kept = new(
            order with
            {
                Legs =
                [
                    .. order.Legs.Select(
                        leg => leg with { Terms = leg.Terms with { HashLock = hash } }),
                ],
            },
            Decision.Commit,
            Hex.Parse(rows.Select(row => row.Entry).OfType<CertificateHeld>().Single().Proof),
            world.Seal.Open(made.Sealed, hash));
        using (SettlementJournal journal = world.OpenJournal("keeper"))
        {
            using SettlementRunner keeper =
                await world.StartRunnerAsync(journal, SettledChain.Keeper);
            Assert.Equal(id, keeper.Keep(kept, new byte[SecretSeal.NonceBytes]));
            OutcomeLine line = await world.FinishAsync(keeper);
            Assert.True(line.Success, line.Detail);
            Assert.Equal(["claim", "claim"], line.Transactions.Select(t => t.Act));
        }
        using SettlementJournal again = world.OpenJournal();
        using SettlementRunner returned = await world.StartRunnerAsync(again);
        OutcomeLine end = await world.FinishAsync(returned);
        Assert.True(end.Success, end.Detail);
        Assert.Equal(["lock", "lock"], end.Transactions.Select(t => t.Act));
    }

    /// <summary>One bundle, killed once; false where it ended before.</summary>
    private static async Task<bool> KilledAfterAsync(SettledWorld world, int records, bool greedy)
    {
        bool killed = false;
        string? id = null;
        SettlementOrder order = await world.OrderAsync(greedy);
        using (SettlementJournal journal = world.OpenJournal())
        {
            using SettlementRunner runner = await world.StartRunnerAsync(journal);
            journal.Appended += row =>
            {
                id = row.Bundle;
                if (row.Sequence < records) return;
                killed = true;
                throw new KilledException();
            };
            try
            {
                runner.Accept(order, world.Random());
                await world.FinishAsync(runner);
            }
            catch (KilledException)
            {
                // The next one takes over below.
            }
        }
        using SettlementJournal again = world.OpenJournal();
        using SettlementRunner next = await world.StartRunnerAsync(again);
        if (next.Open.Count > 0) await world.FinishAsync(next);
        LegStage[] stages = await world.StagesAsync(again, id!);
        string place = $"killed after record {records}: {string.Join(", ", stages)}";
        Assert.True(
            stages.All(stage => stage is LegStage.Claimed)
            || stages.All(stage => stage is LegStage.Refunded or LegStage.Idle), place);
        // Killed before its secret was made it never was; later it goes on, for time is left.
        if (!greedy)
            Assert.True(stages[0] == (records == 0 ? LegStage.Idle : LegStage.Claimed), place);
        Assert.Empty(again.OpenBundles());
        return killed;
    }

    /// <summary>The outcome says what the balances say, and the fees are what left the account.
    /// </summary>
    private static void AssertAccounts(
        SettledWorld world, OutcomeLine line,
        (System.Collections.Immutable.ImmutableArray<Int128> Tokens,
            System.Collections.Immutable.ImmutableArray<UInt256> Ether) before,
        (System.Collections.Immutable.ImmutableArray<Int128> Tokens,
            System.Collections.Immutable.ImmutableArray<UInt256> Ether) after)
    {
        for (int i = 0; i < world.Chains.Length; i++)
        {
            SettledChain chain = world.Chains[i];
            EvmAddress[] tokens = [chain.Usd, chain.Eth];
            for (int t = 0; t < tokens.Length; t++)
            {
                string asset = $"{chain.Id}/erc20:{tokens[t].ToLowerHex()}";
                Int128 told = line.Realised.Where(flow => flow.Asset.ToString() == asset)
                    .Select(flow => flow.Amount).SingleOrDefault();
                Assert.Equal(after.Tokens[(2 * i) + t] - before.Tokens[(2 * i) + t], told);
            }
            UInt256 fees = line.Transactions.Where(one => one.Chain == chain.Id)
                .Aggregate(UInt256.Zero, (sum, one) => sum + one.FeeWei);
            Assert.Equal(before.Ether[i] - after.Ether[i], fees);
        }
    }
}
