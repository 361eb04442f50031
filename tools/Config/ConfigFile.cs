// ConfigFile: reads lockstep.toml into the search's settings; refuses what it does not know.
using System.Collections.Immutable;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The configuration file.</summary>
public static class ConfigFile
{
    private const int Version = 1;
    private const ulong MostSeconds = 366 * 86_400;

    /// <summary>Where the file is when nobody says otherwise, from the repository's
    /// folder.</summary>
    public const string DefaultPath = "config/lockstep.toml";

    /// <summary>Reads a file, or the default one.</summary>
    /// <exception cref="RefusedException">The file can't be read or says something
    /// wrong.</exception>
    public static SearchConfig Read(string? path) => Parse(Text(path), path ?? DefaultPath);

    /// <summary>The text of a file, or of the default one.</summary>
    /// <exception cref="RefusedException">The file can't be read.</exception>
    public static string Text(string? path)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath);
        return File.Exists(file) ? File.ReadAllText(file)
            : throw new RefusedException($"{path ?? DefaultPath}: no such file");
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static SearchConfig Parse(string text, string file)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = One("");
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        TomlSection search = One("search");
        TomlSection land = One("search.land");
        SearchConfig config = new(
            MaxSwaps: (int)search.Number("maxSwaps", 4),
            MaxCrossings: (int)search.Number("maxCrossings", 4),
            MinNetMicroUsd: (long)search.Number("minNetMicroUsd"),
            MaxInputMicroUsd: search.Number("maxInputMicroUsd"),
            MaxStateAgeSeconds: (long)search.Number("maxStateAgeSeconds"),
            Top: (int)search.Number("top", 10_000),
            LandPpm: ImmutableDictionary<Guarantee, uint>.Empty
                .Add(Guarantee.Transaction, land.Pips("transaction"))
                .Add(Guarantee.Inventory, land.Pips("inventory")),
            Numeraires: [.. search.List("numeraires", name => name)],
            Gas: Gas(One("gas")),
            Chains: Many("chain", Chain),
            Groups: Many("group", Group),
            Clusters: Many("cluster", ClusterOf),
            Suspects: Many("suspect", Suspect),
            Routing: Tables("routing") is [] ? null : Routing(One("routing")))
        {
            Learns = !search.Has("learn") || search.Flag("learn"),
        };
        if (config.MaxSwaps < 2) throw search.Fault("maxSwaps", "must be 2, 3 or 4");
        foreach ((string name, TomlSection section) in sections)
        {
            if (name is not ("" or "search" or "search.land" or "routing" or "gas" or "chain"
                or "group" or "cluster" or "suspect"))
                throw section.Fault("[" + name + "]", "is not a table of this file");
            section.End();
        }
        Check(config, Tables);
        return config;

        TomlSection[] Tables(string name) =>
            [.. sections.Where(s => s.Name == name).Select(s => s.Section)];

        TomlSection One(string name) => Tables(name) is [TomlSection only]
            ? only
            : throw new RefusedException($"{file}:1: there must be one [{name}]");

        ImmutableArray<T> Many<T>(string name, Func<TomlSection, T> read) =>
            [.. Tables(name).Select(read)];
    }

    /// <summary>The search over all pools at once; without the table, or with it off, there is
    /// none.</summary>
    private static RouteRules? Routing(TomlSection routing)
    {
        RouteRules rules = new(
            routing.Pips("gapPpm"), (int)routing.Number("maxEvaluations", 1_000_000),
            (int)routing.Number("maxPasses", 100));
        if (routing.Has("device"))
            rules = rules with { Device = routing.Text("device", Device) };
        if (routing.Has("devicePools"))
            rules = rules with { DevicePools = (int)routing.Number("devicePools", int.MaxValue) };
        return routing.Flag("on") ? rules : null;
    }

    private static RouteDevice Device(string text) => text switch
    {
        "none" => RouteDevice.None,
        "best" => RouteDevice.Best,
        "cuda" => RouteDevice.Cuda,
        "opencl" => RouteDevice.OpenCl,
        "processor" => RouteDevice.Processor,
        _ => throw new FormatException(
            $"'{text}' is none of none, best, cuda, opencl and processor"),
    };

    private static GasTable Gas(TomlSection gas)
    {
        GasTable table = new(
            gas.Number("transaction"), gas.Number("flashLoan"), gas.Number("constantProduct"),
            gas.Number("solidly"), gas.Number("concentrated"), gas.Number("tickCrossing"));
        return gas.Has("weighted") ? table with { Weighted = gas.Number("weighted") } : table;
    }

    private static ChainCosts Chain(TomlSection chain) => new(
        chain.Text("id", ChainId.Parse), chain.Text("name"),
        chain.Text("gasAsset", AssetId.Parse), chain.Text("gasPricedAs", AssetId.Parse),
        chain.Text("gasPriceWei", Wei), chain.Text("dataFeeWei", Wei),
        chain.Pips("flashLoanFeePips"));

    private static AssetGroup Group(TomlSection group) => new(
        group.Text("name"), [.. group.List("assets", AssetId.Parse)],
        group.Pips("rebalanceFeePips", 400_000), group.Pips("timeRiskPips", 400_000),
        group.Number("fixedMicroUsd"))
    {
        TimeRiskSeconds = group.Has("timeRiskSeconds")
            ? (uint)group.Number("timeRiskSeconds", MostSeconds) : 0,
    };

    private static Cluster ClusterOf(TomlSection cluster) =>
        new(cluster.Text("name"), [.. cluster.List("chains", ChainId.Parse)]);

    private static SuspectToken Suspect(TomlSection suspect) => new(
        suspect.Text("asset", AssetId.Parse), suspect.Text("reason", SuspectReason),
        suspect.Text("source"));

    private static UInt256 Wei(string text) =>
        UInt256.TryParse(text, null, out UInt256 wei) && wei.FitsUInt64
            ? wei
            : throw new FormatException($"'{text}' is not a number of wei below 2^64");

    private static Reason SuspectReason(string text) => text switch
    {
        "fee-on-transfer" => Reason.FeeOnTransfer,
        "rebasing" => Reason.Rebasing,
        _ => throw new FormatException($"'{text}' is neither fee-on-transfer nor rebasing"),
    };

    /// <summary>What no single table can know of the others; each fault names the later table.
    /// </summary>
    private static void Check(SearchConfig config, Func<string, TomlSection[]> tables)
    {
        HashSet<ChainId> chains = [];
        Each("chain", config.Chains, (chain, table) =>
        {
            if (!chains.Add(chain.Chain)) throw table.Fault("id", "is listed twice");
        });
        HashSet<string> groups = [];
        HashSet<AssetId> grouped = [];
        Each("group", config.Groups, (group, table) =>
        {
            if (!groups.Add(group.Name)) throw table.Fault("name", "is used twice");
            if (group.Assets.Select(a => a.Chain).Distinct().Count() < group.Assets.Length)
                throw table.Fault("assets", "has two assets on one chain");
            foreach (AssetId asset in group.Assets)
                if (!grouped.Add(asset)) throw table.Fault("assets", $"names {asset} again");
        });
        HashSet<string> clusters = [];
        Each("cluster", config.Clusters, (cluster, table) =>
        {
            if (!clusters.Add(cluster.Name)) throw table.Fault("name", "is used twice");
            foreach (ChainId chain in cluster.Chains)
                if (!chains.Contains(chain)) throw table.Fault("chains", $"{chain} is not listed");
        });
        HashSet<AssetId> suspects = [];
        Each("suspect", config.Suspects, (suspect, table) =>
        {
            if (!suspects.Add(suspect.Asset)) throw table.Fault("asset", "is listed twice");
        });
        foreach (string name in config.Numeraires)
            if (!groups.Contains(name))
                throw tables("search")[0].Fault("numeraires", $"names no group {name}");

        void Each<T>(string name, ImmutableArray<T> items, Action<T, TomlSection> check)
        {
            for (int i = 0; i < items.Length; i++) check(items[i], tables(name)[i]);
        }
    }
}
