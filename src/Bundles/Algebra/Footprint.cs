// Footprint: which pools, allowances and balances a step reads and writes; decides what commutes.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Bundles.Algebra;

/// <summary>What kind of state a resource is; its first touch in a transaction is cold.</summary>
public enum ResourceKind
{
    /// <summary>A pool contract: an account.</summary>
    Pool,

    /// <summary>What a spender may take of an owner's token: a storage slot.</summary>
    Allowance,

    /// <summary>What a holder has of a token: a storage slot.</summary>
    Balance,
}

/// <summary>One piece of chain state that steps may share.</summary>
public readonly record struct Resource : IComparable<Resource>
{
    private readonly string text;

    private Resource(ResourceKind kind, ChainId chain, string text)
    {
        Kind = kind;
        Chain = chain;
        this.text = text;
    }

    /// <summary>What kind of state it is.</summary>
    public ResourceKind Kind { get; }

    /// <summary>The chain that holds it.</summary>
    public ChainId Chain { get; }

    /// <summary>The state of a pool.</summary>
    public static Resource Pool(PoolId pool) =>
        new(ResourceKind.Pool, pool.Chain, $"pool({pool})");

    /// <summary>An allowance.</summary>
    public static Resource Allowance(AssetId asset, string owner, string spender) => new(
        ResourceKind.Allowance,
        asset.Chain,
        $"allowance({asset},{Symbol.Require(owner)},{Symbol.Require(spender)})");

    /// <summary>A balance.</summary>
    public static Resource Balance(AssetId asset, string holder) =>
        new(ResourceKind.Balance, asset.Chain, $"balance({asset},{Symbol.Require(holder)})");

    /// <inheritdoc/>
    public int CompareTo(Resource other) => string.CompareOrdinal(text, other.text);

    /// <inheritdoc/>
    public override string ToString() => text ?? "";
}

/// <summary>The resources a step touches. A write counts as a read too.</summary>
public sealed class Footprint
{
    private readonly HashSet<Resource> reads;
    private readonly HashSet<Resource> writes;
    private readonly Lazy<ImmutableArray<Resource>> readsInOrder;
    private readonly Lazy<ImmutableArray<Resource>> writesInOrder;

    /// <summary>Touches <paramref name="reads"/> and <paramref name="writes"/>; what is in both
    /// is a write.</summary>
    public Footprint(IEnumerable<Resource> reads, IEnumerable<Resource> writes)
    {
        this.writes = [.. writes];
        this.reads = [.. reads.Where(resource => !this.writes.Contains(resource))];
        // Few ask for the order, and it takes longer than all the rest.
        readsInOrder = new(() => [.. this.reads.Order()]);
        writesInOrder = new(() => [.. this.writes.Order()]);
    }

    /// <summary>Touches nothing: a pure wire.</summary>
    public static Footprint Empty { get; } = new([], []);

    /// <summary>What is read and not written, in order.</summary>
    public ImmutableArray<Resource> Reads => readsInOrder.Value;

    /// <summary>What is written, in order.</summary>
    public ImmutableArray<Resource> Writes => writesInOrder.Value;

    /// <summary>What is written, in no order.</summary>
    public IReadOnlySet<Resource> Writing => writes;

    /// <summary>All it touches.</summary>
    public IEnumerable<Resource> All => Reads.Concat(Writes);

    /// <summary>The least resource that both touch and one writes; null when they
    /// commute.</summary>
    public Resource? Conflict(Footprint other)
    {
        Resource? least = null;
        foreach (Resource r in writes)
            if (other.writes.Contains(r) || other.reads.Contains(r)) Take(r);
        foreach (Resource r in reads)
            if (other.writes.Contains(r)) Take(r);
        return least;

        void Take(Resource r)
        {
            if (least is not { } first || r.CompareTo(first) < 0) least = r;
        }
    }

    /// <summary>What two parts touch together.</summary>
    public Footprint Union(Footprint other) =>
        new(reads.Concat(other.reads), writes.Concat(other.writes));

    /// <inheritdoc/>
    public override string ToString() =>
        $"r[{string.Join(' ', Reads)}] w[{string.Join(' ', Writes)}]";
}
