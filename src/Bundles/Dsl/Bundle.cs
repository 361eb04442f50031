// Bundle: the root of a bundle's tree: what its names mean, its limits, its blocks in order.
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Dsl;

/// <summary>A bundle: everything a machine needs to check, compile and run one trade.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Chains">The chains it names.</param>
/// <param name="Assets">The assets it names; one name can stand for an asset on each chain.</param>
/// <param name="Pools">The pools it names.</param>
/// <param name="Contracts">The vaults, lenders, bridges, committees and accounts it names.</param>
/// <param name="Limits">Bounds on the whole; null when none are given.</param>
/// <param name="Blocks">What it does, one block after the other.</param>
public sealed record Bundle(
    Name Name,
    SyntaxList<ChainDeclaration> Chains,
    SyntaxList<AssetDeclaration> Assets,
    SyntaxList<PoolDeclaration> Pools,
    SyntaxList<ContractDeclaration> Contracts,
    Limits? Limits,
    SyntaxList<Block> Blocks) : Syntax;

/// <summary><c>chain base = eip155:8453</c></summary>
/// <param name="Name">The short name.</param>
/// <param name="Chain">The chain, CAIP-2.</param>
public sealed record ChainDeclaration(Name Name, ChainId Chain) : Syntax;

/// <summary><c>asset USDC on base = eip155:8453/erc20:0x8335... decimals 6</c></summary>
/// <param name="Symbol">The short name, unique on its chain.</param>
/// <param name="On">The chain, by its short name.</param>
/// <param name="Asset">The asset, CAIP-19.</param>
/// <param name="Decimals">Base units in a whole token, as a power of ten, 0 to 36.</param>
public sealed record AssetDeclaration(
    Name Symbol, Name On, AssetId Asset, int Decimals) : Syntax;

/// <summary><c>pool p on base = eip155:8453:0xd56d... family concentrated fee 0.01%</c></summary>
/// <param name="Name">The short name, unique on its chain.</param>
/// <param name="On">The chain, by its short name.</param>
/// <param name="Pool">The pool's contract, CAIP-10.</param>
/// <param name="Family">The pool family, such as <c>constant-product</c>.</param>
/// <param name="Fee">The swap fee: a whole number of pips, below 100 %.</param>
public sealed record PoolDeclaration(
    Name Name, Name On, PoolId Pool, Name Family, Percent Fee) : Syntax
{
    /// <summary>The fee in hundredths of a basis point (3000 = 0.30 %).</summary>
    public uint FeePips => Fee.TryToPips(out uint pips) ? pips : 0;
}

/// <summary>What a declared contract is to the bundle.</summary>
public enum ContractRole
{
    /// <summary>Lends and keeps inventory.</summary>
    Vault,

    /// <summary>Gives flash loans.</summary>
    Lender,

    /// <summary>Moves assets to other chains.</summary>
    Bridge,

    /// <summary>Checks a committee's certificates on its chain.</summary>
    Committee,

    /// <summary>Is paid: the searcher, a builder, a keeper.</summary>
    Account,
}

/// <summary><c>lender aave on base = eip155:8453:0xa238... fee 0.05%</c></summary>
/// <param name="Role">Its role, the word the declaration starts with.</param>
/// <param name="Name">The short name, unique in its role on its chain.</param>
/// <param name="On">The chain, by its short name.</param>
/// <param name="Account">The contract, CAIP-10.</param>
/// <param name="Fee">What it charges, or null where that is not a share.</param>
public sealed record ContractDeclaration(
    ContractRole Role, Name Name, Name On, AccountId Account, Percent? Fee) : Syntax;

/// <summary><c>limits { net >= 25 USDC; ttl 90s; gas base &lt;= 900k @ 0.2 gwei }</c></summary>
/// <param name="MinNet">The least that has to remain after every cost, or null.</param>
/// <param name="Ttl">How long the bundle may start after it was made, or null.</param>
/// <param name="Gas">Bounds on gas, by chain.</param>
public sealed record Limits(Amount? MinNet, Duration? Ttl, SyntaxList<GasLimit> Gas) : Syntax
{
    /// <summary>The latest second that <c>found</c> can say: of the year 9999.</summary>
    public const long MaxFoundSeconds = 253_402_300_799;

    /// <summary><c>found 1_795_380_591</c>: when what it rests on was detected, UNIX seconds, or
    /// null. Who runs it refuses what is too old.</summary>
    public long? FoundSeconds { get; init; }

    /// <summary><c>expect 31 USDC@base</c>: what detection expects to remain after every cost, or
    /// null. Nothing is refused for it: outcomes are held against it.</summary>
    public Amount? Expected { get; init; }
}

/// <summary><c>gas base &lt;= 900k @ 0.2 gwei</c></summary>
/// <param name="Chain">The chain.</param>
/// <param name="Units">The most gas.</param>
/// <param name="PriceWei">The highest price of a unit, in wei (10^-9 gwei); on chains without wei,
/// in the base unit of the gas asset.</param>
public sealed record GasLimit(Name Chain, ulong Units, UInt256 PriceWei) : Syntax;
