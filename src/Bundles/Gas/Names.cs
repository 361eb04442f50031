// Names: what the short names of a bundle mean; the first fault is kept, none is thrown.
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas;

/// <summary>Why a bundle can't be planned.</summary>
/// <param name="Span">Where in its source; default when it came as a line.</param>
/// <param name="Words">What is wrong, and the way out.</param>
public sealed record LoweringFault(SourceSpan Span, string Words);

/// <summary>A contract as the plan names it.</summary>
internal sealed record Counterparty(
    string Party, AccountId? Account, Percent? Fee, ContractRole? Role = null);

/// <summary>Looks names up. After a fault it goes on with stand-ins, whose plan nobody sees.
/// </summary>
internal sealed class Names(Bundle bundle)
{
    /// <summary>The longest name, and the longest id, that fit the model's own names.</summary>
    private const int MaxName = 40, MaxId = 120;

    private static readonly ChainId NoChain = ChainId.Parse("none:none");
    private static readonly AssetId NoAsset = AssetId.Parse("none:none/none:none");

    /// <summary>The first fault, or null.</summary>
    public LoweringFault? Fault { get; private set; }

    public void Fail(Syntax at, string words) => Fault ??= new LoweringFault(at.Span, words);

    public ChainId Chain(Name name)
    {
        foreach (ChainDeclaration one in bundle.Chains)
            if (one.Name == name) return one.Chain;
        Fail(name, $"chain {name} is not declared; add `chain {name} = ...`");
        return NoChain;
    }

    public AssetId Asset(AssetRef asset, Name on) =>
        Declared(asset.Symbol, asset.Chain ?? on)?.Asset ?? NoAsset;

    /// <summary>An amount in base units.</summary>
    public UInt256 Units(Quantity quantity, AssetRef asset, Name on)
    {
        if (Declared(asset.Symbol, asset.Chain ?? on) is not { } declared) return default;
        if (quantity.TryToBaseUnits(declared.Decimals, out UInt256 units)) return units;
        Fail(quantity, $"{quantity.Value} {asset} is no whole number of base units: "
            + $"{asset} has {declared.Decimals} decimals");
        return default;
    }

    /// <summary>An amount of an asset that is known by its id alone.</summary>
    public UInt256 Units(Quantity quantity, AssetId asset)
    {
        AssetDeclaration? declared = bundle.Assets.FirstOrDefault(one => one.Asset == asset);
        if (declared is not null && quantity.TryToBaseUnits(declared.Decimals, out UInt256 units))
            return units;
        Fail(quantity, $"{quantity.Value} is no whole number of base units of {asset}");
        return default;
    }

    /// <summary>The asset of the same symbol on another chain.</summary>
    public AssetId Across(AssetId asset, Name to)
    {
        AssetDeclaration? here = bundle.Assets.FirstOrDefault(one => one.Asset == asset);
        return here is null ? NoAsset : Declared(here.Symbol, to)?.Asset ?? NoAsset;
    }

    public string SymbolOf(AssetId asset) => bundle.Assets
        .FirstOrDefault(one => one.Asset == asset)?.Symbol.Text ?? asset.Reference;

    /// <summary>A contract in the first of its possible roles, or null where none is declared on
    /// that chain.</summary>
    public Counterparty? Find(Name name, Name on, params ReadOnlySpan<ContractRole> roles)
    {
        foreach (ContractRole role in roles)
        {
            foreach (ContractDeclaration one in bundle.Contracts)
            {
                if (one.Name == name && one.On == on && one.Role == role)
                    return Known(name, one.Account, one.Fee) with { Role = role };
            }
        }
        return null;
    }

    public Counterparty Contract(Name name, Name on, params ReadOnlySpan<ContractRole> roles)
    {
        if (Find(name, on, roles) is { } found) return found;
        string role = roles[0].ToString().ToLowerInvariant();
        Fail(name, $"no {role} {name} is declared on {on}; add `{role} {name} on {on} = ...`");
        return new Counterparty(name.Text, null, null);
    }

    /// <summary>The pool of a swap: declared, or picked by its venue and fee tier.</summary>
    public (Counterparty Pool, string Family) Pool(VenueRef via, Name on, AssetId a, AssetId b)
    {
        foreach (PoolDeclaration one in bundle.Pools)
        {
            if (one.Name != via.Name || one.On != on) continue;
            AccountId? account =
                AccountId.TryParse(one.Pool.ToString(), out AccountId id) ? id : null;
            return (Known(via.Name, account, one.Fee), one.Family.Text);
        }
        string[] pair = [SymbolOf(a), SymbolOf(b)];
        Array.Sort(pair, StringComparer.Ordinal);
        string tier = via.FeeTier is { } fee ? $"-{fee.Value}%" : "";
        string name = $"{Short(via.Name)}{tier}-{pair[0]}-{pair[1]}";
        if (name.Length > MaxId)
            Fail(via, $"{name} is longer than {MaxId} characters; declare the pool");
        return (new Counterparty(name, null, via.FeeTier), via.Name.Text);
    }

    /// <summary>A declared contract, under a name that the plan does not use itself.</summary>
    private Counterparty Known(Name name, AccountId? account, Percent? fee)
    {
        if (name.Text is PlanStep.Executor or PlanStep.Market
            || name.Text.StartsWith("escrow.", StringComparison.Ordinal)
            || name.Text.StartsWith("bond.", StringComparison.Ordinal))
            Fail(name, $"{name} is a name of the plan's own; give the contract another");
        if (account?.ToString().Length > MaxId)
            Fail(name, $"the id of {name} is longer than {MaxId} characters");
        return new Counterparty(Short(name), account, fee);
    }

    public string Short(Name name)
    {
        if (name.Text.Length > MaxName)
            Fail(name, $"{name} is longer than {MaxName} characters; give it a shorter name");
        return name.Text.Length <= MaxName ? name.Text : name.Text[..MaxName];
    }

    private AssetDeclaration? Declared(Name symbol, Name on)
    {
        Short(symbol);
        foreach (AssetDeclaration one in bundle.Assets)
            if (one.Symbol == symbol && one.On == on) return one;
        Fail(symbol, $"asset {symbol} is not declared on {on}; add `asset {symbol} on {on} = ...`");
        return null;
    }
}
