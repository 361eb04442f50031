// MutationTests: random damage to well-typed bundles; what breaks a law of the algebra is refused.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Bundles.Algebra;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Xunit;

namespace Lockstep.Tests.Bundles.Check;

using static Lockstep.Tests.Bundles.Check.CheckerGen;

public sealed class MutationTests
{
    private static readonly Gen<Bundle> Bundles = Gen.OneOf(
        WellTyped.Transaction, WellTyped.Inventory, WellTyped.Settled, WellTyped.Bridged);

    private static readonly Gen<int> Pick = Gen.Int[0, 9_999];

    [Fact]
    public void Drawing_OfWellTyped_Closes() =>
        Bundles.Sample(bundle => Assert.Null(Drawing.FaultOf(bundle)), iter: 500);

    [Fact]
    public void Statement_WhenDropped_IsJudgedAsDrawn() => Judged((body, x, _) =>
        [.. Without([.. body], x)], orderOnly: false);

    [Fact]
    public void Statement_WhenDoubled_IsJudgedAsDrawn() => Judged((body, x, y) =>
    {
        int at = y % (body.Length + 1);
        return [.. body[..at], body[x % body.Length], .. body[at..]];
    }, orderOnly: false);

    /// <summary>Neighbours that do not need each other may change places, others may not.</summary>
    [Fact]
    public void Statements_WhenExchanged_AreJudgedAsDrawn() => Judged((body, x, _) =>
    {
        int at = x % Math.Max(1, body.Length - 1);
        return body.Length < 2 ? body
            : [.. body[..at], body[at + 1], body[at], .. body[(at + 2)..]];
    }, orderOnly: true);

    [Fact]
    public void Wire_WhenAnotherIsUsed_IsJudgedAsDrawn() => Judged((body, x, y) =>
    {
        Name[] made =
            [.. WellTyped.Steps(body).OfType<SourceStatement>().Select(one => one.Result)];
        return made.Length == 0
            ? body
            : [.. At([.. body], x, step => Using(step, made[y % made.Length]))];
    }, orderOnly: false);

    [Fact]
    public void Swap_WhenItsAssetIsOfAnotherChain_IsRefused() => Judged((body, x, y) =>
    [
        .. At([.. body], x, step => step is SwapStatement swap
            ? swap with { To = swap.To with { Chain = N(Chains[y % 3].Name) } }
            : step),
    ], orderOnly: false);

    /// <summary>A bridge in the middle of a transaction or of what a flash loan pays.</summary>
    [Fact]
    public void Transaction_WhenItCrossesAChain_IsRefused() =>
        Gen.Select(WellTyped.Transaction, Pick).Sample((bundle, x) =>
        {
            Bundle crossed = WithLeg(bundle, 0, leg =>
            {
                int at = x % (leg.Body.Count + 1);
                string[] made = [.. WellTyped.Steps(leg.Body.Take(at)).OfType<SourceStatement>()
                    .Select(one => one.Result.Text)];
                BridgeStatement away = new(
                    N("away"), N(made.Length == 0 ? "nothing" : made[x % made.Length]),
                    N(Chains.First(chain => chain.Name != leg.Chain.Text).Name), N("across"), Q(1));
                return leg with { Body = [.. leg.Body.Take(at), away, .. leg.Body.Skip(at)] };
            });
            string[] codes = Codes(crossed);
            Assert.Contains(codes, code => code is "E120" or "E121");
        }, iter: 500);

    /// <summary>The inequality, summed here by hand, decides; not a second less.</summary>
    [Fact]
    public void Deadline_WhenShortened_IsRefusedBelowTheLeast() =>
        Gen.Select(WellTyped.Settled, Gen.Int[-3_000, 3_000]).Sample((bundle, seconds) =>
        {
            var block = (SettledBlock)bundle.Blocks[0];
            var times = block.Legs.Select(leg =>
                1 + Array.FindIndex(Chains, chain => chain.Name == leg.Chain.Text)).ToArray();
            // F = 100 i, W = 10, S = 30, R = 300, O = 7000 i, eps = 60; 60 s to lock, 30 s to sign.
            long least = 60 + times.Max(i => (100 * i) + 10) + 30
                + times.Max(i => (2 * 30) + (7_000 * i) + 300 + 60);
            Bundle shortened = With(bundle, _ => block with
            {
                Escape = new Duration(1_000 * (least + seconds)),
            });
            Assert.Equal(seconds < 0 ? ["E144"] : [], Codes(shortened));
        }, iter: 1_000);

    private static void Judged(Func<Statement[], int, int, Statement[]> spoil, bool orderOnly) =>
        Gen.Select(Bundles, Pick, Pick, Pick).Sample((bundle, leg, x, y) =>
        {
            Bundle spoiled = Spoil(bundle, leg, body => [.. spoil([.. body], x, y)]);
            string[] codes = Codes(spoiled);
            Fault? fault = Drawing.FaultOf(spoiled);
            if (fault is { } broken)
            {
                Assert.True(codes.Any(code => Fitting(broken).Contains(code)),
                    $"{broken}: [{string.Join(' ', codes)}] in\n{Printer.Print(spoiled)}");
            }
            else if (orderOnly || bundle.Blocks[0] is TransactionBlock)
            {
                Assert.True(codes.Length == 0,
                    $"closes: [{string.Join(' ', codes)}] in\n{Printer.Print(spoiled)}");
            }
        }, iter: 1_000);

    private static Bundle Spoil(
        Bundle bundle, int leg, Func<SyntaxList<Statement>, SyntaxList<Statement>> change) =>
        bundle.Blocks[0] is BridgedBlock bridged
            ? bundle with
            {
                Blocks = [bridged with
                {
                    Legs = At(bridged.Legs, leg, one => one with { Body = change(one.Body) }),
                }],
            }
            : WithLeg(bundle, leg, one => one with { Body = change(one.Body) });

    private static string[] Codes(Bundle bundle)
    {
        CheckResult result = Checker.Check(bundle, Policy);
        Assert.Equal(result.IsSound, result.Diagnostics.IsEmpty);
        return [.. result.Diagnostics.Select(one => one.Id).Distinct()];
    }

    private static Statement Using(Statement step, Name wire) => step switch
    {
        SwapStatement one => one with { Input = wire },
        BridgeStatement one => one with { Input = wire },
        KeepStatement one => one with { Input = wire },
        PayStatement one => one with { Input = wire },
        RepayStatement one => one with { From = wire },
        EscrowStatement one => one with { Input = wire },
        _ => step,
    };

    /// <summary>The codes that say what the algebra says.</summary>
    private static string[] Fitting(Fault fault) => fault switch
    {
        Fault.WireUnknown => ["E101", "E110", "E111"],
        Fault.WireDropped => ["E103"],
        Fault.WireDuplicated => ["E102", "E104", "E112"],
        Fault.DebtOpen => ["E111", "E121"],
        Fault.AssetMismatch => ["E106", "E136", "E105"],
        Fault.ForeignChain => ["E105"],
        Fault.NothingCrosses => ["E105"],
        Fault.TxDebtCrossesChain or Fault.TxDebtLeavesTransaction => ["E121", "E110"],
        Fault.TransactionSplit => ["E120", "E121"],
        Fault.Underpaid => ["E102", "E106", "E107", "E112"],
        _ => [],
    };
}
