// RecordedQuotesTests: every quote that was recorded on a chain, matched to the last unit.
using System.Numerics;
using System.Text.Json;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class RecordedQuotesTests
{
    private static readonly string Folder =
        Path.Combine(AppContext.BaseDirectory, "vectors", "uniswap");

    private sealed record Recorded(
        string Key, string Method, string From, BigInteger Amount, BigInteger Answer);

    [Fact]
    public void ConstantProduct_MatchesPancakeRouter()
    {
        JsonElement state = Read("v2_pancakeswap_state.json");
        uint feePips = state.GetProperty("fee_numer").GetUInt32() * Market.PipsPerOne
            / state.GetProperty("fee_denom").GetUInt32();
        Assert.True(ConstantProductMarket.TryCreate(
            Word(state, "reserves_token0"), Word(state, "reserves_token1"), feePips,
            out ConstantProductMarket? market, out _));
        Assert.Equal(24, MatchAll(market, state, "v2_pancakeswap_amounts_out.json"));
    }

    [Fact]
    public void SolidlyVolatile_MatchesAerodromePool()
    {
        JsonElement state = Read("aerodrome_v2_volatile_state.json");
        Assert.True(SolidlyVolatileMarket.TryCreate(
            Word(state, "reserves_token0"), Word(state, "reserves_token1"),
            state.GetProperty("fee_raw").GetUInt32() * 100,
            out SolidlyVolatileMarket? market, out _));
        Assert.Equal(26, MatchAll(market, state, "aerodrome_v2_volatile_get_amount_out.json"));
    }

    [Fact]
    public void SolidlyStable_MatchesAerodromePool()
    {
        JsonElement state = Read("aerodrome_v2_stable_state.json");
        Assert.True(SolidlyStableMarket.TryCreate(
            Word(state, "reserves_token0"), Word(state, "reserves_token1"),
            Token(state, 0).GetProperty("decimals").GetInt32(),
            Token(state, 1).GetProperty("decimals").GetInt32(),
            state.GetProperty("fee_raw").GetUInt32() * 100,
            out SolidlyStableMarket? market, out _));
        Assert.Equal(26, MatchAll(market, state, "aerodrome_v2_stable_get_amount_out.json"));
    }

    [Fact]
    public void Concentrated_MatchesUniswapQuoter()
    {
        JsonElement state = Read("v3_wbtc_weth_state_block_24407242.json");
        const string answers = "v3_wbtc_weth_quotes_block_24407242.json";
        Assert.Equal(80, MatchAll(RecordedPools.WbtcWeth(), state, answers));
    }

    private static int MatchAll(Market market, JsonElement state, string answers)
    {
        int matched = 0;
        string symbol0 = Token(state, 0).GetProperty("symbol").GetString()!;
        string symbol1 = Token(state, 1).GetProperty("symbol").GetString()!;
        string pool = state.GetProperty("pool").GetString()!;
        foreach (Recorded quote in Quotes(answers, pool))
        {
            bool zeroForOne = quote.From == symbol0;
            Assert.True(zeroForOne || quote.From == symbol1);
            UInt256 amount = quote.Amount.Word();
            bool exactOut = quote.Method == "quoteExactOutputSingle";
            BigInteger answer = exactOut
                ? market.QuoteExactOut(zeroForOne, amount).AmountIn.Big()
                : market.QuoteExactIn(zeroForOne, amount).AmountOut.Big();
            Assert.True(
                quote.Answer == answer, $"{quote.Key}: chain {quote.Answer}, here {answer}");
            matched++;
        }
        return matched;
    }

    private static IEnumerable<Recorded> Quotes(string file, string pool)
    {
        foreach (JsonProperty entry in Read(file).GetProperty("entries").EnumerateObject())
        {
            string[] parts = entry.Name.Split('|');
            Assert.Equal(pool, parts[0]);
            yield return new Recorded(
                entry.Name,
                parts[1],
                parts[2].Split("->")[0],
                BigInteger.Parse(parts[3]),
                BigInteger.Parse(entry.Value.GetProperty("value").GetRawText()));
        }
    }

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file))).RootElement;

    private static JsonElement Token(JsonElement state, int index) =>
        state.GetProperty(index == 0 ? "token0" : "token1");

    private static UInt256 Word(JsonElement state, string name) =>
        BigInteger.Parse(state.GetProperty(name).GetRawText()).Word();
}
