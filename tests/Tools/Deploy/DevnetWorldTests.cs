// DevnetWorldTests: a world is read; one whose node is elsewhere is refused: its keys are known.
using Lockstep.Tools.Cli;
using Lockstep.Tools.Deploy;
using Xunit;

namespace Lockstep.Tests.Deploy;

public sealed class DevnetWorldTests : IDisposable
{
    private const string Good = """
        {"v":1,"kind":"devnet","blockTimeMs":500,"more":{},
         "accounts":[{"role":"deployer","index":0,
           "address":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
           "privateKey":"0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"}],
         "chains":[{"chain":"eip155:8453","name":"base","chainId":8453,
           "http":"http://127.0.0.1:9","ws":"ws://127.0.0.1:9",
           "tokens":[{"asset":"eip155:8453/erc20:0x4200000000000000000000000000000000000006",
             "symbol":"WETH","decimals":18,"major":true,"wrapsEther":true},
            {"asset":"eip155:8453/erc20:0x4200000000000000000000000000000000000008",
             "symbol":"USDC","decimals":6,"major":true}],
           "pools":[{"pool":"eip155:8453:0x4200000000000000000000000000000000000007",
             "family":"constant-product","feePips":3000,
             "token0":"0x4200000000000000000000000000000000000006",
             "token1":"0x4200000000000000000000000000000000000008"}],
           "lenders":[{"protocol":"aave-v3",
             "address":"0x4200000000000000000000000000000000000009"}]}]}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lockstep-").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void World_Reads()
    {
        DevnetWorld world = Read(Good);

        WorldChain chain = Assert.Single(world.Chains);
        Assert.Equal(500, world.BlockTimeMs);
        Assert.All(chain.Tokens, token => Assert.Null(token.UsdE18));
        Assert.Equal(3000u, Assert.Single(chain.Pools).FeePips);
        Assert.Equal(32, world.Account("deployer").PrivateKey.Length);
        Assert.Contains("no account 'searcher'",
            Assert.Throws<RefusedException>(() => world.Account("searcher")).Message);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9", "https://node.example", "not on this machine")]
    [InlineData("ws://127.0.0.1:9", "ws://10.0.0.1:9", "not on this machine")]
    [InlineData("\"v\":1", "\"v\":2", "$.v")]
    [InlineData("\"kind\":\"devnet\"", "\"kind\":\"live\"", "$.v")]
    [InlineData("\"chainId\":8453", "\"chainId\":\"x\"", "$.chains[0].chainId")]
    [InlineData("\"privateKey\":\"0xac", "\"privateKey\":\"0xzz",
        "$.accounts[0].privateKey: is not hex")]
    [InlineData("\"pools\"", "\"pool\"", "$.chains[0]")]
    [InlineData("]}]}", "]}", "$")]
    public void World_WhenWrong_IsRefused(string found, string put, string words)
    {
        Assert.Contains(found, Good, StringComparison.Ordinal);

        RefusedException refused =
            Assert.Throws<RefusedException>(() => Read(Good.Replace(found, put)));

        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Artifacts_WhenNotBuilt_SayHowToBuildThem() =>
        Assert.Contains("run `./lockstep contracts build`",
            Assert.Throws<RefusedException>(
                () => new Artifacts(folder).Runtime("HtlbEscrow")).Message);

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"deployedBytecode":{"object":"0x60__$library$__"}}""")]
    public void Artifacts_WhenMalformed_SayHowToBuildThem(string text)
    {
        Directory.CreateDirectory(Path.Combine(folder, "A.sol"));
        File.WriteAllText(Path.Combine(folder, "A.sol", "A.json"), text);

        RefusedException refused =
            Assert.Throws<RefusedException>(() => new Artifacts(folder).Runtime("A"));

        Assert.Contains("run `./lockstep contracts build`", refused.Message);
    }

    private DevnetWorld Read(string text)
    {
        string file = Path.Combine(folder, "world.json");
        File.WriteAllText(file, text);
        return DevnetWorld.Read(file);
    }
}
