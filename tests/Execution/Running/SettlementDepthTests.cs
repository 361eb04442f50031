// SettlementDepthTests: how deep in the chain an act has to be before it is believed to be over.
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

public sealed class SettlementDepthTests
{
    /// <summary>A start finds the locks in blocks that are not final, and these blocks are taken
    /// back: what was signed is handed over again.</summary>
    [LocalChainFact]
    public async Task Start_WhenWhatItFindsIsTakenBack_HandsItOverAgain()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using (SettlementRunner first = await world.StartRunnerAsync(journal))
        {
            first.Accept(await world.OrderAsync(), world.Random());
            await world.UntilAsync(
                first, state => state.Legs.All(leg => leg.Head is LegStage.Locked));
        }
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        string id = runner.Open.Single();
        foreach (SettledChain chain in world.Chains)
            await chain.ReorgAsync(SettledChain.Finality - 1);
        Assert.All(
            await world.StagesAsync(journal, id), stage => Assert.Equal(LegStage.Idle, stage));
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.All(
            await world.StagesAsync(journal, id), stage => Assert.Equal(LegStage.Claimed, stage));
        Assert.True(line.Success, line.Detail);
    }

    /// <summary>The price moves in front of a lock that is signed, and it reverts. In another block
    /// it might not have: only when its own is final, the leg has fallen out.</summary>
    [LocalChainFact]
    public async Task Lock_WhenItReverts_IsOverWhenThatIsFinal()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        SettledChain chain = world.Chains[1];
        long over = 0;
        journal.Appended += row =>
        {
            if (row.Leg != 1) return;
            if (row.Entry is TransactionSigned { Act: ActKind.Lock })
                chain.SpoilPoolAsync(UInt256.Pow10(21)).GetAwaiter().GetResult();
            if (row.Entry is ActOver { Act: ActKind.Lock })
                over = chain.Node.HeadAsync().GetAwaiter().GetResult();
        };
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.Equal("aborted", line.Reason);
        OutcomeTransaction failed = Assert.Single(line.Transactions, one => !one.Success);
        Assert.True(
            over - failed.Block + 1 >= SettledChain.Finality,
            $"reverted in {failed.Block}, over at {over}");
        Assert.Equal(
            [LegStage.Refunded, LegStage.Idle], await world.StagesAsync(journal, id));
    }

    /// <summary>No node takes a lock, and the window closes: an empty transaction takes its nonce.
    /// Only when that is final, the lock can't come any more.</summary>
    [LocalChainFact]
    public async Task Cancellation_IsOverWhenItIsFinal()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        SettledChain chain = world.Chains[1];
        bool isDeaf = true;
        using SettlementRunner runner = await world.StartRunnerAsync(
            journal, network: rpc => new DeafRpc(
                rpc, () => isDeaf && rpc == chain.For(SettledChain.Searcher).Rpc));
        long over = 0;
        journal.Appended += row =>
        {
            if (row.Leg != 1) return;
            if (row.Entry is TransactionSigned { Act: ActKind.CancelLock }) isDeaf = false;
            if (row.Entry is ActOver { Act: ActKind.CancelLock })
                over = chain.Node.HeadAsync().GetAwaiter().GetResult();
        };
        string id = runner.Accept(await world.OrderAsync(), world.Random()).Id;
        OutcomeLine line = await world.FinishAsync(runner);
        Assert.Equal("aborted", line.Reason);
        OutcomeTransaction empty = Assert.Single(
            line.Transactions, one => one.Chain == chain.Id);
        Assert.Equal("cancel", empty.Act);
        await BidTips.AssertAsync(line, journal.Read(id), at =>
            world.Chains.Single(one => one.Id == at).Node.Rpc);
        Assert.True(
            over - empty.Block + 1 >= SettledChain.Finality,
            $"cancelled in {empty.Block}, over at {over}");
        Assert.Equal(
            [LegStage.Refunded, LegStage.Idle], await world.StagesAsync(journal, id));
    }

    /// <summary>A node that takes no transactions while something holds.</summary>
    private sealed class DeafRpc(IRpc node, Func<bool> isDeaf) : IRpc
    {
        public string Name => node.Name;

        public ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
            request.Method == "eth_sendRawTransaction" && isDeaf()
                ? ValueTask.FromResult(RpcReply.Failed(RpcReason.Transport, Name, "deaf"))
                : node.CallAsync(request, cancel);

        public ValueTask<RpcReply[]> BatchAsync(
            ReadOnlyMemory<RpcCall> requests, CancellationToken cancel) =>
            node.BatchAsync(requests, cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
