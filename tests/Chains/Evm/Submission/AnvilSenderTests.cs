// AnvilSenderTests: a sender on a real node: sent, stuck, dropped, reorganised, reverted.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Evm.Submission;

public static class AnvilSenderTests
{
    private static readonly SigningKey Key = new(AnvilNode.Key);
    private static readonly EvmAddress Someone =
        EvmAddress.Parse("0x00000000000000000000000000000000000a11ce");

    private static readonly SenderRules Rules = new()
    {
        Fees = new FeeRules
        {
            MaxFeePerGas = 1_000_000_000_000,
            MaxTip = 5_000_000_000,
            HeadroomBlocks = 0,
        },
        PatienceBlocks = 2,
        Confirmations = 2,
    };

    [Fact]
    public static async Task Send_OnARealNode_IsMinedAndFinal()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        var journal = new SendWorld();
        using AccountSender sender = await StartAsync(node, journal);
        for (int i = 1; i <= 3; i++) await SendAsync(node, sender, i);
        Assert.Equal(Enumerable.Repeat(SendStep.Mined, 3), await MineAsync(node, sender));
        Assert.Equal(Enumerable.Repeat(SendStep.Final, 3), await MineAsync(node, sender));
        Assert.Equal([0UL, 1, 2], journal.Closed);
        Assert.True(JsonHex.TryQuantity(
            await node.AskAsync(EthCalls.Balance(Someone, BlockRef.Latest)), out long paid));
        Assert.Equal(6, paid);
    }

    [Fact]
    public static async Task Send_WhenTheBaseFeeRunsAway_IsReplacedUntilItIsMined()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        using AccountSender sender = await StartAsync(node, new SendWorld());
        await SendAsync(node, sender, 1);
        await SendAsync(node, sender, 2);
        // Far above what was offered: nothing is taken up, and the second waits for the first.
        await node.AskAsync(RpcCall.Of("anvil_setNextBlockBaseFeePerGas", "0x9502f90000"));
        var steps = new List<SendStep>();
        for (int i = 0; i < 20 && sender.Lane.Open.Count > 0; i++)
            steps.AddRange(await MineAsync(node, sender));
        Assert.Contains(SendStep.Replaced, steps);
        Assert.Equal(2, steps.Count(one => one == SendStep.Final));
        Assert.DoesNotContain(SendStep.Stuck, steps);
    }

    [Fact]
    public static async Task Send_WhenTheNodeDropsIt_IsSentAgain()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        using AccountSender sender = await StartAsync(node, new SendWorld());
        SendNews first = await SendAsync(node, sender, 1);
        await SendAsync(node, sender, 2);
        // The second now waits in the queue for a nonce the node has forgotten. Of what is queued
        // this node knows nothing when asked: it is handed over again with the first.
        await node.AskAsync(RpcCall.Of("anvil_dropTransaction", first.Transaction.ToString()));
        Assert.Equal(
            [SendStep.SentAgain, SendStep.SentAgain], await MineAsync(node, sender));
        var steps = new List<SendStep>();
        for (int i = 0; i < 8 && sender.Lane.Open.Count > 0; i++)
            steps.AddRange(await MineAsync(node, sender));
        Assert.DoesNotContain(SendStep.Replaced, steps);
        Assert.Equal(2, steps.Count(one => one == SendStep.Final));
    }

    [Fact]
    public static async Task Send_WhenItsBlockIsReorganisedAway_IsMinedAgain()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        await node.MineAsync(3);
        using AccountSender sender = await StartAsync(node, new SendWorld());
        await SendAsync(node, sender, 5);
        Assert.Equal([SendStep.Mined], await MineAsync(node, sender));
        await node.ReorgAsync(1);
        var steps = new List<SendStep>();
        List<SendNews> news = [];
        Assert.Null(await sender.StepAsync(await HeadAsync(node), news, default));
        steps.AddRange(news.Select(one => one.Step));
        for (int i = 0; i < 8 && sender.Lane.Open.Count > 0; i++)
            steps.AddRange(await MineAsync(node, sender));
        Assert.Contains(SendStep.Unmined, steps);
        Assert.Equal(SendStep.Final, steps[^1]);
        Assert.True(JsonHex.TryQuantity(
            await node.AskAsync(EthCalls.Balance(Someone, BlockRef.Latest)), out long paid));
        Assert.Equal(5, paid);
    }

    [Fact]
    public static async Task Simulation_WhenTheContractReverts_SaysWhy()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        AskRpc ask = node.Rpc.CallAsync;
        EvmTransaction order = Order(0) with { GasLimit = 100_000 };
        // Code that reverts with what it was called with.
        var echo = new AccountOverride(Someone)
        {
            Code = Convert.FromHexString("365f5f37365ffd"),
        };
        AbiError known = AbiError.Parse("TooLittle(uint256)");
        (byte[] Data, string Words)[] cases =
        [
            (RevertReason.Error.Encode("no luck"), "no luck"),
            (known.Encode((UInt256)9), "TooLittle(9)"),
        ];
        foreach ((byte[] data, string words) in cases)
        {
            SimulationResult result = await Simulation.RunAsync(
                ask, order with { Data = data }, Key.Address, BlockRef.Latest, [echo], [known],
                default);
            Assert.Equal(words, result.Revert);
        }
        // Nobody has that much; with an override somebody has.
        EvmTransaction rich = order with { Value = UInt256.Pow10(30) };
        SimulationResult poor = await Simulation.RunAsync(
            ask, rich, Someone, BlockRef.Latest, [], [], default);
        Assert.False(poor.IsOk);
        SimulationResult paid = await Simulation.RunAsync(
            ask, rich, Someone, BlockRef.Latest,
            [new AccountOverride(Someone) { Balance = UInt256.Pow10(31) }], [], default);
        Assert.True(paid.IsOk, paid.Fault?.ToString() ?? paid.Revert);
    }

    private static async Task<SendNews> SendAsync(AnvilNode node, AccountSender sender, int value)
    {
        (SendNews? news, string refusal) =
            await sender.SendAsync(Order(value), await HeadAsync(node), default);
        Assert.Equal("", refusal);
        Assert.Equal("", news!.Detail);
        return news;
    }

    private static async Task<SendStep[]> MineAsync(AnvilNode node, AccountSender sender)
    {
        await node.MineAsync();
        List<SendNews> news = [];
        Assert.Null(await sender.StepAsync(await HeadAsync(node), news, default));
        return [.. news.Select(one => one.Step)];
    }

    private static async Task<BlockHeader> HeadAsync(AnvilNode node)
    {
        Assert.True(BlockHeader.TryRead(
            await node.AskAsync(EthCalls.Block((long?)null)), out BlockHeader? head));
        return head;
    }

    private static async Task<AccountSender> StartAsync(
        AnvilNode node, ITransactionJournal journal)
    {
        // The first block of an anvil has the base fee of the one before.
        await node.MineAsync(2);
        (AccountSender? sender, string refusal) = await AccountSender.StartAsync(
            Key.Address, [], await HeadAsync(node), node.Rpc, new PublicSubmitter(node.Rpc),
            journal, order => order.Sign(Key), Rules, default);
        Assert.Equal("", refusal);
        return sender!;
    }

    private static EvmTransaction Order(int value) => new()
    {
        ChainId = 31337,
        Nonce = 0,
        GasLimit = 21_000,
        MaxFeePerGas = 7,
        To = Someone,
        Value = (UInt256)value,
    };
}
