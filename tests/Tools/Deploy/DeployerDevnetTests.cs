// DeployerDevnetTests: deploys on a real devnet, then earns there what our own quote says, to the
// wei; the oracle is the chain: balances, receipts, and Uniswap's own pair.
using System.Text;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;
using Lockstep.Markets;
using Lockstep.Numerics;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Config;
using Lockstep.Tools.Deploy;
using Xunit;

namespace Lockstep.Tests.Deploy;

public sealed class DeployerDevnetTests
{
    private static readonly AbiFunction BalanceOf =
        AbiFunction.Parse("balanceOf(address)(uint256)");

    private static readonly AbiFunction GetReserves =
        AbiFunction.Parse("getReserves()(uint112,uint112,uint32)");

    private static readonly AbiFunction LegOf = AbiFunction.Parse(
        "leg(bytes32)((bytes32,uint128,uint40,uint40,uint24,uint8))");

    [LocalChainFact]
    public async Task Deployment_RunsAProgram_ToTheWeiOfOurQuote()
    {
        using Devnet devnet = new(Devnet.Quiet);
        ForgeOutput.BuildAll();
        string file = Path.Combine(devnet.Folder, "ours", "evm.toml");

        Ending first = Deployer("--world", devnet.World, "--out", file);

        Assert.True(first.Code == 0, first.Words);
        EvmSettings settings = EvmFile.Read(file);
        DevnetWorld world = DevnetWorld.Read(devnet.World);
        Assert.Equal(world.Chains.Select(chain => chain.Id), settings.Chains.Select(c => c.Id));
        using SigningKey keeper = Keystore.Open(
            File.ReadAllBytes(settings.Live.KeyPath),
            Encoding.UTF8.GetBytes(File.ReadLines(settings.Live.PasswordPath!).First()));
        Assert.Equal(world.Account("searcher").Address, keeper.Address);
        foreach (string secret in new[] { settings.Live.KeyPath, settings.Live.PasswordPath! })
            if (!OperatingSystem.IsWindows())
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        foreach (WorldChain chain in world.Chains)
        {
            await SwapOwnFundsAsync(chain, settings.Chain(chain.Id)!, keeper);
            await LockAndClaimAsync(
                chain, settings.Chain(chain.Id)!, keeper, settings.Committee!.Committee, world);
        }

        Ending second = Deployer("--world", devnet.World, "--out", file);

        Assert.Equal(1, second.Code);
        Assert.Contains("stand on this devnet, so nothing was sent", second.Words);
        Assert.Contains("was not written by deployer", Deployer(
            "--world", devnet.World, "--out", devnet.World).Words);

        Ending again = Deployer("--world", devnet.World, "--out", file, "--again",
            "--key-index", "6", "--signer", keeper.Address.ToLowerHex(), "--quorum", "1");

        Assert.True(again.Code == 0, again.Words);
        EvmSettings anew = EvmFile.Read(file);
        Assert.NotEqual(
            settings.Chains[0].Contracts.Executor, anew.Chains[0].Contracts.Executor);
        Assert.Equal([keeper.Address], anew.Committee!.Committee.Signers);
    }

    private static async Task SwapOwnFundsAsync(WorldChain chain, EvmChain at, SigningKey keeper)
    {
        await using Desk desk = await Desk.OpenAsync(chain, at);
        UInt256 amountIn = 1_234_567_890UL;
        UInt256 quoted = await desk.QuoteAsync(amountIn);
        (UInt256 usdcBefore, UInt256 wethBefore) =
            (await desk.OwnedAsync(desk.Usdc), await desk.OwnedAsync(desk.Weth));
        byte[] program = new ProgramBuilder()
            .Pull(desk.Usdc, amountIn)
            .Swap(desk.Venue, desk.Usdc, desk.Weth, StepAmount.All, quoted)
            .ToArray();
        long now = (await desk.Chain.HeadAsync()).TimestampS;

        DeskResult[] sent = await desk.Chain.SendAsync(new DeskOrder(
            "swap", keeper, at.Contracts.Executor, ExecutorCalls.Execute(
                Keccak.Hash("swap"u8), at.Contracts.ChainNumber, now + 60, desk.Weth, quoted,
                program)));

        Assert.Equal(amountIn, usdcBefore - await desk.OwnedAsync(desk.Usdc));
        Assert.Equal(quoted, await desk.OwnedAsync(desk.Weth) - wethBefore);
        Assert.Contains(sent[0].Receipt.Logs, log => log.Emitter == at.Contracts.Executor
            && log.Topics[0] == ExecutorCalls.Executed.Topic);
    }

