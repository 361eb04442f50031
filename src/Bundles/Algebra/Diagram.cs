// Diagram: an open graph of steps; composes with `;` and (x), each wire used once; a value.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Algebra;

/// <summary>Where a wire comes from: output <paramref name="Index"/> of a step, or input
/// <paramref name="Index"/> of the diagram when <paramref name="Step"/> is
/// <see cref="Boundary"/>.</summary>
public readonly record struct Port(int Step, int Index)
{
    /// <summary>The number that stands for the diagram's own edge.</summary>
    public const int Boundary = -1;
}

/// <summary>One wire: its source, and all that both of its ends know of it.</summary>
public readonly record struct Link(Port Source, Wire Wire);

/// <summary>A step and the wires that feed it, in the order of its inputs.</summary>
public sealed record Placed(Box Box, ImmutableArray<Link> Feeds);

/// <summary>A morphism <c>Inputs -> Outputs</c>: steps in an order that respects their wires.
/// </summary>
/// <remarks>The order matters only between steps whose footprints conflict; what is equal modulo
/// the laws has the same <see cref="NormalForm"/>. The structure is the free premonoidal category
/// over the steps (Power and Robinson 1997), with its effects kept apart by footprint.</remarks>
public sealed class Diagram
{
    /// <summary>The most steps, and the most wires on one side.</summary>
    public const int MaxSize = 1024;

    private Diagram(IEnumerable<Placed> steps, IEnumerable<Link> ends)
    {
        Steps = [.. steps];
        Ends = [.. ends];
        Outputs = [.. Ends.Select(end => end.Wire)];
        Inputs = [.. Links.Where(link => link.Source.Step == Port.Boundary)
            .OrderBy(link => link.Source.Index).Select(link => link.Wire)];
    }

    /// <summary>I -> I without steps: nothing.</summary>
    public static Diagram Nothing { get; } = new([], []);

    /// <summary>The wires it takes.</summary>
    public ImmutableArray<Wire> Inputs { get; }

    /// <summary>The wires it leaves.</summary>
    public ImmutableArray<Wire> Outputs { get; }

    /// <summary>The steps, each behind those that feed it.</summary>
    public ImmutableArray<Placed> Steps { get; }

    /// <summary>The wires to the outputs, in their order.</summary>
    public ImmutableArray<Link> Ends { get; }

    /// <summary>Every wire, once.</summary>
    public IEnumerable<Link> Links => Steps.SelectMany(placed => placed.Feeds).Concat(Ends);

    /// <summary>All that its steps touch.</summary>
    public Footprint Footprint => new(
        Steps.SelectMany(placed => placed.Box.Effect.Footprint.Reads),
        Steps.SelectMany(placed => placed.Box.Effect.Footprint.Writes));

    /// <summary>id : A -> A.</summary>
    public static Diagram Identity(params IEnumerable<Wire> wires) =>
        new([], wires.Select((wire, k) => new Link(new Port(Port.Boundary, k), wire)));

    /// <summary>The symmetry: output k is input <paramref name="order"/>[k].</summary>
    /// <exception cref="ArgumentException"><paramref name="order"/> is no permutation.</exception>
    public static Diagram Permute(IReadOnlyList<Wire> wires, IReadOnlyList<int> order) =>
        order.Order().SequenceEqual(Enumerable.Range(0, wires.Count))
            ? new([], order.Select(k => new Link(new Port(Port.Boundary, k), wires[k])))
            : throw new ArgumentException("not a permutation of the wires", nameof(order));

    /// <summary>The symmetry A (x) B -> B (x) A.</summary>
    public static Diagram Swap(IReadOnlyList<Wire> a, IReadOnlyList<Wire> b) => Permute(
        [.. a, .. b],
        [.. Enumerable.Range(a.Count, b.Count), .. Enumerable.Range(0, a.Count)]);

    /// <summary>One step alone.</summary>
    public static Diagram Of(Box box) => new(
        [new Placed(box, [.. box.Inputs.Select((w, k) => new Link(new(Port.Boundary, k), w))])],
        box.Outputs.Select((wire, k) => new Link(new Port(0, k), wire)));

