// NameTable: what the names of a bundle mean; each declared once, and on the chain it says.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Check;

/// <summary>Finds declarations, and complains of those that are missing.</summary>
internal sealed class NameTable
{
    private static readonly HashSet<string> TwoAssets =
        ["constant-product", "concentrated", "solidly-volatile", "solidly-stable"];

    private readonly Complaints complaints;
    private readonly CheckPolicy policy;
    private readonly Dictionary<string, ChainDeclaration> chains = [];
    private readonly Dictionary<(string, string), AssetDeclaration> assets = [];
    private readonly Dictionary<(string, string), PoolDeclaration> pools = [];
    private readonly Dictionary<(ContractRole, string, string), ContractDeclaration> contracts = [];
    private readonly Dictionary<PoolId, (AssetId, AssetId)> traded = [];

    public NameTable(Bundle bundle, CheckPolicy policy, Complaints complaints)
    {
        (this.policy, this.complaints) = (policy, complaints);
        HashSet<ChainId> ids = [];
        foreach (ChainDeclaration one in bundle.Chains)
        {
            Once(chains.TryAdd(one.Name.Text, one), one, $"chain {one.Name}");
            Once(ids.Add(one.Chain), one, $"chain {one.Chain}");
        }
        foreach (AssetDeclaration one in bundle.Assets)
        {
            Once(assets.TryAdd((one.Symbol.Text, one.On.Text), one), one, $"asset {one.Symbol}");
            OnItsChain(one, one.On, one.Asset.Chain, $"asset {one.Symbol}");
        }
        foreach (PoolDeclaration one in bundle.Pools)
        {
            Once(pools.TryAdd((one.Name.Text, one.On.Text), one), one, $"pool {one.Name}");
            OnItsChain(one, one.On, one.Pool.Chain, $"pool {one.Name}");
        }
        foreach (ContractDeclaration one in bundle.Contracts)
        {
            string what = $"{Word(one.Role)} {one.Name}";
            Once(contracts.TryAdd((one.Role, one.Name.Text, one.On.Text), one), one, what);
            OnItsChain(one, one.On, one.Account.Chain, what);
        }
    }

    /// <summary>Pools that were swapped in and about which nothing is known.</summary>
    public SortedSet<string> Believed { get; } = new(StringComparer.Ordinal);

    public static string Word(ContractRole role) => role switch
    {
        ContractRole.Vault => "vault",
        ContractRole.Lender => "lender",
        ContractRole.Bridge => "bridge",
        ContractRole.Committee => "committee",
        _ => "account",
    };

    /// <summary>A chain by its name, or null with a complaint.</summary>
    public ChainDeclaration? Chain(Name name)
    {
        if (chains.TryGetValue(name.Text, out ChainDeclaration? chain)) return chain;
        complaints.Add(DiagnosticCode.UnknownChain, name, $"chain '{name}' is not declared",
            $"declare it: chain {name} = eip155:..." + Near(name, chains.Keys));
        return null;
    }

    /// <summary>An asset of a scope's chain, or null with a complaint.</summary>
    public AssetDeclaration? Asset(AssetRef asset, Name on)
    {
        if (asset.Chain is { } said && said.Text != on.Text)
        {
            complaints.Add(DiagnosticCode.WrongChain, asset,
                $"{asset} is on {said}, this happens on {on}",
                $"name the asset of {on}, or move the step to a leg on {said}");
            return null;
        }
        if (assets.TryGetValue((asset.Symbol.Text, on.Text), out AssetDeclaration? found))
            return found;
        if (!chains.ContainsKey(on.Text)) return null;
        complaints.Add(DiagnosticCode.UnknownAsset, asset,
            $"asset '{asset.Symbol}' is not declared on {on}",
            $"declare it: asset {asset.Symbol} on {on} = ... decimals N");
        return null;
    }

    /// <summary>The declarations of a symbol, on any chain.</summary>
    public AssetDeclaration[] AssetsOf(string symbol) =>
        [.. assets.Values.Where(one => one.Symbol.Text == symbol)];

    /// <summary>A contract in one of some roles on a chain, or null with a complaint.</summary>
    public ContractDeclaration? Contract(Name name, Name on, params ContractRole[] roles)
    {
        foreach (ContractRole role in roles)
        {
            if (contracts.TryGetValue((role, name.Text, on.Text), out var found)) return found;
        }
        if (!chains.ContainsKey(on.Text)) return null;
        string what = string.Join(" or ", roles.Select(Word));
        string? elsewhere = contracts.Keys
            .Where(key => roles.Contains(key.Item1) && key.Item2 == name.Text)
            .Select(key => key.Item3).Order(StringComparer.Ordinal).FirstOrDefault();
        complaints.Add(DiagnosticCode.UnknownContract, name,
            $"no {what} '{name}' is declared on {on}"
                + (elsewhere is null ? "" : $"; there is one on {elsewhere}"),
            $"declare it: {Word(roles[0])} {name} on {on} = CONTRACT");
        return null;
    }

