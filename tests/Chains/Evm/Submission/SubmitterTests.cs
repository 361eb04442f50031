// SubmitterTests: nodes' words sorted into statuses; a relay's header proves who sent the body.
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Xunit;

namespace Lockstep.Tests.Evm.Submission;

public static class SubmitterTests
{
    [Theory]
    // As geth, Nethermind, Erigon, Besu and anvil put it.
    [InlineData("already known", SubmitStatus.Taken)]
    [InlineData("AlreadyKnown", SubmitStatus.Taken)]
    [InlineData("transaction already imported", SubmitStatus.Taken)]
    [InlineData("replacement transaction underpriced", SubmitStatus.Underpriced)]
    [InlineData("INTERNAL_ERROR: could not replace existing tx: underpriced",
        SubmitStatus.Underpriced)]
    [InlineData("nonce too low: next nonce 5, tx nonce 4", SubmitStatus.NonceUsed)]
    [InlineData("OldNonce, Current nonce: 5, nonce of rejected tx: 4", SubmitStatus.NonceUsed)]
    [InlineData("insufficient funds for gas * price + value", SubmitStatus.Unfunded)]
    [InlineData("Upfront cost exceeds account balance", SubmitStatus.Unfunded)]
    [InlineData("intrinsic gas too low", SubmitStatus.Refused)]
    public static void Reply_WhenANodeRefuses_IsSortedByItsWords(
        string words, SubmitStatus status) =>
        Assert.Equal(status, SubmitReply.Of(RpcReply.Failed(
            new RpcFault(RpcReason.Refused, "node", words, -32000))).Status);

    [Fact]
    public static void Reply_WhenTheAnswerIsLost_IsUnknown() =>
        Assert.Equal(SubmitStatus.Unknown, SubmitReply.Of(
            RpcReply.Failed(RpcReason.Timeout, "node", "no answer")).Status);

    [Fact]
    public static async Task Relay_WhenABundleIsSent_SeesWhoSignedTheBody()
    {
        using var searcher = new SigningKey(AnvilNode.Key);
        JsonElement? body = null;
        await using ScriptedNode node = ScriptedNode.OnTcp(request =>
        {
            body = request;
            return Script.Result(request, "{\"bundleHash\":\"0x01\"}");
        });
        await using var rpc = new HttpRpc(
            "relay", node.Http, new RpcLimits(), TimeProvider.System,
            RelaySubmitter.Header(searcher));
        SignedTransaction[] bundle = [Order(0).Sign(searcher), Order(1).Sign(searcher)];
        SubmitReply reply = await new RelaySubmitter(rpc).SubmitAsync(bundle, 17, default);
        Assert.Equal(SubmitStatus.Taken, reply.Status);

        JsonElement sent = body!.Value.GetProperty("params")[0];
        Assert.Equal("0x11", sent.GetProperty("blockNumber").GetString());
        Assert.Equal(
            bundle.Select(one => Hex.Format(one.Raw.Span)),
            sent.GetProperty("txs").EnumerateArray().Select(one => one.GetString()!));
        string[] header = node.Headers.Split("\r\n")
            .Single(line => line.StartsWith("X-Flashbots-Signature:", StringComparison.Ordinal))
            .Split(':', StringSplitOptions.TrimEntries);
        string digest = Keccak.Hash(
            Encoding.UTF8.GetBytes(body.Value.GetRawText())).ToString();
        Assert.True(EcdsaSignature.TryRead(Hex.Parse(header[2]), out EcdsaSignature signature));
        Assert.True(Secp256k1.TryRecover(
            Keccak.HashText("\x19" + "Ethereum Signed Message:\n66" + digest), signature,
            out EvmAddress signer));
        Assert.Equal(searcher.Address, signer);
        Assert.Equal(searcher.Address, EvmAddress.Parse(header[1]));
    }

    private static EvmTransaction Order(ulong nonce) => new()
    {
        ChainId = 1,
        Nonce = nonce,
        GasLimit = 21_000,
        MaxFeePerGas = 7,
        To = EvmAddress.Zero,
    };
}
