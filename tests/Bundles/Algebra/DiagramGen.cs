// DiagramGen: random diagrams over two chains, and the rewrites of the laws as a second opinion.
using CsCheck;
using Lockstep.Bundles.Algebra;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Tests.Bundles.Algebra;

/// <summary>Decisions on a tape: CsCheck makes it, shrinks it, prints it on a failure.</summary>
internal sealed class Tape(byte[] bytes)
{
    private int at;

    public bool AtEnd => at >= bytes.Length;

    public int Next(int count) => AtEnd ? 0 : bytes[at++] % count;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    public List<T> Shuffle<T>(IEnumerable<T> items)
    {
        List<T> left = [.. items];
        List<T> mixed = [];
        while (left.Count > 0)
        {
            int k = Next(left.Count);
            mixed.Add(left[k]);
            left.RemoveAt(k);
        }
        return mixed;
    }
}

/// <summary>A diagram taken apart, so that tests can put it together in other ways.</summary>
internal sealed record Parts(Wire[] Inputs, Box[] Boxes, Port[][] Feeds, Port[] Ends)
{
    public static Parts Of(Diagram d) => new(
        [.. d.Inputs],
        [.. d.Steps.Select(placed => placed.Box)],
        [.. d.Steps.Select(placed => placed.Feeds.Select(link => link.Source).ToArray())],
        [.. d.Ends.Select(link => link.Source)]);

    public Attempt<Diagram> Join() => Diagram.Assemble(Inputs, Boxes, Feeds, Ends);
}

internal static class DiagramGen
{
    public static readonly ChainId[] Chains =
        [ChainId.Parse("eip155:1"), ChainId.Parse("eip155:8453")];

    public static readonly Transaction[] Txs =
        [.. Chains.SelectMany(chain => new Transaction[] { new(chain, "t0"), new(chain, "t1") })];

    private static readonly UInt256?[] Amounts = [null, 1, 2];

    /// <summary>Enough decisions for about a dozen steps.</summary>
    public static readonly Gen<byte[]> Tapes = Gen.Byte.Array[0, 90];

    /// <summary>Enough decisions for a few steps.</summary>
    public static readonly Gen<byte[]> ShortTapes = Gen.Byte.Array[0, 40];

    public static AssetId Asset(ChainId chain, int which) => AssetId.Erc20(chain, $"0x{which}a");

    public static AssetId[] Assets { get; } =
        [.. Chains.SelectMany(chain => new[] { Asset(chain, 0), Asset(chain, 1) })];

    /// <summary>Up to three wires, sometimes debts.</summary>
    public static Wire[] Wires(Tape tape) =>
        [.. Enumerable.Range(0, tape.Next(4)).Select(_ => tape.Next(6) == 0
            ? Wire.Debt(Assets[0], Scope.Across(ScopeKind.Htlb, "b"), tape.Pick(Amounts)).Value
            : Wire.Of(tape.Pick(Assets), tape.Pick(Amounts)))];

    /// <summary>The same wires, knowing more or less of their amounts.</summary>
    public static Wire[] Loosen(Tape tape, IEnumerable<Wire> wires) =>
        [.. wires.Select(wire =>
        {
            UInt256? amount = tape.Next(3) == 0 ? tape.Pick(Amounts) : wire.Amount;
            return wire.Scope is { } scope
                ? Wire.Debt(wire.Asset, scope, amount).Value
                : Wire.Of(wire.Asset, amount);
        })];

    public static Effect DrawEffect(Tape tape, ChainId chain)
    {
        Resource[] all =
        [
            Resource.Pool(PoolId.Parse($"{chain}:0x1")),
            Resource.Pool(PoolId.Parse($"{chain}:0x2")),
            Resource.Balance(Asset(chain, 0), "executor"),
            Resource.Allowance(Asset(chain, 1), "executor", "router"),
        ];
        List<Resource>[] touched = [[], [], []];
        foreach (Resource resource in all) touched[Math.Min(tape.Next(5), 2)].Add(resource);
        return new Effect(
            new Footprint(touched[0].Take(1), touched[1].Take(1)),
            (ulong)tape.Next(5) * 10_000,
            (ulong)tape.Next(4) * 100);
    }

    /// <summary>A random diagram from given inputs: acts, loans, repayments and crossings over the
    /// open wires until the tape, or <paramref name="most"/> steps, are used up.</summary>
    public static Diagram Draw(
        Tape tape, IReadOnlyList<Wire> inputs, bool loans = true, int most = 12)
    {
        List<(Port Port, Wire Wire)> open =
            [.. inputs.Select((wire, k) => (new Port(Port.Boundary, k), wire))];
        List<Box> boxes = [];
        List<Port[]> feeds = [];
        while (!tape.AtEnd && boxes.Count < most)
        {
            (Box box, Port[] taken) = Step(tape, open, $"s{tape.Next(3)}", loans);
            open.RemoveAll(one => taken.Contains(one.Port));
            open.AddRange(box.Outputs.Select((wire, k) => (new Port(boxes.Count, k), wire)));
            boxes.Add(box);
            feeds.Add(taken);
            if (tape.Next(4) == 0) break;
        }
        Port[] ends = [.. tape.Shuffle(open.Select(one => one.Port))];
        return new Parts([.. inputs], [.. boxes], [.. feeds], ends).Join().Value;
    }

    /// <summary>A diagram whose steps all have names of their own.</summary>
    public static Diagram DrawNamed(Tape tape, IReadOnlyList<Wire> inputs, string prefix)
    {
        Parts parts = Parts.Of(Draw(tape, inputs, loans: false, most: 3));
        Box[] named = [.. parts.Boxes.Select((box, i) => Renamed(box, $"{prefix}{i}"))];
        return (parts with { Boxes = named }).Join().Value;
    }

