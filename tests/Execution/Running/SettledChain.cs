// SettledChain: one node with two tokens, a pool, a vault, our escrow and a committee's verifier.
using System.Globalization;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tests.Evm;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

/// <summary>A chain on which legs can be locked. USD has 6 decimals, ETH 18; a block is made only
/// when asked for, one second after the last.</summary>
internal sealed class SettledChain : IAsyncDisposable
{
    /// <summary>So many blocks make a block final.</summary>
    public const int Finality = 5;

    private const int FeePips = 3000;
    private const string PolicyType = "(uint128,uint128,uint128,uint128,uint24,uint24,uint32,"
        + "uint24,uint24,uint32)";

    private static readonly UInt256 Million = 1_000_000;

    private readonly AnvilNode node;
    private EvmAddress deployer, pool, vault, verifier, source;
    private ulong usdPerEth;

    private SettledChain(AnvilNode node, ulong number) =>
        (this.node, Number, Id) = (node, number, ChainId.Parse($"eip155:{number}"));

    public ulong Number { get; }

    public ChainId Id { get; }

    public EvmAddress Usd { get; private set; }

    public EvmAddress Eth { get; private set; }

    public EvmAddress Escrow { get; private set; }

    public EvmAddress Vault => vault;

    public EvmAddress Verifier => verifier;

    public EvmAddress Pool => pool;

    public AnvilNode Node => node;

    /// <summary>Rich accounts of the node: the searcher is the first, a keeper the third.</summary>
    public static SigningKey Searcher { get; } = new(AnvilNode.Key);

    public static SigningKey Keeper { get; } = new(Convert.FromHexString(
        "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"));

