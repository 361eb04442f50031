// ChainChecksTests: doctor on a node: each thing that is wrong is named, with value and way out.
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tests.Feeds;
using Lockstep.Tools.Config;
using Lockstep.Tools.Health;
using Xunit;
using static Lockstep.Tests.Tools.Health.DoctorFile;

namespace Lockstep.Tests.Tools.Health;

public sealed class ChainChecksTests
{
    private const string Keeper = "eip155:8453 keeper";

    /// <summary>Five block times or ten seconds a block may be old, two seconds in the future.
    /// </summary>
    [LocalChainFact]
    public async Task Clock_WhenItIsOff_IsNamedBothWays()
    {
        await using PlanChain chain = await PlanChain.StartAsync(8453);
        foreach ((int ageS, string words, string wayOut) in new[]
        {
            (0, "", ""), (10, "", ""), (11, "is 11 s old, more than 10", "this clock is fast"),
            (3600, "is 3600 s old", "stale-chain"), (-2, "", ""),
            (-3, "is 3 s in the future", "this clock is slow"),
        })
        {
            List<Finding> found = await LookAsync(chain, ageS: ageS);
            Finding clock = Assert.Single(found, one => one.Check == "clock");
            Assert.Equal("eip155:8453#1", clock.Place);
            if (words.Length > 0) AssertOdd(clock, FindingLevel.Fail, words, wayOut);
            else Assert.Equal(FindingLevel.Ok, clock.Level);
            Assert.All(found, one => Assert.True(one == clock || one.Level == FindingLevel.Ok,
                $"{one}"));
        }
    }

    /// <summary>One node is gone, of another chain, mute about its blocks, or far behind: it is
    /// named, and whether the others make the quorum.</summary>
    [LocalChainFact]
    public async Task Node_WhenItIsWrong_IsNamed_AndTheQuorumCounts()
    {
        await using PlanChain chain = await PlanChain.StartAsync(8453);
        await using ScriptedNode other = Lying(chain, "eth_chainId", _ => "\"0x7\"");
        await using ScriptedNode mute = Lying(chain, "eth_getBlockByNumber", _ => "null");
        await using ScriptedNode late = Lying(chain, "eth_getBlockByNumber", block => block
            .Replace(
                $"\"number\":\"{Hex.Quantity((ulong)chain.HeadAsync().Result)}\"",
                "\"number\":\"0x1\"", StringComparison.Ordinal));
        Uri nowhere = new("http://127.0.0.1:9");
        foreach ((Uri second, FindingLevel level, string words, string wayOut, bool counts) in new[]
        {
            (nowhere, FindingLevel.Fail, "", "start it", false),
            (other.Http, FindingLevel.Fail, "serves eip155:7, the file says eip155:8453",
                "name a node of that chain", false),
            (mute.Http, FindingLevel.Fail, "its newest block can't be read", "log", false),
            (late.Http, FindingLevel.Warn, "blocks behind the others", "catch up", true),
        })
            foreach (int quorum in new[] { 1, 2 })
            {
                List<Finding> found = await LookAsync(chain, [second], quorum);
                AssertOdd(
                    found.Last(one => one.Check == "node" && one.Place == "eip155:8453#2"),
                    level, words, wayOut);
                Finding agreed = Assert.Single(found, one => one.Check == "quorum");
                Assert.Equal("eip155:8453", agreed.Place);
                if (counts) Assert.Equal(FindingLevel.Ok, agreed.Level);
                else
                    AssertOdd(
                        agreed, quorum == 1 ? FindingLevel.Warn : FindingLevel.Fail,
                        $"1 of 2 nodes answer, {quorum} have to agree", "bring the others back");
            }
    }

