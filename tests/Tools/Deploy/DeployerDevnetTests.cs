// DeployerDevnetTests: deploys on a real devnet, then earns there what our own quote says, to the
// wei; the oracle is the chain: balances, receipts, and Uniswap's own pair.
using System.Text;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;
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

    [DevnetFact]
    public async Task Deployment_RunsAProgram_ToTheWeiOfOurQuote()
    {
        using Devnet devnet = new();
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
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        foreach (WorldChain chain in world.Chains)
            await SwapOwnFundsAsync(chain, settings.Chain(chain.Id)!, keeper);

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
        await using ChainDesk desk = await ChainDesk.OpenAsync(
            chain.Name, chain.Http, chain.Number, at.Fees, TimeProvider.System);
        EvmAddress usdc = Token("USDC"), weth = Token("WETH");
        WorldPool pool = chain.Pools.First(one => one.Family == "constant-product"
            && (one.Token0 == usdc && one.Token1 == weth
                || one.Token0 == weth && one.Token1 == usdc));
        AbiValue reserves = await desk.ReadAsync(GetReserves, pool.Address);
        Assert.True(ConstantProductMarket.TryCreate(
            reserves[0].AsUInt256(), reserves[1].AsUInt256(), pool.FeePips,
            out ConstantProductMarket? market, out _));
        UInt256 amountIn = 1_234_567_890UL;
        UInt256 quoted = market.QuoteExactIn(pool.Token0 == usdc, amountIn).AmountOut;
        (UInt256 usdcBefore, UInt256 wethBefore) = (await Held(usdc), await Held(weth));
        byte[] program = new ProgramBuilder()
            .Pull(usdc, amountIn)
            .Swap(new Venue(VenueKind.UniswapV2, pool.FeePips, pool.Address), usdc, weth,
                StepAmount.All, quoted)
            .ToArray();
        long now = (await desk.HeadAsync()).TimestampS;

        DeskResult[] sent = await desk.SendAsync(new DeskOrder(
            "swap", keeper, at.Contracts.Executor, ExecutorCalls.Execute(
                Keccak.Hash("swap"u8), at.Contracts.ChainNumber, now + 60, weth, quoted,
                program)));

        Assert.Equal(amountIn, usdcBefore - await Held(usdc));
        Assert.Equal(quoted, await Held(weth) - wethBefore);
        Assert.Contains(sent[0].Receipt.Logs, log => log.Emitter == at.Contracts.Executor
            && log.Topics[0] == ExecutorCalls.Executed.Topic);

        EvmAddress Token(string symbol) =>
            chain.Tokens.First(one => one.IsMajor && one.Symbol == symbol).Address;

        async Task<UInt256> Held(EvmAddress token) =>
            (await desk.ReadAsync(BalanceOf, token, at.Contracts.Owner))[0].AsUInt256();
    }

    private static Ending Deployer(params string[] args) =>
        Binary.Run("managed", ["deployer", .. args], []);
}
