// SymbolicAmount: base units as a constant plus unknowns known only at run time; exact and signed.
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas;

/// <summary>A linear form over what swaps and bridges will bring: <c>u2 - 100050000</c>.</summary>
/// <remarks>Sums of many 256-bit amounts with signs do not fit 256 bits, hence BigInteger. Equal
/// forms are equal values.</remarks>
public sealed class SymbolicAmount : IEquatable<SymbolicAmount>
{
    private static readonly ImmutableSortedDictionary<string, BigInteger> None =
        ImmutableSortedDictionary.Create<string, BigInteger>(StringComparer.Ordinal);

    private SymbolicAmount(
        BigInteger constant, ImmutableSortedDictionary<string, BigInteger> terms) =>
        (Constant, Terms) = (constant, terms);

    /// <summary>Nothing.</summary>
    public static SymbolicAmount Zero { get; } = new(BigInteger.Zero, None);

    /// <summary>The part that is known, base units.</summary>
    public BigInteger Constant { get; }

    /// <summary>How often each unknown counts; no zeros.</summary>
    public ImmutableSortedDictionary<string, BigInteger> Terms { get; }

    /// <summary>True for exactly nothing.</summary>
    public bool IsZero => Constant.IsZero && Terms.IsEmpty;

    /// <summary>A known amount.</summary>
    public static SymbolicAmount Known(in UInt256 units) =>
        new(BigInteger.Parse(units.ToString(), CultureInfo.InvariantCulture), None);

    /// <summary>An amount that only running will tell.</summary>
    public static SymbolicAmount Unknown(string name) => new(0, None.Add(name, BigInteger.One));

    /// <summary>The amount as a number; false when it has unknowns, is negative, or does not fit.
    /// </summary>
    public bool TryKnown(out UInt256 units)
    {
        units = default;
        return Terms.IsEmpty && Constant.Sign >= 0 && UInt256.TryParse(
            Constant.ToString(CultureInfo.InvariantCulture), null, out units);
    }

    /// <summary>The sum.</summary>
    public static SymbolicAmount operator +(SymbolicAmount x, SymbolicAmount y)
    {
        var terms = x.Terms;
        foreach ((string name, BigInteger count) in y.Terms)
        {
            BigInteger sum = terms.GetValueOrDefault(name) + count;
            terms = sum.IsZero ? terms.Remove(name) : terms.SetItem(name, sum);
        }
        return new SymbolicAmount(x.Constant + y.Constant, terms);
    }

    /// <summary>The negative.</summary>
    public static SymbolicAmount operator -(SymbolicAmount x) =>
        new(-x.Constant, x.Terms.ToImmutableSortedDictionary(
            term => term.Key, term => -term.Value, StringComparer.Ordinal));

    /// <summary>The difference.</summary>
    public static SymbolicAmount operator -(SymbolicAmount x, SymbolicAmount y) => x + -y;

    /// <inheritdoc/>
    public bool Equals(SymbolicAmount? other) =>
        other is not null && Constant == other.Constant && Terms.SequenceEqual(other.Terms);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as SymbolicAmount);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Constant, Terms.Count);

    /// <summary>Canonical text: what is added, in ordinal order, then what is taken away, then the
    /// constant: <c>2*w + u - 5</c>; <c>0</c> for nothing.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach ((string name, BigInteger count) in Terms.OrderBy(term => term.Value.Sign < 0))
            Add(count, name);
        if (!Constant.IsZero || Terms.IsEmpty) Add(Constant, null);
        return text.ToString();

        void Add(BigInteger count, string? name)
        {
            if (text.Length > 0) text.Append(count.Sign < 0 ? " - " : " + ");
            else if (count.Sign < 0) text.Append('-');
            BigInteger size = BigInteger.Abs(count);
            if (name is null || !size.IsOne)
                text.Append(size.ToString(CultureInfo.InvariantCulture));
            if (name is not null && !size.IsOne) text.Append('*');
            text.Append(name);
        }
    }
}
