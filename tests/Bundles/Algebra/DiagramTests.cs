// DiagramTests: the laws of `;` and (x), where they hold and exactly where they do not.
using CsCheck;
using Lockstep.Bundles.Algebra;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Bundles.Algebra;

using static Lockstep.Tests.Bundles.Algebra.DiagramGen;

public sealed class DiagramTests
{
    private static Diagram Then(Diagram f, Diagram g) => f.Then(g).Value;

    private static Diagram Beside(Diagram f, Diagram g) => f.Beside(g).Value;

    private static void Same(Diagram expected, Diagram actual) =>
        Assert.Equal(NormalForm.Of(expected).Text, NormalForm.Of(actual).Text);

    /// <summary>Also where the parts learn amounts from each other, or refuse each other.</summary>
    [Fact]
    public void Then_IsAssociative()
    {
        int composed = 0, refused = 0;
        Gen.Select(Tapes, Tapes, Tapes).Sample((a, b, c) =>
        {
            Tape tape = new(a);
            Diagram f = Draw(tape, Wires(tape));
            tape = new(b);
            Diagram g = Draw(tape, Loosen(tape, f.Outputs));
            tape = new(c);
            Diagram h = Draw(tape, Loosen(tape, g.Outputs));
            Attempt<Diagram> left = f.Then(g).Then(fg => fg.Then(h));
            Attempt<Diagram> right = g.Then(h).Then(f.Then);
            Assert.Equal(left.Refusal is null, right.Refusal is null);
            Interlocked.Increment(ref left.Refusal is null ? ref composed : ref refused);
            if (left.Refusal is null) Same(left.Value, right.Value);
            else Assert.Equal(Fault.AmountMismatch, left.Refusal.Fault);
        }, iter: 1000);
        Assert.True(composed > 50 && refused > 50, $"{composed} composed, {refused} refused");
    }

