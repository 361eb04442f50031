// CaipTests: chain, asset and pool names are CAIP-2, CAIP-19 and CAIP-10 text, and nothing else.
using CsCheck;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Model;

public sealed class CaipTests
{
    private const string Long32 = "abcdefghijklmnopqrstuvwxyzABCDEF";

    [Theory]
    [InlineData("eip155:1")]
    [InlineData("bip122:000000000019d6689c085ae165831e93")]
    [InlineData("cosmos:cosmoshub-3")]
    [InlineData("polkadot:b0a8d493285c2df73290dfb7e61f870f")]
    [InlineData("abc:" + Long32)]
    [InlineData("a-1:x_y")]
    public void Chain_WhenCaip2_KeepsItsText(string text) =>
        Assert.Equal(text, ChainId.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("eip155")]
    [InlineData("eip155:")]
    [InlineData(":1")]
    [InlineData("ab:1")]
    [InlineData("toolongns:1")]
    [InlineData("EIP155:1")]
    [InlineData("eip155:1:2")]
    [InlineData("eip155:1/2")]
    [InlineData(" eip155:1")]
    [InlineData("eip155:1\n")]
    [InlineData("abc:" + Long32 + "G")]
    [InlineData("eip155:١")]
    [InlineData("eip155:S10")]
    [InlineData("eip155:010")]
    [InlineData("eip155:0x1")]
    public void Chain_WhenNotCaip2_IsRefused(string text)
    {
        Assert.False(ChainId.TryParse(text, out ChainId chain));
        Assert.Equal(default, chain);
        Assert.Throws<FormatException>(() => ChainId.Parse(text));
        Assert.False(AssetId.TryParse(text + "/erc20:0xa", out _));
    }

    [Theory]
    [InlineData("eip155:1/slip44:60", "60")]
    [InlineData("eip155:8453/erc20:0x4200000000000000000000000000000000000006",
        "0x4200000000000000000000000000000000000006")]
    [InlineData("cosmos:osmosis-1/ibc:D1542AA8.x%2F-_", "D1542AA8.x%2F-_")]
    public void Asset_WhenCaip19_KeepsItsText(string text, string reference)
    {
        AssetId asset = AssetId.Parse(text);
        Assert.Equal(text, asset.ToString());
        Assert.Equal(reference, asset.Reference);
        Assert.Equal(text[..text.IndexOf('/', StringComparison.Ordinal)], asset.Chain.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("eip155:1")]
    [InlineData("eip155:1/")]
    [InlineData("eip155:1/erc20")]
    [InlineData("eip155:1/erc20:")]
    [InlineData("eip155:1/:0xa")]
    [InlineData("eip155:1/e:0xa")]
    [InlineData("eip155:1/ERC20:0xa")]
    [InlineData("eip155:1/erc20:0xa/1")]
    [InlineData("eip155:1/erc20:0xa b")]
    [InlineData("eip155:1/erc20:0xé")]
    [InlineData("/erc20:0xa")]
    public void Asset_WhenNotCaip19_IsRefused(string text)
    {
        Assert.False(AssetId.TryParse(text, out AssetId asset));
        Assert.Equal(default, asset);
        Assert.Throws<FormatException>(() => AssetId.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("eip155:0x88")]
    [InlineData("0x88")]
    [InlineData("eip155:1:")]
    [InlineData("eip155::0x88")]
    [InlineData("eip155:1:0x88:1")]
    [InlineData("eip155:1:0x 8")]
    [InlineData("eip155:1/erc20:0x88")]
    public void Pool_WhenNotCaip10_IsRefused(string text)
    {
        Assert.False(PoolId.TryParse(text, out PoolId pool));
        Assert.Equal(default, pool);
        Assert.Throws<FormatException>(() => PoolId.Parse(text));
    }

    [Fact]
    public void HexNames_AreEqualInAnyCase() =>
        Gen.OneOf("0123456789abcdefABCDEF".ToCharArray()).Array[40].Sample(hex =>
        {
            string address = "0x" + new string(hex);
            PoolId pool = PoolId.Parse("eip155:1:" + address);
            Assert.Equal(PoolId.Parse("eip155:1:" + address.ToLowerInvariant()), pool);
            Assert.Equal(address.ToLowerInvariant(), pool.Address);
            AssetId asset = AssetId.Erc20(ChainId.Parse("eip155:1"), address);
            Assert.Equal(asset, AssetId.Parse(asset.ToString()));
            Assert.Equal(address.ToLowerInvariant(), asset.Reference);
        });

    [Fact]
    public void OtherNames_KeepTheirCase() => Assert.NotEqual(
        PoolId.Parse("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:AbC"),
        PoolId.Parse("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:abc"));

    [Fact]
    public void Chain_BeforeAHexName_KeepsItsCase()
    {
        Assert.Equal("abc:Xy:0xab", PoolId.Parse("abc:Xy:0xAB").ToString());
        Assert.Equal("abc:Xy/erc20:0xab", AssetId.Parse("abc:Xy/erc20:0xAB").ToString());
    }
}
