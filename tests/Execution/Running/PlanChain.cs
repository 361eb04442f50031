// PlanChain: one node with two tokens, two pools of different prices, a lender and our executor.
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tests.Evm;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

/// <summary>A chain on which plans can be run. USD has 6 decimals, ETH 18; ETH costs 2500 in the
/// pool <see cref="Cheap"/> and 2600 in <see cref="Dear"/>. A block is made only when asked for,
/// one second after the last.</summary>
internal sealed class PlanChain : IAsyncDisposable
{
    /// <summary>So many blocks make a block final.</summary>
    public const int Finality = 3;

    public const int FeePips = 3000;
    private static readonly UInt256 Million = 1_000_000;

    private readonly AnvilNode node;
    private EvmAddress deployer;

    private PlanChain(AnvilNode node, ulong number) =>
        (this.node, Number, Id) = (node, number, ChainId.Parse($"eip155:{number}"));

    public static SigningKey Keeper { get; } = new(AnvilNode.Key);

    public ulong Number { get; }

    public ChainId Id { get; }

    public EvmAddress Owner { get; private set; }

    public EvmAddress Usd { get; private set; }

    public EvmAddress Eth { get; private set; }

    public EvmAddress Cheap { get; private set; }

    public EvmAddress Dear { get; private set; }

    public EvmAddress Lender { get; private set; }

    public EvmAddress Executor { get; private set; }

    public HttpRpc Rpc => node.Rpc;

    public Uri Http => node.Http;

    /// <summary>Whether it makes no blocks.</summary>
    public bool IsStalled { get; set; }

