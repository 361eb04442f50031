// NormalFormTests: equal exactly when the rewrites connect two diagrams, by trying the rewrites.
using CsCheck;
using Lockstep.Bundles.Algebra;
using Xunit;
using static Lockstep.Tests.Bundles.Algebra.DiagramGen;

namespace Lockstep.Tests.Bundles.Algebra;

public sealed class NormalFormTests
{
    private static string Text(Diagram diagram) => NormalForm.Of(diagram).Text;

    [Fact]
    public void NormalForm_IsIdempotent() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        NormalForm once = NormalForm.Of(Draw(tape, Wires(tape)));
        NormalForm twice = NormalForm.Of(once.Diagram);
        Assert.Equal(once.Text, twice.Text);
        Assert.Equal(
            Rewriting.Written(Parts.Of(once.Diagram)), Rewriting.Written(Parts.Of(twice.Diagram)));
    }, iter: 1000);

    [Fact]
    public void Rewrites_KeepTheNormalForm() => Gen.Select(Tapes, Tapes).Sample((a, b) =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, Wires(tape));
        Assert.Equal(Text(f), Text(Rewriting.Walk(new Tape(b), f)));
    }, iter: 1000);

    /// <summary>The normal form is itself reached by rewrites: it stays in the class.</summary>
    [Fact]
    public void NormalForm_IsReachedByRewrites() => ShortTapes.Sample(a =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, Wires(tape), most: 5);
        Assert.Contains(
            Rewriting.Written(Parts.Of(NormalForm.Of(f).Diagram)), Rewriting.Reach(f));
    }, iter: 1000);

    /// <summary>Wires exchanged, steps exchanged: sometimes the same thing, mostly not. The oracle
    /// tries every sequence of rewrites.</summary>
    [Fact]
    public void NormalForm_DecidesWhatRewritesConnect()
    {
        int same = 0, differ = 0;
        Gen.Select(Twins, Gen.Byte.Array[8]).Sample((twins, b) =>
        {
            Tape tape = new(b);
            Parts parts = Parts.Of(twins);
            if (Tangle(tape, parts).Join() is not { Refusal: null } tangled) return;
            bool connected =
                Rewriting.Reach(twins).Contains(Rewriting.Written(Parts.Of(tangled.Value)));
            Interlocked.Increment(ref connected ? ref same : ref differ);
            Assert.Equal(connected, twins.SameAs(tangled.Value));
        }, iter: 1200);
        Assert.True(same > 50 && differ > 50, $"{same} same, {differ} differ");
    }

    [Fact]
    public void RealChange_ChangesTheNormalForm() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, Wires(tape), loans: false);
        Parts parts = Parts.Of(f);
        for (int i = 0; i < parts.Boxes.Length; i++)
        {
            Box[] boxes = [.. parts.Boxes];
            boxes[i] = Renamed(boxes[i], boxes[i].Name, moreGas: 1);
            Assert.False(f.SameAs((parts with { Boxes = boxes }).Join().Value));
        }
        for (int i = 0; i + 1 < parts.Boxes.Length; i++)
        {
            bool wired = parts.Feeds[i + 1].Any(port => port.Step == i);
            if (wired || parts.Boxes[i].Label == parts.Boxes[i + 1].Label) continue;
            Assert.Equal(
                Rewriting.Commute(parts, i), f.SameAs(Rewriting.Exchange(parts, i).Join().Value));
        }
    }, iter: 500);

    /// <summary>Two equal ways of wiring equal steps that no local look tells apart: one ring of
    /// four, or two rings of two.</summary>
    [Fact]
    public void Rings_WhenCutDifferently_Differ()
    {
        Wire w = Wire.Of(Assets[0]);
        Box source = Box.Act("source", "p", Txs[0], [], [w, w], Effect.None).Value;
        Box sink = Box.Act("sink", "p", Txs[0], [w, w], [], Effect.None).Value;
        Diagram Ring(params int[] second) => Diagram.Assemble(
            [], [source, source, sink, sink],
            [[], [], [new(0, 0), new(second[0], 1)], [new(1, 0), new(second[1], 1)]], []).Value;
        Assert.False(Ring(0, 1).SameAs(Ring(1, 0)));
        Assert.True(Ring(0, 1).SameAs(Ring(0, 1)));
    }

    /// <summary>Two equal parts whose writes have an order: which source was written down first
    /// says nothing, and only the versions tell the parts apart.</summary>
    [Fact]
    public void Parts_WhenOnlyVersionsTellThemApart_AreNamedByThem()
    {
        Wire w = Wire.Of(Assets[0]);
        Effect writes = new(new Footprint([], [Resource.Balance(Assets[0], "executor")]));
        Box source = Box.Act("source", "p", Txs[0], [], [w], Effect.None).Value;
        Box sink = Box.Act("sink", "p", Txs[0], [w], [], writes).Value;
        Diagram Fed(int first, int second) => Diagram.Assemble(
            [], [source, source, sink, sink],
            [[], [], [new(first, 0)], [new(second, 0)]], []).Value;
        Assert.True(Fed(0, 1).SameAs(Fed(1, 0)));
    }

    [Fact]
    public void Text_NamesWiresInOrder()
    {
        Wire a = Wire.Of(Assets[0], 5), b = Wire.Of(Assets[1]);
        Diagram swap = Diagram.Of(Box.Act("swap", "pool", Txs[0], [a], [b], Effect.None).Value);
        Assert.Equal(
            $"in w0:{a}\nw1 <- {swap.Steps[0].Box} ( w0:{a} )\nout w1:{b}\n", Text(swap));
    }

    /// <summary>Few names and few wires: many automorphisms.</summary>
    private static Gen<Diagram> Twins { get; } = Gen.Byte.Array[1, 30].Select(bytes =>
    {
        Tape tape = new(bytes);
        Wire w = Wire.Of(Assets[0]);
        List<Box> boxes = [];
        List<Port[]> feeds = [];
        List<Port> open = [.. Enumerable.Range(0, tape.Next(3)).Select(k => new Port(-1, k))];
        Wire[] inputs = [.. open.Select(_ => w)];
        for (int i = 0; i < 6; i++)
        {
            Port[] taken = [.. tape.Shuffle(open).Take(tape.Next(3))];
            Wire[] made = [.. Enumerable.Range(0, tape.Next(3)).Select(_ => w)];
            Resource pool = Resource.Balance(Assets[0], "executor");
            Footprint touched = tape.Next(5) switch
            {
                0 => new([], [pool]),
                1 => new([pool], []),
                _ => Footprint.Empty,
            };
            boxes.Add(Box.Act(
                "s", "p", Txs[0], taken.Select(_ => w), made, new Effect(touched)).Value);
            feeds.Add(taken);
            open.RemoveAll(taken.Contains);
            open.AddRange(made.Select((_, k) => new Port(i, k)));
        }
        return Diagram.Assemble(inputs, boxes, feeds, open).Value;
    });

    /// <summary>One to three exchanges: of two wires anywhere, or of two neighbours.</summary>
    private static Parts Tangle(Tape tape, Parts parts)
    {
        for (int n = tape.Next(3); n >= 0; n--)
        {
            if (tape.Next(2) == 0)
            {
                int at = tape.Next(parts.Boxes.Length - 1);
                if (!parts.Feeds[at + 1].Any(port => port.Step == at))
                    parts = Rewriting.Exchange(parts, at);
                continue;
            }
            Port[] all = [.. parts.Feeds.SelectMany(ports => ports), .. parts.Ends];
            if (all.Length < 2) continue;
            Port x = tape.Pick(all), y = tape.Pick(all);
            Port Crossed(Port port) => port == x ? y : port == y ? x : port;
            parts = parts with
            {
                Feeds = [.. parts.Feeds.Select(ports => ports.Select(Crossed).ToArray())],
                Ends = [.. parts.Ends.Select(Crossed)],
            };
        }
        return parts;
    }
}
