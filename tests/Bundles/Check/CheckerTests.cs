// CheckerTests: sound bundles pass with the right guarantee, spoiled ones get a fitting code.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Config;
using Xunit;
using static Lockstep.Tests.Bundles.Check.CheckerGen;

namespace Lockstep.Tests.Bundles.Check;

public sealed class CheckerTests
{
    private static readonly string Folder = Path.Combine(SourceTree.Root, "examples");

    private static readonly CheckPolicy FromFile = CheckPolicy.Of(TimelocksFile.Read(
        Path.Combine(SourceTree.Root, TimelocksFile.DefaultPath)));

    private static readonly Gen<int> Pick = Gen.Int[0, 999];

    public static TheoryData<string> GoodFiles =>
        [.. Directory.GetFiles(Folder, "*.bundle").Select(file => Path.GetFileName(file))];

    public static TheoryData<string> WrongFiles =>
        [.. Directory.GetFiles(Path.Combine(Folder, "wrong"), "type_*.bundle")
            .Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void Example_PassesWithItsGuarantee(string file)
    {
        ParsedBundles parsed = Parser.Parse(File.ReadAllText(Path.Combine(Folder, file)));
        foreach (Bundle bundle in parsed.Bundles)
        {
            CheckResult result = Checker.Check(bundle, FromFile);
            Assert.Empty(result.Diagnostics.Select(one => $"{one.Id} {one.Message}"));
            Assert.Equal(bundle.Blocks[0] switch
            {
                TransactionBlock => Guarantee.Transaction,
                SettledBlock => Guarantee.Settled,
                InventoryBlock => Guarantee.Inventory,
                _ => Guarantee.Bridged,
            }, result.Type!.Guarantee);
        }
    }

    [Theory]
    [MemberData(nameof(WrongFiles))]
    public void WrongExample_GivesExactlyItsCode(string file)
    {
        string text = File.ReadAllText(Path.Combine(Folder, "wrong", file));
        ParsedBundles parsed = Parser.Parse(text);
        Assert.Empty(parsed.Diagnostics);
        CheckResult result = Checker.Check(Assert.Single(parsed.Bundles), FromFile);
        Diagnostic only = Assert.Single(result.Diagnostics);
        Assert.Equal(text["# expect ".Length..].Split(':')[0], only.Id);
        Assert.True(only.Span.Line > 0 && only.Hint.Length > 0);
    }

    [Fact]
    public void Transaction_WellTyped_IsATransaction() =>
        Accepts(Transaction, Guarantee.Transaction);

    [Fact]
    public void Inventory_WellTyped_IsInventory() => Accepts(Inventory, Guarantee.Inventory);

    [Fact]
    public void Settled_WellTyped_IsSettled() => Accepts(Settled, Guarantee.Settled);

    [Fact]
    public void Check_SurvivesPrinting() => Any.Sample(bundle =>
    {
        Bundle read = Assert.Single(Parser.Parse(Printer.Print(bundle)).Bundles);
        Assert.Equal(Explained(bundle), Explained(read));
    }, iter: 300);

    [Fact]
    public void Statement_WhenDropped_IsMissed() => Refuses(Any, "E101 E103 E111 E147",
        (bundle, leg, step) => WithLeg(bundle, leg, one => one with
        {
            Body = Without(one.Body, step),
        }));

    [Fact]
    public void Use_WhenDoubled_IsRefused() => Refuses(Any, "E102 E112",
        (bundle, leg, step) => WithLeg(bundle, leg, one =>
        {
            // Every statement behind the first uses a wire or closes a debt.
            int at = 1 + (step % (one.Body.Count - 1));
            return one with
            {
                Body = [.. one.Body.SelectMany((s, i) => i == at ? new[] { s, s } : [s])],
            };
        }));

    [Fact]
    public void Leg_WhenMovedToAnotherChain_IsRefused() => Refuses(Any, "E131",
        (bundle, leg, _) => WithLeg(bundle, leg, one => one with { Chain = N("bare") }));

    [Fact]
    public void Pool_WhenOfOtherAssets_IsRefused() => Refuses(Any, "E136",
        (bundle, leg, step) => WithLeg(bundle, leg, one =>
        {
            int[] swaps = [.. one.Body.Index().Where(s => s.Item is SwapStatement)
                .Select(s => s.Index)];
            return one with
            {
                Body = At(one.Body, swaps[step % swaps.Length], s => ((SwapStatement)s) with
                {
                    Via = new VenueRef(Other(((SwapStatement)s).Via.Name), null),
                }),
            };
        }));

    [Fact]
    public void Failed_WhenRemoved_IsRefused() => Refuses(Inventory, "E019",
        (bundle, leg, _) => WithLeg(bundle, leg, one => one with { Failed = null }));

    [Fact]
    public void Minimum_WhenRemoved_IsRefused() => Refuses(Gen.OneOf(Inventory, Settled), "E160",
        (bundle, leg, _) => WithLeg(bundle, leg, one => one with
        {
            Body = At(one.Body, one.Body.Count - 2, s => ((SwapStatement)s) with { Min = null }),
        }));

    [Fact]
    public void Bond_WhenRemovedOrLow_IsRefused() => Refuses(Settled, "E142 E143",
        (bundle, leg, step) => WithLeg(bundle, leg, one => one with
        {
            Bond = step % 2 == 0 ? null : one.Bond! with { Quantity = Q(4) },
        }));

    [Fact]
    public void Outcome_WhenALegIsLeftOut_IsRefused() => Refuses(Settled, "E148 E149 E150 E151",
        (bundle, which, step) => With(bundle, block => which % 2 == 0
            ? (SettledBlock)block with { Commit = Without(((SettledBlock)block).Commit, step) }
            : (SettledBlock)block with { Abort = Without(((SettledBlock)block).Abort, step) }));

    [Fact]
    public void Bridge_InsideATransaction_IsRefused() => Refuses(Transaction, "E120 E121",
        (bundle, leg, _) => WithLeg(bundle, leg, one => one with
        {
            Body = [.. one.Body.SkipLast(1), new BridgeStatement(
                N("away"), ((KeepStatement)one.Body[^1]).Input, N("bare"), N("auto"), null)],
        }));

    /// <summary>The least escape of the timelocks passes, and not a second less.</summary>
    [Fact]
    public void Escape_BelowTheLeast_IsRefused() => Gen.Select(Settled, Gen.Long[1, 9000]).Sample(
        (bundle, missing) =>
        {
            var block = (SettledBlock)bundle.Blocks[0];
            SettlementTerms terms = new(
                [.. block.Legs.Select(leg => Policy.TimingOf(bundle.Chains
                    .First(chain => chain.Name == leg.Chain).Chain)!)],
                0, Policy.LockWindowSeconds, Policy.CertLatencySeconds);
            long least = Timelocks.Least(terms).Legs.Max(leg => leg.LeastDeadline);
            Assert.True(Escaping(bundle, least * 1000).IsSound);
            foreach (long ms in new[] { (least * 1000) - 1, Math.Max(0, least - missing) * 1000 })
            {
                Diagnostic only = Assert.Single(Escaping(bundle, ms).Diagnostics);
                Assert.Equal(DiagnosticCode.EscapeTooShort, only.Code);
                Assert.Contains($"{least}", only.Hint, StringComparison.Ordinal);
            }
        }, iter: 500);

    /// <summary>Whatever is done to a bundle, the answer is a type or diagnostics, not both, and
    /// twice the same.</summary>
    [Fact]
    public void Check_OfAnything_Answers() => Gen.Select(Any, Pick.Array[1, 12]).Sample(
        (bundle, picks) =>
        {
            foreach (int pick in picks)
                bundle = WithLeg(bundle, pick, leg => leg with
                {
                    Body = pick % 3 == 0 && leg.Body.Count > 0 ? Without(leg.Body, pick)
                        : [.. leg.Body.OrderBy(s => (s.ToString()!.Length * pick) % 7)],
                    Chain = pick % 11 == 0 ? N("nowhere") : leg.Chain,
                    Failed = pick % 5 == 0 ? leg.Body : leg.Failed,
                });
            CheckResult result = Checker.Check(bundle, Policy);
            Assert.Equal(result.IsSound, result.Diagnostics.IsEmpty);
            Assert.Equal(
                result.Diagnostics.ToArray(), Checker.Check(bundle, Policy).Diagnostics.ToArray());
        }, iter: 500);

    [Fact]
    public void Bundle_WhenTooLarge_IsRefused()
    {
        TransactionBlock tx = (TransactionBlock)Transaction.Single().Blocks[0];
        Bundle large = With(Transaction.Single(), _ => tx with
        {
            Body = [.. Enumerable.Repeat(tx.Body[0], 2000)],
        });
        Assert.False(Checker.Check(large, Policy).IsSound);
        Assert.InRange(Checker.Check(large, Policy).Diagnostics.Length, 1, 51);
    }

    private static CheckResult Escaping(Bundle bundle, long ms) => Checker.Check(
        With(bundle, block => (SettledBlock)block with { Escape = new Duration(ms) }), Policy);

    private static Name Other(Name pool) => N(pool.Text[1..] switch
    {
        "AB" => "pCD",
        "CD" => "pAB",
        "AC" => "pBD",
        "BD" => "pAC",
        "AD" => "pBC",
        _ => "pAD",
    });

    private static string Explained(Bundle bundle) =>
        Explanation.Of("it", Checker.Check(bundle, Policy).Type!);

    private static void Accepts(Gen<Bundle> bundles, Guarantee guarantee) =>
        bundles.Sample(bundle =>
        {
            CheckResult result = Checker.Check(bundle, Policy);
            Assert.Empty(result.Diagnostics.Select(one => $"{one.Id} {one.Message}"));
            Assert.Equal(guarantee, result.Type!.Guarantee);
        }, iter: 1000);

    private static void Refuses(
        Gen<Bundle> bundles, string codes, Func<Bundle, int, int, Bundle> spoil) =>
        Gen.Select(bundles, Pick, Pick).Sample((bundle, x, y) =>
        {
            ImmutableArray<Diagnostic> found =
                Checker.Check(spoil(bundle, x, y), Policy).Diagnostics;
            Assert.True(found.Any(one => codes.Contains(one.Id, StringComparison.Ordinal)),
                $"none of {codes}: " + string.Join(", ", found.Select(one => one.Id)));
        }, iter: 1000);
}
