// AssetBook: tokens by a small number: decimals, reference price, group; integers for what is paid.
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Book;

/// <summary>What is known of each asset. Assets are numbered in order of arrival.</summary>
public sealed class AssetBook
{
    private readonly Dictionary<AssetId, int> numbers = [];
    private readonly Dictionary<AssetId, AssetGroup> groupOf = [];
    private readonly List<Entry> entries = [];

    /// <summary>A book that knows the groups and no asset yet.</summary>
    /// <exception cref="ArgumentException">An asset stands in two groups, or a group has two assets
    /// on one chain.</exception>
    public AssetBook(IEnumerable<AssetGroup> groups)
    {
        foreach (AssetGroup group in groups)
        {
            if (group.Assets.Select(a => a.Chain).Distinct().Count() != group.Assets.Length)
                throw new ArgumentException($"group {group.Name} has two assets on one chain");
            foreach (AssetId asset in group.Assets)
                if (!groupOf.TryAdd(asset, group))
                    throw new ArgumentException($"{asset} stands in two groups");
        }
    }

    /// <summary>Number of assets.</summary>
    public int Count => entries.Count;

    /// <summary>Adds or renames a token.</summary>
    /// <returns>False when the token was there with other decimals: nothing was changed.</returns>
    public bool Add(TokenLine token)
    {
        if (numbers.TryGetValue(token.Asset, out int known))
            return entries[known].Decimals == token.Decimals;
        groupOf.TryGetValue(token.Asset, out AssetGroup? group);
        numbers.Add(token.Asset, entries.Count);
        entries.Add(new Entry(token.Asset, token.Symbol, token.Decimals, group));
        return true;
    }

    /// <summary>The number of an asset; false when no token line named it.</summary>
    public bool TryFind(AssetId asset, out int number) => numbers.TryGetValue(asset, out number);

    /// <summary>The asset as a line.</summary>
    public TokenLine Token(int asset) => new()
    {
        Asset = Id(asset), Symbol = Symbol(asset), Decimals = Decimals(asset),
    };

    /// <summary>The asset's identity.</summary>
    public AssetId Id(int asset) => entries[asset].Id;

    /// <summary>The contract's own symbol.</summary>
    public string Symbol(int asset) => entries[asset].Symbol;

    /// <summary>Base units in a whole token, as a power of ten.</summary>
    public int Decimals(int asset) => entries[asset].Decimals;

    /// <summary>The group the asset is in, or null.</summary>
    public AssetGroup? Group(int asset) => entries[asset].Group;

    /// <summary>Sets the reference price; tokens nobody named are passed over.</summary>
    public void SetPrice(PriceLine price)
    {
        if (!numbers.TryGetValue(price.Asset, out int asset)) return;
        Entry entry = entries[asset];
        entry.UsdE18 = price.UsdE18;
        entry.MicroUsdPerUnit = (double)price.UsdE18 / 1e12 / Math.Pow(10, entry.Decimals);
    }

    /// <summary>True when the asset has a reference price.</summary>
    public bool HasPrice(int asset) => !entries[asset].UsdE18.IsZero;

    /// <summary>Micro-dollars a base unit, for search only; 0 without a price.</summary>
    public double MicroUsdPerUnit(int asset) => entries[asset].MicroUsdPerUnit;

    /// <summary>Value of an amount in millionths of a US dollar, rounded down.</summary>
    /// <exception cref="OverflowException">The value exceeds 2^256.</exception>
    public UInt256 MicroUsdFloor(int asset, in UInt256 amount)
    {
        Entry entry = entries[asset];
        return UInt256.MulDivFloor(amount, entry.UsdE18, UInt256.Pow10(entry.Decimals + 12));
    }

    /// <summary>Value of an amount in millionths of a US dollar, rounded up.</summary>
    /// <exception cref="OverflowException">The value exceeds 2^256.</exception>
    public UInt256 MicroUsdCeiling(int asset, in UInt256 amount)
    {
        Entry entry = entries[asset];
        return UInt256.MulDivCeiling(amount, entry.UsdE18, UInt256.Pow10(entry.Decimals + 12));
    }

    private sealed class Entry(AssetId id, string symbol, int decimals, AssetGroup? group)
    {
        public AssetId Id { get; } = id;

        public string Symbol { get; } = symbol;

        public int Decimals { get; } = decimals;

        public AssetGroup? Group { get; } = group;

        public UInt256 UsdE18 { get; set; }

        public double MicroUsdPerUnit { get; set; }
    }
}
