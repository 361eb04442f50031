// WorldFile: where live chains are and what stands on them, read strictly; source: world.json.
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools.Live;

/// <summary>Reads the file. Fields it does not know are passed over; a wrong one refuses the file.
/// </summary>
public static class WorldFile
{
    /// <summary>Where a devnet writes it, from the repository's folder.</summary>
    public const string DefaultPath = ".build/devnet/world.json";

    private const int Version = 1;
    private const int MaxBytes = 64 << 20;
    private const double MaxBlockTimeMs = 600_000;

    private static readonly string[] Families =
        ["constant-product", "concentrated", "solidly-volatile", "solidly-stable"];

    /// <summary>Reads a file, or the default one.</summary>
    /// <exception cref="RefusedException">It can't be read or says something wrong.</exception>
    public static LiveWorld Read(string? path)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath), shown = path ?? DefaultPath;
        if (!File.Exists(file))
            throw new RefusedException(
                $"{shown}: no such file; './lockstep devnet up' writes it, --world names another");
        if (new FileInfo(file).Length > MaxBytes)
            throw new RefusedException($"{shown}: longer than {MaxBytes} bytes: it is no world");
        return Parse(File.ReadAllBytes(file), shown);
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="RefusedException">They say something wrong; the message says where.
    /// </exception>
    public static LiveWorld Parse(ReadOnlySpan<byte> utf8, string file)
    {
        SourceWorld world;
        try
        {
            world = JsonSerializer.Deserialize(utf8, WorldContext.Default.SourceWorld)
                ?? throw Fault(file, "$", "is null");
        }
        catch (JsonException e)
        {
            throw Fault(file, e.Path ?? "$", FaultWords.Plain(e.Message));
        }
        if (world.V != Version || world.Kind != "devnet")
            throw Fault(file, "$.v", $"is not version {Version} of a devnet's world");
        if (world.BlockTimeMs is not (> 0 and <= MaxBlockTimeMs))
            throw Fault(file, "$.blockTimeMs", "is not within ten minutes");
        List<LiveWorldChain> chains = [];
        RefuseNulls(world.Chains, file, "$.chains");
        for (int i = 0; i < world.Chains.Count; i++)
        {
            LiveWorldChain chain = Chain(world.Chains[i], file, $"$.chains[{i}]");
            if (chains.Exists(one => one.Chain == chain.Chain))
                throw Fault(file, $"$.chains[{i}].chain", $"{chain.Chain} stands there twice");
            chains.Add(chain);
        }
        RefuseNulls(world.Accounts, file, "$.accounts");
        return new LiveWorld(
            TimeSpan.FromMilliseconds(world.BlockTimeMs),
            [.. world.Accounts.Select((one, i) => Account(one, file, $"$.accounts[{i}]"))],
            chains);
    }

    private static LiveWorldChain Chain(SourceChain source, string file, string at)
    {
        ChainId chain = Text(source.Chain, Model.ChainId.Parse, file, at + ".chain");
        if (chain.ToString() != string.Create(
            CultureInfo.InvariantCulture, $"eip155:{source.ChainId}"))
            throw Fault(file, at + ".chainId", $"{source.ChainId} is not that of {chain}");
        Uri ws = Node(source.Ws, "ws", file, at + ".ws");
        Uri http = Node(source.Http, "http", file, at + ".http");
        RefuseNulls(source.Tokens, file, at + ".tokens");
        RefuseNulls(source.Lenders, file, at + ".lenders");
        RefuseNulls(source.Pools, file, at + ".pools");
        List<TokenLine> tokens = [];
        List<PriceLine> prices = [];
        Dictionary<AssetId, int> decimals = [];
        for (int i = 0; i < source.Tokens.Count; i++)
        {
            TokenLine token = Token(source.Tokens[i], chain, file, $"{at}.tokens[{i}]");
            if (!decimals.TryAdd(token.Asset, token.Decimals))
                throw Fault(file, $"{at}.tokens[{i}].asset", $"{token.Asset} stands there twice");
            tokens.Add(token);
            if (source.Tokens[i].UsdE18 is { } usd)
                prices.Add(new PriceLine
                {
                    Slot = 0,
                    Asset = token.Asset,
                    UsdE18 = UInt256.TryParse(usd, null, out UInt256 usdE18) ? usdE18
                        : throw Fault(file, $"{at}.tokens[{i}].usdE18", $"'{usd}' is no amount"),
                });
        }
        List<PoolIdentity> pools = [];
        HashSet<PoolId> known = [];
        for (int i = 0; i < source.Pools.Count; i++)
        {
            if (!Families.Contains(source.Pools[i].Family, StringComparer.Ordinal)) continue;
            PoolIdentity pool = Pool(
                source.Pools[i], chain, decimals, file, $"{at}.pools[{i}]");
            if (!known.Add(pool.Pool))
                throw Fault(file, $"{at}.pools[{i}].pool", $"{pool.Pool} stands there twice");
            pools.Add(pool);
        }
        return new LiveWorldChain(
            chain, source.Name, source.ChainId, http, ws, tokens, prices,
            [.. tokens.Where((_, i) => source.Tokens[i].Major).Select(token => token.Asset)],
            pools, source.Pools.Count - pools.Count,
            [
                .. source.Lenders.Select((one, i) => new WorldLender(
                    Text(one.Address, text => EvmAddress.Parse(text), file,
                        $"{at}.lenders[{i}].address"),
                    one.Protocol)),
            ]);
    }

    private static Uri Node(string text, string scheme, string file, string at) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
        && (uri.Scheme == scheme || uri.Scheme == scheme + "s")
            ? uri : throw Fault(file, at, $"'{text}' is no {scheme} or {scheme}s address");

    private static WorldAccount Account(SourceAccount source, string file, string at) => new(
        source.Role, source.Index,
        Text(source.Address, text => EvmAddress.Parse(text), file, at + ".address"),
        Hex.TryParse(source.PrivateKey, out byte[]? key) ? [.. key]
            : throw Fault(file, at + ".privateKey", "is not hex"));

    private static TokenLine Token(SourceToken source, ChainId chain, string file, string at)
    {
        AssetId asset = Text(source.Asset, AssetId.Parse, file, at + ".asset");
        if (asset.Chain != chain) throw Fault(file, at + ".asset", $"{asset} is not on {chain}");
        if (source.Decimals is < 0 or > TokenLine.MaxDecimals)
            throw Fault(file, at + ".decimals",
                $"{source.Decimals} is not from 0 to {TokenLine.MaxDecimals}");
        return new TokenLine
        {
            Asset = asset, Symbol = source.Symbol, Decimals = source.Decimals,
        };
    }

    private static PoolIdentity Pool(
        SourcePool source, ChainId chain, Dictionary<AssetId, int> decimals, string file,
        string at)
    {
        PoolId pool = Text(source.Pool, PoolId.Parse, file, at + ".pool");
        if (pool.Chain != chain) throw Fault(file, at + ".pool", $"{pool} is not on {chain}");
        Text(pool.Address, text => EvmAddress.Parse(text), file, at + ".pool");
        if (source.FeePips >= 1_000_000)
            throw Fault(file, at + ".feePips", $"{source.FeePips} is no share of a million");
        if (source.Family == "concentrated" && source.TickSpacing is not > 0)
            throw Fault(file, at + ".tickSpacing", "is missing");
        AssetId asset0 = Asset(source.Token0, "token0"), asset1 = Asset(source.Token1, "token1");
        PoolIdentity identity = new()
        {
            Pool = pool,
            Family = source.Family,
            FeePips = source.FeePips,
            Asset0 = asset0,
            Asset1 = asset1,
            TickSpacing = source.Family == "concentrated" ? source.TickSpacing : null,
        };
        return source.Family == "solidly-stable"
            ? identity with { Decimals0 = decimals[asset0], Decimals1 = decimals[asset1] }
            : identity;

        AssetId Asset(string address, string field)
        {
            AssetId asset = Text(
                $"{chain}/erc20:{address}", AssetId.Parse, file, $"{at}.{field}");
            return decimals.ContainsKey(asset) ? asset
                : throw Fault(file, $"{at}.{field}", $"{address} is not among the tokens");
        }
    }

    private static void RefuseNulls<T>(List<T> list, string file, string at)
        where T : class
    {
        int found = list.FindIndex(one => one is null);
        if (found >= 0) throw Fault(file, $"{at}[{found}]", "is null");
    }

    private static T Text<T>(string text, Func<string, T> parse, string file, string at)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            throw Fault(file, at, e.Message);
        }
    }

    private static RefusedException Fault(string file, string at, string words) =>
        new($"{file}: {at}: {words}; start the devnet anew, or correct the file");

    internal sealed record SourceWorld(
        int V, string Kind, double BlockTimeMs, List<SourceAccount> Accounts,
        List<SourceChain> Chains);

    internal sealed record SourceAccount(
        string Role, int Index, string Address, string PrivateKey);

    internal sealed record SourceChain(
        string Chain, string Name, long ChainId, string Http, string Ws, List<SourceToken> Tokens,
        List<SourcePool> Pools, List<SourceLender> Lenders);

    internal sealed record SourceToken(
        string Asset, string Symbol, int Decimals, bool Major, string? UsdE18 = null);

    internal sealed record SourceLender(string Protocol, string Address);

    internal sealed record SourcePool(
        string Pool, string Family, string Token0, string Token1, uint FeePips,
        int? TickSpacing = null);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(WorldFile.SourceWorld))]
internal sealed partial class WorldContext : JsonSerializerContext;
