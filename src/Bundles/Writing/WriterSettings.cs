// WriterSettings: what the writer is told beside the trade: chains, lenders, vaults and bounds.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>A contract the writer may name.</summary>
/// <param name="Name">Its short name in bundles.</param>
/// <param name="Account">The contract, CAIP-10.</param>
public sealed record WriterContract(string Name, AccountId Account);

/// <summary>What the writer knows of a chain.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Name">Its short name in bundles.</param>
/// <param name="GasPriceWei">The price of a unit of gas that trades were costed with.</param>
/// <param name="Lender">Who gives flash loans there.</param>
/// <param name="LenderFeePips">What the lender charges, millionths.</param>
/// <param name="Vault">Where own funds are.</param>
/// <param name="Settled">Who settles there; null where nobody does.</param>
public sealed record WriterChain(
    ChainId Chain,
    string Name,
    UInt256 GasPriceWei,
    WriterContract Lender,
    uint LenderFeePips,
    WriterContract Vault,
    SettledChain? Settled = null);

/// <summary>The bounds the writer puts on what it writes.</summary>
/// <param name="SlippagePips">How far below the trade's amount a swap may come out, millionths; 0
/// is the trade's amount itself.</param>
/// <param name="SwapBackLossPips">The most that swapping a leg back may lose beside the pool's fee
/// both ways, millionths.</param>
/// <param name="NetSharePips">The least share of the trade's net that has to remain, millionths.
/// </param>
/// <param name="GasHeadroomPips">What gas may cost above the trade's, millionths.</param>
/// <param name="TtlSeconds">How long a bundle may start.</param>
/// <param name="HoldSeconds">How long a failed leg's result may be held.</param>
public sealed record WriterBounds(
    uint SlippagePips,
    uint SwapBackLossPips,
    uint NetSharePips,
    uint GasHeadroomPips,
    uint TtlSeconds,
    uint HoldSeconds)
{
    /// <summary>A whole, in pips.</summary>
    public const uint Whole = 1_000_000;

    /// <summary>The longest time: ten thousand days, the language's own bound.</summary>
    public const uint MaxSeconds = 864_000_000;

    /// <summary>amount (1 - pips), rounded down; at least one unit, for a bound of nothing is no
    /// bound.</summary>
    internal static UInt256 LessFloor(in UInt256 amount, uint pips)
    {
        UInt256 less = UInt256.MulDivFloor(amount, Whole - pips, Whole);
        return less.IsZero ? UInt256.One : less;
    }

    /// <summary>The first bound that is out of its range, in words; null when all are in theirs.
    /// </summary>
    public string? OutOfRange() =>
        SlippagePips >= Whole ? $"slippage is below {Whole} pips"
        : SwapBackLossPips >= Whole ? $"the loss of a swap back is below {Whole} pips"
        : NetSharePips > Whole ? $"the share of the net is at most {Whole} pips"
        : GasHeadroomPips > 100 * Whole ? $"gas headroom is at most {100 * Whole} pips"
        : TtlSeconds is 0 or > MaxSeconds || HoldSeconds is 0 or > MaxSeconds
            ? $"times are from 1 to {MaxSeconds} s"
        : null;
}

/// <summary>Everything the writer is told.</summary>
public sealed class WriterSettings
{
    private readonly HashSet<string> owners;

    /// <summary>Checks and keeps the settings.</summary>
    /// <param name="bounds">The bounds.</param>
    /// <param name="chains">The chains; trades on others are refused.</param>
    /// <param name="symbols">The owner's own short names of assets.</param>
    /// <param name="settled">How trades are settled; null where none is.</param>
    /// <exception cref="ArgumentException">A bound is out of its range, a chain is there twice, a
    /// name can't stand in a bundle, or a contract is on another chain.</exception>
    public WriterSettings(
        WriterBounds bounds,
        IEnumerable<WriterChain> chains,
        IReadOnlyDictionary<AssetId, string> symbols,
        SettledTerms? settled = null)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        ArgumentNullException.ThrowIfNull(chains);
        ArgumentNullException.ThrowIfNull(symbols);
        Bounds = bounds.OutOfRange() is { } words ? throw new ArgumentException(words) : bounds;
        if (settled?.OutOfRange() is { } wrong) throw new ArgumentException(wrong);
        (Symbols, Settled) = (symbols, settled);
        owners = [.. symbols.Values.Select(name => BundleNames.From(name, "t"))];
        var known = ImmutableDictionary.CreateBuilder<ChainId, WriterChain>();
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (WriterChain chain in chains)
        {
            if (Fault(chain) is { } fault) throw new ArgumentException($"{chain.Chain}: {fault}");
            if (!known.TryAdd(chain.Chain, chain) || !names.Add(chain.Name))
                throw new ArgumentException($"{chain.Chain}: the chain or its name is taken");
        }
        Chains = known.ToImmutable();
    }

    /// <summary>The bounds.</summary>
    public WriterBounds Bounds { get; }

    /// <summary>The chains.</summary>
    public ImmutableDictionary<ChainId, WriterChain> Chains { get; }

    /// <summary>The owner's own short names of assets.</summary>
    public IReadOnlyDictionary<AssetId, string> Symbols { get; }

    /// <summary>How trades are settled; null where none is.</summary>
    public SettledTerms? Settled { get; }

    /// <summary>Whether the owner means an asset by this name.</summary>
    public bool IsOwners(string name) => owners.Contains(name);

    private static string? Fault(WriterChain chain) =>
        FirstNoName([chain.Name, chain.Lender.Name, chain.Vault.Name]) is { } bad
            ? $"'{bad}' can not be a name in a bundle"
        : chain.Lender.Account.Chain != chain.Chain || chain.Vault.Account.Chain != chain.Chain
            ? "its lender and vault are contracts of the same chain"
        : chain.LenderFeePips >= WriterBounds.Whole ? "the lender's fee is below the whole"
        : chain.GasPriceWei.IsZero ? "gas has a price"
        : chain.Settled is { } settled ? Fault(settled, chain.Chain)
        : null;

    private static string? Fault(SettledChain settled, ChainId chain)
    {
        if (settled.Committee.Chain != chain || settled.Searcher.Chain != chain)
            return "its committee and searcher are accounts of the same chain";
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (LpVault vault in settled.Vaults)
        {
            if (!Words.IsName(vault.Contract.Name))
                return $"'{vault.Contract.Name}' can not be a name in a bundle";
            if (!names.Add(vault.Contract.Name))
                return $"two vaults are called {vault.Contract.Name}";
            if (vault.Contract.Account.Chain != chain || vault.Asset0.Chain != chain
                || vault.Asset1.Chain != chain || vault.Asset0 == vault.Asset1)
                return $"vault {vault.Contract.Name} holds two assets of its own chain";
        }
        return null;
    }

    private static string? FirstNoName(IEnumerable<string> names) =>
        names.FirstOrDefault(name => !Words.IsName(name));
}
