// CheckedWire: a typed amount, used once, and the debt a loan leaves; in 10^-36 tokens.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Check;

/// <summary>What a flow stands in: it decides which steps there are.</summary>
internal enum ScopeKind
{
    Transaction,
    Settled,
    Inventory,
    Bridged,
    Compensation,
}

/// <summary>A wire. One without an asset is broken: it has been complained of, and is let be.
/// </summary>
internal sealed class CheckedWire(Name name, AssetDeclaration? asset, Name on, int leg)
{
    public Name Name { get; } = name;

    public AssetDeclaration? Asset { get; } = asset;

    /// <summary>The chain it is on.</summary>
    public Name On { get; } = on;

    /// <summary>The leg that made it.</summary>
    public int Leg { get; } = leg;

    /// <summary>The least it holds; null when nothing says.</summary>
    public BigInteger? Low { get; set; }

    /// <summary>True when it holds no more than that.</summary>
    public bool IsExact { get; set; }

    /// <summary>The step that used it, or null.</summary>
    public Syntax? UsedBy { get; set; }

    /// <summary>True when it came over a bridge.</summary>
    public bool IsArrival { get; init; }

    public string Type => Asset is null ? "?" : $"{Asset.Symbol}@{On}";

    public BundleWire Edge(string via) =>
        new(Name.Text, Type, via, Low is { } low ? Quantity36.Text(low) : null);
}

/// <summary>A debt, by the name of the wire its loan made.</summary>
internal sealed class CheckedDebt(Name name, AssetDeclaration? asset, int leg, bool isFlash)
{
    public Name Name { get; } = name;

    public AssetDeclaration? Asset { get; } = asset;

    public int Leg { get; } = leg;

    /// <summary>True for a loan of one transaction, false for a vault's.</summary>
    public bool IsFlash { get; } = isFlash;

    /// <summary>What was lent.</summary>
    public BigInteger? Lent { get; init; }

    /// <summary>That and the fee, rounded up.</summary>
    public BigInteger? Owed { get; init; }

    /// <summary>False for a lender that declares no fee: more may be owed.</summary>
    public bool IsExact { get; init; }

    /// <summary>The step that closed it, or was refused in its stead.</summary>
    public Syntax? ClosedBy { get; set; }
}
