// BalancerNode: Balancer's vault, factory and weighted pools on a chain of the devnet, asked.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Markets;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tools.Live;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

/// <summary>A pool as it stood at a block.</summary>
internal sealed record WeightedPool(
    EvmAddress Address, Hash32 Id, EvmAddress[] Tokens, WeightedMarket Market);

/// <summary>One question: an exact input, or an exact output.</summary>
internal sealed record WeightedSwap(bool GivenIn, bool ZeroForOne, UInt256 Amount);

internal sealed class BalancerNode(
    DuplexRpc node, LiveWorldChain chain, EvmAddress vault, EvmAddress factory)
{
    private const ulong Gas = 20_000_000;
    private const int Polls = 200;

    private static readonly AbiFunction Create = AbiFunction.Parse(
        "create(string,string,address[],uint256[],address[],uint256,address)(address)");

    private static readonly AbiFunction PoolId = AbiFunction.Parse("getPoolId()(bytes32)");
    private static readonly AbiFunction Weights = AbiFunction.Parse(
        "getNormalizedWeights()(uint256[])");

    private static readonly AbiFunction Fee = AbiFunction.Parse("getSwapFeePercentage()(uint256)");
    private static readonly AbiFunction Balances = AbiFunction.Parse(
        "getPoolTokens(bytes32)(address[],uint256[],uint256)");

    private static readonly AbiFunction Query = AbiFunction.Parse(
        "queryBatchSwap(uint8,(bytes32,uint256,uint256,uint256,bytes)[],address[],"
        + "(address,bool,address,bool))(int256[])");

    private static readonly AbiFunction OnSwap = AbiFunction.Parse(
        "onSwap((uint8,address,address,uint256,bytes32,uint256,address,address,bytes),"
        + "uint256,uint256)(uint256)");

    /// <summary>The latest block, to ask everything at one.</summary>
    public async Task<BlockRef> LatestAsync()
    {
        RpcReply reply = await node.CallAsync(EthCalls.Block(null), CancellationToken.None);
        return BlockRef.At(Hash32.Parse(reply.Result.GetProperty("hash").GetString()!));
    }

    /// <summary>Reads a pool; one that nobody joined is read as holding a unit of each.</summary>
    public async Task<WeightedPool> ReadAsync(EvmAddress pool, BlockRef at)
    {
        Hash32 id = (await ReadAsync(pool, PoolId, at))[0].AsHash();
        AbiValue weights = (await ReadAsync(pool, Weights, at))[0];
        ulong fee = (await ReadAsync(pool, Fee, at))[0].AsUInt64();
        AbiValue held = await ReadAsync(vault, Balances, at, id);
        EvmAddress[] tokens = [held[0][0].AsAddress(), held[0][1].AsAddress()];
        bool made = WeightedMarket.TryCreate(
            UInt256.Max(UInt256.One, held[1][0].AsUInt256()),
            UInt256.Max(UInt256.One, held[1][1].AsUInt256()),
            Decimals(tokens[0]), Decimals(tokens[1]),
            weights[0].AsUInt64(), weights[1].AsUInt64(), fee,
            out WeightedMarket? market, out MarketFault fault);
        Assert.True(made, $"{pool}: {fault}");
        return new WeightedPool(pool, id, tokens, market!);
    }

    /// <summary>A pool of the deployed factory, made by an account of the node's.</summary>
    public async Task<EvmAddress> CreateAsync(
        EvmAddress from, EvmAddress[] tokens, ulong weight0, ulong fee)
    {
        byte[] data = Create.Encode(
            "pool", "POOL", AbiValue.List(tokens[0], tokens[1]),
            AbiValue.List(weight0, WeightedMarket.OneE18 - weight0),
            AbiValue.List(default(EvmAddress), default(EvmAddress)), fee, from);
        var frame = new CallFrame { From = from, To = factory, Data = data, Gas = Gas };
        RpcReply sent = await node.CallAsync(
            RpcCall.Of("eth_sendTransaction", frame, static (writer, one) =>
            {
                writer.WriteStartObject();
                writer.WriteString("from"u8, one.From!.Value.ToLowerHex());
                writer.WriteString("to"u8, one.To!.Value.ToLowerHex());
                writer.WriteString("gas"u8, Hex.Quantity(one.Gas!.Value));
                writer.WriteString("data"u8, Hex.Format(one.Data.Span));
                writer.WriteEndObject();
            }), CancellationToken.None);
        Hash32 hash = Hash32.Parse(sent.Result.GetString()!);
        for (int poll = 0; poll < Polls; poll++)
        {
            RpcReply reply = await node.CallAsync(
                EthCalls.Receipt(hash), CancellationToken.None);
            if (reply.Result.ValueKind == JsonValueKind.Object) return Made(reply.Result);
            await Task.Delay(100);
        }
        throw new InvalidOperationException($"no receipt of {hash}");
    }

    /// <summary>queryBatchSwap of the vault; null where it reverts.</summary>
    public async Task<UInt256?> AskVaultAsync(WeightedPool pool, WeightedSwap swap, BlockRef at)
    {
        // The vault takes indices of assets: in, then out.
        AbiValue step = AbiValue.List(
            pool.Id, swap.ZeroForOne ? 0 : 1, swap.ZeroForOne ? 1 : 0, swap.Amount,
            Array.Empty<byte>());
        byte[] data = Query.Encode(
            swap.GivenIn ? 0 : 1, AbiValue.List(step),
            AbiValue.List(pool.Tokens[0], pool.Tokens[1]),
            AbiValue.List(vault, false, vault, false));
        if (await CallAsync(Query, new CallFrame { To = vault, Data = data, Gas = Gas }, at)
            is not { } told) return null;
        // What the vault takes is above zero, what it gives below.
        Int128 delta = told[0][swap.GivenIn == swap.ZeroForOne ? 1 : 0].AsInt128();
        Assert.True(swap.GivenIn ? delta <= 0 : delta >= 0, $"{swap}: {delta}");
        return (UInt256)(UInt128)Int128.Abs(delta);
    }

    /// <summary>onSwap of the pool, asked in the vault's name with the market's reserves; null
    /// where it reverts.</summary>
    public async Task<UInt256?> AskPoolAsync(WeightedPool pool, WeightedSwap swap)
    {
        (int assetIn, int assetOut) = swap.ZeroForOne ? (0, 1) : (1, 0);
        UInt256[] reserves = [pool.Market.Reserve0, pool.Market.Reserve1];
        byte[] data = OnSwap.Encode(
            AbiValue.List(
                swap.GivenIn ? 0 : 1, pool.Tokens[assetIn], pool.Tokens[assetOut], swap.Amount,
                pool.Id, 0, vault, vault, Array.Empty<byte>()),
            reserves[assetIn], reserves[assetOut]);
        var frame = new CallFrame { From = vault, To = pool.Address, Data = data, Gas = Gas };
        return (await CallAsync(OnSwap, frame, BlockRef.Latest))?[0].AsUInt256();
    }

    private EvmAddress Made(JsonElement receipt)
    {
        string emitter = factory.ToLowerHex();
        JsonElement log = receipt.GetProperty("logs").EnumerateArray()
            .Single(one => one.GetProperty("address").GetString() == emitter);
        string topic = log.GetProperty("topics")[1].GetString()!;
        return EvmAddress.Parse("0x" + topic[^40..]);
    }

    private int Decimals(EvmAddress token) => chain.Tokens.Single(
        one => EvmAddress.Parse(one.Asset.Reference) == token).Decimals;

    private async Task<AbiValue> ReadAsync(
        EvmAddress asked, AbiFunction form, BlockRef at, params AbiValue[] arguments) =>
        await CallAsync(
            form, new CallFrame { To = asked, Data = form.Encode(arguments), Gas = Gas }, at)
            ?? throw new InvalidOperationException($"{form} of {asked} reverted");

    private async Task<AbiValue?> CallAsync(AbiFunction form, CallFrame frame, BlockRef at)
    {
        RpcReply reply = await node.CallAsync(EthCalls.Call(frame, at), CancellationToken.None);
        return reply.Fault is { Reason: RpcReason.Reverted }
            ? (AbiValue?)null
            : form.DecodeOutputs(Hex.Parse(reply.Result.GetString()));
    }
}
