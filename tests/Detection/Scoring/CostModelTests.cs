// CostModelTests: gas adds up to the wei, its value is rounded up, expected net rounded down.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Markets;
using Xunit;

namespace Lockstep.Tests.Detection.Scoring;

public sealed class CostModelTests
{
    [Fact]
    public void AddGas_IsGasTimesPricePlusDataAtTheCeiling() =>
        Gen.Select(
            Gen.Int[0, 2], Gen.Int[0, 5], Gen.ULong[0, 50_000_000], Gen.ULong, Gen.ULong,
            Gen.ULong[1, ulong.MaxValue])
            .Sample(
                (chain, transactions, units, gasPrice, dataFee, usdE18) =>
                {
                    (gasPrice, dataFee) = (gasPrice >> 20, dataFee >> 10);
                    SearchConfig config = World.Config();
                    config = config with
                    {
                        Chains = config.Chains.SetItem(chain, config.Chains[chain] with
                        {
                            GasPriceWei = gasPrice, DataFeeWei = dataFee,
                        }),
                    };
                    AssetBook assets = Priced(config, chain, usdE18);
                    var costs = ImmutableArray.CreateBuilder<Cost>();
                    new CostModel(config, assets).AddGas(
                        [new ChainGas(chain, transactions, units)], costs);
                    BigInteger wei = ((BigInteger)units * gasPrice)
                        + ((BigInteger)transactions * dataFee);
                    BigInteger value = Words.DivCeiling(wei * usdE18, BigInteger.Pow(10, 30));
                    Assert.Equal(
                        new Cost("gas", config.Chains[chain].GasAsset, wei.Word(), (ulong)value),
                        Assert.Single(costs));
                },
                iter: 3_000);

    [Fact]
    public void AddGas_WhenGasHasNoPrice_Throws()
    {
        SearchConfig config = World.Config();
        CostModel model = new(config, Priced(config, 0, UInt256.One));
        var costs = ImmutableArray.CreateBuilder<Cost>();
        Assert.Throws<InvalidOperationException>(() =>
            model.AddGas([new ChainGas(1, 1, 1)], costs));
        Assert.True(double.IsPositiveInfinity(model.MicroUsdPerGas(1)));
        Assert.True(double.IsPositiveInfinity(model.MicroUsdPerTransaction(1)));
        Assert.False(model.TryGasAsset(1, out _));
        Assert.True(model.TryGasAsset(0, out _));
    }

    [Fact]
    public void SwapGas_IsTheTableByFamily()
    {
        CostModel model = new(World.Config(), new AssetBook([]));
        Assert.Equal(67_000UL, model.SwapGas("constant-product", 0));
        Assert.Equal(110_000UL, model.SwapGas("solidly-stable", 0));
        Assert.Equal(110_000UL, model.SwapGas("solidly-volatile", 0));
        Assert.Equal(107_000UL + (3 * 25_000), model.SwapGas("concentrated", 3));
        Assert.Equal(21_000UL, model.Overhead(flashLoan: false));
        Assert.Equal(65_000UL, model.Overhead(flashLoan: true));
    }

    [Fact]
    public void FloatGas_IsTheExactGas()
    {
        SearchConfig config = World.Config();
        AssetBook assets = Priced(config, 2, 2_500 * UInt256.Pow10(18));
        CostModel model = new(config, assets);
        // 10^7 wei a gas at 2,500 USD per 10^18 wei: 2.5e-8 USD, 0.025 micro-dollars.
        Assert.Equal(0.025, model.MicroUsdPerGas(2), 1e-12);
        Assert.Equal(5_000, model.MicroUsdPerTransaction(2), 1e-6);
    }

    [Fact]
    public void Expected_IsTheFloorOfTheFormula() =>
        Gen.Select(Gen.Long[-(1L << 50), 1L << 50], Gen.Long[0, 1L << 40], Gen.UInt[0, 1_000_000],
            Gen.OneOf(Guarantee.Transaction, Guarantee.Inventory))
            .Sample(
                (net, gas, land, guarantee) =>
                {
                    SearchConfig config = World.Config();
                    config = config with { LandPpm = config.LandPpm.SetItem(guarantee, land) };
                    CostModel model = new(config, new AssetBook([]));
                    // P(land) * (net + gas) - gas in millionths, toward minus infinity.
                    BigInteger all = ((BigInteger)net + gas) * land;
                    BigInteger floor = (all - (((all % 1_000_000) + 1_000_000) % 1_000_000))
                        / 1_000_000;
                    Assert.Equal(floor - gas, model.Expected(guarantee, net, (ulong)gas));
                },
                iter: 10_000);

    [Fact]
    public void Expected_WhenNobodySaysOtherwise_CountsOnLanding()
    {
        SearchConfig config = World.Config() with { LandPpm = [] };
        Assert.Equal(5, new CostModel(config, new AssetBook([]))
            .Expected(Guarantee.Inventory, 5, 3));
    }

    private static AssetBook Priced(SearchConfig config, int chain, in UInt256 usdE18)
    {
        AssetBook assets = new(config.Groups);
        Assert.True(assets.Add(World.Token(config.Chains[chain].GasPricedAs, 18)));
        assets.SetPrice(World.Price(config.Chains[chain].GasPricedAs, usdE18));
        return assets;
    }
}