    [Fact]
    public void Units_AreNeutral() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, Wires(tape));
        Same(f, Then(Diagram.Identity(f.Inputs), f));
        Same(f, Then(f, Diagram.Identity(f.Outputs)));
        Same(f, Beside(f, Diagram.Nothing));
        Same(f, Beside(Diagram.Nothing, f));
    }, iter: 1000);

    [Fact]
    public void Beside_IsAssociative() => Gen.Select(Tapes, Tapes, Tapes).Sample((a, b, c) =>
    {
        Diagram[] f = [.. new[] { a, b, c }.Select(bytes => new Tape(bytes))
            .Select(tape => Draw(tape, Wires(tape)))];
        Same(Beside(Beside(f[0], f[1]), f[2]), Beside(f[0], Beside(f[1], f[2])));
    }, iter: 1000);

    /// <summary>(f1 (x) f2);(g1 (x) g2) = (f1;g1) (x) (f2;g2) if and only if f2 and g1, whose order
    /// differs, touch nothing together that one of them writes.</summary>
    [Fact]
    public void Interchange_HoldsExactlyWhenFootprintsCommute()
    {
        int held = 0, failed = 0;
        Gen.Select(ShortTapes, ShortTapes, ShortTapes, ShortTapes).Sample((a, b, c, d) =>
        {
            Tape tape = new(a);
            Diagram f1 = DrawNamed(tape, Wires(tape), "f");
            tape = new(b);
            Diagram f2 = DrawNamed(tape, Wires(tape), "g");
            Diagram g1 = DrawNamed(new Tape(c), f1.Outputs, "h");
            Diagram g2 = DrawNamed(new Tape(d), f2.Outputs, "k");
            Diagram rows = Then(Beside(f1, f2), Beside(g1, g2));
            Diagram columns = Beside(Then(f1, g1), Then(f2, g2));
            bool commute = Commute(f2, g1);
            Interlocked.Increment(ref commute ? ref held : ref failed);
            Assert.Equal(commute, rows.SameAs(columns));
            Assert.Equal(commute, f2.Parallel(g1).Refusal is null);
        }, iter: 1000);
        Assert.True(held > 50 && failed > 50, $"{held} held, {failed} failed");
    }

    [Fact]
    public void Symmetry_IsNaturalExactlyWhenFootprintsCommute()
    {
        int held = 0, failed = 0;
        Gen.Select(ShortTapes, ShortTapes).Sample((a, b) =>
        {
            Tape tape = new(a);
            Diagram f = DrawNamed(tape, Wires(tape), "f");
            tape = new(b);
            Diagram g = DrawNamed(tape, Wires(tape), "g");
            Diagram behind = Then(Beside(f, g), Diagram.Swap(f.Outputs, g.Outputs));
            Diagram before = Then(Diagram.Swap(f.Inputs, g.Inputs), Beside(g, f));
            Interlocked.Increment(ref Commute(f, g) ? ref held : ref failed);
            Assert.Equal(Commute(f, g), behind.SameAs(before));
        }, iter: 1000);
        Assert.True(held > 50 && failed > 50, $"{held} held, {failed} failed");
    }

    /// <summary>Past a bare wire every step slides, and two crossings undo each other.</summary>
    [Fact]
    public void Symmetry_IsNaturalOnWiresAndItsOwnInverse() =>
        Gen.Select(Tapes, Tapes).Sample((a, b) =>
        {
            Tape tape = new(a);
            Diagram f = Draw(tape, Wires(tape));
            Wire[] wires = Wires(new Tape(b));
            Diagram id = Diagram.Identity(wires);
            Same(
                Then(Beside(f, id), Diagram.Swap(f.Outputs, wires)),
                Then(Diagram.Swap(f.Inputs, wires), Beside(id, f)));
            Same(
                Diagram.Identity([.. f.Outputs, .. wires]),
                Then(Diagram.Swap(f.Outputs, wires), Diagram.Swap(wires, f.Outputs)));
        }, iter: 1000);

    /// <summary>Different chains share no state: there (x) is monoidal.</summary>
    [Fact]
    public void Chains_Commute()
    {
        Effect Writes(int chain) => new(new Footprint(
            [], [Resource.Pool(PoolId.Parse($"{Chains[chain]}:0x1"))]));
        Diagram One(int chain, string name) => Diagram.Of(
            Box.Act(name, "pool", new(Chains[chain], "t"), [], [], Writes(chain)).Value);
        Assert.Null(One(0, "a").Parallel(One(1, "b")).Refusal);
        Refusal why = One(0, "a").Parallel(One(0, "b")).Refusal!;
        Assert.Equal(Fault.FootprintsOverlap, why.Fault);
        Assert.Contains("eip155:1:0x1", why.Words, StringComparison.Ordinal);
        Same(Then(One(0, "a"), One(1, "b")), Then(One(1, "b"), One(0, "a")));
        Assert.False(Then(One(0, "a"), One(0, "b")).SameAs(Then(One(0, "b"), One(0, "a"))));
    }

    [Fact]
    public void Assemble_UndoesTakingApart() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, Wires(tape));
        Same(f, Parts.Of(f).Join().Value);
    }, iter: 1000);

    [Fact]
    public void DroppedWire_IsRefused() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        Parts parts = Parts.Of(Draw(tape, [Wire.Of(Assets[0]), .. Wires(tape)]));
        if (parts.Ends.Length == 0) return;
        int lost = a.Length % parts.Ends.Length;
        Refusal? why = (parts with { Ends = [.. parts.Ends.Where((_, k) => k != lost)] })
            .Join().Refusal;
        Assert.Equal(Fault.WireDropped, why?.Fault);
    }, iter: 1000);

    [Fact]
    public void DuplicatedWire_IsRefused() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        Parts parts = Parts.Of(Draw(tape, [Wire.Of(Assets[0]), .. Wires(tape)]));
        Port[] used = [.. parts.Feeds.SelectMany(ports => ports), .. parts.Ends];
        Port again = used[a.Length % used.Length];
        Refusal? why = (parts with { Ends = [.. parts.Ends, again] }).Join().Refusal;
        Assert.Equal(Fault.WireDuplicated, why?.Fault);
    }, iter: 1000);

    [Fact]
    public void Assemble_WhenAWireComesLater_SaysSo()
    {
        Wire wire = Wire.Of(Assets[0]);
        Box box = Box.Act("loop", "pool", Txs[0], [wire], [wire], Effect.None).Value;
        Refusal? why = Diagram.Assemble([wire], [box], [[new Port(0, 0)]], [new(-1, 0)]).Refusal;
        Assert.Equal(Fault.WireUnknown, why?.Fault);
        Assert.Contains("loop", why!.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Then_WhenTypesDiffer_SaysWhichWireAndWhy()
    {
        Wire a = Wire.Of(Assets[0], 1);
        Wire debt = Wire.Debt(Assets[0], Scope.Across(ScopeKind.Htlb, "b")).Value;
        Wire other = Wire.Debt(Assets[0], Scope.Across(ScopeKind.Bridged, "b")).Value;
        void Refused(Fault fault, Wire x, Wire y)
        {
            Refusal? why = Diagram.Identity(a, x).Then(Diagram.Identity(a, y)).Refusal;
            Assert.Equal(fault, why?.Fault);
            Assert.StartsWith("wire 1 of the cut: ", why!.Words, StringComparison.Ordinal);
        }
        Refused(Fault.AssetMismatch, a, Wire.Of(Assets[1], 1));
        Refused(Fault.AssetMismatch, a, Wire.Of(Assets[2], 1));
        Refused(Fault.AmountMismatch, a, Wire.Of(Assets[0], 2));
        Refused(Fault.DebtMeetsAsset, a, debt);
        Refused(Fault.ScopeMismatch, debt, other);
        Assert.Equal(Fault.WireCount, Diagram.Identity(a).Then(Diagram.Nothing).Refusal?.Fault);
    }

    [Fact]
    public void Diagram_WhenTooLarge_IsRefused()
    {
        Diagram d = Diagram.Of(Box.Act("a", "pool", Txs[0], [], [], Effect.None).Value);
        for (int n = 1; n < Diagram.MaxSize; n *= 2) d = Then(d, d);
        Assert.Equal(Diagram.MaxSize, d.Steps.Length);
        Assert.Equal(Fault.TooLarge, d.Then(d).Refusal?.Fault);
        Assert.Equal(Fault.TooLarge, d.Beside(d).Refusal?.Fault);
    }

    /// <summary>By the definition, without <see cref="Footprint.Conflict"/>.</summary>
    private static bool Commute(Diagram f, Diagram g)
    {
        static HashSet<Resource> All(Diagram d, Func<Footprint, IEnumerable<Resource>> part) =>
            [.. d.Steps.SelectMany(placed => part(placed.Box.Effect.Footprint))];
        return !All(f, p => p.Writes).Overlaps(All(g, p => p.All))
            && !All(g, p => p.Writes).Overlaps(All(f, p => p.All));
    }
}
