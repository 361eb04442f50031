// RecordedPools: pools as they stood on a chain, from tests/vectors/uniswap.
using System.Numerics;
using System.Text.Json;
using Lockstep.Markets;

namespace Lockstep.Tests.Markets;

internal static class RecordedPools
{
    /// <summary>Uniswap V3 WBTC/WETH 0.3 % at Ethereum block 24,407,242.</summary>
    public static ConcentratedMarket WbtcWeth()
    {
        string path = Path.Combine(
            AppContext.BaseDirectory, "vectors", "uniswap",
            "v3_wbtc_weth_state_block_24407242.json");
        JsonElement state = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        JsonElement scalars = state.GetProperty("scalars");
        (int Tick, Int128 Net)[] ticks = [.. state.GetProperty("tick_data").EnumerateObject()
            .Select(t => (int.Parse(t.Name), Int128.Parse(t.Value[1].GetRawText())))
            .OrderBy(t => t.Item1)];
        bool made = ConcentratedMarket.TryCreate(
            BigInteger.Parse(scalars.GetProperty("sqrt_price_x96").GetRawText()).Word(),
            scalars.GetProperty("tick").GetInt32(),
            UInt128.Parse(scalars.GetProperty("liquidity").GetRawText()),
            scalars.GetProperty("fee").GetUInt32(),
            scalars.GetProperty("tick_spacing").GetInt32(),
            [.. ticks.Select(t => t.Tick)],
            [.. ticks.Select(t => t.Net)],
            out ConcentratedMarket? market,
            out MarketFault fault);
        return made ? market! : throw new InvalidOperationException($"recorded pool: {fault}");
    }
}
