// SettlementFaultTests: halted gates, lost nodes, jumping clocks and damaged journals on nodes:
// each ends in a state that has a name, and what is lost is bounded.
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Simulator.Actors;
using Lockstep.Tests.Tools;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

public sealed class SettlementFaultTests
{
    /// <summary>Halted with both locks standing: both are claimed, and nothing new is taken on.
    /// </summary>
    [LocalChainFact]
    public async Task Halted_WhenLocksStand_ClaimsThem_AndTakesNothingOn()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        bool isKilled = false;
        using SettlementRunner runner = await world.StartRunnerAsync(
            journal, gate: Gate(journal, () => isKilled));
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        await world.UntilAsync(
            runner, state => state.Legs.All(leg => leg.Head is LegStage.Locked));
        isKilled = true;
        (string denied, RiskDecision decision) =
            runner.Accept(await world.OrderAsync(), world.Random());
        Assert.Equal(RiskReason.KillSwitch, decision.Reason);
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.True(line.Success, line.Detail);
        Assert.All(
            await world.StagesAsync(journal, id), stage => Assert.Equal(LegStage.Claimed, stage));
        Assert.IsType<RiskDenied>(Assert.Single(journal.Read(denied)).Entry);
    }

    /// <summary>Halted between two locks: the second is never signed, the first is unwound, out of
    /// its bond.</summary>
    [LocalChainFact]
    public async Task Halted_WhenOneLockIsSigned_UnwindsIt_AndLocksNothing()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        bool isKilled = false;
        journal.Appended += row =>
            isKilled |= row.Entry is TransactionSigned { Act: ActKind.Lock };
        using SettlementRunner runner = await world.StartRunnerAsync(
            journal, gate: Gate(journal, () => isKilled));
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.Equal("aborted", line.Reason);
        Assert.Single(journal.Read(id), row => row.Entry is TransactionSigned
        {
            Act: ActKind.Lock, Replaces: null,
        });
        Assert.Equal(["lock", "unwind"], line.Transactions.Select(one => one.Act));
        AssertLossWithinBonds(journal, id, line);
    }

    /// <summary>A node is lost with both locks standing and comes back: the bundle commits, or
    /// aborts where it was away past T_sign; never half.</summary>
    [LocalChainFact]
    public async Task Node_WhenLostForAWhile_EndsWhole()
    {
        foreach (int turns in (int[])[5, 70])
        {
            await using SettledWorld world = await SettledWorld.StartAsync();
            using SettlementJournal journal = world.OpenJournal();
            bool isLost = false;
            using SettlementRunner runner = await world.StartRunnerAsync(
                journal, network: rpc => new LosingRpc(rpc, () => isLost));
            string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
            await world.UntilAsync(
                runner, state => state.Legs.All(leg => leg.Head is LegStage.Locked));
            isLost = true;
            for (int i = 0; i < turns; i++) Assert.Empty(await world.TurnAsync(runner));
            Assert.Contains(runner.Waiting, words =>
                words.Contains("gone", StringComparison.Ordinal));
            isLost = false;
            OutcomeLine line = await world.FinishAsync(runner);
            Assert.Equal(turns < 10 ? "none" : "aborted", line.Reason);
            LegStage all = turns < 10 ? LegStage.Claimed : LegStage.Refunded;
            Assert.All(
                await world.StagesAsync(journal, id), stage => Assert.Equal(all, stage));
            AssertLossWithinBonds(journal, id, line);
        }
    }

    /// <summary>The machine's clock jumps an hour ahead with both locks standing: T_sign is past by
    /// it, so the committee certifies ABORT and both legs unwind.</summary>
    [LocalChainFact]
    public async Task Clock_WhenItJumpsAhead_Aborts()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        await world.UntilAsync(
            runner, state => state.Legs.All(leg => leg.Head is LegStage.Locked));
        world.Jump(TimeSpan.FromHours(1));
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.Equal("aborted", line.Reason);
        Assert.All(
            await world.StagesAsync(journal, id), stage => Assert.Equal(LegStage.Refunded, stage));
        AssertLossWithinBonds(journal, id, line);
    }

    /// <summary>The journal's last row was changed on disk with both locks standing: no start
    /// believes it, and a keeper ends the bundle from the order alone, at T.</summary>
    [LocalChainFact]
    public async Task Journal_WhenItsTailIsDamaged_IsRefused_AndAKeeperEndsTheBundle()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        SettlementOrder order = await world.OrderAsync();
        string id;
        Hash32 hash;
        using (SettlementJournal journal = world.OpenJournal())
        {
            using SettlementRunner runner = await world.StartRunnerAsync(journal);
            id = runner.Accept(order, world.Random()).Id;
            await world.UntilAsync(
                runner, state => state.Legs.All(leg => leg.Head is LegStage.Locked));
            hash = Hash32.Parse(
                journal.Read(id).Select(row => row.Entry).OfType<SecretMade>().Single().Hash);
        }
        Damage(world.JournalPath());
        using (SettlementJournal journal = world.OpenJournal())
        {
            JournalException refused = await Assert.ThrowsAsync<JournalException>(
                () => world.StartRunnerAsync(journal));
            Assert.Contains("was changed", refused.Message, StringComparison.Ordinal);
        }
        using SettlementJournal second = world.OpenJournal("keeper");
        using SettlementRunner keeper =
            await world.StartRunnerAsync(second, SettledChain.Keeper);
        keeper.Keep(
            new KeptBundle(
                order with
                {
                    Legs =
                    [
                        .. order.Legs.Select(
                            leg => leg with { Terms = leg.Terms with { HashLock = hash } }),
                    ],
                },
                Decision.None, null, null),
            new byte[SecretSeal.NonceBytes]);
        OutcomeLine line = await world.FinishAsync(keeper);
        Assert.Equal("aborted", line.Reason);
        Assert.All(
            await world.StagesAsync(second, id), stage => Assert.Equal(LegStage.Refunded, stage));
    }

    private static RiskHost Gate(SettlementJournal journal, Func<bool> isKilled) =>
        RiskHost.Start(WideGate.Limits, RiskMode.Active, (_, _) => 1, isKilled, journal);

    /// <summary>Of no asset more is gone than the bonds in it: I2, gas aside.</summary>
    private static void AssertLossWithinBonds(
        SettlementJournal journal, string id, OutcomeLine line)
    {
        TermsText terms = ((BundleAccepted)journal.Read(id)[0].Entry).Terms!;
        foreach (OutcomeFlow flow in line.Realised)
        {
            UInt256 bonds = default;
            foreach (LegTermsText leg in terms.Legs)
            {
                var body = Lockstep.Execution.Evm.EscrowLeg.Decode(Hex.Parse(leg.Body));
                if (flow.Asset.ToString().EndsWith(
                    body.AssetIn.ToLowerHex(), StringComparison.Ordinal)) bonds += body.Bond;
            }
            Assert.True(
                flow.Amount >= 0 || (UInt256)(UInt128)(-flow.Amount) <= bonds,
                $"{flow} is more than the bonds, {bonds}");
        }
    }

    /// <summary>Changes a row as no disk error would be noticed by SQLite: its bytes alone.
    /// </summary>
    private static void Damage(string file)
    {
        using SqliteConnection database = new($"Data Source={file};Pooling=False");
        database.Open();
        using SqliteCommand command = database.CreateCommand();
        command.CommandText =
            "UPDATE record SET at_ms = at_ms + 1 WHERE rowid = (SELECT MAX(rowid) FROM record)";
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    /// <summary>A node that is gone while something holds.</summary>
    private sealed class LosingRpc(IRpc node, Func<bool> isLost) : IRpc
    {
        public string Name => node.Name;

        public ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
            isLost() ? ValueTask.FromResult(Gone) : node.CallAsync(request, cancel);

        public ValueTask<RpcReply[]> BatchAsync(
            ReadOnlyMemory<RpcCall> requests, CancellationToken cancel) => isLost()
                ? ValueTask.FromResult(Enumerable.Repeat(Gone, requests.Length).ToArray())
                : node.BatchAsync(requests, cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private RpcReply Gone => RpcReply.Failed(RpcReason.Transport, Name, "gone");
    }
}
