// AssetBookTests: values are floor and ceiling to the unit; groups and decimals are kept apart.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Detection.Book;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Markets;
using Xunit;

namespace Lockstep.Tests.Detection.Book;

public sealed class AssetBookTests
{
    [Fact]
    public void MicroUsd_IsTheFloorAndTheCeiling() =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 127], Gen.ULong, Gen.Int[0, 63], Gen.Int[0, 36])
            .Sample(
                (high, low, amountShift, price, priceShift, decimals) =>
                {
                    UInt256 amount = (UInt256)(new UInt128(high, low) >> amountShift);
                    UInt256 usdE18 = price >> priceShift;
                    AssetBook book = Book(decimals, usdE18, out int asset);
                    // 10^6 micro-dollars a dollar: amount / 10^decimals * usdE18 / 10^18 * 10^6.
                    BigInteger whole = amount.Big() * usdE18.Big();
                    BigInteger part = BigInteger.Pow(10, decimals + 12);
                    Assert.Equal(whole / part, book.MicroUsdFloor(asset, amount).Big());
                    Assert.Equal(
                        Words.DivCeiling(whole, part), book.MicroUsdCeiling(asset, amount).Big());
                },
                iter: 10_000);

    [Fact]
    public void MicroUsd_WhenTheValueIsTooWide_Throws()
    {
        AssetBook book = Book(0, UInt256.MaxValue, out int asset);
        Assert.Throws<OverflowException>(() => book.MicroUsdFloor(asset, UInt256.MaxValue));
        Assert.Throws<OverflowException>(() => book.MicroUsdCeiling(asset, UInt256.MaxValue));
    }

    [Fact]
    public void MicroUsdPerUnit_IsTheValueOfAUnit() =>
        Gen.Select(Gen.Int[0, 24], Gen.ULong[1, ulong.MaxValue]).Sample((decimals, usdE18) =>
        {
            AssetBook book = Book(decimals, usdE18, out int asset);
            double expected = usdE18 / Math.Pow(10, decimals + 12);
            Assert.InRange(
                book.MicroUsdPerUnit(asset), expected * (1 - 1e-14), expected * (1 + 1e-14));
        });

    [Fact]
    public void Add_WhenDecimalsDiffer_RefusesAndChangesNothing()
    {
        AssetBook book = Book(6, 1, out int asset);
        Assert.False(book.Add(World.Token(World.Asset(0, 0), 7)));
        Assert.True(book.Add(World.Token(World.Asset(0, 0), 6)));
        Assert.Equal((1, 6), (book.Count, book.Decimals(asset)));
    }

    [Fact]
    public void SetPrice_WhenTheTokenIsUnknown_IsPassedOver()
    {
        AssetBook book = new([]);
        book.SetPrice(World.Price(World.Asset(0, 0), 1));
        Assert.Equal(0, book.Count);
    }

    [Fact]
    public void Book_KnowsTheGroupOfEachAsset()
    {
        AssetGroup group = Group("G", World.Asset(0, 0), World.Asset(1, 0));
        AssetBook book = new([group]);
        Assert.True(book.Add(World.Token(World.Asset(1, 0), 6)));
        Assert.True(book.Add(World.Token(World.Asset(1, 1), 6)));
        Assert.True(book.TryFind(World.Asset(1, 0), out int inside));
        Assert.True(book.TryFind(World.Asset(1, 1), out int outside));
        Assert.Equal(group, book.Group(inside));
        Assert.Null(book.Group(outside));
        Assert.False(book.HasPrice(inside));
        Assert.Equal(World.Asset(1, 1), book.Id(outside));
    }

    [Fact]
    public void Book_WhenGroupsOverlap_Throws()
    {
        AssetGroup one = Group("A", World.Asset(0, 0)), two = Group("B", World.Asset(0, 0));
        Assert.Throws<ArgumentException>(() => new AssetBook([one, two]));
        Assert.Throws<ArgumentException>(() =>
            new AssetBook([Group("C", World.Asset(0, 0), World.Asset(0, 1))]));
    }

    private static AssetBook Book(int decimals, in UInt256 usdE18, out int asset)
    {
        AssetBook book = new([]);
        Assert.True(book.Add(World.Token(World.Asset(0, 0), decimals)));
        book.SetPrice(World.Price(World.Asset(0, 0), usdE18));
        Assert.True(book.TryFind(World.Asset(0, 0), out asset));
        return book;
    }

    private static AssetGroup Group(string name, params AssetId[] assets) =>
        new(name, ImmutableArray.Create(assets), 0, 0, 0);
}