    public static Box Renamed(Box box, string name, ulong moreGas = 0)
    {
        Effect effect = box.Effect with { WarmGas = box.Effect.WarmGas + moreGas };
        return (box.Kind is BoxKind.Cross
            ? Box.Cross(name, box.Party, box.At, box.Inputs, box.Outputs, effect)
            : Box.Act(name, box.Party, box.At, box.Inputs, box.Outputs, effect)).Value;
    }

    private static (Box, Port[]) Step(
        Tape tape, List<(Port Port, Wire Wire)> open, string name, bool loans)
    {
        Transaction at = tape.Pick(Txs);
        string party = tape.Pick(["pool", "vault"]);
        Effect effect = DrawEffect(tape, at.Chain);
        var here = open.Where(o => !o.Wire.IsDebt && o.Wire.Asset.Chain == at.Chain).ToList();
        int kind = tape.Next(8);
        if (kind == 0 && loans)
        {
            Scope scope = tape.Next(2) == 0 ? Scope.Tx(at) : Scope.Across(ScopeKind.Htlb, "b");
            Wire lent = Wire.Of(Asset(at.Chain, tape.Next(2)), tape.Pick(Amounts));
            return (Box.Lend(party, at, lent, scope, effect).Value, []);
        }
        if (kind <= 2 && loans)
        {
            foreach (var debt in open.Where(o => o.Wire.IsDebt))
            {
                if (debt.Wire.Asset.Chain != at.Chain) continue;
                foreach (var paid in here)
                {
                    Attempt<Box> repay =
                        Box.Repay(party, at, [paid.Wire], debt.Wire, [], effect);
                    if (repay.Refusal is null) return (repay.Value, [paid.Port, debt.Port]);
                }
            }
        }
        var taken = tape.Shuffle(here).Take(tape.Next(3)).ToList();
        Wire[] made = [.. Enumerable.Range(0, tape.Next(3)).Select(_ =>
            Wire.Of(Asset(at.Chain, tape.Next(2)), tape.Pick(Amounts)))];
        Port[] ports = [.. taken.Select(one => one.Port)];
        var used = taken.Select(one => one.Wire);
        if (kind > 5 && made.Length > 0)
        {
            ChainId to = Chains.First(chain => chain != at.Chain);
            Wire[] away = [.. made.Select(wire => Wire.Of(Asset(to, 0), wire.Amount))];
            return (Box.Cross(name, party, at, used, away, effect).Value, ports);
        }
        return (Box.Act(name, party, at, used, made, effect).Value, ports);
    }
}

/// <summary>A second opinion on the laws: the rewrites themselves, tried one by one.</summary>
internal static class Rewriting
{
    /// <summary>Two neighbours may change places: no wire between them, nothing shared that one
    /// of them writes.</summary>
    public static bool Commute(Parts parts, int i)
    {
        if (parts.Feeds[i + 1].Any(port => port.Step == i)) return false;
        Footprint a = parts.Boxes[i].Effect.Footprint, b = parts.Boxes[i + 1].Effect.Footprint;
        return !a.Writes.Any(r => b.Reads.Contains(r) || b.Writes.Contains(r))
            && !a.Reads.Any(r => b.Writes.Contains(r));
    }

    /// <summary>Steps i and i + 1 change places, whether or not that keeps the meaning.</summary>
    public static Parts Exchange(Parts parts, int i)
    {
        Port Moved(Port port) => port.Step == i ? port with { Step = i + 1 }
            : port.Step == i + 1 ? port with { Step = i } : port;
        Box[] boxes = [.. parts.Boxes];
        Port[][] feeds = [.. parts.Feeds.Select(ports => ports.Select(Moved).ToArray())];
        (boxes[i], boxes[i + 1]) = (boxes[i + 1], boxes[i]);
        (feeds[i], feeds[i + 1]) = (feeds[i + 1], feeds[i]);
        return parts with { Boxes = boxes, Feeds = feeds, Ends = [.. parts.Ends.Select(Moved)] };
    }

    /// <summary>Every diagram the rewrites reach, each as it is written down.</summary>
    public static HashSet<string> Reach(Diagram diagram)
    {
        Queue<Parts> open = new([Parts.Of(diagram)]);
        HashSet<string> seen = [Written(open.Peek())];
        while (open.TryDequeue(out Parts? parts))
        {
            for (int i = 0; i + 1 < parts.Boxes.Length; i++)
            {
                if (!Commute(parts, i)) continue;
                Parts next = Exchange(parts, i);
                if (seen.Add(Written(next))) open.Enqueue(next);
            }
        }
        return seen;
    }

    /// <summary>A random walk along the rewrites.</summary>
    public static Diagram Walk(Tape tape, Diagram diagram)
    {
        Parts parts = Parts.Of(diagram);
        for (int n = 0; n < 40 && parts.Boxes.Length > 1; n++)
        {
            int i = tape.Next(parts.Boxes.Length - 1);
            if (Commute(parts, i)) parts = Exchange(parts, i);
        }
        return parts.Join().Value;
    }

    public static string Written(Parts parts) =>
        string.Join(' ', parts.Inputs) + '\n'
        + string.Join('\n', parts.Boxes.Zip(parts.Feeds, (b, f) => $"{b} ({string.Join(' ', f)})"))
        + '\n' + string.Join(' ', parts.Ends);
}
