// RiskFile: reads risk.toml: what may be at risk at a time and when to stop; refuses the unknown.
using System.Collections.Immutable;
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>What risk.toml says.</summary>
/// <param name="Mode">What the operator chose.</param>
/// <param name="Limits">The bounds.</param>
public sealed record RiskSettings(RiskMode Mode, RiskLimits Limits);

/// <summary>The file of the risk gate's bounds.</summary>
public static class RiskFile
{
    private const int Version = 1;

    /// <summary>The example.</summary>
    public const string DefaultPath = "config/risk.toml";

    /// <summary>Reads a file.</summary>
    /// <exception cref="RefusedException">It can't be read or says something wrong.</exception>
    public static RiskSettings Read(string file) => File.Exists(file)
        ? Parse(File.ReadAllText(file), file)
        : throw new RefusedException($"{file}: no such file");

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static RiskSettings Parse(string text, string file)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = sections[0].Section;
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        var chains = ImmutableDictionary.CreateBuilder<ChainId, long>();
        var assets = ImmutableDictionary.CreateBuilder<AssetId, long>();
        var bridges = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach ((string name, TomlSection section) in sections)
        {
            if (name == "chain") Row(section, "id", ChainId.Parse, chains);
            else if (name == "asset") Row(section, "id", AssetId.Parse, assets);
            else if (name == "bridge") Row(section, "name", Bridge, bridges);
            else if (name.Length > 0)
                throw section.Fault("[" + name + "]", "is not a table of this file");
        }
        RiskSettings settings = new(top.Text("mode", Mode), new RiskLimits
        {
            BundleMicroUsd = Money(top, "bundleMicroUsd"),
            TotalMicroUsd = Money(top, "totalMicroUsd"),
            OpenBundles = (int)top.Number("openBundles", int.MaxValue),
            ChainMicroUsd = chains.ToImmutable(),
            OtherChainMicroUsd = Money(top, "chainMicroUsd"),
            AssetMicroUsd = assets.ToImmutable(),
            OtherAssetMicroUsd = Money(top, "assetMicroUsd"),
            BridgeMicroUsd = bridges.ToImmutable(),
            OtherBridgeMicroUsd = Money(top, "bridgeMicroUsd"),
            ProfitMicroUsd = Money(top, "profitMicroUsd"),
            ReduceDrawdownMicroUsd = Money(top, "reduceDrawdownMicroUsd"),
            HaltDrawdownMicroUsd = Money(top, "haltDrawdownMicroUsd"),
            FailureWindow = (int)top.Number("failureWindow", RiskLimits.MaxWindow),
            ReduceFailures = (int)top.Number("reduceFailures", RiskLimits.MaxWindow),
            FeedAgeMs = Money(top, "feedAgeMs"),
            Denied = Names(top, "deny", mayBeBridge: true),
            Allowed = Names(top, "allow", mayBeBridge: false),
        });
        if (settings.Limits.Fault is { } fault)
            throw top.Fault(
                settings.Limits.ReduceDrawdownMicroUsd <= 0
                    || settings.Limits.HaltDrawdownMicroUsd < settings.Limits.ReduceDrawdownMicroUsd
                    ? "haltDrawdownMicroUsd" : "failureWindow",
                $"makes no sense: {fault}");
        foreach ((_, TomlSection section) in sections) section.End();
        return settings;
    }

    private static void Row<T>(
        TomlSection row, string key, Func<string, T> parse,
        ImmutableDictionary<T, long>.Builder into)
        where T : notnull
    {
        T id = row.Text(key, parse);
        if (!into.TryAdd(id, Money(row, "microUsd")))
            throw row.Fault(key, $"{id} is there twice");
    }

    private static long Money(TomlSection table, string key) => (long)table.Number(key);

    private static ImmutableHashSet<string> Names(TomlSection top, string key, bool mayBeBridge)
    {
        string[] names = top.List(key, text =>
            AssetId.TryParse(text, out AssetId asset) ? asset.ToString()
            : PoolId.TryParse(text, out PoolId pool) ? pool.ToString()
            : ChainId.TryParse(text, out ChainId chain) ? chain.ToString()
            : mayBeBridge ? Bridge(text)
            : throw new FormatException($"'{text}' is neither a chain, an asset nor a pool"));
        return names.ToImmutableHashSet(StringComparer.Ordinal);
    }

    /// <summary>A bridge's name; what looks like anything else is a typing error.</summary>
    private static string Bridge(string text) =>
        text.Length > 0 && text.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_')
            ? text
            : throw new FormatException(
                $"'{text}' is neither a chain, an asset, a pool nor a bridge's name");

    private static RiskMode Mode(string word) => word switch
    {
        "active" => RiskMode.Active,
        "reducing" => RiskMode.Reducing,
        "halted" => RiskMode.Halted,
        _ => throw new FormatException($"'{word}' is neither active, reducing nor halted"),
    };
}
