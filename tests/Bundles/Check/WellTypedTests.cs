// WellTypedTests: the checker takes every bundle of the walk, and gives it its guarantee.
using CsCheck;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Xunit;
using static Lockstep.Tests.Bundles.Check.CheckerGen;

namespace Lockstep.Tests.Bundles.Check;

public sealed class WellTypedTests
{
    public static TheoryData<Guarantee> Kinds => [
        Guarantee.Transaction, Guarantee.Inventory, Guarantee.Settled, Guarantee.Bridged];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Check_TakesWellTypedBundles(Guarantee kind) => (kind switch
    {
        Guarantee.Transaction => WellTyped.Transaction,
        Guarantee.Inventory => WellTyped.Inventory,
        Guarantee.Settled => WellTyped.Settled,
        _ => WellTyped.Bridged,
    }).Sample(bundle => Assert.Equal(kind, Accepted(bundle)), iter: 1_000);

    [Fact]
    public void Check_TakesSeveralBlocks() => WellTyped.Several.Sample(
        bundle => Assert.True(Accepted(bundle) >= Guarantee.Transaction), iter: 1_000);

    private static Guarantee Accepted(Bundle bundle)
    {
        CheckResult result = Checker.Check(bundle, Policy);
        Assert.Empty(result.Diagnostics.Select(one => $"{one.Id} {one.Message}"));
        return result.Type!.Guarantee;
    }
}
