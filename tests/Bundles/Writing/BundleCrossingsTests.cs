// BundleCrossingsTests: crossings are filled in; the policy is kept or the bundle is refused.
using System.Collections.Immutable;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Writing;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Bundles.Writing;

public sealed class BundleCrossingsTests
{
    private static readonly CrossingSettings Settings = CrossingsFile.Read(
        null, ConfigFile.Read(null), BridgesFile.Read(null));

    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(Path.Combine(SourceTree.Root, "examples"), "*.bundle")
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_IsFilledInTheSameWayTwice(string file)
    {
        (Bundle filled, ImmutableArray<BundleCrossing> crossings) = Chosen(Example(file));
        (Bundle again, ImmutableArray<BundleCrossing> same) = Chosen(Example(file));
        Assert.Equal(filled, again);
        Assert.Equal(Words(crossings), Words(same));
        Assert.DoesNotContain("via auto", Printer.Print(filled), StringComparison.Ordinal);
        Assert.Equal(filled.Chains.Count > 1, crossings.Length > 0);
        Assert.All(crossings, AssertExplained);
        // Choosing again finds nothing left to choose.
        Assert.Equal(filled, Chosen(filled).Bundle);
    }

    [Fact]
    public void AutoBridge_BecomesTheCheapestThatMoves()
    {
        (Bundle filled, ImmutableArray<BundleCrossing> crossings) =
            Chosen(Bridged("auto", "min 1.99"));
        BundleCrossing crossing = Assert.Single(crossings);
        CrossingVerdict best = crossing.Choice!.Verdicts[0];
        Assert.Equal(CrossingReason.Chosen, best.Reason);
        Assert.Contains($"via {best.Candidate.Id}", Printer.Print(filled),
            StringComparison.Ordinal);
        ulong least = Settings.Table.Candidates
            .Where(way => way.Kind is not (BridgeKind.Htlb or BridgeKind.Inventory))
            .Select(way => crossing.Choice.Verdicts.Single(v => v.Candidate == way))
            .Where(verdict => verdict.Reason is CrossingReason.Chosen or CrossingReason.Costlier)
            .Min(verdict => verdict.Costs!.Value.TotalMicroUsd);
        Assert.Equal(least, best.Costs!.Value.TotalMicroUsd);
        Assert.Equal("1990000000000000000", $"{crossing.Request!.Amount}");
        Assert.Equal(5_970_000_000ul, crossing.Request.ValueMicroUsd);
    }

