// UniswapWorld: the real Uniswap V2 and V3, deployed from their packages on a node of a test.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Evm;

/// <summary>Two tokens, a V2 pair, V3 pools of two fees, and one account that trades.</summary>
public sealed class UniswapWorld : IAsyncDisposable
{
    private const ulong Gas = 6_000_000;
    private const int Deadline = int.MaxValue;

    private static readonly ChainId Chain = ChainId.Parse("eip155:31337");
    private static readonly UInt256 Supply = UInt256.Pow10(30);

    private readonly EvmAddress trader =
        EvmAddress.Parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    private EvmAddress factory3, router, positions;

    private UniswapWorld(AnvilNode node) => Node = node;

    /// <summary>The node.</summary>
    public AnvilNode Node { get; }

    /// <summary>The tokens, in the order of their addresses.</summary>
    public EvmAddress[] Tokens { get; private set; } = [];

    /// <summary>The pools: the V2 pair first.</summary>
    public List<PoolIdentity> Pools { get; } = [];

    /// <summary>Builds it.</summary>
    public static async Task<UniswapWorld> StartAsync()
    {
        var world = new UniswapWorld(await AnvilNode.StartAsync());
        await world.BuildAsync();
        return world;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Node.DisposeAsync();

    /// <summary>Swaps through the V2 pair what its formula says; true when the pair agreed.
    /// </summary>
    public async Task<bool> SwapV2Async(bool zeroForOne, UInt256 amountIn)
    {
        EvmAddress pair = Pools[0].Contract;
        AbiValue held = await ReadAsync(pair, "getReserves()(uint112,uint112,uint32)");
        ConstantProductMarket.TryCreate(
            held[0].AsUInt256(), held[1].AsUInt256(), 3000, out var market, out _);
        SwapResult quote = market!.QuoteExactIn(zeroForOne, amountIn);
        await WriteAsync(
            Tokens[zeroForOne ? 0 : 1], "transfer(address,uint256)", pair, amountIn);
        return await WriteAsync(
            pair, "swap(uint256,uint256,address,bytes)",
            zeroForOne ? UInt256.Zero : quote.AmountOut,
            zeroForOne ? quote.AmountOut : UInt256.Zero, trader, AbiValue.Bytes());
    }

    /// <summary>Adds to the V2 pair, not in proportion.</summary>
    public async Task<bool> MintV2Async(UInt256 amount)
    {
        foreach (EvmAddress token in Tokens)
            await WriteAsync(token, "transfer(address,uint256)", Pools[0].Contract, amount);
        return await WriteAsync(Pools[0].Contract, "mint(address)", trader);
    }

    /// <summary>Swaps through a V3 pool.</summary>
    public Task<bool> SwapV3Async(PoolIdentity pool, bool zeroForOne, UInt256 amountIn) =>
        WriteAsync(
            router, "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,"
            + "uint160))", AbiValue.List(
                Tokens[zeroForOne ? 0 : 1], Tokens[zeroForOne ? 1 : 0], (int)pool.FeePips, trader,
                Deadline, amountIn, 0, 0));

    /// <summary>Adds liquidity to a V3 pool between two ticks.</summary>
    public Task<bool> MintV3Async(PoolIdentity pool, int lower, int upper, UInt256 amount) =>
        WriteAsync(
            positions, "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,"
            + "address,uint256))", AbiValue.List(
                Tokens[0], Tokens[1], (int)pool.FeePips, lower, upper, amount, amount, 0, 0,
                trader, Deadline));

    /// <summary>Takes liquidity out of a position; false where it has less.</summary>
    public Task<bool> BurnV3Async(int position, UInt256 liquidity) => WriteAsync(
        positions, "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))",
        AbiValue.List(position, liquidity, 0, 0, Deadline));

    /// <summary>Calls a function at the newest block.</summary>
    public async Task<AbiValue> ReadAsync(
        EvmAddress contract, string signature, params AbiValue[] arguments)
    {
        AbiFunction form = AbiFunction.Parse(signature);
        JsonElement told = await Node.AskAsync(EthCalls.Call(
            new CallFrame { To = contract, Data = form.Encode(arguments) }, BlockRef.Latest));
        return form.DecodeOutputs(Hex.Parse(told.GetString()));
    }

    /// <summary>Sends a transaction and makes a block of it; false when it reverted.</summary>
    public async Task<bool> WriteAsync(
        EvmAddress contract, string signature, params AbiValue[] arguments) =>
        (await SendAsync(contract, AbiFunction.Parse(signature).Encode(arguments)))
            .GetProperty("status").GetString() == "0x1";

    /// <summary>The newest header.</summary>
    public async Task<BlockHeader> HeadAsync()
    {
        Assert.True(BlockHeader.TryRead(
            await Node.AskAsync(EthCalls.Block((long?)null)), out BlockHeader? head));
        return head;
    }

    private async Task BuildAsync()
    {
        string token = Bytecode("v2-core", "build", "ERC20.json");
        EvmAddress[] made =
        [
            await DeployAsync(token, "(uint256)", Supply),
            await DeployAsync(token, "(uint256)", Supply),
        ];
        Tokens = [.. made.Order()];
        EvmAddress factory2 = await DeployAsync(
            Bytecode("v2-core", "build", "UniswapV2Factory.json"), "(address)", trader);
        await WriteAsync(factory2, "createPair(address,address)", Tokens[0], Tokens[1]);
        AbiValue pair = await ReadAsync(
            factory2, "getPair(address,address)(address)", Tokens[0], Tokens[1]);
        Pools.Add(Identity(pair[0].AsAddress(), "constant-product", 3000, null));
        Assert.True(await MintV2Async(UInt256.Pow10(24)));

        const string Core = "UniswapV3Factory", Router = "SwapRouter";
        const string Positions = "NonfungiblePositionManager";
        factory3 = await DeployAsync(
            Bytecode("v3-core", "artifacts", "contracts", $"{Core}.sol", $"{Core}.json"), "()");
        router = await DeployAsync(Bytecode(
            "v3-periphery", "artifacts", "contracts", $"{Router}.sol", $"{Router}.json"),
            "(address,address)", factory3, factory3);
        positions = await DeployAsync(Bytecode(
            "v3-periphery", "artifacts", "contracts", $"{Positions}.sol", $"{Positions}.json"),
            "(address,address,address)", factory3, factory3, factory3);
        foreach (EvmAddress one in Tokens)
            foreach (EvmAddress spender in (EvmAddress[])[router, positions])
                await WriteAsync(one, "approve(address,uint256)", spender, UInt256.MaxValue);
        await AddV3Async(3000, 60);
        await AddV3Async(500, 10);
    }

    private async Task AddV3Async(uint feePips, int spacing)
    {
        await WriteAsync(
            factory3, "createPool(address,address,uint24)", Tokens[0], Tokens[1], (int)feePips);
        AbiValue pool = await ReadAsync(
            factory3, "getPool(address,address,uint24)(address)", Tokens[0], Tokens[1],
            (int)feePips);
        PoolIdentity made = Identity(pool[0].AsAddress(), "concentrated", feePips, spacing);
        Pools.Add(made);
        Assert.True(await WriteAsync(
            made.Contract, "initialize(uint160)", UInt256.One << 96));
        int most = 887272 / spacing * spacing;
        Assert.True(await MintV3Async(made, -most, most, UInt256.Pow10(22)));
    }

    private static PoolIdentity Identity(
        EvmAddress pool, string family, uint feePips, int? spacing) => new()
        {
            Pool = PoolId.Parse($"{Chain}:{pool.ToLowerHex()}"),
            Family = family,
            FeePips = feePips,
            Asset0 = AssetId.Erc20(Chain, "0x" + new string('0', 39) + "1"),
            Asset1 = AssetId.Erc20(Chain, "0x" + new string('0', 39) + "2"),
            TickSpacing = spacing,
        };

    private static string Bytecode(string package, params string[] path)
    {
        using JsonDocument artifact = JsonDocument.Parse(
            AnvilNode.Artifact(["@uniswap", package, .. path]));
        string code = artifact.RootElement.GetProperty("bytecode").GetString()!;
        return code.StartsWith("0x", StringComparison.Ordinal) ? code : "0x" + code;
    }

    private async Task<EvmAddress> DeployAsync(
        string bytecode, string constructor, params AbiValue[] arguments)
    {
        // Encoded like the arguments of a function, without the selector.
        byte[] tail = AbiFunction.Parse("constructor" + constructor).Encode(arguments)[4..];
        JsonElement receipt = await SendAsync(null, [.. Hex.Parse(bytecode), .. tail]);
        Assert.True(JsonHex.TryAddress(receipt, "contractAddress"u8, out EvmAddress made));
        return made;
    }

    private async Task<JsonElement> SendAsync(EvmAddress? to, byte[] data)
    {
        JsonElement hash = await Node.AskAsync(RpcCall.Of(
            "eth_sendTransaction", (trader, to, data), static (writer, order) =>
            {
                writer.WriteStartObject();
                writer.WriteString("from", order.trader.ToLowerHex());
                if (order.to is { } callee) writer.WriteString("to", callee.ToLowerHex());
                writer.WriteString("gas", Hex.Quantity(Gas));
                writer.WriteString("data", Hex.Format(order.data));
                writer.WriteEndObject();
            }));
        await Node.MineAsync();
        return await Node.AskAsync(RpcCall.Of("eth_getTransactionReceipt", hash.GetString()!));
    }
}