    /// <summary>True when a contract of the role and name is on the chain; no complaint.</summary>
    public bool Has(ContractRole role, Name name, Name on) =>
        contracts.ContainsKey((role, name.Text, on.Text));

    /// <summary>Checks that a venue is a pool of the chain that trades the two assets; gives what
    /// it touches, or null.</summary>
    public PoolDeclaration? Pool(
        VenueRef via, Name on, AssetDeclaration? from, AssetDeclaration? to)
    {
        if (!pools.TryGetValue((via.Name.Text, on.Text), out PoolDeclaration? pool))
        {
            if (!chains.ContainsKey(on.Text)) return null;
            if (via.FeeTier is { } fee)
            {
                // A venue and a tier: whoever compiles the bundle picks the pool.
                Believed.Add($"{via.Name}({fee.Value}%) on {on}");
                return null;
            }
            string? other = pools.Keys.Where(key => key.Item1 == via.Name.Text)
                .Select(key => key.Item2).Order(StringComparer.Ordinal).FirstOrDefault();
            complaints.Add(DiagnosticCode.UnknownPool, via,
                $"pool '{via.Name}' is not declared on {on}"
                    + (other is null ? "" : $"; there is one on {other}"),
                $"declare it: pool {via.Name} on {on} = CONTRACT family ... fee ...");
            return null;
        }
        if (via.FeeTier is { } tier && tier != pool.Fee)
            complaints.Add(DiagnosticCode.PoolFee, via,
                $"pool '{via.Name}' takes {pool.Fee.Value}%, not {tier.Value}%",
                "leave the tier out, or declare the pool of that tier");
        if (from is not null && to is not null) Trades(via, pool, from, to);
        return pool;
    }

    /// <summary>An amount in 10^-36 tokens, or null with a complaint.</summary>
    public BigInteger? Exact(Quantity quantity, AssetDeclaration? asset, string what)
    {
        if (asset is null) return null;
        if (!quantity.TryToBaseUnits(asset.Decimals, out UInt256 units))
        {
            complaints.Add(DiagnosticCode.AmountNotRepresentable, quantity,
                $"{what} is no whole number of base units: {asset.Symbol} has "
                    + $"{asset.Decimals} decimals, and 256 bits hold it",
                $"at most {asset.Decimals} digits behind the point");
            return null;
        }
        if (units.IsZero)
        {
            complaints.Add(DiagnosticCode.AmountZero, quantity, $"{what} is zero",
                "say how much, or leave the step out");
            return null;
        }
        return Quantity36.Of(units, asset.Decimals);
    }

    private void Trades(
        VenueRef via, PoolDeclaration pool, AssetDeclaration from, AssetDeclaration to)
    {
        if (policy.Pools.TryGetValue(pool.Pool, out PoolPair known))
        {
            if (!known.Trades(from.Asset, to.Asset))
                Refuse(known.First.ToString(), known.Second.ToString());
            return;
        }
        Believed.Add(pool.Name.Text);
        // A pool of two assets has one pair: a second through the same pool cannot be.
        if (TwoAssets.Contains(pool.Family.Text)
            && !traded.TryAdd(pool.Pool, (from.Asset, to.Asset)))
        {
            (AssetId x, AssetId y) = traded[pool.Pool];
            if (!new PoolPair(x, y).Trades(from.Asset, to.Asset))
                Refuse($"{x}", $"{y}, as another swap here says");
        }

        void Refuse(string x, string y) => complaints.Add(DiagnosticCode.PoolAssets, via,
            $"pool '{via.Name}' does not trade {from.Symbol} for {to.Symbol}: it trades {x} and "
                + y, "another pool, or the pool's own assets");
    }

    private void Once(bool fresh, Syntax place, string what)
    {
        if (!fresh)
            complaints.Add(DiagnosticCode.DeclaredTwice, place, $"{what} is declared twice",
                "keep one of the two");
    }

    private void OnItsChain(Syntax place, Name on, ChainId chain, string what)
    {
        if (Chain(on) is { } declared && declared.Chain != chain)
            complaints.Add(DiagnosticCode.IdentifierOffChain, place,
                $"{what} is said to be on {on}, which is {declared.Chain}; its id is of {chain}",
                "mend the id or the chain");
    }

    private static string Near(Name name, IEnumerable<string> known) =>
        Words.Nearest(name.Text, known) is { } near ? $"; or did you mean '{near}'?" : "";
}