    [Fact]
    public void AutoBridge_WhenItsKindIsDeclared_IsCalledSo()
    {
        CrossingSettings only = With(new CrossingPolicy([], "hyperlane"));
        const string Declared = "bridge hyperlane on base = eip155:8453:0xe1";
        (Bundle filled, _) = Chosen(Bridged("auto", "min 1.99", Declared), only);
        Assert.Contains("via hyperlane\n", Printer.Print(filled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("across-rollups")]
    [InlineData("hyperlane-base")]
    public void Policy_WhenItForcesABridge_IsObeyed(string forced)
    {
        (Bundle filled, ImmutableArray<BundleCrossing> crossings) =
            Chosen(Bridged("auto", "min 1.99"), With(new CrossingPolicy([], forced)));
        Assert.Equal(forced, crossings[0].Choice!.Chosen!.Id);
        Assert.Contains($"via {forced}", Printer.Print(filled), StringComparison.Ordinal);
    }

    [Fact]
    public void Policy_WhenItForbidsTheBest_TakesAnother()
    {
        Bundle bundle = Bridged("auto", "min 1.99");
        string best = Chosen(bundle).Crossings[0].Choice!.Chosen!.Id;
        CrossingChoice other =
            Chosen(bundle, With(new CrossingPolicy([best], null))).Crossings[0].Choice!;
        Assert.NotEqual(best, other.Chosen!.Id);
        Assert.Equal(
            CrossingReason.Forbidden, other.Verdicts.Single(v => v.Candidate.Id == best).Reason);
    }

    [Theory]
    [InlineData("auto", "", "nothing says how much WETH crosses")]
    [InlineData("cctp", "min 1.99", "forced-is-infeasible: cctp")]
    [InlineData("auto", "min 999_999", "capital-beyond-limit")]
    public void Bridge_WhenNothingServes_IsRefused(string via, string min, string words) =>
        Assert.Contains(words, Refusal(Bridged(via, min), Settings), StringComparison.Ordinal);

    [Fact]
    public void Policy_WhenItForbidsTheForm_RefusesTheBundle()
    {
        Bundle bundle = Example("two_chain_inventory.bundle");
        Assert.Contains("forced-is-forbidden: inventory",
            Refusal(bundle, With(new CrossingPolicy(["inventory"], null))),
            StringComparison.Ordinal);
        Assert.Contains("the policy forces htlb",
            Refusal(bundle, With(new CrossingPolicy([], "htlb"))), StringComparison.Ordinal);
        Assert.Contains("the policy names 'nobody'",
            Refusal(bundle, With(new CrossingPolicy(["nobody"], null))), StringComparison.Ordinal);
    }

    /// <summary>Legs may use the same names: each is valued by its own wires.</summary>
    [Fact]
    public void Legs_WithTheSameWireNames_AreValuedApart()
    {
        ImmutableArray<BundleCrossing> crossings =
            Chosen(Example("two_chain_settled.bundle")).Crossings;
        Assert.Equal(
            ["WETH 2387911441914197437 htlb", "USDC 6001774386 htlb"],
            crossings.Select(c => $"{c.Request!.Asset} {c.Request.Amount} "
                + c.Choice!.Chosen!.Kind.Word()));
    }

    private static void AssertExplained(BundleCrossing crossing)
    {
        Assert.Null(crossing.Unvalued);
        Assert.Equal(Settings.Table.Candidates.Length, crossing.Choice!.Verdicts.Length);
        Assert.Single(crossing.Choice.Verdicts, v => v.Reason == CrossingReason.Chosen);
    }

    private static CrossingSettings With(CrossingPolicy policy) =>
        Settings with { Policy = policy };

    private static IEnumerable<string> Words(IEnumerable<BundleCrossing> crossings) =>
        crossings.SelectMany(c => c.Choice!.Explain().Prepend(c.Place));

    private static (Bundle Bundle, ImmutableArray<BundleCrossing> Crossings) Chosen(
        Bundle bundle, CrossingSettings? settings = null)
    {
        Bundle? filled = BundleCrossings.Choose(
            bundle, settings ?? Settings, out ImmutableArray<BundleCrossing> crossings,
            out string? refusal);
        Assert.Null(refusal);
        return (filled!, crossings);
    }

    private static string Refusal(Bundle bundle, CrossingSettings settings)
    {
        Assert.Null(BundleCrossings.Choose(bundle, settings, out _, out string? refusal));
        return refusal!;
    }

    private static Bundle Example(string file) =>
        Read(File.ReadAllText(Path.Combine(SourceTree.Root, "examples", file)));

    private static Bundle Read(string text)
    {
        ParsedBundles parsed = Parser.Parse(text);
        Assert.Empty(parsed.Diagnostics);
        return Assert.Single(parsed.Bundles);
    }

    private static Bundle Bridged(string via, string min, string declared = "") => Read($$"""
        bundle b {
          chain base = eip155:8453
          chain arbitrum = eip155:42161
          asset USDC on base = eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913
              decimals 6
          asset WETH on base = eip155:8453/erc20:0x4200000000000000000000000000000000000006
              decimals 18
          asset WETH on arbitrum =
              eip155:42161/erc20:0x82af49447d8a07e3bd95bd0d56f35241523fbab1 decimals 18
          pool v2 on base = eip155:8453:0x88a4 family constant-product fee 0.3%
          vault house on base = eip155:8453:0xb1
          {{declared}}
          bridged {
            leg out on base {
              u <- take 5_000 USDC from house
              w <- swap u -> WETH via v2 {{min}}
              a <- bridge w -> arbitrum via {{via}}
            }
            leg home on arbitrum { keep a }
            compensate { hold a <= 10 WETH for 30m }
          }
        }
        """);
}
