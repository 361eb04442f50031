// AccountSenderTests: whatever is lost, late or taken back: no gap, no second order for a nonce.
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Evm.Submission;

public static class AccountSenderTests
{
    private static readonly SigningKey Key = new(AnvilNode.Key);

    private static readonly SenderRules Rules = new()
    {
        Fees = new FeeRules { MaxFeePerGas = 400, MaxTip = 100, HeadroomBlocks = 2 },
        PatienceBlocks = 2,
        MaxReplacements = 4,
        MaxOpen = 6,
        Confirmations = 3,
    };

    private enum Act
    {
        Send, Cancel, Mine, MineOne, TakeBack, TakeAway, Forget, Lose, Find, Dear, Cheap,
    }

    [Fact]
    public static async Task Sender_InAnyWeather_LeavesNoGapAndSignsNothingTwice() =>
        await Gen.Select(Gen.Enum<Act>(), Gen.Int[1, 5]).Array[1, 40].SampleAsync(async history =>
        {
            var world = new SendWorld();
            AccountSender sender = await StartAsync(world);
            var orders = new Dictionary<ulong, int>();
            foreach ((Act act, int count) in history)
            {
                await DoAsync(world, sender, act, count, orders);
                List<SendNews> news = [];
                Assert.Null(await sender.StepAsync(world.Head, news, default));
                Assert.True(sender.Lane.Open.Count <= Rules.MaxOpen);
                CheckHandedOver(world);
            }
            await SettleAsync(world, sender);
            // Every nonce that was given out is final, each once, in order.
            Assert.Equal(
                Enumerable.Range(0, orders.Count).Select(i => (ulong)i), world.Closed);
        }, iter: 150, threads: 2);

    [Fact]
    public static async Task Sender_AfterACrash_GoesOnWithTheSameNonces() =>
        await Gen.Select(Gen.Enum<Act>(), Gen.Int[1, 5]).Array[1, 15].SampleAsync(async history =>
        {
            var world = new SendWorld();
            AccountSender sender = await StartAsync(world);
            var orders = new Dictionary<ulong, int>();
            foreach ((Act act, int count) in history)
            {
                await DoAsync(world, sender, act, count, orders);
                await sender.StepAsync(world.Head, [], default);
                ulong next = sender.Lane.NextNonce;
                (sender, string refusal) = await TryStartAsync(world) switch
                {
                    ({ } again, _) => (again, ""),
                    (_, { } why) => (sender, why),
                };
                Assert.Equal("", refusal);
                Assert.Equal(next, sender.Lane.NextNonce);
            }
            await SettleAsync(world, sender);
            Assert.Equal(orders.Count, world.Closed.Distinct().Count());
            CheckHandedOver(world);
        }, iter: 100, threads: 2);

    [Fact]
    public static async Task Start_WhenSomebodyElseSigns_Refuses()
    {
        var world = new SendWorld();
        using AccountSender sender = await StartAsync(world);
        await sender.SendAsync(Order(1), world.Head, default);
        world.Mine(5);
        world.Written.Clear();
        world.Written.Add(Order(2).Sign(Key));
        (AccountSender? other, _) = await TryStartAsync(world);
        Assert.NotNull(other);
        await other.SendAsync(Order(3), world.Head, default);
        world.Mine(5);
        world.Written.RemoveAt(1);
        (AccountSender? refused, string why) = await TryStartAsync(world);
        Assert.Null(refused);
        Assert.Contains("somebody else signs", why, StringComparison.Ordinal);
    }

    /// <summary>A chain takes back what was final and closed: its nonce is not given out again,
    /// whether nodes still have the transaction or not.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task Start_WhenAClosedNonceIsFreeAgain_Refuses(bool isForgotten)
    {
        var world = new SendWorld();
        using (AccountSender sender = await StartAsync(world))
        {
            await sender.SendAsync(Order(1), world.Head, default);
            for (int block = 0; block <= Rules.Confirmations; block++)
            {
                world.Mine(1);
                Assert.Null(await sender.StepAsync(world.Head, [], default));
            }
        }
        Assert.Equal([0UL], world.Closed);
        world.TakeBack(Rules.Confirmations + 1, lose: isForgotten);
        (AccountSender? again, string why) = await TryStartAsync(world);
        Assert.Null(again);
        Assert.Contains("took back final blocks", why, StringComparison.Ordinal);
    }

    /// <summary>A node that forgot everything is told everything in one block: one nonce a block
    /// would keep the last of them waiting for as many.</summary>
    [Fact]
    public static async Task Nonces_ThatANodeForgot_AreAllSentAgainAtOnce()
    {
        var world = new SendWorld();
        using AccountSender sender = await StartAsync(world);
        for (int order = 0; order < Rules.MaxOpen; order++)
            await sender.SendAsync(Order(order), world.Head, default);
        world.Forget();
        List<SendNews> news = [];
        Assert.Null(await sender.StepAsync(world.Head, news, default));
        Assert.Equal(sender.Lane.Open.Select(one => one.Nonce), news.Select(one => one.Nonce));
        Assert.All(news, one => Assert.Equal(SendStep.SentAgain, one.Step));
        world.Mine(Rules.MaxOpen);
        Assert.Equal(Rules.MaxOpen, world.MinedNow.Count());
    }

