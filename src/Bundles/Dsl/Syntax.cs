// Syntax: what every node of a bundle's tree has: a place in the source that equality overlooks.
using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Lockstep.Bundles.Dsl;

/// <summary>A node of the tree. Two nodes are equal when they say the same, wherever they stand:
/// <see cref="Span"/> takes no part in equality.</summary>
public abstract record Syntax
{
    /// <summary>Where it stands in the source; default when it was not parsed.</summary>
    public SourceSpan Span { get; init; }

    /// <summary>True for a node of the same kind: the derived records compare the rest.</summary>
    public virtual bool Equals(Syntax? other) =>
        other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();
}

/// <summary>A short name: of a bundle, wire, leg, chain, asset, pool, contract.</summary>
/// <param name="Text">What <see cref="Words.IsName"/> accepts: letters, digits and <c>_</c>, with
/// single dots or hyphens inside; no word of the language.</param>
public sealed record Name(string Text) : Syntax
{
    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

/// <summary>An immutable list that is equal to another when its items are.</summary>
[CollectionBuilder(typeof(SyntaxList), nameof(SyntaxList.Create))]
public readonly struct SyntaxList<T> : IReadOnlyList<T>, IEquatable<SyntaxList<T>>
{
    private readonly ImmutableArray<T> items;

    internal SyntaxList(ImmutableArray<T> items) => this.items = items;

    /// <summary>The items; empty for the default value.</summary>
    public ImmutableArray<T> Items => items.IsDefault ? [] : items;

    /// <inheritdoc/>
    public int Count => Items.Length;

    /// <summary>An item, from 0.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such item.</exception>
    public T this[int index] => Items[index];

    /// <inheritdoc/>
    public bool Equals(SyntaxList<T> other) => Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SyntaxList<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (T item in Items) hash.Add(item);
        return hash.ToHashCode();
    }

    /// <summary>The items, in order.</summary>
    public ImmutableArray<T>.Enumerator GetEnumerator() => Items.GetEnumerator();

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable)Items).GetEnumerator();

    /// <summary>True when the items are equal, in order.</summary>
    public static bool operator ==(SyntaxList<T> x, SyntaxList<T> y) => x.Equals(y);

    /// <summary>True when the items are not equal, in order.</summary>
    public static bool operator !=(SyntaxList<T> x, SyntaxList<T> y) => !x.Equals(y);
}

/// <summary>Makes lists from <c>[a, b]</c>.</summary>
public static class SyntaxList
{
    /// <summary>A list of the items.</summary>
    public static SyntaxList<T> Create<T>(ReadOnlySpan<T> items) => new([.. items]);
}
