// FeePolicyTests: prices against EIP-1559's own words in BigInteger and a real node's base fees.
using System.Numerics;
using CsCheck;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Numerics;
using Lockstep.Tests.Evm.Rpc;
using Xunit;

namespace Lockstep.Tests.Evm.Submission;

public static class FeePolicyTests
{
    private static readonly FeeRules Rules = new()
    {
        MaxFeePerGas = 500_000_000_000,
        MaxTip = 5_000_000_000,
    };

    private static readonly Gen<BlockHeader> Headers =
        Gen.Select(Gen.Long[1, 60_000_000], Gen.Double[0, 1], Gen.Long[0, 1_000_000_000_000])
            .Select((limit, full, fee) => new BlockHeader(
                1, default, default, 0, (UInt256)(ulong)fee, (long)(limit * full), limit));

    [Fact]
    public static void NextBaseFee_IsThatOfTheSpecification() =>
        Headers.Sample(parent =>
        {
            BigInteger target = BigInteger.Max(1, parent.GasLimit / 2);
            BigInteger fee = BigInteger.Parse(parent.BaseFeePerGas.ToString());
            BigInteger used = parent.GasUsed;
            BigInteger expected = used == target ? fee
                : used > target ? fee + BigInteger.Max(fee * (used - target) / target / 8, 1)
                : fee - fee * (target - used) / target / 8;
            Assert.Equal(
                expected, BigInteger.Parse(FeePolicy.NextBaseFee(parent, Rules).ToString()));
        });

    [Fact]
    public static async Task NextBaseFee_OfARealNodesBlocks_IsTheirs()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        await node.MineAsync(12);
        BlockHeader? before = null;
        for (long number = 0; number <= 12; number++)
        {
            Assert.True(BlockHeader.TryRead(
                await node.AskAsync(EthCalls.Block(number)), out BlockHeader? header));
            // The first block of an anvil has the base fee it was told to start with.
            if (number > 1)
                Assert.Equal(FeePolicy.NextBaseFee(before!, Rules), header.BaseFeePerGas);
            before = header;
        }
    }

    [Fact]
    public static void Price_WithinTheCap_SurvivesTheHeadroom() =>
        Gen.Select(Headers, Gen.Long[0, 10_000_000_000]).Sample((head, tip) =>
        {
            bool priced = FeePolicy.TryPrice(
                head, (UInt256)(ulong)tip, Rules, out Fees fees, out string refusal);
            Assert.Equal(priced, refusal.Length == 0);
            Assert.True(fees.MaxFeePerGas <= Rules.MaxFeePerGas);
            Assert.True(fees.MaxPriorityFeePerGas <= Rules.MaxTip);
            if (!priced || fees.MaxFeePerGas == Rules.MaxFeePerGas) return;
            BlockHeader block = head;
            for (int i = 0; i <= Rules.HeadroomBlocks; i++)
            {
                UInt256 fee = FeePolicy.NextBaseFee(block, Rules);
                Assert.True(fees.MaxFeePerGas >= fee);
                block = block with { BaseFeePerGas = fee, GasUsed = block.GasLimit };
            }
        });

    [Fact]
    public static void Bump_EitherReplacesWithinTheCap_OrIsRefused() =>
        Gen.Select(Gen.Long[0, 600_000_000_000], Gen.Double[0, 1], Gen.Long[0, 600_000_000_000])
            .Sample((fee, share, market) =>
            {
                var old = new Fees((UInt256)(ulong)fee, (UInt256)(ulong)(fee * share));
                var now = new Fees((UInt256)(ulong)market, 1);
                bool done = FeePolicy.TryBump(old, now, Rules, out Fees bumped);
                if (done)
                {
                    Assert.True(FeePolicy.Replaces(old, bumped));
                    Assert.True(bumped.MaxFeePerGas <= Rules.MaxFeePerGas);
                    Assert.True(bumped.MaxPriorityFeePerGas <= bumped.MaxFeePerGas);
                }
                else
                {
                    // Refused only where the least bump is beyond the cap.
                    Assert.True(old.MaxFeePerGas * 9 > (Rules.MaxFeePerGas - 2) * 8);
                }
            });

    [Theory]
    [InlineData("""{"reward":[["0x5"],["0x0"],["0x9"],["0x7"]]}""", 7)]
    [InlineData("""{"reward":[["0x0"]]}""", 0)]
    public static void Tip_WhenBlocksAreEmpty_IsTheMedianOfTheOthers(string json, int tip)
    {
        Assert.True(FeePolicy.TryTip(ScriptedRpc.Result(json).Result, out UInt256 read));
        Assert.Equal((UInt256)tip, read);
    }
}
