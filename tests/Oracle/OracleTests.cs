// OracleTests: the oracle itself against answers that chains gave: routers, quoters, a day's swaps.
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Xunit;

namespace Lockstep.Tests.Oracle;

public sealed class OracleTests
{
    private static readonly string Folder =
        Path.Combine(AppContext.BaseDirectory, "vectors", "uniswap");

    [Fact]
    public void ProductPool_MatchesPancakeRouter()
    {
        JsonElement state = Read("v2_pancakeswap_state.json");
        BigInteger feePips = Raw(state, "fee_numer") * BigMath.Million / Raw(state, "fee_denom");
        ProductPool pool = new(
            "eip155:8453:pancake", feePips, Symbol(state, 0), Symbol(state, 1), 0, true,
            Raw(state, "reserves_token0"), Raw(state, "reserves_token1"));
        Assert.Equal(24, MatchAll(pool, "v2_pancakeswap_amounts_out.json", "getAmountsOut"));
    }

    [Fact]
    public void RangePool_MatchesUniswapQuoter() =>
        Assert.Equal(40, MatchAll(
            WbtcWeth(), "v3_wbtc_weth_quotes_block_24407242.json", "quoteExactInputSingle"));

    [Fact]
    public void RangePool_OnRecordedState_HasNoFault() => Assert.Null(WbtcWeth().Fault());

    [Fact]
    public void RangePool_WhenLiquidityIsOneOff_HasAFault()
    {
        Assert.NotNull(WbtcWeth(oneMore: 1).Fault());
    }

    /// <summary>The ratio is the power it stands for, to the 20 digits TickMath promises (an error
    /// in a constant shows in the 10th at the latest).</summary>
    [Fact]
    public void SqrtRatio_IsTheRootOfThePower()
    {
        for (int tick = -887272; tick <= 887272; tick += 8209)
        {
            double expected = tick / 2.0 * Math.Log(1.0001);
            double found = BigInteger.Log(BigMath.SqrtRatioAtTick(tick)) - (96 * Math.Log(2));
            Assert.Equal(expected, found, 1e-9);
        }
    }

    /// <summary>Each event whose reserves moved apart was a swap: the pool gave what the formula
    /// says, or less where the trader asked for less; never more.</summary>
    [Fact]
    public void ProductPool_MatchesTheSwapsOfTheDay()
    {
        Recorded day = RecordedDay.Day;
        Dictionary<string, OraclePool> pools =
            new(day.At(day.FirstSlot - 1).Pools.ToDictionary(p => p.Key, p => p.Value));
        (int swaps, int equal) = (0, 0);
        foreach (OracleSync sync in day.Syncs)
        {
            ProductPool before = (ProductPool)pools[sync.Pool];
            pools[sync.Pool] = before with { Reserve0 = sync.Reserve0, Reserve1 = sync.Reserve1 };
            BigInteger move0 = sync.Reserve0 - before.Reserve0;
            BigInteger move1 = sync.Reserve1 - before.Reserve1;
            if (move0.Sign * move1.Sign >= 0) continue;
            bool zeroForOne = move0.Sign > 0;
            (BigInteger amountIn, BigInteger gave) =
                zeroForOne ? (move0, -move1) : (move1, -move0);
            BigInteger most = before.Swap(zeroForOne, amountIn).Out;
            Assert.True(gave <= most, $"{sync}: gave {gave}, the formula at most {most}");
            swaps++;
            if (gave == most) equal++;
        }
        Assert.True(swaps > 1000, $"only {swaps} swaps in the day");
        Assert.True(equal * 2 > swaps, $"only {equal} of {swaps} swaps equal the formula");
    }

    private static RangePool WbtcWeth(int oneMore = 0)
    {
        JsonElement state = Read("v3_wbtc_weth_state_block_24407242.json");
        JsonElement scalars = state.GetProperty("scalars");
        return new RangePool(
            "eip155:1:wbtc-weth", Raw(scalars, "fee"), Symbol(state, 0), Symbol(state, 1), 0, true,
            Raw(scalars, "sqrt_price_x96"), scalars.GetProperty("tick").GetInt32(),
            scalars.GetProperty("tick_spacing").GetInt32(), Raw(scalars, "liquidity") + oneMore,
            state.GetProperty("tick_data").EnumerateObject().ToDictionary(
                t => int.Parse(t.Name, CultureInfo.InvariantCulture),
                t => BigInteger.Parse(t.Value[1].GetRawText(), CultureInfo.InvariantCulture)));
    }

    private static int MatchAll(OraclePool pool, string file, string method)
    {
        int matched = 0;
        foreach (JsonProperty entry in Read(file).GetProperty("entries").EnumerateObject())
        {
            string[] parts = entry.Name.Split('|');
            if (parts[1] != method) continue;
            bool zeroForOne = parts[2].Split("->")[0] == pool.Asset0;
            BigInteger amount = BigInteger.Parse(parts[3], CultureInfo.InvariantCulture);
            BigInteger answer = Raw(entry.Value, "value");
            BigInteger here = pool.Swap(zeroForOne, amount).Out;
            Assert.True(answer == here, $"{entry.Name}: chain {answer}, here {here}");
            matched++;
        }
        return matched;
    }

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file))).RootElement;

    private static string Symbol(JsonElement state, int token) =>
        state.GetProperty(token == 0 ? "token0" : "token1").Text("symbol");

    private static BigInteger Raw(JsonElement state, string name) =>
        BigInteger.Parse(state.GetProperty(name).GetRawText(), CultureInfo.InvariantCulture);
}