    /// <summary>Vault, escrow, verifier and the files' rules fit one another.</summary>
    private static async Task LockAndClaimAsync(
        WorldChain chain, EvmChain at, SigningKey searcher, Committee committee, DevnetWorld world)
    {
        await using Desk desk = await Desk.OpenAsync(chain, at);
        Deployment ours = at.Contracts;
        EscrowRules rules = ours.Rules!;
        UInt256 principal = 1_000_000_000UL;
        UInt256 fee = UInt256.MulDivCeiling(principal, rules.LoanFeePips, 1_000_000);
        UInt256 quoted = await desk.QuoteAsync(principal);
        byte[] secret = Keccak.Hash("secret"u8).ToArray();
        EscrowLeg terms = new()
        {
            HashLock = HashLock.Of(secret),
            Searcher = searcher.Address,
            Vault = await desk.VaultAsync(ours),
            Verifier = ours.Verifier,
            AssetIn = desk.Usdc,
            AssetOut = desk.Weth,
            Venue = desk.Venue,
            Principal = principal,
            Fee = fee,
            MinOut = quoted,
            Due = quoted,
            Bond = principal * 13 / 1_000,
            RewardCap = UInt256.MulDivFloor(principal, rules.RewardCapPips, 1_000_000),
            MinBack = principal * 9 / 10,
            AuctionStart =
                UInt256.MulDivCeiling(principal + fee, rules.AuctionStartPips, 1_000_000),
            // The recorded pair and the pool of the vault's price are a percent apart at the start.
            LtvPips = rules.LtvPips + 50_000,
            DeadlineSeconds = (await desk.Chain.HeadAsync()).TimestampS + 120,
            RewardDelaySeconds = rules.RewardDelaySeconds,
            RewardSpanSeconds = rules.RewardSpanSeconds,
            AuctionSpanSeconds = rules.AuctionSpanSeconds,
            Salt = Keccak.Hash("salt"u8),
        };
        Hash32 leg = terms.Id(ours.ChainNumber, ours.Escrow);
        Hash32 legsHash = EscrowLeg.LegsHash([leg]);
        CommitCertificate certificate = new(
            EscrowLeg.BundleId(terms.HashLock, legsHash), legsHash, Decision.Commit);
        Hash32 digest = certificate.Digest(committee);
        List<byte> proof = [];
        foreach (EvmAddress signer in committee.Signers.Take(committee.Quorum))
        {
            using SigningKey key =
                world.Accounts.First(one => one.Address == signer).Open();
            proof.AddRange(key.Sign(digest).ToArray());
        }

        await desk.Chain.SendAsync(new DeskOrder(
            "lock", searcher, ours.Escrow, EscrowCalls.Lock(terms, [leg], 0)));
        Assert.Equal(LegStage.Locked, await StageAsync());
        await desk.Chain.SendAsync(new DeskOrder("claim", searcher, ours.Escrow,
            EscrowCalls.Claim(terms, secret, certificate, [.. proof])));

        Assert.Equal(LegStage.Claimed, await StageAsync());

        async Task<LegStage> StageAsync() => (LegStage)(int)(await desk.Chain.ReadAsync(
            LegOf, ours.Escrow, leg))[0][5].AsUInt64();
    }

    /// <summary>A chain, its pair USDC/WETH in a V2 pool, and the owner's balances.</summary>
    private sealed record Desk(
        RolloutDesk Chain, EvmAddress Usdc, EvmAddress Weth, WorldPool Pool, EvmAddress Owner)
        : IAsyncDisposable
    {
        public Venue Venue => new(VenueKind.UniswapV2, Pool.FeePips, Pool.Address);

        public static async Task<Desk> OpenAsync(WorldChain chain, EvmChain at)
        {
            EvmAddress usdc = Token("USDC"), weth = Token("WETH");
            WorldPool pool = chain.Pools.First(one => one.Family == "constant-product"
                && (one.Token0 == usdc && one.Token1 == weth
                    || one.Token0 == weth && one.Token1 == usdc));
            return new Desk(
                await RolloutDesk.OpenAsync(
                    chain.Name, chain.Http, chain.Number, at.Fees, TimeProvider.System),
                usdc, weth, pool, at.Contracts.Owner);

            EvmAddress Token(string symbol) =>
                chain.Tokens.First(one => one.IsMajor && one.Symbol == symbol).Address;
        }

        public async Task<UInt256> QuoteAsync(UInt256 amountIn)
        {
            AbiValue reserves = await Chain.ReadAsync(GetReserves, Pool.Address);
            Assert.True(ConstantProductMarket.TryCreate(
                reserves[0].AsUInt256(), reserves[1].AsUInt256(), Pool.FeePips,
                out ConstantProductMarket? market, out _));
            return market.QuoteExactIn(Pool.Token0 == Usdc, amountIn).AmountOut;
        }

        /// <summary>The vault of the pair, by what it says it holds.</summary>
        public async Task<EvmAddress> VaultAsync(Deployment ours)
        {
            foreach (EvmAddress vault in ours.Vaults)
            {
                EvmAddress[] held =
                [
                    (await Chain.ReadAsync(AbiFunction.Parse("asset0()(address)"), vault))[0]
                        .AsAddress(),
                    (await Chain.ReadAsync(AbiFunction.Parse("asset1()(address)"), vault))[0]
                        .AsAddress(),
                ];
                if (held.Contains(Usdc) && held.Contains(Weth)) return vault;
            }
            throw new InvalidOperationException("no vault holds the pair");
        }

        public async Task<UInt256> OwnedAsync(EvmAddress token) =>
            (await Chain.ReadAsync(BalanceOf, token, Owner))[0].AsUInt256();

        public ValueTask DisposeAsync() => Chain.DisposeAsync();
    }

    private static Ending Deployer(params string[] args) =>
        Binary.Run("managed", ["deployer", .. args], []);
}
