// EvmFileTests: the committed example reads; every kind of mistake is refused with its place.
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Config;

public sealed class EvmFileTests
{
    private const string Name = "some.toml";
    private const string Folder = "/some";

    private static readonly string Good =
        File.ReadAllText(Path.Combine(SourceTree.Root, EvmFile.DefaultPath));

    private static EvmSettings Read(string text) => EvmFile.Parse(text, Name, Folder);

    [Fact]
    public void TheExample_Reads_AndSendsNowhere()
    {
        EvmSettings read = EvmFile.Read(Path.Combine(SourceTree.Root, EvmFile.DefaultPath));

        Assert.Empty(read.Live.Allow);
        Assert.Equal(
            Path.Combine(SourceTree.Root, "config/run/keeper.json"), read.Live.KeyPath);
        Assert.Null(read.Live.PasswordPath);
        EvmChain chain = Assert.Single(read.Chains);
        Assert.False(read.MaySend(chain.Id));
        Assert.Same(chain, read.Chain(ChainId.Parse("eip155:8453")));
        Assert.Null(read.Chain(ChainId.Parse("eip155:1")));
        Assert.Equal(8453UL, chain.Contracts.ChainNumber);
        Assert.Equal(["http", "ws"], chain.Rpc.Select(node => node.Scheme));
        Assert.Equal((UInt256)5_000_000_000UL, chain.Fees.MaxFeePerGas);
        Assert.Equal((UInt256)1_000_000_000UL, chain.Fees.MaxTip);
        Assert.Equal(new EscrowRules(500, 1_010_000, 1_000, 60, 600, 1_050_000, 1_800),
            chain.Contracts.Rules);
        Assert.Equal(
            [LenderKind.AaveV3, LenderKind.BalancerV2],
            chain.Contracts.Lenders.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void Committee_EachSignerHasItsOwnPlace()
    {
        CommitteeSettings committee = Read(Good).Committee!;

        Assert.Equal(2, committee.Committee.Quorum);
        Assert.Equal(Folder + "/run/two.sock", committee.Endpoints[Signer('2')].Text);
        Assert.Equal("127.0.0.1:7003", committee.Endpoints[Signer('3')].Text);
    }

    [Fact]
    public void Settlement_HasFilesOfItsOwn()
    {
        string named = Good.Replace("settlementKeyFile = \"\"", "settlementKeyFile = \"own.json\"");
        EvmSettings read = Read(named.Replace(
            "settlementJournal = \"\"", "settlementJournal = \"run/settled.journal\""));

        Assert.Null(Read(Good).Live.Settlement);
        Assert.Equal(
            new SettlementFiles(Folder + "/own.json", Folder + "/run/settled.journal"),
            read.Live.Settlement);
        Assert.Contains("is that of the plans", Assert.Throws<RefusedException>(() => Read(
            named.Replace("settlementJournal = \"\"", "settlementJournal = \"run/sent.journal\"")))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Live_AllowsWhatItNames()
    {
        EvmSettings read = Read(Good.Replace("allow = []", "allow = [\"eip155:8453\"]"));

        Assert.True(read.MaySend(ChainId.Parse("eip155:8453")));
        Assert.Equal(Folder + "/run/sent.journal", read.Live.JournalPath);
    }

    [Fact]
    public void WithoutSettlement_TablesMayBeLeftOut()
    {
        string zero = EvmAddress.Zero.ToLowerHex();
        string text = Good[..Good.IndexOf("[escrow]", StringComparison.Ordinal)]
            + Good[Good.IndexOf("[[chain]]", StringComparison.Ordinal)..]
                .Replace("0x" + new string('6', 40), zero)
                .Replace("0x" + new string('7', 40), zero);

        EvmSettings read = Read(text);

        Assert.Null(read.Committee);
        Assert.Null(read.Chains[0].Contracts.Rules);
        Assert.True(read.Chains[0].Contracts.Escrow.IsZero);
    }

    [Theory]
    [InlineData("version = 1", "version = 2", "version must be 1")]
    [InlineData("allow = []", "allow = [\"eip155:1\"]", "live.allow names eip155:1")]
    [InlineData("allow = []", "allow = [\"base\"]", "live.allow is wrong: 'base'")]
    [InlineData("allow = []", "", "live.allow is missing")]
    [InlineData("keyFile = \"run/keeper.json\"", "keyFile = \"\"", "live.keyFile is wrong")]
    [InlineData("[live]", "[lively]", "[live] is missing")]
    [InlineData("[escrow] ", "[escrows] ", "[escrows] is not a table of this file")]
    [InlineData("ltvPips = 1_010_000", "ltvPips = 2_000_001", "escrow.ltvPips must be")]
    [InlineData("auctionSpanSeconds = 1_800", "auctionSpanSeconds = 0",
        "escrow.auctionSpanSeconds must be at least 1")]
    [InlineData("rewardSpanSeconds = 600", "rewardSpanSeconds = 86_400",
        "escrow.rewardSpanSeconds and rewardDelaySeconds together pass")]
    [InlineData("auctionStartPips = 1_050_000", "auctionStartPips = 999_999",
        "escrow.auctionStartPips must be at least 1000000")]
    [InlineData("quorum = 2", "quorum = 1", "committee.signers are wrong: a quorum of 1")]
    [InlineData("\"./run/two.sock\", ", "", "committee.endpoints names 2 places for 3")]
    [InlineData("settlementKeyFile = \"\"", "settlementKeyFile = \"run/own.json\"",
        "live.settlementJournal is wrong")]
    [InlineData("settlementJournal = \"\"", "settlementJournal = \"run/own.journal\"",
        "live.settlementKeyFile is wrong")]
    [InlineData("settlementJournal = \"\"", "settlementJournal = \"\"\ndeny = [\"eip155:1\"]",
        "live.deny is a list of risk.toml")]
    [InlineData("name = \"USDC\"", "name = 7", "asset.name must be a string")]
    [InlineData("./run/two.sock", "./run/one.sock", "committee.endpoints names a place twice")]
    [InlineData("127.0.0.1:7003", "10.0.0.1:7003", "committee.endpoints is wrong: '10.0.0.1")]
    [InlineData("127.0.0.1:7003", "7003", "committee.endpoints is wrong: '7003'")]
    [InlineData("id = \"eip155:8453\"", "id = \"cosmos:hub\"", "chain.id 'cosmos:hub' is no EVM")]
    [InlineData("ws://127.0.0.1:8546", "ftp://127.0.0.1", "chain.rpc is wrong: 'ftp:")]
    [InlineData("ws://127.0.0.1:8546", "http://127.0.0.1:8545", "chain.rpc names a node twice")]
    [InlineData("quorum = 1 ", "quorum = 3 ", "chain.quorum must be a whole number from 0 to 2")]
    [InlineData("quorum = 1 ", "quorum = 0 ", "chain.quorum must be at least 1")]
    [InlineData("0x4444444444444444444444444444444444444444", "0x4",
        "chain.executor is wrong")]
    [InlineData("0x4444444444444444444444444444444444444444",
        "0x0000000000000000000000000000000000000000", "chain.executor is the zero address")]
    [InlineData("0x7777777777777777777777777777777777777777",
        "0x0000000000000000000000000000000000000000", "chain.verifier and escrow are both")]
    [InlineData("maxTipGwei = 1", "maxTipGwei = 6", "chain.maxTipGwei is above maxFeeGwei (5)")]
    [InlineData("actSeconds = 120", "actSeconds = 120\nacts = 1", "chain.acts is not a key")]
    [InlineData("kind = \"aave-v3\"", "kind = \"aave\"", "chain.lender.kind is wrong: 'aave'")]
    [InlineData("0xa238dd80c259a72e81d7e4664a9801593f98d1c5",
        "0xba12222222228d8ba445958a75a0704d566bf2c8", "chain.lender.account is there twice")]
    [InlineData("eip155:8453:0xa2", "eip155:1:0xa2", "chain.lender.account is on eip155:1")]
    [InlineData("[[chain]]", "[[chain.lender]]", "[chain.lender] follows no [[chain]]")]
    [InlineData("[[chain]]", "[[chains]]", "[chains] is not a table of this file")]
    [InlineData("[escrow] ", "[[escrow]]\n[[escrow]] ", "[escrow] is there twice")]
    public void AMistake_IsRefusedWithItsPlace(string found, string put, string words)
    {
        Assert.Contains(found, Good, StringComparison.Ordinal);

        RefusedException refused =
            Assert.Throws<RefusedException>(() => Read(Good.Replace(found, put)));

        Assert.Matches("^some.toml:[1-9][0-9]*: ", refused.Message);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEscrowWithoutRules_IsRefused()
    {
        string text = Good[..Good.IndexOf("[escrow]", StringComparison.Ordinal)]
            + Good[Good.IndexOf("[committee]", StringComparison.Ordinal)..];

        RefusedException refused = Assert.Throws<RefusedException>(() => Read(text));

        Assert.Contains("chain.escrow needs the tables [escrow] and [committee]", refused.Message);
    }

    [Fact]
    public void AChainTwice_IsRefused()
    {
        string chain = Good[Good.IndexOf("[[chain]]", StringComparison.Ordinal)..];

        RefusedException refused =
            Assert.Throws<RefusedException>(() => Read(Good + "\n" + chain));

        Assert.Contains("chain.id eip155:8453 is there twice", refused.Message);
    }

    private static EvmAddress Signer(char digit) =>
        EvmAddress.Parse("0x" + new string(digit, 40));
}
