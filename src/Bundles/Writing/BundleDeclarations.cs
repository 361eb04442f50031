// BundleDeclarations: gives each chain, asset, pool and contract of a bundle one short name.
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>Declares on first use. Names depend on nothing but the identifiers, the settings and
/// the order of first use.</summary>
internal sealed class BundleDeclarations(WriterSettings settings, TokenBook tokens)
{
    private readonly Dictionary<ChainId, ChainDeclaration> chains = [];
    private readonly Dictionary<AssetId, AssetDeclaration> assets = [];
    private readonly Dictionary<PoolId, PoolDeclaration> pools = [];
    private readonly List<ContractDeclaration> contracts = [];
    private readonly HashSet<(ChainId, string)> taken = [];

    /// <summary>In order of first use.</summary>
    public SyntaxList<ChainDeclaration> Chains => [.. chains.Values];

    /// <summary>In order of first use.</summary>
    public SyntaxList<AssetDeclaration> Assets => [.. assets.Values];

    /// <summary>In order of first use.</summary>
    public SyntaxList<PoolDeclaration> Pools => [.. pools.Values];

    /// <summary>In order of first use.</summary>
    public SyntaxList<ContractDeclaration> Contracts => [.. contracts];

    /// <summary>The chain's name.</summary>
    public Name Chain(ChainId chain)
    {
        if (chains.TryGetValue(chain, out ChainDeclaration? known)) return known.Name;
        Name name = new(settings.Chains[chain].Name);
        chains.Add(chain, new ChainDeclaration(name, chain));
        return name;
    }

    /// <summary>The asset's name: the owner's, else its contract's symbol.</summary>
    public Name Symbol(AssetId asset)
    {
        if (assets.TryGetValue(asset, out AssetDeclaration? known)) return known.Symbol;
        TokenLine token = tokens[asset];
        string? owners = settings.Symbols.GetValueOrDefault(asset);
        string wanted = BundleNames.From(owners ?? token.Symbol, "t");
        // A contract may call itself what the owner calls another: bridged USDC does. The bundle's
        // net is counted by name, so the owner's name is kept for what the owner means by it.
        if (owners is null && settings.IsOwners(wanted))
            wanted = BundleNames.From($"{wanted}_{Head(asset.Reference)}", "t");
        Name name = Free(asset.Chain, wanted, asset.Reference);
        assets.Add(asset, new AssetDeclaration(name, Chain(asset.Chain), asset, token.Decimals));
        return name;
    }

    /// <summary>The pool's name, after its address.</summary>
    public VenueRef Pool(Hop hop)
    {
        if (!pools.TryGetValue(hop.Pool, out PoolDeclaration? pool))
        {
            string wanted = BundleNames.From("p_" + Head(hop.Pool.Address), "p");
            pool = new PoolDeclaration(
                Free(hop.Pool.Chain, wanted, hop.Pool.Address), Chain(hop.Pool.Chain), hop.Pool,
                new Name(hop.Family), Percent.OfPips(hop.FeePips));
            pools.Add(hop.Pool, pool);
        }
        return new VenueRef(pool.Name, null);
    }

    /// <summary>Who gives flash loans on the chain.</summary>
    public Name Lender(ChainId chain)
    {
        WriterChain known = settings.Chains[chain];
        return Contract(ContractRole.Lender, known.Lender, Percent.OfPips(known.LenderFeePips));
    }

    /// <summary>Where own funds are on the chain.</summary>
    public Name Vault(ChainId chain) =>
        Contract(ContractRole.Vault, settings.Chains[chain].Vault, null);

    /// <summary>Who lends to an escrow.</summary>
    public Name LpVault(LpVault vault, uint feePips) =>
        Contract(ContractRole.Vault, vault.Contract, Percent.OfPips(feePips));

    /// <summary>Who checks certificates on the chain.</summary>
    public Name Committee(ChainId chain, string name) => Contract(
        ContractRole.Committee, new(name, settings.Chains[chain].Settled!.Committee), null);

    /// <summary>Who locks legs on the chain.</summary>
    public Name Searcher(ChainId chain) => Contract(
        ContractRole.Account, new("searcher", settings.Chains[chain].Settled!.Searcher), null);

    /// <summary>An amount in whole tokens, exact.</summary>
    public Quantity Quantity(AssetId asset, in UInt256 units) =>
        new(ExactDecimal.Of(units, tokens[asset].Decimals), false);

    /// <summary>An amount of an asset on the chain of the place it stands in.</summary>
    public Amount Amount(AssetId asset, in UInt256 units) =>
        new(Quantity(asset, units), new AssetRef(Symbol(asset), null));

    private Name Contract(ContractRole role, WriterContract contract, Percent? fee)
    {
        Name name = new(contract.Name);
        Name on = Chain(contract.Account.Chain);
        ContractDeclaration declared = new(role, name, on, contract.Account, fee);
        if (!contracts.Contains(declared)) contracts.Add(declared);
        return name;
    }

    /// <summary>The wanted name, or where it is taken on the chain, with more of the reference,
    /// then with a number.</summary>
    private Name Free(ChainId chain, string wanted, string reference)
    {
        string name = wanted;
        if (!taken.Add((chain, name)))
        {
            string longer = BundleNames.From($"{wanted}_{Head(reference)}", "t");
            name = longer;
            for (int n = 2; !taken.Add((chain, name)); n++) name = $"{longer}_{n}";
        }
        return new Name(name);
    }

    /// <summary>The first eight characters behind <c>0x</c>.</summary>
    private static string Head(string reference)
    {
        bool hex = reference.StartsWith("0x", StringComparison.Ordinal);
        string digits = hex ? reference[2..] : reference;
        return digits.Length <= 8 ? digits : digits[..8];
    }
}