    public static async Task<PlanChain> StartAsync(ulong number)
    {
        PlanChain chain = new(await AnvilNode.StartAsync("--chain-id", $"{number}"), number);
        await chain.node.AskAsync(RpcCall.Of(
            "anvil_setBlockTimestampInterval", 1,
            static (writer, n) => writer.WriteNumberValue(n)));
        await chain.BuildAsync();
        return chain;
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    public Task MineAsync(int blocks = 1) => node.MineAsync(blocks);

    /// <summary>A block, unless it is stalled.</summary>
    public Task TickAsync() => IsStalled ? Task.CompletedTask : node.MineAsync();

    /// <summary>The newest block's time.</summary>
    public async Task<long> SecondsAsync() =>
        (await EscrowReader.HeadAsync(Rpc, CancellationToken.None)).Head!.TimestampS;

    /// <summary>Our contracts, as a configuration names them.</summary>
    public Deployment Contracts => new()
    {
        Chain = Id,
        ChainNumber = Number,
        Executor = Executor,
        Owner = Owner,
        Lenders = ImmutableDictionary<EvmAddress, LenderKind>.Empty.Add(
            Lender, LenderKind.BalancerV2),
        // The lender swaps too, at a fixed rate, in a pool that is only a name.
        VaultPools = ImmutableDictionary<EvmAddress, VaultPool>.Empty.Add(
            Weighted, new VaultPool(Lender, Keccak.HashText("pool"))),
    };

    /// <summary>A pool of the lender's vault.</summary>
    public static EvmAddress Weighted { get; } =
        EvmAddress.Parse("0x00000000000000000000000000000000000000ba");

    /// <summary>A desk on it.</summary>
    public ValueTask<ChainDesk> OpenAsync(
        SettlementJournal journal, TimeProvider clock, IRpc? rpc = null,
        Func<DeskSettings, DeskSettings>? change = null)
    {
        DeskSettings settings = new(
            Contracts,
            new SenderRules
            {
                Fees = new FeeRules
                {
                    MaxFeePerGas = UInt256.Pow10(12), MaxTip = UInt256.Pow10(10),
                },
                Confirmations = Finality,
            },
            TimeSpan.FromMilliseconds(500), 5_000_000);
        return ChainDesk.OpenAsync(
            change is null ? settings : change(settings), rpc ?? Rpc, Keeper, journal, clock,
            CancellationToken.None);
    }

    public AssetId Asset(EvmAddress token) => AssetId.Erc20(Id, token.ToLowerHex());

    /// <summary>What a swap brings, by our own arithmetic on the pool's reserves.</summary>
    public async Task<UInt256> QuoteAsync(EvmAddress pool, EvmAddress tokenIn, UInt256 amountIn)
    {
        AbiFunction form = AbiFunction.Parse("getReserves()(uint112,uint112,uint32)");
        AbiValue told = form.DecodeOutputs(await CallAsync(pool, form.Encode()));
        Assert.True(ConstantProductMarket.TryCreate(
            told[0].AsUInt256(), told[1].AsUInt256(), (uint)FeePips,
            out ConstantProductMarket? market, out _));
        bool zeroForOne = tokenIn == (Usd.ToUInt256() < Eth.ToUInt256() ? Usd : Eth);
        return market.QuoteExactIn(zeroForOne, amountIn).AmountOut;
    }

    /// <summary>What an account has of a token.</summary>
    public async Task<Int128> BalanceAsync(EvmAddress token, EvmAddress account)
    {
        AbiFunction form = AbiFunction.Parse("balanceOf(address)(uint256)");
        return Int128.Parse(
            form.DecodeOutputs(await CallAsync(token, form.Encode(account)))[0].AsUInt256()
                .ToString(),
            CultureInfo.InvariantCulture);
    }

    /// <summary>What the keeper has of ether, and how many transactions it sent.</summary>
    public async Task<(UInt256 Wei, ulong Sent)> KeeperAsync()
    {
        JsonElement wei = await node.AskAsync(
            EthCalls.Balance(Keeper.Address, BlockRef.Latest));
        JsonElement sent = await node.AskAsync(
            EthCalls.TransactionCount(Keeper.Address, BlockRef.Latest));
        Assert.True(JsonHex.TryQuantity(wei, out UInt256 held));
        Assert.True(JsonHex.TryQuantity(sent, out ulong count));
        return (held, count);
    }

    /// <summary>Moves a pool's price: somebody gives it ETH for nothing.</summary>
    public async Task SpoilAsync(EvmAddress pool, UInt256 eth)
    {
        await WriteAsync(Eth, "mint(address,uint256)", pool, eth);
        await WriteAsync(pool, "sync()");
    }

    /// <summary>Takes the owner's tokens or allowance away, or gives them back.</summary>
    public Task AllowAsync(EvmAddress token, UInt256 units) => SendAsync(
        Owner, token, AbiFunction.Parse("approve(address,uint256)").Encode(Executor, units));

    /// <summary>Whether our executor takes the keeper's orders.</summary>
    public Task KeepAsync(bool allowed) => SendAsync(
        Owner, Executor, AbiFunction.Parse("setKeeper(address,bool)")
            .Encode(Keeper.Address, allowed));

    /// <summary>The newest block.</summary>
    public Task<long> HeadAsync() => node.HeadAsync();

    /// <summary>Gives the node another chain id.</summary>
    public Task RenumberAsync(long number) => node.AskAsync(RpcCall.Of(
        "anvil_setChainId", number, static (writer, n) => writer.WriteNumberValue(n)));

    /// <summary>A payment of the keeper's that the journal knows nothing of, with the nonce it
    /// would use next.</summary>
    public Task UseNonceAsync() => SendAsync(Keeper.Address, Keeper.Address, []);

    /// <summary>What the node keeps for itself, changed: <c>anvil_setBalance</c>.</summary>
    public Task SetEtherAsync(EvmAddress account, UInt256 wei) => node.AskAsync(RpcCall.Of(
        "anvil_setBalance", account.ToLowerHex(), Hex.Quantity(wei)));

    public Task WriteAsync(EvmAddress contract, string signature, params AbiValue[] arguments) =>
        SendAsync(deployer, contract, AbiFunction.Parse(signature).Encode(arguments));

    private async Task<byte[]> CallAsync(EvmAddress to, byte[] data) => Hex.Parse(
        (await node.AskAsync(EthCalls.Call(
            new CallFrame { To = to, Data = data }, BlockRef.Latest))).GetString());

    private async Task BuildAsync()
    {
        JsonElement accounts = await node.AskAsync(RpcCall.Of("eth_accounts"));
        deployer = EvmAddress.Parse(accounts[1].GetString());
        Owner = EvmAddress.Parse(accounts[2].GetString());
        Usd = await DeployAsync("Tokens", "LoggedToken");
        Eth = await DeployAsync("Tokens", "LoggedToken");
        Cheap = await PoolAsync(2500);
        Dear = await PoolAsync(2600);
        Lender = await DeployAsync("Pools", "BalancerLike");
        UInt256 usd = Million, eth = UInt256.Pow10(18);
        await MintAsync(Lender, usd * Million, eth * 1000);
        await MintAsync(Owner, usd * 100_000, eth * 100);
        Executor = await DeployAsync("Executor", "Executor", "(address)", Owner);
        await KeepAsync(true);
        foreach (EvmAddress token in new[] { Usd, Eth })
            await AllowAsync(token, UInt256.Pow10(30));
        await MineAsync(Finality);
    }

    private async Task<EvmAddress> PoolAsync(ulong price)
    {
        EvmAddress pool = await DeployAsync(
            "Pools", "V2Pair", "(address,address,uint256)", Usd, Eth, FeePips);
        await MintAsync(pool, Million * 10_000 * price, UInt256.Pow10(18) * 10_000);
        await WriteAsync(pool, "sync()");
        return pool;
    }

    private async Task MintAsync(EvmAddress to, UInt256 usd, UInt256 eth)
    {
        await WriteAsync(Usd, "mint(address,uint256)", to, usd);
        await WriteAsync(Eth, "mint(address,uint256)", to, eth);
    }

    private Task<EvmAddress> DeployAsync(
        string file, string contract, string types = "()", params AbiValue[] arguments) =>
        node.DeployAsync(deployer, file, contract, types, arguments);

    private Task<JsonElement> SendAsync(EvmAddress from, EvmAddress? to, byte[] data) =>
        node.SendAsync(from, to, data);
}
