// WorldFileTests: a world is read whole or refused with the place of what is wrong.
using System.Text;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Live;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

public static class WorldFileTests
{
    private const string Weth = "0x4200000000000000000000000000000000000006";
    private const string Usdc = "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913";

    private const string World = $$"""
        {"v":1,"kind":"devnet","blockTimeMs":500,"later":[1],"accounts":[],"chains":[
        {"chain":"eip155:8453","name":"base","chainId":8453,"ws":"ws://127.0.0.1:1",
        "http":"http://127.0.0.1:1","lenders":[],
        "tokens":[
        {"asset":"eip155:8453/erc20:{{Weth}}","symbol":"WETH","decimals":18,"major":true,
        "usdE18":"25"},
        {"asset":"eip155:8453/erc20:{{Usdc}}","symbol":"USDC","decimals":6,"major":true}],
        "pools":[
        {"pool":"eip155:8453:0x0000000000000000000000000000000000000001",
        "family":"concentrated","token0":"{{Weth}}","token1":"{{Usdc}}","feePips":500,
        "tickSpacing":10,"protocol":"uniswap-v3"},
        {"pool":"eip155:8453:0x0000000000000000000000000000000000000002",
        "family":"weighted","token0":"{{Weth}}","token1":"{{Usdc}}","feePips":3000}]}]}
        """;

    [Fact]
    public static void World_IsReadAndFamiliesNobodyKnowsAreCounted()
    {
        LiveWorld world = Parse(World);
        Assert.Equal(TimeSpan.FromMilliseconds(500), world.BlockTime);
        LiveWorldChain chain = Assert.Single(world.Chains);
        Assert.Equal(1, chain.Skipped);
        Assert.Equal(["WETH", "USDC"], chain.Tokens.Select(one => one.Symbol));
        Assert.Equal(chain.Tokens[0].Asset, Assert.Single(chain.Prices).Asset);
        PoolIdentity pool = Assert.Single(chain.Pools);
        Assert.Equal((500u, 10), (pool.FeePips, pool.TickSpacing!.Value));
        Assert.Equal((chain.Tokens[0].Asset, chain.Tokens[1].Asset), (pool.Asset0, pool.Asset1));
    }

    [Theory]
    [InlineData("\"v\":1", "\"v\":2", "$.v")]
    [InlineData("\"blockTimeMs\":500", "\"blockTimeMs\":0", "$.blockTimeMs")]
    [InlineData("\"chainId\":8453", "\"chainId\":1", "$.chains[0].chainId")]
    [InlineData("ws://127", "ftp://127", "$.chains[0].ws")]
    [InlineData("\"decimals\":6", "\"decimals\":99", "$.chains[0].tokens[1].decimals")]
    [InlineData("\"usdE18\":\"25\"", "\"usdE18\":\"-1\"", "$.chains[0].tokens[0].usdE18")]
    [InlineData("\"token1\":\"" + Usdc, "\"token1\":\"0x0000000000000000000000000000000000000bad",
        "$.chains[0].pools[0].token1")]
    [InlineData("\"tickSpacing\":10", "\"tickSpacing\":0", "$.chains[0].pools[0].tickSpacing")]
    [InlineData("\"feePips\":500", "\"feePips\":1000000", "$.chains[0].pools[0].feePips")]
    [InlineData("\"pools\":[", "\"pools\":[null,", "$.chains[0].pools[0]")]
    [InlineData("8453:0x0000000000000000000000000000000000000001", "8453:0x01",
        "$.chains[0].pools[0].pool")]
    [InlineData("\"symbol\":\"WETH\",", "", "$.chains[0].tokens[0]")]
    public static void World_WhenAFieldIsWrong_IsRefusedWithItsPlace(
        string right, string wrong, string place)
    {
        string text = World.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(World, text);
        string words = Assert.Throws<RefusedException>(() => Parse(text)).Message;
        Assert.Contains("world.json: " + place, words, StringComparison.Ordinal);
    }

    private static LiveWorld Parse(string text) =>
        WorldFile.Parse(Encoding.UTF8.GetBytes(text), "world.json");
}