    /// <summary>Somebody else's transaction takes a nonce: while a reorganisation may still give it
    /// back nothing is said and nothing lost; after that the lane goes on behind it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task TakenNonce_IsLostOnlyWhenThatIsFinal(bool isGivenBack)
    {
        var world = new SendWorld { Price = 300 };
        using AccountSender sender = await StartAsync(world);
        await sender.SendAsync(Order(1), world.Head, default);
        world.Forget();
        await world.SubmitAsync(
            [(Order(9) with { MaxFeePerGas = 300 }).Sign(Key)], 1, default);
        List<SendNews> news = [];
        for (int block = 1; block <= (isGivenBack ? Rules.Confirmations - 1 : 8); block++)
        {
            world.Mine(1);
            Assert.Null(await sender.StepAsync(world.Head, news, default));
            Assert.Equal(block < Rules.Confirmations, sender.Lane.Open.Count > 0);
        }
        if (isGivenBack)
        {
            world.TakeBack(Rules.Confirmations - 1, lose: true);
            Assert.DoesNotContain(news, one => one.Step is SendStep.NonceTaken);
        }
        else
        {
            Assert.Single(news, one => one.Step is SendStep.NonceTaken);
            Assert.Equal(1UL, sender.Lane.NextNonce);
        }
        await sender.SendAsync(Order(2), world.Head, default);
        await SettleAsync(world, sender);
        Assert.Equal([0, 1], world.Closed);
        Assert.Equal(
            isGivenBack ? 2 : 1, world.MinedNow.Count(one => world.Written.Contains(one)));
    }

    [Fact]
    public static async Task Send_WhenTheBlockCostsMoreThanTheCap_SignsNothing()
    {
        var world = new SendWorld();
        using AccountSender sender = await StartAsync(world);
        (SendNews? news, string refusal) = await sender.SendAsync(
            Order(1), world.Head with { BaseFeePerGas = 1000 }, default);
        Assert.Null(news);
        Assert.Contains("the cap is 400", refusal, StringComparison.Ordinal);
        Assert.Empty(world.Written);
    }

    private static async Task DoAsync(
        SendWorld world, AccountSender sender, Act act, int count, Dictionary<ulong, int> orders)
    {
        switch (act)
        {
            case Act.Send:
                (SendNews? news, _) = await sender.SendAsync(
                    Order(orders.Count), world.Head, default);
                if (news is not null) orders.Add(news.Nonce, orders.Count);
                break;
            case Act.Cancel when sender.Lane.Waiting.FirstOrDefault() is { } entry:
                await sender.CancelAsync(entry.Nonce, world.Head, default);
                break;
            case Act.Mine: world.Mine(count); break;
            case Act.MineOne: world.Mine(1); break;
            // No deeper than final receipts may be taken back.
            case Act.TakeBack: world.TakeBack(Math.Min(count, 2), lose: false); break;
            case Act.TakeAway: world.TakeBack(Math.Min(count, 2), lose: true); break;
            case Act.Forget: world.Forget(); break;
            case Act.Lose: world.Loses = true; break;
            case Act.Find: world.Loses = false; break;
            case Act.Dear: world.Price = 60; break;
            case Act.Cheap: world.Price = 7; break;
        }
    }

    /// <summary>Good weather until nothing is open: bounded, or the test fails.</summary>
    private static async Task SettleAsync(SendWorld world, AccountSender sender)
    {
        (world.Loses, world.Price) = (false, 7);
        for (int i = 0; i < 60 && sender.Lane.Open.Count > 0; i++)
        {
            world.Mine(10);
            Assert.Null(await sender.StepAsync(world.Head, [], default));
        }
        Assert.Empty(sender.Lane.Open);
    }

    private static void CheckHandedOver(SendWorld world)
    {
        // Journalled before it was seen by anyone.
        Assert.Subset(
            world.Written.Select(one => one.Hash).ToHashSet(),
            world.HandedOver.Select(one => one.Hash).ToHashSet());
        // No gap: a nonce is first seen after all below it.
        ulong next = 0;
        foreach (ulong nonce in world.HandedOver.Select(one => one.Transaction.Nonce).Distinct())
            Assert.Equal(next++, nonce);
        // What is signed for a nonce again takes the place of what was.
        foreach (var versions in world.Written.GroupBy(one => one.Transaction.Nonce))
        {
            SignedTransaction[] all = [.. versions];
            Assert.True(all.Length <= 1 + Rules.MaxReplacements);
            for (int i = 1; i < all.Length; i++)
                Assert.True(FeePolicy.Replaces(
                    NonceLane.FeesOf(all[i - 1]), NonceLane.FeesOf(all[i])));
        }
        Assert.All(world.Written, one =>
            Assert.True(one.Transaction.MaxFeePerGas <= Rules.Fees.MaxFeePerGas));
    }

    private static EvmTransaction Order(int value) => new()
    {
        ChainId = 31337,
        Nonce = 0,
        GasLimit = 21_000,
        MaxFeePerGas = 7,
        To = EvmAddress.Zero,
        Value = (UInt256)value,
    };

    private static async Task<AccountSender> StartAsync(SendWorld world)
    {
        (AccountSender? sender, string refusal) = await TryStartAsync(world);
        Assert.Equal("", refusal);
        return sender!;
    }

    private static async Task<(AccountSender? Sender, string Refusal)> TryStartAsync(
        SendWorld world) => await AccountSender.StartAsync(
            Key.Address,
            [.. world.Written.Where(one => !world.Closed.Contains(one.Transaction.Nonce))],
            world.Head, world.Rpc, world, world, order => order.Sign(Key), Rules, default);
}
