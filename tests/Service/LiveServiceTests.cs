// LiveServiceTests: the service on local chains, sending: a node and stages die, nothing is done
// twice.
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Service;
using Lockstep.Service.Config;
using Lockstep.Service.Stages;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;
using Xunit;
using Xunit.Abstractions;
using Ending = Lockstep.Tests.Tools.Ending;

namespace Lockstep.Tests.Service;

public sealed class LiveServiceTests(ITestOutputHelper say)
{
    [LocalChainFact]
    public async Task Service_WhenNodeAndStagesDie_GoesOnAndDoesNothingTwice()
    {
        using Devnet devnet = new("--block-time", "1");
        ForgeOutput.BuildAll();
        string evm = Path.Combine(devnet.Folder, "ours", "evm.toml");
        Ending deployed = Binary.Run(
            "managed", ["deployer", "--world", devnet.World, "--out", evm], []);
        Assert.True(deployed.Code == 0, deployed.Words);
        using EngineTests.Running running = new(Settings(devnet, evm), say.WriteLine, live: true);
        Engine engine = running.Engine;
        await running.UntilAsync(() => engine.IsReady);
        await running.UntilAsync(() => engine.Board.Funnel.Submitted > 0);

        // A node freezes: its chain is told stale, the other cluster's slots go on.
        LiveWorld world = WorldFile.Read(devnet.World);
        LiveWorldChain frozen = world.Chains.Single(one => one.Name == "base");
        int node = NodeOf(frozen.Http.Port);
        await SignalAsync(node, "STOP");
        await running.UntilAsync(() => engine.Faults.Any(one =>
            one.StartsWith("base: its newest block is", StringComparison.Ordinal)));
        long slot = Slot(engine, "arbitrum");
        await running.UntilAsync(() => Slot(engine, "arbitrum") > slot + 2);
        await SignalAsync(node, "CONT");
        await running.UntilAsync(() => !engine.Faults.Any(one =>
            one.StartsWith("base: ", StringComparison.Ordinal)));

        // The executor dies with a transaction under way: its next life carries it to its outcome.
        await running.UntilAsync(() => engine.Board.Open().Any(one =>
            one.Events.Any(step => step.What.EndsWith("signed", StringComparison.Ordinal))));
        string begun = engine.Board.Open().First(one => one.Events.Count > 0).Name;
        await DieAsync(running, "executor");
        await running.UntilAsync(() => running.Ends.Any(one =>
            one.Name == begun && one.SubmittedMs is not null));

        // Every other stage dies, and after all of it something is still done.
        foreach (string name in (string[])
            ["aggregator", "cluster base", "pipe", "watches", "executor"])
            await DieAsync(running, name);
        long submitted = engine.Board.Funnel.Submitted;
        await running.UntilAsync(() => engine.Board.Funnel.Submitted > submitted);
        await running.StopAsync();
        Assert.Null(engine.LeftOpen);

        OutcomeLine[] sent = [.. running.Ends.Where(one => one.SubmittedMs is not null)];
        foreach (OutcomeLine one in sent)
            say.WriteLine($"{one.Name} {one.Guarantee} {one.Reason} {one.RealisedMicroUsd}");
        // Once each: no plan has two outcomes that sent something, no transaction is in two.
        Assert.Equal(
            sent.Length, sent.Select(one => one.Name).Distinct(StringComparer.Ordinal).Count());
        string[] hashes = [.. sent.SelectMany(one => one.Transactions)
            .Select(one => $"{one.Chain} {one.Hash}")];
        Assert.Equal(hashes.Length, hashes.Distinct(StringComparer.Ordinal).Count());
        await AssertNoncesAsync(evm, world);
        AssertBooks(evm, engine.Kept!, sent);

        // What it recorded meanwhile, run again, decides the same in each life of each stage.
        engine.Dispose();
        string record = Path.Combine(devnet.Folder, "record");
        RunRecordTests.AssertReplays(Path.Combine(record, "aggregator"), 2);
        RunRecordTests.AssertReplays(Path.Combine(record, "cluster-base"), 2);
        RunRecordTests.AssertReplays(Path.Combine(record, "cluster-arbitrum"), 1);

        // And so do its feeds, over what the nodes said, the frozen one too.
        foreach (string name in (string[])["base", "arbitrum"])
        {
            Ending same = Binary.Run(
                "managed", ["diff", Path.Combine(record, "cluster-" + name)], []);
            Assert.True(same.Code == 0, same.Words + same.Text);
            Assert.Contains($" of detector/{name}.in", same.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>The history's ledger is that of the journal, each row once, and has of each asset
    /// what the outcomes say that was traded and paid, to the unit.</summary>
    private static void AssertBooks(string evm, History history, OutcomeLine[] sent)
    {
        List<LedgerEntry> kept = [];
        history.AskLedger(
            new HistoryQuery(0, long.MaxValue, null, int.MaxValue), (_, one) => kept.Add(one));
        using SettlementJournal journal = SettlementJournal.Open(
            EvmFile.Read(evm).Live.JournalPath, TimeProvider.System);
        Assert.Equal(Words(Ledger.Of([journal]).Entries), Words(kept));
        Dictionary<AssetId, BigInteger> told = [];
        foreach (OutcomeLine one in sent)
        {
            foreach (OutcomeFlow flow in one.Realised) Add(flow.Asset, flow.Amount);
            foreach (OutcomeTransaction paid in one.Transactions)
                Add(AssetId.Parse($"{paid.Chain}/slip44:60"), -BigInteger.Parse(
                    paid.FeeWei.ToString(), CultureInfo.InvariantCulture));
        }
        foreach (IGrouping<AssetId, Posting> asset in kept.SelectMany(one => one.Postings)
            .Where(one => one.Account is LedgerAccount.Trading or LedgerAccount.Gas)
            .GroupBy(one => one.Asset))
            Add(asset.Key, asset.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Units));
        Assert.NotEmpty(told);
        Assert.All(told, one => Assert.True(one.Value.IsZero, $"{one.Key}: {one.Value}"));

        void Add(AssetId asset, BigInteger units) =>
            told[asset] = told.GetValueOrDefault(asset) + units;
    }

    private static string[] Words(IEnumerable<LedgerEntry> entries) =>
    [
        .. entries.SelectMany(entry => entry.Postings.Select(one =>
            $"{entry.Bundle} {entry.AtMs} {entry.What} {one.Account} {one.Asset} {one.Units}"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The chains know as many nonces of the account as the journal, and each of them was
    /// signed for one leg of one bundle.</summary>
    private static async Task AssertNoncesAsync(string evm, LiveWorld world)
    {
        EvmSettings settings = EvmFile.Read(evm);
        EvmAddress keeper;
        using (SigningKey key = KeyFile.Open(
            settings.Live.KeyPath, settings.Live.PasswordPath, default)) keeper = key.Address;
        Dictionary<(ChainId Chain, ulong Nonce), HashSet<string>> signed = [];
        using (SettlementJournal journal = SettlementJournal.Open(
            settings.Live.JournalPath, TimeProvider.System))
        {
            Assert.Empty(journal.OpenBundles());
            Dictionary<string, PlanLine> plans = new(StringComparer.Ordinal);
            journal.ReadAll(row =>
            {
                if (row.Entry is BundleAccepted accepted)
                    plans[row.Bundle] = (PlanLine)LineCodec.Read(
                        System.Text.Encoding.UTF8.GetBytes(accepted.Plan.GetRawText()), out _)!;
                if (row.Entry is not TransactionSigned one) return;
                ChainId chain = plans[row.Bundle].Transactions[row.Leg].Chain;
                if (!signed.TryGetValue((chain, one.Nonce), out HashSet<string>? whose))
                    signed.Add((chain, one.Nonce), whose = []);
                whose.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{row.Bundle} {row.Leg}"));
            });
        }
        Assert.NotEmpty(signed);
        Assert.All(signed.Values, whose => Assert.Single(whose));
        foreach (LiveWorldChain chain in world.Chains)
        {
            await using RpcEndpoint node =
                ChainNodes.Endpoint(chain.Name, chain.Http, TimeProvider.System);
            RpcReply reply = await node.CallAsync(
                EthCalls.TransactionCount(keeper, BlockRef.Latest), CancellationToken.None);
            Assert.True(JsonHex.TryQuantity(reply.Result, out ulong next), $"{reply.Fault}");
            ulong[] ours = [.. signed.Keys.Where(one => one.Chain == chain.Chain)
                .Select(one => one.Nonce).Order()];
            if (ours.Length > 0) Assert.Equal(next - 1, ours[^1]);
        }
    }

    private static async Task DieAsync(EngineTests.Running running, string name)
    {
        Stage stage = running.Engine.Stages.Single(one => one.Name == name);
        long restarts = stage.Restarts;
        stage.Kill("for a test");
        await running.UntilAsync(() => stage.Restarts > restarts && running.Engine.IsReady);
    }

    private static long Slot(Engine engine, string cluster) =>
        engine.Shown?.Clusters.FirstOrDefault(one => one.Name == cluster)?.Slots ?? 0;

    private static RunSettings Settings(Devnet devnet, string evm)
    {
        string bundles = Path.Combine(Path.GetDirectoryName(evm)!, "bundles.toml");
        string text = File.ReadAllText(bundles);
        // Without a committee nothing is settled.
        File.WriteAllText(bundles, text.Replace(
            "preferred = true", "preferred = false", StringComparison.Ordinal));
        RunSettings usual = EngineTests.Settings();
        return usual with
        {
            Queues = usual.Queues with { PlanAgeMs = 20_000 },
            MaySend = true,
            Clusters = ["base", "arbitrum"],
            World = devnet.World,
            Recorded = null,
            EvmPath = evm,
            BundlesPath = bundles,
            PausePath = Path.Combine(devnet.Folder, "pause"),
            History = new HistorySettings(Path.Combine(devnet.Folder, "history.db"), 90, 1000),
            Record = new RecordSettings(
                Path.Combine(devnet.Folder, "record"), 1L << 30, 30, Rpc: true),
            Drain = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>The process that listens there, by its command line.</summary>
    private static int NodeOf(int port)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int pid)) continue;
            try
            {
                string[] words = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
                if (words[0].EndsWith("anvil", StringComparison.Ordinal)
                    && words.Contains(port.ToString(CultureInfo.InvariantCulture))) return pid;
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }
        throw new InvalidOperationException($"no node on port {port}");
    }

    private static async Task SignalAsync(int pid, string signal)
    {
        using Process kill = Process.Start(
            "kill", ["-" + signal, pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
