// NodeContracts: deploys and calls contracts from an account that a node has open; each in a block.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Tests.Evm;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

/// <summary>What both test chains are built with.</summary>
internal static class NodeContracts
{
    private const ulong Gas = 8_000_000;

    /// <summary>Puts a contract of forge's output on the chain.</summary>
    public static async Task<EvmAddress> DeployAsync(
        this AnvilNode node, EvmAddress from, string file, string contract, string types,
        AbiValue[] arguments)
    {
        byte[] code =
        [
            .. ForgeOutput.Code(file, contract),
            .. arguments.Length == 0 ? [] : AbiType.Parse(types).Encode(AbiValue.List(arguments)),
        ];
        JsonElement receipt = await node.SendAsync(from, null, code);
        return EvmAddress.Parse(receipt.GetProperty("contractAddress").GetString());
    }

    /// <summary>Sends a transaction, makes a block, and sees that it succeeded.</summary>
    /// <returns>Its receipt.</returns>
    public static async Task<JsonElement> SendAsync(
        this AnvilNode node, EvmAddress from, EvmAddress? to, byte[] data)
    {
        JsonElement hash = await node.AskAsync(RpcCall.Of(
            "eth_sendTransaction", (from, to, data), static (writer, ask) =>
            {
                writer.WriteStartObject();
                writer.WriteString("from"u8, ask.from.ToLowerHex());
                if (ask.to is { } to) writer.WriteString("to"u8, to.ToLowerHex());
                writer.WriteString("gas"u8, Hex.Quantity(Gas));
                writer.WriteString("data"u8, Hex.Format(ask.data));
                writer.WriteEndObject();
            }));
        await node.MineAsync();
        JsonElement receipt = await node.AskAsync(
            EthCalls.Receipt(Hash32.Parse(hash.GetString())));
        Assert.Equal("0x1", receipt.GetProperty("status").GetString());
        return receipt;
    }
}