    /// <summary>Every way in which chain and journal may stand to each other. Doctor fails exactly
    /// what a start would refuse.</summary>
    [LocalChainFact]
    public async Task Nonces_AreJudgedAsAStartJudgesThem()
    {
        await using PlanChain chain = await PlanChain.StartAsync(8453);
        ulong used = (await chain.KeeperAsync()).Sent;
        await IsAsync([], FindingLevel.Ok, $"{used} used, none waits", "");
        await IsAsync([used], FindingLevel.Warn, $"nonces {used} to {used} are signed and no node",
            "executor recover --live hands them over again");
        await IsAsync([used + 1], FindingLevel.Fail, $"the chain waits for nonce {used}, of which "
            + "the journal knows nothing", "see docs/operations.md");
        await IsAsync([used], FindingLevel.Fail, $"the chain waits for nonce {used} of a bundle "
            + "that is over", "see docs/operations.md", isOver: true);

        await HandOverAsync(chain, used);
        await IsAsync([used], FindingLevel.Fail, $"the chain waits for nonce {used} of a bundle "
            + "that is over", "see docs/operations.md", isOver: true);
        await IsAsync([used], FindingLevel.Warn, $"1 transactions wait, the first is nonce {used}",
            "where gas costs more than maxFeeGwei, raise that");
        await IsAsync([], FindingLevel.Fail, $"nonce {used} waits at a node, the journal does not "
            + "know it", "somebody else signs for the account");

        await chain.MineAsync();
        await IsAsync([used], FindingLevel.Ok, $"{used + 1} used, none waits", "");
        await chain.UseNonceAsync();
        await IsAsync([used], FindingLevel.Fail, $"the chain used nonces up to {used + 1}, the "
            + $"journal knows {used}", "older copy");

        async Task IsAsync(
            ulong[] signed, FindingLevel level, string words, string wayOut, bool isOver = false)
        {
            using TempFolder folder = new();
            using var journal = SettlementJournal.Open(folder["j.db"], TimeProvider.System);
            if (signed.Length > 0)
                journal.Append("b", -1, new BundleAccepted(JsonElement.Parse("{}"), null));
            foreach (ulong nonce in signed)
            {
                SignedTransaction one = Transaction(chain, nonce);
                journal.Append("b", 0, new TransactionSigned(
                    ActKind.Run, one.Hash.ToString(), nonce, "1", Hex.Format(one.Raw.Span), null));
            }
            if (isOver) journal.Append("b", -1, new BundleEnded(SettlementEnd.Committed, null));
            List<JournalRecord> rows = [];
            journal.ReadAll(rows.Add);
            List<Finding> found = await LookAsync(chain, rows: rows);
            Finding nonces = Assert.Single(found, one => one.Check == "nonces");
            Assert.Equal(Keeper, nonces.Place);
            Assert.Equal(level, nonces.Level);
            Assert.Contains(words, nonces.Words, StringComparison.Ordinal);
            Assert.Contains(wayOut, nonces.WayOut, StringComparison.Ordinal);
            Exception? start = await Record.ExceptionAsync(async () =>
                (await chain.OpenAsync(journal, TimeProvider.System)).Dispose());
            Assert.True((start is not null) == (level is FindingLevel.Fail), $"{nonces}: {start}");
        }
    }

    /// <summary>A journal that another process holds tells nothing: what waits is that one's.
    /// </summary>
    [LocalChainFact]
    public async Task Nonces_WhenTheJournalIsInUse_AreLeftToItsProcess()
    {
        await using PlanChain chain = await PlanChain.StartAsync(8453);
        ulong used = (await chain.KeeperAsync()).Sent;
        await HandOverAsync(chain, used);
        AssertOdd(
            Assert.Single(
                await LookAsync(chain, rows: null), one => one.Check == "nonces"),
            FindingLevel.Warn, $"1 transactions wait, the first is nonce {used}",
            "the executor that runs sees to them");
    }

    /// <summary>What the owner holds and the executor may not take is a plan refused.</summary>
    [LocalChainFact]
    public async Task Allowance_WhenItIsShort_IsNamed()
    {
        await using PlanChain chain = await PlanChain.StartAsync(8453);
        UInt256 held = UInt256.Parse($"{await chain.BalanceAsync(chain.Usd, chain.Owner)}");
        foreach ((UInt256 may, bool isShort) in new[]
        {
            (held, false), (held - 1u, true), (UInt256.Zero, true), (held + 1u, false),
        })
        {
            await chain.AllowAsync(chain.Usd, may);
            List<Finding> found = await LookAsync(chain);
            Finding usd = Assert.Single(found, one => one.Place == "eip155:8453 owner USD");
            Assert.Equal("allowance", usd.Check);
            if (isShort)
                AssertOdd(
                    usd, FindingLevel.Warn, $"holds {held}, {chain.Executor} may take {may}",
                    $"approve {chain.Executor}");
            else Assert.Equal(FindingLevel.Ok, usd.Level);
            Assert.Equal(FindingLevel.Ok, Assert.Single(
                found, one => one.Place == "eip155:8453 owner ETH").Level);
        }
    }

    /// <summary>The searcher's tokens are for the escrow.</summary>
    [LocalChainFact]
    public async Task Allowance_OfTheSearcher_IsTheEscrows()
    {
        using SigningKey signer = new(Keccak.HashText("signer").ToArray());
        await using SettledChain chain =
            await SettledChain.StartAsync(8453, 2500, new Committee([signer.Address], 1));
        await chain.AllowAsync(5u);
        EvmSettings settings = Settings(
            [chain.Node.Http], 1, (chain.Usd, chain.Eth), SettledChain.Keeper.Address,
            chain.Escrow, (chain.Escrow, chain.Verifier), signer.Address);
        Int128 held = await chain.BalanceAsync(chain.Usd, SettledChain.Searcher.Address);
        List<Finding> found = await DoctorFile.LookAsync(
            settings, new ShiftedClock(await chain.SecondsAsync()),
            new OwnAccount("searcher", SettledChain.Searcher.Address, Nothing));
        AssertOdd(
            Assert.Single(found, one => one.Place == "eip155:8453 searcher USD"),
            FindingLevel.Warn, $"holds {held}, {chain.Escrow} may take 5",
            $"approve {chain.Escrow}");
        Assert.Single(found, one => one.Place == "eip155:8453 searcher" && one.Check == "funds");
    }

