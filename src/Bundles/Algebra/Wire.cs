// Wire: a linear amount of asset@chain, or a debt of one (its dual) inside a scope; base units.
using System.Buffers;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Algebra;

/// <summary>One transaction: a chain and a name that tells it from the others of the
/// bundle.</summary>
public readonly record struct Transaction(ChainId Chain, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Chain}!{Name}";
}

/// <summary>What bounds the life of a debt.</summary>
public enum ScopeKind
{
    /// <summary>One transaction: opened and closed in it, or reverted with it.</summary>
    Tx,

    /// <summary>A hash-time-locked bundle: closed by its commit or its abort.</summary>
    Htlb,

    /// <summary>Own funds: closed by rebalancing.</summary>
    Inventory,

    /// <summary>A bridge transfer: closed by its arrival.</summary>
    Bridged,
}

/// <summary>The scope of a debt.</summary>
public readonly record struct Scope
{
    private Scope(ScopeKind kind, string name, ChainId chain)
    {
        Kind = kind;
        Name = name;
        Chain = chain;
    }

    /// <summary>What bounds it.</summary>
    public ScopeKind Kind { get; }

    /// <summary>Which one of its kind.</summary>
    public string Name { get; }

    /// <summary>The chain of a <see cref="ScopeKind.Tx"/> scope; no chain for the others.</summary>
    public ChainId Chain { get; }

    /// <summary>The scope that is one transaction.</summary>
    public static Scope Tx(Transaction at) =>
        new(ScopeKind.Tx, Symbol.Require(at.Name), at.Chain);

    /// <summary>A scope over several chains.</summary>
    /// <exception cref="ArgumentException">A transaction has a chain: use <see cref="Tx"/>; or the
    /// name is no symbol.</exception>
    public static Scope Across(ScopeKind kind, string name) => kind is ScopeKind.Tx
        ? throw new ArgumentException("a tx scope needs its chain: use Scope.Tx", nameof(kind))
        : new(kind, Symbol.Require(name), default);

    /// <summary>Whether it is the transaction <paramref name="at"/>.</summary>
    public bool Is(Transaction at) =>
        Kind is ScopeKind.Tx && Chain == at.Chain && Name == at.Name;

    /// <inheritdoc/>
    public override string ToString() => Kind is ScopeKind.Tx
        ? $"tx({Chain}!{Name})"
        : $"{Kind.ToString().ToLowerInvariant()}({Name})";
}

/// <summary>The type of a wire: A, or ~A@scope. Used exactly once.</summary>
/// <remarks>An object of the category is a list of wires; the symmetry makes the list a multiset
/// without confusing two equal wires. The empty list is the unit I.</remarks>
public readonly record struct Wire
{
    private Wire(AssetId asset, UInt256? amount, Scope? scope)
    {
        Asset = asset;
        Amount = amount;
        Scope = scope;
    }

    /// <summary>The asset, which names its chain.</summary>
    public AssetId Asset { get; }

    /// <summary>The amount in base units, or null when it is known only at run time.</summary>
    public UInt256? Amount { get; }

    /// <summary>The scope of a debt, or null for an asset.</summary>
    public Scope? Scope { get; }

    /// <summary>Whether it is a debt, ~A.</summary>
    public bool IsDebt => Scope is not null;

    /// <summary>An amount of an asset.</summary>
    public static Wire Of(AssetId asset, UInt256? amount = null) => new(asset, amount, null);

    /// <summary>The debt ~A in a scope; refused when a transaction of another chain would hold
    /// it.</summary>
    public static Attempt<Wire> Debt(AssetId asset, Scope scope, UInt256? amount = null) =>
        scope.Kind is ScopeKind.Tx && scope.Chain != asset.Chain
            ? new Refusal(
                Fault.TxDebtCrossesChain,
                $"a debt of {asset} cannot live in {scope}, which is on {scope.Chain}: a flash "
                    + $"loan ends on its own chain; use an htlb scope")
            : new Wire(asset, amount, scope);

    /// <summary>What both sides know of one wire: an unknown amount takes the known one. The meet
    /// is commutative, associative and idempotent; that is why `;` is associative.</summary>
    public Attempt<Wire> Meet(Wire other)
    {
        if (IsDebt != other.IsDebt)
            return new Refusal(Fault.DebtMeetsAsset, $"{this} does not plug into {other}");
        if (Scope is { } mine && other.Scope is { } theirs && mine != theirs)
            return ScopesDiffer(mine, theirs);
        if (Asset != other.Asset)
            return new Refusal(Fault.AssetMismatch, $"{this} does not plug into {other}");
        if (Amount is { } x && other.Amount is { } y && x != y)
            return new Refusal(Fault.AmountMismatch, $"{this} does not plug into {other}");
        return new Wire(Asset, Amount ?? other.Amount, Scope);
    }

    private static Refusal ScopesDiffer(Scope from, Scope to)
    {
        Scope tx = from.Kind is ScopeKind.Tx ? from : to;
        Scope rest = from.Kind is ScopeKind.Tx ? to : from;
        if (tx.Kind is not ScopeKind.Tx)
            return new(Fault.ScopeMismatch, $"a debt of {from} is no debt of {to}");
        return rest.Kind is ScopeKind.Tx && rest.Chain != tx.Chain
            ? new(Fault.TxDebtCrossesChain, $"a debt of {from} cannot be closed in {to}: "
                + "repay it in its own transaction, or use an htlb scope")
            : new(Fault.TxDebtLeavesTransaction, $"a debt of {from} cannot be closed in {to}: "
                + "repay it in its own transaction, or use an htlb scope");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(IsDebt ? "~" : "")}{Asset}{(Amount is { } x ? $"#{x}" : "")}"
        + (Scope is { } scope ? $"@{scope}" : "");
}

/// <summary>Names in the model: visible, short, and without the marks that labels use.</summary>
internal static class Symbol
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/%");

    /// <summary>The name itself.</summary>
    /// <exception cref="ArgumentException">Empty, longer than 160, or with other
    /// characters.</exception>
    public static string Require(string name) =>
        name is { Length: > 0 and <= 160 } && !name.AsSpan().ContainsAnyExcept(Allowed)
            ? name
            : throw new ArgumentException($"'{name}' is no name: 1 to 160 of [-_.:/%a-zA-Z0-9]");
}
