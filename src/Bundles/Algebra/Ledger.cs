// Ledger: the denotation of a diagram: what each party has gained of each asset@chain; base units.
using System.Collections.Immutable;
using System.Numerics;
using Lockstep.Model;

namespace Lockstep.Bundles.Algebra;

/// <summary>A signed quantity: the sum of the known amounts, and how many wires of unknown amount
/// came in (or, negative, went out).</summary>
/// <remarks>BigInteger, for a sum of 256-bit amounts with signs fits no fixed width.</remarks>
public readonly record struct Position(BigInteger Known, int Unknown)
{
    /// <summary>Both parts added.</summary>
    public static Position operator +(Position x, Position y) => Add(x, y);

    /// <summary>Both parts added.</summary>
    public static Position Add(Position x, Position y) =>
        new(x.Known + y.Known, x.Unknown + y.Unknown);

    /// <summary>What moves when a wire changes hands: a debt ~A is minus A.</summary>
    internal static Position Of(Wire wire, int sign)
    {
        int dual = wire.IsDebt ? -sign : sign;
        return wire.Amount is { } amount
            ? new(dual * BigInteger.Parse(amount.ToString()), 0)
            : new(BigInteger.Zero, dual);
    }
}

/// <summary>The gains of every party, in double entry.</summary>
/// <remarks>A functor: the ledger of f;g and of f (x) g is the sum of the two ledgers, as long as
/// the plug adds no knowledge (a known amount meeting an unknown one). The parties and the boundary
/// sum to zero in every asset. Debts are the negatives of the free abelian group, so a loan leaves
/// its lender even and a repayment leaves him its fee (Nester 2021, arXiv 2105.04355).</remarks>
public sealed class Ledger
{
    private readonly ImmutableSortedDictionary<(string Party, AssetId Asset), Position> gains;

    private Ledger(IEnumerable<KeyValuePair<(string Party, AssetId Asset), Position>> entries)
    {
        Dictionary<(string, AssetId), Position> sums = [];
        foreach (var (key, position) in entries)
            sums[key] = sums.GetValueOrDefault(key) + position;
        gains = sums.Where(entry => entry.Value != default).ToImmutableSortedDictionary(ByText);
    }

    /// <summary>The parties of the steps with their gains; even accounts are left out.</summary>
    public IEnumerable<(string Party, AssetId Asset, Position Gain)> Gains =>
        gains.Select(entry => (entry.Key.Party, entry.Key.Asset, entry.Value));

    /// <summary>The ledger of a diagram. A step's party takes its inputs and gives its outputs, at
    /// the amounts known on both ends of each wire.</summary>
    public static Ledger Of(Diagram diagram)
    {
        List<KeyValuePair<(string, AssetId), Position>> entries = [];
        foreach (Link link in diagram.Ends) Give(link);
        foreach (Placed placed in diagram.Steps)
        {
            foreach (Link link in placed.Feeds)
            {
                entries.Add(new((placed.Box.Party, link.Wire.Asset), Position.Of(link.Wire, 1)));
                Give(link);
            }
        }
        return new Ledger(entries);

        void Give(Link link)
        {
            if (link.Source.Step == Port.Boundary) return;
            string party = diagram.Steps[link.Source.Step].Box.Party;
            entries.Add(new((party, link.Wire.Asset), Position.Of(link.Wire, -1)));
        }
    }

    /// <summary>What has come out of the diagram less what has gone in.</summary>
    public static ImmutableSortedDictionary<AssetId, Position> Boundary(Diagram diagram)
    {
        var sums = ImmutableSortedDictionary.CreateBuilder<AssetId, Position>();
        foreach (Wire wire in diagram.Outputs) Enter(wire, 1);
        foreach (Wire wire in diagram.Inputs) Enter(wire, -1);
        return sums.Where(entry => entry.Value != default).ToImmutableSortedDictionary();

        void Enter(Wire wire, int sign) => sums[wire.Asset] =
            sums.GetValueOrDefault(wire.Asset) + Position.Of(wire, sign);
    }

    /// <summary>The gain of one party in one asset.</summary>
    public Position Gain(string party, AssetId asset) => gains.GetValueOrDefault((party, asset));

    /// <summary>The sum of two ledgers.</summary>
    public Ledger Plus(Ledger other) => new(gains.Concat(other.gains));

    /// <summary>One line an account, in order.</summary>
    public override string ToString() => string.Join('\n', gains.Select(entry =>
        $"{entry.Key.Party} {entry.Key.Asset} {entry.Value.Known} {entry.Value.Unknown}?"));

    private static Comparer<(string Party, AssetId Asset)> ByText { get; } =
        Comparer<(string Party, AssetId Asset)>.Create((x, y) =>
            string.CompareOrdinal(x.Party, y.Party) is var party and not 0
                ? party
                : x.Asset.CompareTo(y.Asset));
}