    /// <summary>A name for a token of another chain, no code where a contract should be, no ether,
    /// and little of it.</summary>
    [LocalChainFact]
    public async Task Contracts_AndFunds_AreLookedAt()
    {
        await using PlanChain chain = await PlanChain.StartAsync(8453);
        EvmAddress nobody = EvmAddress.Parse("0x00000000000000000000000000000000000000aa");
        ShiftedClock clock = new(await chain.SecondsAsync());
        List<Finding> wrong = await DoctorFile.LookAsync(
            Settings([chain.Http], 1, (nobody, chain.Eth), chain.Owner, nobody), clock,
            new OwnAccount("keeper", nobody, Nothing),
            new OwnAccount("searcher", nobody, Nothing));
        AssertOdd(
            Assert.Single(wrong, one => one.Place == "eip155:8453 executor"),
            FindingLevel.Fail, $"there is no code at {nobody}", "deploy it");
        AssertOdd(
            Assert.Single(wrong, one => one.Place == "eip155:8453 owner USD"),
            FindingLevel.Fail, $"{nobody} can't be read", "[[asset]]");
        AssertOdd(
            Assert.Single(wrong, one => one.Place == Keeper && one.Check == "funds"),
            FindingLevel.Fail, "0 wei for gas; ", $"send ether to {nobody}");
        // Without an escrow nothing is locked, and the searcher needs nothing.
        Assert.DoesNotContain(
            wrong, one => one.Place.Contains("searcher", StringComparison.Ordinal));

        // Three transactions of a million gas at 5 gwei.
        UInt256 least = (UInt256)15_000_000_000_000_000UL;
        foreach (bool isEnough in new[] { true, false })
        {
            await chain.SetEtherAsync(PlanChain.Keeper.Address, isEnough ? least : least - 1u);
            Finding funds = Assert.Single(
                await LookAsync(chain), one => one.Place == Keeper && one.Check == "funds");
            if (isEnough) Assert.Equal(FindingLevel.Ok, funds.Level);
            else
                AssertOdd(
                    funds, FindingLevel.Warn, $"{least - 1u} wei for gas; {least} pay",
                    $"send ether to {PlanChain.Keeper.Address}");
        }
    }

    private static async Task<List<Finding>> LookAsync(
        PlanChain chain, Uri[]? more = null, int quorum = 1, int ageS = 0,
        List<JournalRecord>? rows = null) => await DoctorFile.LookAsync(
            Settings(
                [chain.Http, .. more ?? []], quorum, (chain.Usd, chain.Eth), chain.Owner,
                chain.Executor),
            new ShiftedClock(await chain.SecondsAsync() + ageS),
            new OwnAccount(
                "keeper", PlanChain.Keeper.Address,
                new ReadJournal("sent.journal", rows is not null, rows ?? [])));

    private static SignedTransaction Transaction(PlanChain chain, ulong nonce) =>
        new EvmTransaction
        {
            ChainId = chain.Number,
            Nonce = nonce,
            GasLimit = 21_000,
            MaxFeePerGas = UInt256.Pow10(11),
            MaxPriorityFeePerGas = 1u,
            To = PlanChain.Keeper.Address,
        }.Sign(PlanChain.Keeper);

    private static async Task HandOverAsync(PlanChain chain, ulong nonce)
    {
        RpcReply reply = await chain.Rpc.CallAsync(
            RpcCall.Of("eth_sendRawTransaction", Hex.Format(Transaction(chain, nonce).Raw.Span)),
            CancellationToken.None);
        Assert.True(reply.IsOk, $"{reply.Fault}");
    }

    /// <summary>The chain's node, but for one method.</summary>
    private static ScriptedNode Lying(PlanChain chain, string method, Func<string, string> lie)
    {
        HttpClient client = new();
        return ScriptedNode.OnTcp(request =>
        {
            using StringContent body = new(
                request.GetRawText(), Encoding.UTF8, "application/json");
            using HttpResponseMessage told = client.PostAsync(chain.Http, body).Result;
            string answer = told.Content.ReadAsStringAsync().Result;
            return request.GetProperty("method").GetString() != method ? Script.Say(answer)
                : Script.Result(
                    request,
                    lie(JsonElement.Parse(answer).GetProperty("result").GetRawText()));
        });
    }
}
