// BundlePipe: from a trade to a plan in one call, by the code of the pipe's tools, text and all.
using System.Collections.Immutable;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas.Rules;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Writing;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Service.Config;
using Lockstep.Tools;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;

namespace Lockstep.Service.Stages;

/// <summary>bundle-writer, bundle-parser, type-checker, bridge-selector and gas-optimizer behind
/// one another. A trade that one of them refuses has no plan; which one, and why, is said.
/// </summary>
internal sealed class BundlePipe
{
    private readonly TokenBook tokens = new();
    private readonly TradeWriter writer;
    private readonly CheckPolicy policy;
    private readonly CrossingSettings crossings;
    private readonly GasOptimizer.Desk optimizer;
    private readonly Action<BundleLine>? wrote;
    private string said = "";

    /// <summary>A pipe.</summary>
    /// <param name="search">The settings of the search.</param>
    /// <param name="files">Names the files of the others.</param>
    /// <param name="wrote">Gets each bundle that is checked and has its crossings, before it is
    /// planned; null is nobody.</param>
    /// <exception cref="RefusedException">A file is missing or wrong.</exception>
    public BundlePipe(SearchConfig search, RunSettings files, Action<BundleLine>? wrote = null)
    {
        this.wrote = wrote;
        writer = new TradeWriter(BundlesFile.Read(files.BundlesPath, search, null), tokens);
        policy = CheckPolicy.Of(TimelocksFile.Read(files.TimelocksPath));
        crossings = BridgeSelector.Settings(search, files.BridgesPath, files.CrossingsPath);
        optimizer = new GasOptimizer.Desk(
            words => said = words, crossings, GasFile.Read(files.GasPath), PlanRule.All);
    }

    /// <summary>Takes what trades are written with: tokens, prices.</summary>
    public void Take(Line line)
    {
        if (line is TokenLine token) tokens.Take(token);
        if (line is PriceLine price) BridgeSelector.Take(price, crossings);
    }

    /// <summary>A trade's plan.</summary>
    /// <param name="trade">The trade.</param>
    /// <param name="refusedBy">The tool that refused it, or empty.</param>
    /// <param name="words">Why.</param>
    /// <returns>The plan, or null.</returns>
    public PlanLine? Plan(TradeLine trade, out string refusedBy, out string words)
    {
        (refusedBy, words) = ("bundle-writer", "");
        FeedLine place = new(new UnknownLine("", default), trade.Id, 1);
        try
        {
            if (writer.Write(trade, out LineFault? fault) is not { } written)
            {
                words = $"{fault?.Field}: {fault?.Message}";
                return null;
            }
            refusedBy = "bundle-parser";
            ParsedBundles parsed = Parser.Parse(Printer.Print(written));
            if (!parsed.IsClean || parsed.Bundles is not [Bundle bundle])
            {
                words = Words(parsed.Diagnostics);
                return null;
            }
            refusedBy = "type-checker";
            CheckResult check = Checker.Check(bundle, policy);
            if (check.Type is not { } type)
            {
                words = Words(check.Diagnostics);
                return null;
            }
            refusedBy = "bridge-selector";
            BundleLine chosen = BridgeSelector.Choose(
                BundleJson.ToLine(bundle) with { Check = type }, crossings, place);
            wrote?.Invoke(chosen);
            refusedBy = "gas-optimizer";
            PlanLine? plan = optimizer.Plan(place, chosen);
            words = plan is null ? said : "";
            if (plan is not null) refusedBy = "";
            return plan;
        }
        catch (RefusedException e)
        {
            words = e.Message;
            return null;
        }
    }

    private static string Words(ImmutableArray<Diagnostic> found) =>
        found.IsDefaultOrEmpty ? "" : found[0].Message;
}
