// CheckRun: what one check gathers on its way through a bundle: names, nets, pools, types, words.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Check;

/// <summary>What a symbol nets over a bundle at the stated minimums, in 10^-36 tokens.</summary>
/// <param name="Net">The sum, a lower bound.</param>
/// <param name="IsKnown">False when some end has no stated minimum.</param>
/// <param name="IsExact">True when nothing else can come out.</param>
internal readonly record struct NetAtMinimum(BigInteger Net, bool IsKnown, bool IsExact);

/// <summary>The state that all parts of one check share.</summary>
internal sealed class CheckRun
{
    /// <summary>The most statements and blocks of a bundle: a diagram has no more steps.</summary>
    public const int MaxSteps = Algebra.Diagram.MaxSize;

    private int steps;

    public CheckRun(Bundle bundle, CheckPolicy policy)
    {
        (Bundle, Policy) = (bundle, policy);
        Names = new NameTable(bundle, policy, Complaints);
    }

    public Bundle Bundle { get; }

    public CheckPolicy Policy { get; }

    public Complaints Complaints { get; } = new();

    public NameTable Names { get; }

    /// <summary>By symbol: all chains together.</summary>
    public SortedDictionary<string, NetAtMinimum> Nets { get; } = new(StringComparer.Ordinal);

    /// <summary>The pools the branch at hand has touched so far: by id, or by venue, tier, pair
    /// and chain.</summary>
    public HashSet<string> Touched { get; set; } = [];

    /// <summary>Names of chains that something runs on.</summary>
    public SortedSet<string> ChainsUsed { get; } = new(StringComparer.Ordinal);

    public List<BundleScope> Scopes { get; } = [];

    public List<BundleAssumption> Assumptions { get; } = [];

    public List<BundleLoss> Losses { get; } = [];

    public void Complain(DiagnosticCode code, Syntax place, string message, string hint) =>
        Complaints.Add(code, place, message, hint);

    /// <summary>Adds to what a symbol nets; null is an amount nothing bounds from below.</summary>
    public void Add(AssetDeclaration? asset, BigInteger? amount, bool isExact)
    {
        if (asset is null) return;
        if (!Nets.TryGetValue(asset.Symbol.Text, out NetAtMinimum net)) net = new(0, true, true);
        Nets[asset.Symbol.Text] = new(
            net.Net + (amount ?? 0), net.IsKnown && amount is not null, net.IsExact && isExact);
    }

    /// <summary>Counts a statement; false, with a complaint once, when there are too many.
    /// </summary>
    public bool Count(Syntax place, int depth)
    {
        steps++;
        if (steps <= MaxSteps && depth <= Parser.MaxNesting) return true;
        if (steps == MaxSteps + 1 || depth > Parser.MaxNesting)
            Complain(DiagnosticCode.BundleTooLarge, place,
                $"more than {MaxSteps} statements, or nested deeper than {Parser.MaxNesting}",
                "split the bundle");
        return false;
    }

    /// <summary>Checks branches whose order must not matter: no pool in two of them.</summary>
    public void SideBySide(IEnumerable<(Syntax Place, Action Check)> branches)
    {
        HashSet<string> outer = Touched;
        HashSet<string> before = [];
        foreach ((Syntax place, Action check) in branches)
        {
            Touched = [];
            check();
            if (before.Overlaps(Touched))
                Complain(DiagnosticCode.ParallelConflict, place,
                    $"this branch and one before it both use pool {before.Intersect(Touched)
                        .Min(StringComparer.Ordinal)}: their order would change the result",
                    "put them one after the other, or use another pool");
            before.UnionWith(Touched);
        }
        outer.UnionWith(before);
        Touched = outer;
    }

    public void Assume(string code, string words, params (string Name, string Value)[] figures) =>
        Assumptions.Add(new BundleAssumption(
            code, words, [.. figures.Select(one => new BundleFigure(one.Name, one.Value))]));

    /// <summary>Notes the most a party loses; a null amount is one that nothing bounds.</summary>
    public void Lose(string party, AssetDeclaration? asset, BigInteger? amount, string words) =>
        Losses.Add(amount is { } most && asset is not null
            ? new BundleLoss(party, words, $"{asset.Symbol}@{asset.On}", Quantity36.Text(most))
            : new BundleLoss(party, words));
}
