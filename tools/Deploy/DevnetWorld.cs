// DevnetWorld: world.json of a devnet, as far as deploying needs it; docs/devnet.md has its fields.
using System.Collections.Immutable;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Deploy;

/// <summary>An account whose key everybody knows.</summary>
public sealed record WorldAccount(string Role, int Index, EvmAddress Address, byte[] PrivateKey);

/// <summary>A token; its price in dollars times 10^18, where there was one.</summary>
public sealed record WorldToken(
    EvmAddress Address, string Symbol, int Decimals, bool IsMajor, bool WrapsEther,
    UInt256? UsdE18);

/// <summary>A pool.</summary>
public sealed record WorldPool(
    EvmAddress Address, string Family, EvmAddress Token0, EvmAddress Token1, uint FeePips);

/// <summary>A flash lender.</summary>
public sealed record WorldLender(EvmAddress Address, string Protocol);

/// <summary>One chain of the world.</summary>
public sealed record WorldChain(
    ChainId Id, string Name, ulong Number, Uri Http, Uri WebSocket,
    ImmutableArray<WorldToken> Tokens, ImmutableArray<WorldPool> Pools,
    ImmutableArray<WorldLender> Lenders);

/// <summary>A devnet: local chains and accounts.</summary>
public sealed record DevnetWorld(
    int BlockTimeMs, ImmutableArray<WorldAccount> Accounts, ImmutableArray<WorldChain> Chains)
{
    private const int Version = 1;

    /// <summary>Reads a file.</summary>
    /// <exception cref="RefusedException">It can't be read, is no devnet's, or names a node that is
    /// not on this machine.</exception>
    public static DevnetWorld Read(string path)
    {
        if (!File.Exists(path))
            throw new RefusedException($"{path}: no such file; `./lockstep devnet up` writes it");
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException
            or KeyNotFoundException or InvalidOperationException)
        {
            throw new RefusedException($"{path}: no devnet's world.json: {e.Message}");
        }
    }

    /// <summary>The account that has a role.</summary>
    /// <exception cref="RefusedException">None has.</exception>
    public WorldAccount Account(string role) =>
        Accounts.FirstOrDefault(one => one.Role == role)
        ?? throw new RefusedException($"the devnet has no account '{role}'");

    private static DevnetWorld Parse(byte[] json, string path)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        if (root.GetProperty("v").GetInt32() != Version || Text(root, "kind") != "devnet")
            throw new RefusedException($"{path}: v and kind have to be {Version} and devnet");
        DevnetWorld world = new(
            root.GetProperty("blockTimeMs").GetInt32(),
            [.. root.GetProperty("accounts").EnumerateArray().Select(Account)],
            [.. root.GetProperty("chains").EnumerateArray().Select(Chain)]);
        foreach (WorldChain chain in world.Chains)
        {
            if (chain.Http.IsLoopback && chain.WebSocket.IsLoopback) continue;
            throw new RefusedException($"{path}: {chain.Id} is at {chain.Http}, not on this "
                + "machine; a devnet's keys are public, so nothing is sent elsewhere");
        }
        return world;
    }

    private static WorldAccount Account(JsonElement account)
    {
        byte[] key = Hex.TryParse(Text(account, "privateKey"), out byte[]? bytes)
            ? bytes : throw new FormatException("privateKey is not hex");
        return new WorldAccount(
            Text(account, "role"), account.GetProperty("index").GetInt32(),
            Address(account, "address"), key);
    }

    private static WorldChain Chain(JsonElement chain) => new(
        ChainId.Parse(Text(chain, "chain")),
        Text(chain, "name"),
        chain.GetProperty("chainId").GetUInt64(),
        new Uri(Text(chain, "http")),
        new Uri(Text(chain, "ws")),
        [.. chain.GetProperty("tokens").EnumerateArray().Select(Token)],
        [.. chain.GetProperty("pools").EnumerateArray().Select(Pool)],
        [.. chain.GetProperty("lenders").EnumerateArray().Select(lender =>
            new WorldLender(Address(lender, "address"), Text(lender, "protocol")))]);

    private static WorldToken Token(JsonElement token) => new(
        Address(token, "address"),
        Text(token, "symbol"),
        token.GetProperty("decimals").GetInt32(),
        token.GetProperty("major").GetBoolean(),
        token.GetProperty("wrapsEther").GetBoolean(),
        token.TryGetProperty("usdE18", out JsonElement usd)
            ? UInt256.Parse(usd.GetString()!) : null);

    private static WorldPool Pool(JsonElement pool) => new(
        Address(pool, "address"), Text(pool, "family"), Address(pool, "token0"),
        Address(pool, "token1"), pool.GetProperty("feePips").GetUInt32());

    private static EvmAddress Address(JsonElement parent, string name) =>
        EvmAddress.Parse(Text(parent, name));

    private static string Text(JsonElement parent, string name) =>
        parent.GetProperty(name).GetString()
        ?? throw new FormatException($"{name} is not text");
}
