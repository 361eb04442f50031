// LiveWorld: the chains, accounts and contracts that a world.json tells of; docs/devnet.md.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Live;

/// <summary>An account whose key everybody knows.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Index">Its place in the derivation path.</param>
/// <param name="Address">Its address.</param>
/// <param name="PrivateKey">Its key.</param>
public sealed record WorldAccount(
    string Role, int Index, EvmAddress Address, ImmutableArray<byte> PrivateKey)
{
    /// <summary>The key, to sign with; the caller's to dispose.</summary>
    public SigningKey Open() => new(PrivateKey.AsSpan());
}

/// <summary>A flash lender.</summary>
/// <param name="Address">Whom to borrow from.</param>
/// <param name="Protocol">Such as <c>balancer-v2</c>.</param>
public sealed record WorldLender(EvmAddress Address, string Protocol);

/// <summary>A chain.</summary>
/// <param name="Chain">Its name on lines.</param>
/// <param name="Name">Its name in words.</param>
/// <param name="ChainId">What its node has to answer (EIP-155).</param>
/// <param name="Http">The node's HTTP address.</param>
/// <param name="Ws">The node's WebSocket.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Prices">Reference prices, of those tokens that have one; their slots are 0.</param>
/// <param name="Majors">The tokens that lenders and our own pools deal in.</param>
/// <param name="Pools">The pools whose family the search knows.</param>
/// <param name="Skipped">Pools of other families.</param>
/// <param name="Lenders">Flash lenders.</param>
public sealed record LiveWorldChain(
    ChainId Chain, string Name, long ChainId, Uri Http, Uri Ws, IReadOnlyList<TokenLine> Tokens,
    IReadOnlyList<PriceLine> Prices, ImmutableHashSet<AssetId> Majors,
    IReadOnlyList<PoolIdentity> Pools, int Skipped, ImmutableArray<WorldLender> Lenders);

/// <summary>The chains of a <c>world.json</c>; docs/devnet.md says what is in it.</summary>
/// <param name="BlockTime">Between two blocks of a chain.</param>
/// <param name="Accounts">Who has means there.</param>
/// <param name="Chains">The chains.</param>
public sealed record LiveWorld(
    TimeSpan BlockTime, ImmutableArray<WorldAccount> Accounts,
    IReadOnlyList<LiveWorldChain> Chains);
