// RecoverTests: an executor that died with work open: recover tells it, recover --live ends it.
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tests.Execution.Running;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Tools.Live;

[UnsupportedOSPlatform("windows")]
public sealed class RecoverTests(ITestOutputHelper say)
{
    // The time before the death passes faster than on the wall; so much of it is gained at most.
    private const long Ahead = 25, Span = 240;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Three bundles at three places of their way when the process dies: one signs its
    /// first claim, one has its locks, one has signed its first lock. Then the process that takes
    /// them up is killed as well. Each ends whole, and the books are the chains'.</summary>
    [LocalChainFact]
    public async Task Settled_WhenTheProcessDiesWithThreeOpen_AreEndedWhole()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        var before = await world.FundsAsync();
        string[] ids = new string[3];
        await DieAsync(world, async runner =>
        {
            ids[0] = runner.Accept(await world.OrderAsync(false, Span), world.Random()).Id;
            await UntilAsync(world, runner, () => AllLocked(runner, ids[0]));
            ids[1] = runner.Accept(await world.OrderAsync(false, Span), world.Random()).Id;
            await UntilAsync(world, runner, () => AllLocked(runner, ids[1])
                && runner.StateOf(ids[0])!.Certificate is Decision.Commit);
            ids[2] = runner.Accept(await world.OrderAsync(false, Span), world.Random()).Id;
            await UntilAsync(world, runner, () => false);
        }, rows => rows[^1].Bundle == ids[2] && IsSigned(rows[^1], ActKind.Lock));
        string[] stands = ["COMMIT certificate held", "2 of 2 locks begun", "2 of 2 locks begun"];
        await EndAsync(world, before, ids, stands, dies: true);
    }

    /// <summary>Of what was told nobody, what is to be unwound, and what was claimed on one chain.
    /// </summary>
    [LocalChainFact]
    public async Task Settled_WhenTheProcessDiesAtEitherEnd_AreEndedWhole()
    {
        foreach ((bool greedy, Func<JournalRecord, bool> last, string stands, string next) in new[]
        {
            (false, (Func<JournalRecord, bool>)(row => row.Entry is BundleAccepted),
                "taken on, no secret made", "ends at once: nobody was told anything"),
            (true, row => row.Entry is ActBegun { Act: ActKind.RequestAbort },
                "ABORT was asked for, no certificate held", "asks again"),
            (false, row => row.Leg == 0 && IsSigned(row, ActKind.Claim),
                "COMMIT certificate held", "claims every leg that is locked"),
        })
        {
            await using SettledWorld world = await SettledWorld.StartAsync();
            var before = await world.FundsAsync();
            string id = "";
            await DieAsync(world, async runner =>
            {
                id = runner.Accept(await world.OrderAsync(greedy, Span), world.Random()).Id;
                await UntilAsync(world, runner, () => false);
            }, rows => last(rows[^1]), first => id = first);
            await EndAsync(world, before, [id], [stands], next: next);
        }
    }

    /// <summary>A plan was sent and no block holds it yet: it is waited for, and accounted.
    /// </summary>
    [LocalChainFact]
    public async Task Plans_WhenTheProcessDiesAfterSending_AreEndedWhole()
    {
        await using PlanWorld world = await PlanWorld.StartAsync();
        using RecoverFolder folder = RecoverFolder.Of(world);
        foreach (bool flash in new[] { true, false })
        {
            foreach (PlanChain chain in world.Chains)
                await WallTime.SetAsync(chain.Rpc, WallTime.Now - (flash ? Ahead : 0));
            await world.AlignAsync();
            PlanLine plan = flash ? (await world.FlashAsync(ttlMs: 120_000)).Plan
                : (await world.InventoryAsync(ttlMs: 120_000)).Plan;
            OwnFunds before = await world.FundsAsync();
            using (PlanProcess process = await world.StartProcessAsync(
                desk: (chain, journal) => chain.OpenAsync(
                    journal, world.Clock, new DyingRpc(chain.Rpc))))
                await Assert.ThrowsAsync<KilledException>(() => process.RunAsync(plan));
            Ending open = folder.Executor("recover");
            say.WriteLine(open.Text + open.Words);
            Assert.Equal(0, open.Code);
            Assert.Contains($"({plan.Name}), plan on ", open.Text, StringComparison.Ordinal);
            Assert.Contains(
                $"stands: {(flash ? 1 : 2)} transactions signed, 0 of them", open.Text,
                StringComparison.Ordinal);
            Assert.Contains("next:   each nonce is watched", open.Text, StringComparison.Ordinal);
            Assert.EndsWith("\n1 open\n", open.Text, StringComparison.Ordinal);

            foreach (PlanChain chain in world.Chains) await WallTime.BeginAsync(chain.Rpc);
            Ending ended = folder.Executor("recover", "--live");
            foreach (PlanChain chain in world.Chains) await WallTime.EndAsync(chain.Rpc);
            say.WriteLine(ended.Text + ended.Words);
            OutcomeLine line = Assert.Single(RecoverFolder.Outcomes(ended));
            Assert.Equal((0, true), (ended.Code, line.Success));
            PlanWorld.AssertAccounts(line, before, await world.FundsAsync());
            AssertReconciled(folder, [line.Bundle]);
        }
    }

    /// <summary>Runs a coordinator until its journal is as wanted: there it dies.</summary>
    private static async Task DieAsync(
        SettledWorld world, Func<SettlementRunner, Task> live,
        Func<List<JournalRecord>, bool> dies, Action<string>? first = null)
    {
        await world.GoToAsync(WallTime.Now - Ahead);
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        List<JournalRecord> rows = [];
        journal.Appended += row =>
        {
            rows.Add(row);
            first?.Invoke(row.Bundle);
            if (dies(rows)) throw new KilledException();
        };
        await Assert.ThrowsAsync<KilledException>(() => live(runner));
    }

    private static async Task UntilAsync(
        SettledWorld world, SettlementRunner runner, Func<bool> holds)
    {
        for (int turn = 0; turn < Ahead; turn++)
        {
            if (holds()) return;
            IReadOnlyList<OutcomeLine> over = await world.TurnAsync(runner);
            Assert.True(over.Count == 0, string.Join("; ", over));
        }
        Assert.Fail("it never came to that");
    }

    private static bool AllLocked(SettlementRunner runner, string id) =>
        runner.StateOf(id)!.Legs.All(leg => leg.Head is LegStage.Locked);

    private static bool IsSigned(JournalRecord row, ActKind act) =>
        row.Entry is TransactionSigned signed && signed.Act == act;

    /// <summary>recover tells each bundle, recover --live ends it, and all accounts agree.
    /// </summary>
    private async Task EndAsync(
        SettledWorld world, (System.Collections.Immutable.ImmutableArray<Int128> Tokens,
            System.Collections.Immutable.ImmutableArray<Lockstep.Numerics.UInt256>) before,
        string[] ids, string[] stands, bool dies = false, string next = "")
    {
        using RecoverFolder folder = new(
            [
                .. world.Chains.Select(chain => new FileChain(
                    chain.Number, chain.Node.Http, SettledChain.Finality, chain.Vault,
                    SettledChain.Keeper.Address, chain.Escrow, chain.Verifier)),
            ], SettledChain.Keeper, world.JournalPath("plans"),
            (SettledChain.Searcher, world.JournalPath()), world.Committee);
        Ending open = folder.Executor("recover");
        say.WriteLine(open.Text + open.Words);
        Assert.Equal(0, open.Code);
        string[] told = open.Text.Split('\n');
        for (int i = 0; i < ids.Length; i++)
        {
            int at = Array.FindIndex(
                told, line => line.StartsWith(ids[i], StringComparison.Ordinal));
            Assert.True(at >= 0, $"{ids[i]} is not told");
            Assert.Contains("settled on eip155:31001, eip155:31002", told[at]);
            Assert.Equal($"  stands: {stands[i]}", told[at + 1].Split(", no cert")[0] + (
                stands[i].Contains(", no cert", StringComparison.Ordinal)
                    ? ", no certificate held" : ""));
            Assert.StartsWith($"  next:   {next}", told[at + 2], StringComparison.Ordinal);
        }
        Assert.EndsWith($"\n{ids.Length} open\n", open.Text, StringComparison.Ordinal);

        using CancellationTokenSource ending = new();
        Task[] signers =
        [
            .. world.Committee.Signers.Select((address, i) => new SignerServer(
                world.Members.Single(one => one.Address == address), new SignerLimits(),
                TimeProvider.System).ServeAsync(
                    SignerEndpoint.Parse(folder.Place(i)).Listen(), ending.Token)),
        ];
        await using (await world.RunByTheWallAsync())
        {
            if (dies) await KillAsync(folder);
            Ending ended = folder.Executor("recover", "--live");
            say.WriteLine(ended.Text + ended.Words);
            OutcomeLine[] said = RecoverFolder.Outcomes(ended);
            Assert.Equal(said.All(one => one.Success) ? 0 : 1, ended.Code);
            // What a process that was killed had ended, it told perhaps.
            if (!dies) Assert.Equal(ids.Order(), said.Select(one => one.Bundle).Order());
        }
        await ending.CancelAsync();
        await Task.WhenAll(signers).WaitAsync(Patience);

        List<OutcomeLine> outcomes = [];
        using (SettlementJournal journal = world.OpenJournal())
        {
            Assert.Empty(journal.OpenBundles());
            foreach (string id in ids)
            {
                var over = (BundleEnded)journal.Read(id)[^1].Entry;
                OutcomeLine line = Assert.IsType<OutcomeLine>(LineCodec.Read(
                    Encoding.UTF8.GetBytes(over.Outcome!.Value.GetRawText()), out _));
                AssertWhole(line, await world.StagesAsync(journal, id));
                outcomes.Add(line);
            }
        }
        var after = await world.FundsAsync();
        AssetId[] assets =
        [
            .. world.Chains.SelectMany(chain => new[] { chain.Usd, chain.Eth }.Select(
                token => AssetId.Erc20(chain.Id, token.ToLowerHex()))),
        ];
        for (int i = 0; i < assets.Length; i++)
        {
            Int128 came = 0;
            foreach (OutcomeLine line in outcomes)
                foreach (OutcomeFlow flow in line.Realised)
                    if (flow.Asset == assets[i]) came += flow.Amount;
            Assert.Equal(came, after.Tokens[i] - before.Tokens[i]);
        }
        // What moved nothing has no entry.
        AssertReconciled(folder, [
            .. outcomes.Where(one => !one.Transactions.IsEmpty).Select(one => one.Bundle),
        ]);
    }

    private static void AssertWhole(OutcomeLine line, LegStage[] stages)
    {
        if (line.Success)
            Assert.All(stages, stage => Assert.Equal(LegStage.Claimed, stage));
        else
            Assert.All(stages, stage => Assert.True(
                stage is LegStage.Refunded or LegStage.Idle, $"{line.Reason}: {stage}"));
    }

    /// <summary>A process that takes it up and is killed by the system, whatever it does then.
    /// </summary>
    private static async Task KillAsync(RecoverFolder folder)
    {
        using Process process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "lockstep.dll"), "executor", "recover",
                "--live", "--evm", folder.Evm,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Task.Delay(TimeSpan.FromSeconds(4));
        process.Kill();
        await process.WaitForExitAsync();
    }

    private void AssertReconciled(RecoverFolder folder, string[] ids)
    {
        Ending ledger = folder.Executor("ledger", "--live");
        say.WriteLine(ledger.Text[ledger.Text.IndexOf("on chain", StringComparison.Ordinal)..]
            + ledger.Words);
        Assert.Equal(0, ledger.Code);
        Assert.All(ids, id => Assert.Contains(id, ledger.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("DIFFERS", ledger.Text, StringComparison.Ordinal);
        Assert.Equal("nothing is open\n", folder.Executor("recover").Text);
    }

    /// <summary>A node that takes one transaction, and then the process is no more.</summary>
    private sealed class DyingRpc(IRpc node) : IRpc
    {
        private bool isSent;

        public string Name => node.Name;

        public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel)
        {
            if (isSent) throw new KilledException();
            RpcReply reply = await node.CallAsync(request, cancel);
            isSent |= request.Method == "eth_sendRawTransaction";
            return reply;
        }

        public ValueTask<RpcReply[]> BatchAsync(
            ReadOnlyMemory<RpcCall> requests, CancellationToken cancel) => isSent
                ? throw new KilledException() : node.BatchAsync(requests, cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