    /// <summary>A diagram from named parts, as a compiler has them: <paramref name="feeds"/>[i][j]
    /// feeds input j of step i. Refused unless each wire is used exactly once, at a fitting type,
    /// and each step comes behind those that feed it.</summary>
    public static Attempt<Diagram> Assemble(
        IReadOnlyList<Wire> inputs, IReadOnlyList<Box> steps,
        IReadOnlyList<IReadOnlyList<Port>> feeds, IReadOnlyList<Port> outputs)
    {
        if (Math.Max(steps.Count, Math.Max(inputs.Count, outputs.Count)) > MaxSize)
            return TooLarge(steps.Count);
        Dictionary<Port, Wire> open = [];
        HashSet<Port> seen = [];
        Offer(Port.Boundary, inputs);
        var placed = new Placed[steps.Count];
        for (int i = 0; i < steps.Count; i++)
        {
            Box box = steps[i];
            if (feeds[i].Count != box.Inputs.Length)
                return Counts(feeds[i].Count, box.Inputs.Length, box.Name);
            var links = new Link[feeds[i].Count];
            for (int j = 0; j < links.Length; j++)
            {
                if (Take(feeds[i][j], box.Inputs[j], box.Name, out links[j]) is { } why)
                    return why;
            }
            placed[i] = new Placed(box, [.. links]);
            Offer(i, box.Outputs);
        }
        var ends = new Link[outputs.Count];
        for (int k = 0; k < ends.Length; k++)
        {
            if (Take(outputs[k], null, $"output {k}", out ends[k]) is { } why) return why;
        }
        foreach ((Port port, Wire wire) in open.OrderBy(one => (one.Key.Step, one.Key.Index)))
            return new Refusal(Fault.WireDropped, $"{Place(port, steps)}, {wire}, is never used");
        return new Diagram(placed, ends);

        void Offer(int step, IReadOnlyList<Wire> wires)
        {
            for (int k = 0; k < wires.Count; k++) open[new Port(step, k)] = wires[k];
            for (int k = 0; k < wires.Count; k++) seen.Add(new Port(step, k));
        }

        Refusal? Take(Port source, Wire? wanted, string by, out Link link)
        {
            link = default;
            if (!open.Remove(source, out Wire wire))
            {
                return seen.Contains(source)
                    ? new(Fault.WireDuplicated, $"{by} uses {Place(source, steps)} a second time")
                    : new(Fault.WireUnknown, $"{by} uses {source}, which is not there yet");
            }
            Attempt<Wire> met = wanted is { } one ? wire.Meet(one) : wire;
            if (met.Refusal is { } why)
                return why with { Words = $"{Place(source, steps)} into {by}: {why.Words}" };
            link = new Link(source, met.Value);
            return null;
        }
    }

    /// <summary>Sequence, `;`: plugs these outputs into the inputs of
    /// <paramref name="next"/>.</summary>
    public Attempt<Diagram> Then(Diagram next)
    {
        if (Outputs.Length != next.Inputs.Length)
            return Counts(Outputs.Length, next.Inputs.Length, "the diagram behind");
        if (Steps.Length + next.Steps.Length > MaxSize)
            return TooLarge(Steps.Length + next.Steps.Length);
        var cut = new Link[Outputs.Length];
        for (int k = 0; k < cut.Length; k++)
        {
            Attempt<Wire> met = Outputs[k].Meet(next.Inputs[k]);
            if (met.Refusal is { } why)
                return why with { Words = $"wire {k} of the cut: {why.Words}" };
            cut[k] = new Link(Ends[k].Source, met.Value);
        }
        Link Moved(Link link) => link.Source.Step == Port.Boundary
            ? cut[link.Source.Index]
            : link with { Source = new(link.Source.Step + Steps.Length, link.Source.Index) };
        return new Diagram(
            Steps.Concat(next.Steps.Select(placed => Feed(placed, Moved))),
            next.Ends.Select(Moved));
    }

    /// <summary>Side by side, (x): this part's steps first, then the other's. Where footprints
    /// conflict on a chain that order is part of the meaning: (x) is premonoidal.</summary>
    public Attempt<Diagram> Beside(Diagram other)
    {
        if (Steps.Length + other.Steps.Length > MaxSize
            || Math.Max(Inputs.Length + other.Inputs.Length, Outputs.Length + other.Outputs.Length)
                > MaxSize)
        {
            return TooLarge(Steps.Length + other.Steps.Length);
        }
        Link Moved(Link link) => link with
        {
            Source = link.Source.Step == Port.Boundary
                ? new(Port.Boundary, link.Source.Index + Inputs.Length)
                : new(link.Source.Step + Steps.Length, link.Source.Index),
        };
        return new Diagram(
            Steps.Concat(other.Steps.Select(placed => Feed(placed, Moved))),
            Ends.Concat(other.Ends.Select(Moved)));
    }

    /// <summary>Side by side in either order: <see cref="Beside"/>, refused unless the footprints
    /// commute.</summary>
    public Attempt<Diagram> Parallel(Diagram other) =>
        Footprint.Conflict(other.Footprint) is { } shared
            ? new Refusal(
                Fault.FootprintsOverlap,
                $"both sides touch {shared} and one writes it: put them in sequence")
            : Beside(other);

    /// <summary>Whether the laws make the two equal: the same <see cref="NormalForm"/>.</summary>
    public bool SameAs(Diagram other) => NormalForm.Of(this).Text == NormalForm.Of(other).Text;

    /// <summary>The same steps and ends in another order.</summary>
    internal static Diagram Reordered(
        IReadOnlyList<Placed> steps, IEnumerable<Link> ends, IReadOnlyList<int> order)
    {
        var place = new int[steps.Count];
        for (int at = 0; at < order.Count; at++) place[order[at]] = at;
        Link Moved(Link link) => link.Source.Step == Port.Boundary
            ? link
            : link with { Source = new(place[link.Source.Step], link.Source.Index) };
        return new Diagram(order.Select(i => Feed(steps[i], Moved)), ends.Select(Moved));
    }

    internal static Placed Feed(Placed placed, Func<Link, Link> moved) =>
        placed with { Feeds = [.. placed.Feeds.Select(moved)] };

    private static string Place(Port port, IReadOnlyList<Box> steps) =>
        port.Step == Port.Boundary
            ? $"input {port.Index}"
            : $"output {port.Index} of {steps[port.Step].Name} (step {port.Step})";

    private static Refusal Counts(int given, int wanted, string by) =>
        new(Fault.WireCount, $"{given} wires for the {wanted} inputs of {by}");

    private static Refusal TooLarge(int steps) => new(
        Fault.TooLarge, $"{steps} steps: a diagram has at most {MaxSize}, and as many wires");
}
