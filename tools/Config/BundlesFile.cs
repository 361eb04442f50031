// BundlesFile: reads bundles.toml into the settings of the writer; refuses what it does not know.
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Writing;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The file of bounds, lenders and vaults.</summary>
public static class BundlesFile
{
    private const int Version = 1;

    /// <summary>Where the file is when nobody says otherwise, from the repository's
    /// folder.</summary>
    public const string DefaultPath = "config/bundles.toml";

    /// <summary>Reads a file, or the default one.</summary>
    /// <param name="path">The file, or null.</param>
    /// <param name="search">What trades were found with: names, gas prices, loan fees.</param>
    /// <param name="slippagePips">What to put in place of the file's slippage, or null.</param>
    /// <exception cref="RefusedException">The file can't be read or says something
    /// wrong.</exception>
    public static WriterSettings Read(string? path, SearchConfig search, uint? slippagePips)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath);
        string shown = path ?? DefaultPath;
        if (!File.Exists(file)) throw new RefusedException($"{shown}: no such file");
        return Parse(File.ReadAllText(file), shown, search, slippagePips);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static WriterSettings Parse(
        string text, string file, SearchConfig search, uint? slippagePips)
    {
        ArgumentNullException.ThrowIfNull(search);
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = sections[0].Section;
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        WriterBounds bounds = Bounds(top);
        List<WriterChain> chains = [];
        SettledTerms? settled = null;
        for (int i = 1; i < sections.Count; i++)
        {
            (string name, TomlSection section) = sections[i];
            if (name == "chain")
                chains.Add(Chain(section, search, sections.Skip(i + 1)));
            else if (name == "settled" && settled is null) settled = Settled(section);
            else if (name != "chain.lp" || sections[i - 1].Name is not ("chain" or "chain.lp"))
                throw section.Fault("[" + name + "]", name == "chain.lp"
                    ? "follows no [[chain]]: put it right behind its chain"
                    : "is not a table of this file, or there twice");
        }
        foreach ((_, TomlSection section) in sections) section.End();
        try
        {
            return new(
                bounds with { SlippagePips = slippagePips ?? bounds.SlippagePips }, chains,
                Symbols(search), settled);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException($"{file}: {e.Message}");
        }
    }

    private static WriterBounds Bounds(TomlSection top) => new(
        top.Pips("slippagePips"),
        top.Pips("swapBackLossPips"),
        top.Pips("netSharePips"),
        top.Pips("gasHeadroomPips", 100 * WriterBounds.Whole),
        top.Pips("ttlSeconds", WriterBounds.MaxSeconds),
        top.Pips("holdSeconds", WriterBounds.MaxSeconds));

    private static SettledTerms Settled(TomlSection section) => new(
        section.Flag("preferred"),
        section.Text("committee"),
        (int)section.Number("threshold", Certificate.MaxMembers),
        (int)section.Number("members", Certificate.MaxMembers),
        section.Pips("escapeSeconds", WriterBounds.MaxSeconds),
        section.Pips("loanFeePips"),
        section.Pips("minBondPips"),
        section.Pips("rewardCapPips"),
        section.Pips("ltvPips", SettledTerms.MaxLtvPips),
        section.Pips("slackPips"),
        section.Pips("unwindLossPips"),
        section.Number("gasUnits", SettledTerms.MaxGasUnits),
        section.Number("leastNetMicroUsd", SettledTerms.MaxLeastNet));

    private static WriterChain Chain(
        TomlSection section, SearchConfig search,
        IEnumerable<(string Name, TomlSection Section)> following)
    {
        ChainId id = section.Text("id", ChainId.Parse);
        ChainCosts costs = search.Chains.FirstOrDefault(chain => chain.Chain == id)
            ?? throw section.Fault("id", "is no chain of the search's settings");
        return new WriterChain(
            id, costs.Name, costs.GasPriceWei,
            new(section.Text("lender"), section.Text("lenderAccount", AccountId.Parse)),
            costs.FlashLoanFeePips,
            new(section.Text("vault"), section.Text("vaultAccount", AccountId.Parse)),
            Settled(section, following));
    }

    /// <summary>A chain with vaults that lend settles; the others say nothing of it.</summary>
    private static SettledChain? Settled(
        TomlSection chain, IEnumerable<(string Name, TomlSection Section)> following)
    {
        LpVault[] vaults =
        [
            .. following.TakeWhile(next => next.Name == "chain.lp")
                .Select(next => Vault(next.Section)),
        ];
        return vaults.Length == 0 ? null : new SettledChain(
            chain.Text("committeeAccount", AccountId.Parse),
            chain.Text("searcherAccount", AccountId.Parse), [.. vaults]);
    }

    private static LpVault Vault(TomlSection section)
    {
        AssetId[] assets = section.List("assets", AssetId.Parse);
        return assets.Length != 2 ? throw section.Fault("assets", "must be two")
            : new LpVault(
                new(section.Text("name"), section.Text("account", AccountId.Parse)), assets[0],
                assets[1]);
    }

    /// <summary>An asset is called as its group: the same on every chain.</summary>
    private static Dictionary<AssetId, string> Symbols(SearchConfig search) =>
        search.Groups.SelectMany(group => group.Assets.Select(asset => (asset, group.Name)))
            .ToDictionary(pair => pair.asset, pair => pair.Name);
}
