// OracleConfig: config/lockstep.toml read by other code than the product's; wei, pips, micro-USD.
using System.Globalization;
using System.Numerics;
using Tomlyn;
using Tomlyn.Model;

namespace Lockstep.Tests.Oracle;

/// <summary>What one chain charges.</summary>
internal sealed record OracleChain(
    string Id, string Name, string GasAsset, string GasPricedAs, BigInteger GasPriceWei,
    BigInteger DataFeeWei, BigInteger FlashLoanFeePips);

/// <summary>Assets that are one thing on several chains, and what changing chain costs.</summary>
internal sealed record OracleGroup(
    string Name, BigInteger RebalanceFeePips, BigInteger TimeRiskPips, BigInteger FixedMicroUsd,
    IReadOnlyList<string> Assets);

/// <summary>The settings, read with a plain TOML model and no code of the product.</summary>
internal sealed class OracleConfig
{
    private readonly TomlTable search;
    private readonly TomlTable gas;

    private OracleConfig(TomlTable root)
    {
        search = (TomlTable)root["search"];
        gas = (TomlTable)root["gas"];
        foreach (TomlTable t in (TomlTableArray)root["chain"])
            Chains.Add((string)t["id"], new OracleChain(
                (string)t["id"], (string)t["name"], (string)t["gasAsset"],
                (string)t["gasPricedAs"], Text(t, "gasPriceWei"), Text(t, "dataFeeWei"),
                Whole(t, "flashLoanFeePips")));
        foreach (TomlTable t in (TomlTableArray)root["group"])
        {
            OracleGroup group = new(
                (string)t["name"], Whole(t, "rebalanceFeePips"), Whole(t, "timeRiskPips"),
                Whole(t, "fixedMicroUsd"), [.. ((TomlArray)t["assets"]).Select(a => (string)a!)]);
            foreach (string asset in group.Assets) Groups.Add(asset, group);
        }
        foreach (TomlTable t in (TomlTableArray)root["suspect"]) Suspects.Add((string)t["asset"]);
        Numeraires = [.. ((TomlArray)search["numeraires"]).Select(n => (string)n!)];
    }

    /// <summary>Chains by CAIP-2 name.</summary>
    public Dictionary<string, OracleChain> Chains { get; } = [];

    /// <summary>The group of each asset that is in one.</summary>
    public Dictionary<string, OracleGroup> Groups { get; } = [];

    /// <summary>Assets to keep out.</summary>
    public HashSet<string> Suspects { get; } = [];

    /// <summary>Groups by preference as what a path starts in.</summary>
    public IReadOnlyList<string> Numeraires { get; }

    public BigInteger MinNetMicroUsd => Whole(search, "minNetMicroUsd");

    public BigInteger MaxInputMicroUsd => Whole(search, "maxInputMicroUsd");

    public BigInteger MaxStateAgeSeconds => Whole(search, "maxStateAgeSeconds");

    public int MaxSwaps => (int)Whole(search, "maxSwaps");

    public int MaxCrossings => (int)Whole(search, "maxCrossings");

    /// <summary>Units of gas of one step, by its name in the file.</summary>
    public BigInteger Gas(string step) => Whole(gas, step);

    /// <summary>P(land) of a guarantee, in pips.</summary>
    public BigInteger Land(string guarantee) =>
        Whole((TomlTable)search["land"], guarantee);

    /// <summary>The name under which an asset stands for itself on every chain.</summary>
    public string Node(string asset) =>
        Groups.TryGetValue(asset, out OracleGroup? group) ? group.Name : asset;

    public static OracleConfig Load() =>
        new(TomlSerializer.Deserialize<TomlTable>(
            File.ReadAllText(Repository.PathOf("config/lockstep.toml")))!);

    private static BigInteger Whole(TomlTable table, string name) =>
        new((long)table[name]);

    private static BigInteger Text(TomlTable table, string name) =>
        BigInteger.Parse((string)table[name], CultureInfo.InvariantCulture);
}

/// <summary>Where the repository's files are.</summary>
internal static class Repository
{
    public static string PathOf(string relative)
    {
        for (string? up = AppContext.BaseDirectory; up is not null; up = Path.GetDirectoryName(up))
            if (File.Exists(Path.Combine(up, "Lockstep.slnx"))) return Path.Combine(up, relative);
        throw new DirectoryNotFoundException(
            $"no folder above {AppContext.BaseDirectory} holds Lockstep.slnx");
    }
}
