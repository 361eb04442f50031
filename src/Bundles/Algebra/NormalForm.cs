// NormalForm: one text for all diagrams the laws make equal; canonical order and wire names.
using System.Globalization;
using System.Text;

namespace Lockstep.Bundles.Algebra;

/// <summary>A diagram in canonical order, and its canonical text.</summary>
/// <remarks>Modulo the laws a diagram is a graph: steps with ordered ports, colored by label, by
/// the versions of what they touch and by their wires. Ordered ports make a walk through a
/// connected part unique once its first step is chosen; the least walk over all choices names the
/// part, the least names order the parts. No search and no heuristic: the text is equal exactly
/// when the graphs are isomorphic. Decides associativity, units, symmetry and commuting steps; not
/// the snake equation (<see cref="Snake"/>).</remarks>
public sealed class NormalForm
{
    private NormalForm(Diagram diagram)
    {
        Diagram = diagram;
        Text = Print(diagram);
    }

    /// <summary>The diagram with its steps in canonical order.</summary>
    public Diagram Diagram { get; }

    /// <summary>One line for the inputs, one a step, one for the outputs; wires are named in the
    /// order they appear.</summary>
    public string Text { get; }

    /// <summary>The normal form of a diagram.</summary>
    public static NormalForm Of(Diagram diagram)
    {
        Order order = Order.Of(diagram.Steps);
        int[] rank = new Walks(diagram, order).Ranks();
        return new NormalForm(
            Diagram.Reordered(diagram.Steps, diagram.Ends, order.Sequence(rank)!));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string Print(Diagram diagram)
    {
        StringBuilder text = new();
        Dictionary<Port, int> names = [];
        string Name(Port port)
        {
            names.TryAdd(port, names.Count);
            return string.Create(CultureInfo.InvariantCulture, $"w{names[port]}");
        }
        string Inner(Link link) => $"{Name(link.Source)}:{link.Wire}";
        var inputs = diagram.Inputs.Select((w, k) => Inner(new(new(Port.Boundary, k), w)));
        text.Append("in ").AppendJoin(' ', inputs).Append('\n');
        for (int i = 0; i < diagram.Steps.Length; i++)
        {
            (Box box, var feeds) = diagram.Steps[i];
            int at = i;
            var made = box.Outputs.Select((_, k) => Name(new Port(at, k)));
            text.AppendJoin(' ', made).Append(" <- ").Append(box.Label).Append(" ( ")
                .AppendJoin(' ', feeds.Select(Inner)).Append(" )\n");
        }
        text.Append("out ").AppendJoin(' ', diagram.Ends.Select(Inner)).Append('\n');
        return text.ToString();
    }

    /// <summary>Walks through the connected parts of a diagram, from any of its steps.</summary>
    private sealed class Walks
    {
        private readonly Diagram diagram;
        private readonly int[] color;

        /// <summary>The other end of each port: a step and its port, or the boundary and its
        /// index.</summary>
        private readonly (int Step, int Index)[][] into, outOf;

        public Walks(Diagram diagram, Order order)
        {
            this.diagram = diagram;
            into = [.. diagram.Steps.Select(placed => placed.Feeds
                .Select(link => (link.Source.Step, link.Source.Index)).ToArray())];
            outOf = [.. diagram.Steps.Select(p => new (int, int)[p.Box.Outputs.Length])];
            var wires = outOf.Select(ports => new Wire[ports.Length]).ToArray();
            for (int i = 0; i < into.Length; i++)
            {
                for (int j = 0; j < into[i].Length; j++) Reaches(diagram.Steps[i].Feeds[j], i, j);
            }
            for (int k = 0; k < diagram.Ends.Length; k++)
                Reaches(diagram.Ends[k], Port.Boundary, k);
            string[] colors = [.. diagram.Steps.Select((placed, i) =>
                $"{placed.Box.Label} {string.Join(' ', order.Versions[i])} "
                + $"{string.Join(' ', placed.Feeds.Select(link => link.Wire))} > "
                + string.Join(' ', wires[i]))];
            string[] palette = [.. colors.Distinct().Order(StringComparer.Ordinal)];
            color = [.. colors.Select(c => Array.BinarySearch(palette, c, StringComparer.Ordinal))];

            void Reaches(Link link, int step, int index)
            {
                if (link.Source.Step == Port.Boundary) return;
                outOf[link.Source.Step][link.Source.Index] = (step, index);
                wires[link.Source.Step][link.Source.Index] = link.Wire;
            }
        }

        /// <summary>A canonical number for each step; equal diagrams give equal numbers, up to an
        /// automorphism.</summary>
        public int[] Ranks()
        {
            bool[] done = new bool[color.Length];
            List<(List<int> Code, List<int> Steps)> parts = [];
            for (int i = 0; i < done.Length; i++)
            {
                if (done[i]) continue;
                List<int> part = From(i).Steps;
                foreach (int step in part) done[step] = true;
                int least = part.Min(step => color[step]);
                parts.Add(part.Where(step => color[step] == least).Select(From)
                    .MinBy(walk => walk.Code, Lexical)!);
            }
            int[] rank = new int[color.Length];
            int next = 0;
            foreach (int step in parts.OrderBy(p => p.Code, Lexical).SelectMany(p => p.Steps))
                rank[step] = next++;
            return rank;
        }

        private static Comparer<List<int>> Lexical { get; } = Comparer<List<int>>.Create((x, y) =>
        {
            for (int i = 0; i < Math.Min(x.Count, y.Count); i++)
            {
                if (x[i] != y[i]) return x[i].CompareTo(y[i]);
            }
            return x.Count.CompareTo(y.Count);
        });

        /// <summary>Breadth first from one step, ports in order: the steps met, and a code that
        /// tells every color and connection by the numbers of the walk.</summary>
        private (List<int> Code, List<int> Steps) From(int first)
        {
            List<int> steps = [first];
            Dictionary<int, int> number = new() { [first] = 0 };
            List<int> code = [];
            for (int at = 0; at < steps.Count; at++)
            {
                int step = steps[at];
                code.Add(color[step]);
                foreach ((int other, int index) in into[step].Concat(outOf[step]))
                {
                    if (other != Port.Boundary && number.TryAdd(other, steps.Count))
                        steps.Add(other);
                    code.Add(other == Port.Boundary ? Port.Boundary : number[other]);
                    code.Add(index);
                }
            }
            return (code, steps);
        }
    }
}
