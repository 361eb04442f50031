// SettledPipeTests: a gap on a quiet devnet, the pipe, three signers: claimed, to the unit.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tools.Config;
using Lockstep.Tools.Deploy;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Tools.Live;

public sealed class SettledPipeTests(ITestOutputHelper say)
{
    private const int Signers = 3;

    /// <summary>Uniswap's V3 router, at its address on every chain.</summary>
    private static readonly EvmAddress Router =
        EvmAddress.Parse("0xE592427A0AEce92De3Edee1F18E0157C05861564");

    private static readonly AbiFunction ExactInputSingle = AbiFunction.Parse(
        "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))"
        + "(uint256)");

    private static readonly AbiFunction Slot0 = AbiFunction.Parse(
        "slot0()(uint160,int24,uint16,uint16,uint16,uint8,bool)");

    private static readonly AbiFunction BalanceOf =
        AbiFunction.Parse("balanceOf(address)(uint256)");

    [LocalChainFact]
    public async Task Gap_IsSettledThroughThePipe_ToTheUnit()
    {
        using Devnet devnet = new(Devnet.Quiet);
        ForgeOutput.BuildAll();
        string evm = Path.Combine(devnet.Folder, "ours", "evm.toml");
        Ending deployed = Run([], "deployer", "--world", devnet.World, "--out", evm);
        Assert.True(deployed.Code == 0, deployed.Words);
        DevnetWorld world = DevnetWorld.Read(devnet.World);
        EvmSettings settings = EvmFile.Read(evm);
        await MakeGapAsync(world);
        using Signing signers = new(Path.GetDirectoryName(evm)!);
        byte[] lines = Run(
            [], "detector", "--live", "--world", devnet.World, "--cluster", "ethereum",
            "--seconds", "4").Output;
        // What it puts at risk has to be valued before it is signed.
        string prices = Path.Combine(devnet.Folder, "prices.ndjson");
        File.WriteAllLines(prices, Encoding.UTF8.GetString(lines).Split('\n').Where(line =>
            line.Contains("\"kind\":\"token\"", StringComparison.Ordinal)
            || line.Contains("\"kind\":\"price\"", StringComparison.Ordinal)));
        foreach (string[] tool in (string[][])
            [
                ["aggregator"],
                ["bundle-writer", "--bundles", Path.Combine(devnet.Folder, "ours/bundles.toml")],
                ["bundle-parser"], ["type-checker"], ["bridge-selector"], ["gas-optimizer"],
            ])
        {
            Ending ending = Run(lines, tool);
            Assert.True(ending.Code == 0, ending.Words);
            lines = ending.Output;
        }
        EvmAddress account = world.Account("spare-9").Address;
        var before = await FundsAsync(world, account);

        AssertDiskFull(evm, lines, prices);
        Ending done = Run(lines, "executor", "--live", "--evm", evm, "--prices", prices);

        OutcomeLine[] outcomes =
        [
            .. done.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read)
                .OfType<OutcomeLine>().Where(one => one.Guarantee == Guarantee.Settled),
        ];
        foreach (OutcomeLine one in outcomes)
            say.WriteLine(
                $"{one.Name}: {one.Reason} {one.Detail} {string.Join(", ", one.Realised)}");
        OutcomeLine[] landed = [.. outcomes.Where(one => one.Success)];
        Assert.True(landed.Length > 0, $"nothing was settled: {done.Words}");
        Assert.All(landed, one => Assert.Equal(
            ["claim", "claim", "lock", "lock"],
            one.Transactions.Select(sent => sent.Act).Order(StringComparer.Ordinal)));
        Assert.All(landed, one => Assert.Equal(
            2, one.Transactions.Select(sent => sent.Chain).Distinct().Count()));
        // Nobody but these bundles moved the account: its balances are the outcomes' sums.
        var after = await FundsAsync(world, account);
        Assert.Equal(
            outcomes.SelectMany(one => one.Realised).GroupBy(flow => flow.Asset)
                .Select(flows => (
                    flows.Key, flows.Aggregate((Int128)0, (sum, flow) => sum + flow.Amount)))
                .Where(flow => flow.Item2 != 0).OrderBy(flow => flow.Key.ToString()),
            after.Select(now => (now.Key, now.Value - before[now.Key]))
                .Where(flow => flow.Item2 != 0).OrderBy(flow => flow.Key.ToString()));
        await AssertClaimedAsync(world, settings, landed);
        AssertBooksAndHealth(evm, landed);
    }

    /// <summary>No file may grow beyond 8 KiB, as on a full disk: what can't be written down is
    /// not done, the end says where, and nothing is open after it.</summary>
    private void AssertDiskFull(string evm, byte[] lines, string prices)
    {
        string[] lockstep = ["dotnet", Path.Combine(AppContext.BaseDirectory, "lockstep.dll")];
        Ending made = Run([], "executor", "--live", "--evm", evm);
        Assert.True(made.Code == 0, made.Words);
        Ending full = Binary.RunFile(
            "/bin/sh",
            [
                "-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh", .. lockstep, "executor",
                "--live", "--evm", evm, "--prices", prices,
            ],
            lines, ("DOTNET_EnableWriteXorExecute", "0"), ("DOTNET_EnableDiagnostics", "0"));
        say.WriteLine($"{full.Code} {full.Text} {full.Words}");
        Assert.Equal(1, full.Code);
        Assert.Contains(".journal: ", full.Words, StringComparison.Ordinal);
        Ending open = Run([], "executor", "recover", "--evm", evm);
        Assert.Equal("nothing is open\n", open.Text);
    }

    /// <summary>What the journal says was moved is what the chains have, nothing is open, and
    /// doctor finds nothing that fails; with the committee gone and a byte of the journal flipped
    /// it names both, and nothing is sent any more.</summary>
    private void AssertBooksAndHealth(string evm, OutcomeLine[] landed)
    {
        Ending ledger = Run([], "executor", "ledger", "--live", "--evm", evm);
        say.WriteLine(ledger.Text + ledger.Words);
        Assert.Equal(0, ledger.Code);
        Assert.All(landed, one => Assert.Contains(one.Bundle, ledger.Text));
        Ending open = Run([], "executor", "recover", "--evm", evm);
        Assert.Equal("nothing is open\n", open.Text);
        Ending well = Run([], "doctor", "--evm", evm);
        say.WriteLine(well.Text + well.Words);
        Assert.Equal(0, well.Code);
        Assert.Contains("ok    nonces", well.Text, StringComparison.Ordinal);
        Assert.Contains("ok    committee", well.Text, StringComparison.Ordinal);

        string journal = EvmFile.Read(evm).Live.Settlement!.JournalPath;
        byte[] bytes = File.ReadAllBytes(journal);
        // A sign of each row, for copies that are not read lie about: SQLite sees nothing wrong.
        ReadOnlySpan<byte> mark = "\"kind\":\"transaction\""u8;
        for (int at = 0; bytes.AsSpan(at).IndexOf(mark) is >= 0 and int next;)
        {
            at += next + mark.Length;
            bytes[at + 10] ^= 1;
        }
        File.WriteAllBytes(journal, bytes);
        Ending ill = Run([], "doctor", "--json", "--evm", evm);
        Assert.Equal(1, ill.Code);
        Assert.Contains(
            "\"level\":\"fail\",\"words\":\"" + journal, ill.Text, StringComparison.Ordinal);
        Ending refused = Run([], "executor", "--live", "--evm", evm);
        Assert.Equal(1, refused.Code);
        Assert.Contains(journal, refused.Words, StringComparison.Ordinal);
    }

    /// <summary>Every leg of a bundle stands Claimed in its escrow, and the proof was the
    /// committee's: the journal has both.</summary>
    private static async Task AssertClaimedAsync(
        DevnetWorld world, EvmSettings settings, OutcomeLine[] landed)
    {
        using SettlementJournal journal = SettlementJournal.Open(
            settings.Live.Settlement!.JournalPath, TimeProvider.System);
        foreach (OutcomeLine one in landed)
        {
            IReadOnlyList<JournalRecord> rows = journal.Read(one.Bundle);
            CertificateHeld held = rows.Select(row => row.Entry).OfType<CertificateHeld>().Single();
            TermsText terms = ((BundleAccepted)rows[0].Entry).Terms!;
            Hash32[] ids = [.. terms.Legs.Select(leg => Id(leg, settings))];
            Hash32 legsHash = EscrowLeg.LegsHash(ids);
            Committee committee = settings.Committee!.Committee;
            Assert.Equal(CertificateFault.None, ThresholdCertificate.Check(
                committee,
                new CommitCertificate(Hash32.Parse(one.Bundle), legsHash, Decision.Commit)
                    .Digest(committee),
                Hex.Parse(held.Proof)));
            for (int i = 0; i < ids.Length; i++)
                Assert.Equal(LegStage.Claimed, await StageAsync(
                    world, settings, ChainId.Parse(terms.Legs[i].Chain), ids[i]));
        }
    }

    private static Hash32 Id(LegTermsText leg, EvmSettings settings)
    {
        EvmChain chain = settings.Chain(ChainId.Parse(leg.Chain))!;
        return EscrowLeg.Decode(Hex.Parse(leg.Body)).Id(
            chain.Contracts.ChainNumber, chain.Contracts.Escrow);
    }

    private static async Task<LegStage> StageAsync(
        DevnetWorld world, EvmSettings settings, ChainId id, Hash32 leg)
    {
        await using RolloutDesk desk = await OpenAsync(world.Chains.Single(one => one.Id == id));
        AbiValue told = await desk.ReadAsync(
            AbiFunction.Parse("leg(bytes32)((bytes32,uint128,uint40,uint40,uint24,uint8))"),
            settings.Chain(id)!.Contracts.Escrow, leg);
        return (LegStage)(int)told[0][5].AsUInt64();
    }

    /// <summary>Somebody buys USDT on Base until it is a percent dearer there. The chain has one
    /// pool of the pair, so the way round is over another chain.</summary>
    private static async Task MakeGapAsync(DevnetWorld world)
    {
        WorldChain chain = world.Chains.Single(one => one.Name == "base");
        WorldToken usdc = Token("USDC"), usdt = Token("USDT");
        EvmAddress[] pair = [usdc.Address, usdt.Address];
        WorldPool pool = chain.Pools.Single(
            one => pair.Contains(one.Token0) && pair.Contains(one.Token1));
        await using RolloutDesk desk = await OpenAsync(chain);
        using SigningKey buyer = world.Account("second").Open();
        UInt256 price = (await desk.ReadAsync(Slot0, pool.Address))[0].AsUInt256();
        bool zeroForOne = pool.Token0 == usdc.Address;
        UInt256 limit = UInt256.MulDivFloor(price, zeroForOne ? 995u : 1005u, 1000);
        await desk.SendAsync(new DeskOrder("approve", buyer, usdc.Address, AbiFunction.Parse(
            "approve(address,uint256)").Encode(Router, UInt256.MaxValue)));
        await desk.SendAsync(new DeskOrder("swap", buyer, Router, ExactInputSingle.Encode(
            AbiValue.List(
                usdc.Address, usdt.Address, (ulong)pool.FeePips, buyer.Address, ulong.MaxValue,
                DevnetTerms.Units(usdc, 5_000_000), 0, limit))));

        WorldToken Token(string symbol) =>
            chain.Tokens.First(one => one.IsMajor && one.Symbol == symbol);
    }

    private static async Task<Dictionary<AssetId, Int128>> FundsAsync(
        DevnetWorld world, EvmAddress account)
    {
        Dictionary<AssetId, Int128> funds = [];
        foreach (WorldChain chain in world.Chains)
        {
            await using RolloutDesk desk = await OpenAsync(chain);
            foreach (WorldToken token in chain.Tokens.Where(one => one.IsMajor))
                funds[AssetId.Erc20(chain.Id, token.Address.ToLowerHex())] = Int128.Parse(
                    (await desk.ReadAsync(BalanceOf, token.Address, account))[0].AsUInt256()
                        .ToString(), CultureInfo.InvariantCulture);
        }
        return funds;
    }

    private static Task<RolloutDesk> OpenAsync(WorldChain chain) => RolloutDesk.OpenAsync(
        chain.Name, chain.Http, chain.Number, DevnetTerms.Fees, TimeProvider.System);

    private static Ending Run(byte[] input, params string[] args) =>
        Binary.Run("managed", args, input);

    private static Line? Read(string text) => LineCodec.Read(Encoding.UTF8.GetBytes(text), out _);

    /// <summary>The committee: a process a signer, gone with the test.</summary>
    private sealed class Signing : IDisposable
    {
        private const int PatienceMs = 30_000;
        private readonly List<Process> processes = [];

        public Signing(string folder)
        {
            for (int n = 1; n <= Signers; n++)
                processes.Add(Process.Start(new ProcessStartInfo(
                    "dotnet",
                    [
                        Path.Combine(AppContext.BaseDirectory, "lockstep.dll"), "signer",
                        "--config", Path.Combine(folder, $"signer-{n}.toml"),
                        "--key", Path.Combine(folder, $"signer-{n}.json"),
                        "--password-file", Path.Combine(folder, "password"),
                        "--journal", Path.Combine(folder, $"votes-{n}.journal"),
                        "--listen", Path.Combine(folder, $"signer-{n}.sock"),
                        "--parent", $"{Environment.ProcessId}",
                    ])
                {
                    RedirectStandardError = true,
                    RedirectStandardInput = true,
                })!);
            var waited = Stopwatch.StartNew();
            for (int n = 1; n <= Signers; n++)
                while (!File.Exists(Path.Combine(folder, $"signer-{n}.sock")))
                {
                    Process one = processes[n - 1];
                    Assert.False(one.HasExited, $"signer {n} ended");
                    Assert.True(waited.ElapsedMilliseconds < PatienceMs, $"signer {n} is late");
                    Thread.Sleep(50);
                }
        }

        public void Dispose()
        {
            foreach (Process one in processes)
            {
                one.Kill();
                one.WaitForExit(PatienceMs);
                one.Dispose();
            }
        }
    }
}