    /// <summary>Starts a node and builds everything on it.</summary>
    /// <param name="number">EIP-155.</param>
    /// <param name="usdPerEth">The pool's and the vault's price.</param>
    /// <param name="committee">Who certifies.</param>
    public static async Task<SettledChain> StartAsync(
        ulong number, int usdPerEth, Committee committee)
    {
        SettledChain chain = new(
            await AnvilNode.StartAsync("--chain-id", $"{number}"), number);
        await chain.node.AskAsync(RpcCall.Of(
            "anvil_setBlockTimestampInterval", 1,
            static (writer, n) => writer.WriteNumberValue(n)));
        await chain.BuildAsync((ulong)usdPerEth, committee);
        return chain;
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    public Task MineAsync(int blocks = 1) => node.MineAsync(blocks);

    public Task ReorgAsync(int depth) => node.ReorgAsync(depth);

    /// <summary>The newest block's time.</summary>
    public async Task<long> SecondsAsync() =>
        (await EscrowReader.HeadAsync(node.Rpc, CancellationToken.None)).Head!.TimestampS;

    /// <summary>The chain as a runner acts on it.</summary>
    public SettlementChain For(SigningKey key) => new()
    {
        Chain = Id,
        ChainNumber = Number,
        Escrow = Escrow,
        Rpc = node.Rpc,
        Submitter = new PublicSubmitter(node.Rpc),
        Account = key.Address,
        Sign = order => order.Sign(key),
        SignRequest = digest => key.Sign(digest),
        Rules = new SenderRules
        {
            Fees = new FeeRules { MaxFeePerGas = UInt256.Pow10(12), MaxTip = UInt256.Pow10(10) },
            Confirmations = Finality,
        },
    };

    /// <summary>The chain as a signer reads it.</summary>
    public SignerChain ForSigner(long actSeconds) => new(
        new ServedChain(
            Escrow, verifier, actSeconds,
            new Dictionary<EvmAddress, AssetClass>
            {
                [Usd] = new("USD", 6), [Eth] = new("ETH", 18),
            }),
        node.Rpc, Finality);

    /// <summary>Terms that lend one asset and buy the other.</summary>
    /// <param name="buysEth">Whether USD is lent.</param>
    /// <param name="principal">How much, base units.</param>
    /// <param name="due">To the vault, and the least the swap brings.</param>
    /// <param name="deadlineSeconds">T.</param>
    /// <param name="salt">Makes the leg another one.</param>
    public EscrowLeg Terms(
        bool buysEth, UInt256 principal, UInt256 due, long deadlineSeconds, Hash32 salt) => new()
        {
            HashLock = default,
            Searcher = Searcher.Address,
            Vault = vault,
            Verifier = verifier,
            AssetIn = buysEth ? Usd : Eth,
            AssetOut = buysEth ? Eth : Usd,
            Venue = new Venue(VenueKind.UniswapV2, FeePips, pool),
            Principal = principal,
            Fee = UInt256.DivCeiling(principal * 500, Million),
            MinOut = due,
            Due = due,
            Bond = (principal * 3 / 100) + (principal / 1000),
            RewardCap = principal / 1000,
            MinBack = default,
            AuctionStart = principal * 105 / 100,
            LtvPips = 1_020_000,
            DeadlineSeconds = deadlineSeconds,
            RewardDelaySeconds = 60,
            RewardSpanSeconds = 600,
            AuctionSpanSeconds = 30,
            Salt = salt,
        };

    /// <summary>Where a leg stands in the newest block.</summary>
    public async Task<LegStage> StageAsync(EscrowLeg terms)
    {
        JsonElement told = await node.AskAsync(EthCalls.Call(
            new CallFrame { To = Escrow, Data = EscrowCalls.Leg(terms.Id(Number, Escrow)) },
            BlockRef.Latest));
        return EscrowCalls.ReadLeg(Hex.Parse(told.GetString())).Stage;
    }

    /// <summary>What an account has of a token.</summary>
    public async Task<Int128> BalanceAsync(EvmAddress token, EvmAddress account)
    {
        AbiFunction form = AbiFunction.Parse("balanceOf(address)(uint256)");
        JsonElement told = await node.AskAsync(EthCalls.Call(
            new CallFrame { To = token, Data = form.Encode(account) }, BlockRef.Latest));
        return Int128.Parse(
            form.DecodeOutputs(Hex.Parse(told.GetString()))[0].AsUInt256().ToString(),
            CultureInfo.InvariantCulture);
    }

    /// <summary>What an account has of ether.</summary>
    public async Task<UInt256> EtherAsync(EvmAddress account) =>
        JsonHex.TryQuantity(
            await node.AskAsync(EthCalls.Balance(account, BlockRef.Latest)), out UInt256 wei)
            ? wei : throw new InvalidOperationException("no balance");

    /// <summary>How much of each token the escrow may take from the searcher.</summary>
    public async Task AllowAsync(UInt256 most)
    {
        foreach (EvmAddress token in new[] { Usd, Eth })
            await SendAsync(Searcher.Address, token, AbiFunction.Parse("approve(address,uint256)")
                .Encode(Escrow, most));
    }

    /// <summary>Gives an account so much ether, and no more.</summary>
    public Task SetEtherAsync(EvmAddress account, UInt256 wei) => node.AskAsync(
        RpcCall.Of("anvil_setBalance", account.ToLowerHex(), Hex.Quantity((ulong)wei)));

    /// <summary>Moves the pool's price: somebody gives it ETH for nothing.</summary>
    public async Task SpoilPoolAsync(UInt256 eth)
    {
        await WriteAsync(Eth, "mint(address,uint256)", pool, eth);
        await WriteAsync(pool, "sync()");
    }

    /// <summary>The vault's price, told anew: it is believed for a year.</summary>
    public Task PriceAsync() => WriteAsync(
        source, "setPrice(uint256)", (UInt256.Pow10(12) << 128) / usdPerEth);

    private async Task BuildAsync(ulong price, Committee committee)
    {
        JsonElement accounts = await node.AskAsync(RpcCall.Of("eth_accounts"));
        deployer = EvmAddress.Parse(accounts[1].GetString());
        Usd = await DeployAsync("Tokens", "Token", "()");
        Eth = await DeployAsync("Tokens", "Token", "()");
        pool = await DeployAsync(
            "Pools", "V2Pair", "(address,address,uint256)", Usd, Eth, FeePips);
        source = await DeployAsync(
            "FixedPriceSource", "FixedPriceSource", "(address,address,address,uint256)",
            Usd, Eth, deployer, 365 * 86_400);
        Escrow = await DeployAsync("HtlbEscrow", "HtlbEscrow", "()");
        verifier = await DeployAsync(
            "EcdsaCommitVerifier", "EcdsaCommitVerifier", "(uint256,address[])",
            committee.Quorum,
            AbiValue.List([.. committee.Signers.Select(one => (AbiValue)one)]));
        vault = await DeployAsync(
            "FlashVault", "FlashVault", "(address,address,address)", source, Escrow, deployer);
        UInt256 usd = Million, eth = UInt256.Pow10(18);
        await MintAsync(pool, usd * 10_000 * price, eth * 10_000);
        await WriteAsync(pool, "sync()");
        usdPerEth = price;
        await PriceAsync();
        UInt256 much = UInt256.Pow10(30);
        await WriteAsync(vault, $"setPolicy({PolicyType})", AbiValue.List(
            much, much, much, much, 500, 20_000, 1_020_000, 30_000, 1000, 172_800));
        await WriteAsync(
            vault, "setVenue(uint256,bool)",
            new Venue(VenueKind.UniswapV2, FeePips, pool).ToWord(), true);
        await WriteAsync(vault, "setVerifier(address,bool)", verifier, true);
        await MintAsync(deployer, usd * Million, eth * 1000);
        await WriteAsync(Usd, "approve(address,uint256)", vault, much);
        await WriteAsync(Eth, "approve(address,uint256)", vault, much);
        await WriteAsync(
            vault, "deposit(uint256,uint256,uint256,address)", usd * Million, eth * 1000, 0,
            deployer);
        await MintAsync(Searcher.Address, usd * 10_000, eth * 10);
        await AllowAsync(much);
        await MineAsync(Finality);
    }

    private async Task MintAsync(EvmAddress to, UInt256 usd, UInt256 eth)
    {
        await WriteAsync(Usd, "mint(address,uint256)", to, usd);
        await WriteAsync(Eth, "mint(address,uint256)", to, eth);
    }

    private Task<EvmAddress> DeployAsync(
        string file, string contract, string types, params AbiValue[] arguments) =>
        node.DeployAsync(deployer, file, contract, types, arguments);

    public Task<JsonElement> WriteAsync(
        EvmAddress contract, string signature, params AbiValue[] arguments) => SendAsync(
            deployer, contract, AbiFunction.Parse(signature).Encode(arguments));

    private Task<JsonElement> SendAsync(EvmAddress from, EvmAddress? to, byte[] data) =>
        node.SendAsync(from, to, data);
}
