// DevnetWorld: a world as deploying sees it: addresses and prices; its nodes are on this machine.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Live;

namespace Lockstep.Tools.Deploy;

/// <summary>A token; its price in dollars times 10^18, where there was one.</summary>
public sealed record WorldToken(
    EvmAddress Address, string Symbol, int Decimals, bool IsMajor, UInt256? UsdE18);

/// <summary>A pool.</summary>
public sealed record WorldPool(
    EvmAddress Address, string Family, EvmAddress Token0, EvmAddress Token1, uint FeePips);

/// <summary>One chain of the world.</summary>
public sealed record WorldChain(
    ChainId Id, string Name, ulong Number, Uri Http, Uri WebSocket,
    ImmutableArray<WorldToken> Tokens, ImmutableArray<WorldPool> Pools,
    ImmutableArray<WorldLender> Lenders);

/// <summary>A devnet: local chains and accounts.</summary>
public sealed record DevnetWorld(
    int BlockTimeMs, ImmutableArray<WorldAccount> Accounts, ImmutableArray<WorldChain> Chains)
{
    /// <summary>Reads a file, or the default one.</summary>
    /// <exception cref="RefusedException">It can't be read, is no devnet's, or names a node that is
    /// not on this machine.</exception>
    public static DevnetWorld Read(string? path) =>
        Of(WorldFile.Read(path), path ?? WorldFile.DefaultPath);

    /// <summary>The account that has a role.</summary>
    /// <exception cref="RefusedException">None has.</exception>
    public WorldAccount Account(string role) =>
        Accounts.FirstOrDefault(one => one.Role == role)
        ?? throw new RefusedException($"the devnet has no account '{role}'");

    private static DevnetWorld Of(LiveWorld world, string path)
    {
        foreach (LiveWorldChain chain in world.Chains)
        {
            if (chain.Http.IsLoopback && chain.Ws.IsLoopback) continue;
            throw new RefusedException($"{path}: {chain.Chain} is at {chain.Http}, not on this "
                + "machine; a devnet's keys are public, so nothing is sent elsewhere");
        }
        return new DevnetWorld(
            (int)world.BlockTime.TotalMilliseconds, world.Accounts,
            [.. world.Chains.Select(Chain)]);
    }

    private static WorldChain Chain(LiveWorldChain chain) => new(
        chain.Chain, chain.Name, (ulong)chain.ChainId, chain.Http, chain.Ws,
        [.. chain.Tokens.Select(token => Token(token, chain))],
        [.. chain.Pools.Select(Pool)], chain.Lenders);

    private static WorldToken Token(TokenLine token, LiveWorldChain chain) => new(
        EvmAddress.Parse(token.Asset.Reference), token.Symbol, token.Decimals,
        chain.Majors.Contains(token.Asset),
        chain.Prices.FirstOrDefault(price => price.Asset == token.Asset)?.UsdE18);

    private static WorldPool Pool(PoolIdentity pool) => new(
        EvmAddress.Parse(pool.Pool.Address), pool.Family,
        EvmAddress.Parse(pool.Asset0.Reference), EvmAddress.Parse(pool.Asset1.Reference),
        pool.FeePips);
}
