// BidTips: holds the tips of an outcome against what nodes say of its transactions, and those of
// cancellations against the journal's raw transactions; wei a gas.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

internal static class BidTips
{
    /// <summary>Every transaction has a tip, and it is the one that was bid.</summary>
    public static async Task AssertAsync(
        OutcomeLine line, IEnumerable<JournalRecord> rows, Func<ChainId, IRpc> of)
    {
        EvmTransaction[] signed =
        [
            .. rows.Select(row => row.Entry).OfType<TransactionSigned>()
                .Select(one => SignedTransaction.Decode(Hex.Parse(one.Raw)).Transaction),
        ];
        Assert.NotEmpty(line.Transactions);
        foreach (OutcomeTransaction one in line.Transactions)
        {
            RpcReply reply = await of(one.Chain).CallAsync(
                EthCalls.Transaction(Hash32.Parse(one.Hash)), CancellationToken.None);
            Assert.True(JsonHex.TryQuantity(
                reply.Result, "maxPriorityFeePerGas"u8, out UInt256 tip), one.Hash);
            if (one.Act == "cancel")
            {
                Assert.True(JsonHex.TryQuantity(reply.Result, "nonce"u8, out long nonce));
                UInt256 bid = signed.Where(raw => (long)raw.Nonce == nonce && !raw.Data.IsEmpty
                    && $"eip155:{raw.ChainId}" == one.Chain.ToString())
                    .Max(raw => raw.MaxPriorityFeePerGas);
                // Nodes take no replacement that does not bid more.
                Assert.True(bid < tip);
                tip = bid;
            }
            Assert.Equal(tip, one.TipWei);
        }
    }
}
