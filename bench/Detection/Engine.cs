// Engine: a way to find what a set of pools is worth: built once, settled, then timed on a move.
namespace Lockstep.Bench.Detection;

/// <summary>What an engine came to.</summary>
/// <param name="Trades">Exact trades in order, or null of an engine that gives none.</param>
/// <param name="Value">Reference value it claims where it gives no trades; NaN without.</param>
/// <param name="Words">What else there is to say.</param>
public sealed record Finding(IReadOnlyList<ProposedTrade>? Trades, double Value, string Words);

/// <summary>One of the engines. Building and settling are not part of its time.</summary>
public abstract class Engine(string name)
{
    /// <summary>Name and, of a peer, whose way it restates.</summary>
    public string Name { get; } = name;

    /// <summary>Why it can't take a set, or null.</summary>
    public virtual string? Refuses(PoolSet given) => null;

    /// <summary>Prepares for a set.</summary>
    /// <exception cref="InvalidOperationException">The set is too large for it.</exception>
    public abstract void Build(PoolSet given);

    /// <summary>Takes in the settled states.</summary>
    public virtual void Settle() { }

    /// <summary>Takes in the moved pools and finds what there is.</summary>
    public abstract Finding Find();
}
