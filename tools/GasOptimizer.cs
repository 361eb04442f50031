// gas-optimizer: turns each bundle line into a plan line: transactions, gas before and after.
using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Bundles.Gas.Rules;
using Lockstep.Bundles.Writing;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>The tool <c>gas-optimizer</c>; docs/gas.md describes model and rules.</summary>
public static class GasOptimizer
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "gas-optimizer",
        "Turns bundles into plans: transactions, order, modelled gas before and after.",
        reads: ["price", "bundle"],
        writes: ["plan"],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> gas = new("--gas")
        {
            Description = $"Gas figures. [default: {GasFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<bool> naive = new("--naive")
        {
            Description = "Apply no rule: the plan as the bundle is written.",
        };
        command.Add(gas);
        command.Add(naive);
        Func<ParseResult, CrossingSettings> crossings = BridgeSelector.Settings(command);
        return (host, options) =>
        {
            CrossingSettings settings = crossings(options);
            Desk desk = new(host.Say, settings, GasFile.Read(options.GetValue(gas)),
                options.GetValue(naive) ? [] : PlanRule.All);
            foreach (FeedLine line in FeedReader.Read(host.In, "stdin", host.Out.Flush))
            {
                if (line.Line is PriceLine price) BridgeSelector.Take(price, settings);
                if (line.Line is not BundleLine bundle) LineCodec.Write(line.Line, host.Out);
                else if (desk.Plan(line, bundle) is { } plan) LineCodec.Write(plan, host.Out);
            }
            return desk.Clean ? ExitCode.Ok : ExitCode.Failed;
        };
    }

    /// <summary>Arrivals of the ways across that the gas table does not name: the median.</summary>
    private static GasTable Timed(GasTable table, BridgeTable bridges)
    {
        var arrivals = table.ArrivalMs.ToBuilder();
        foreach (BridgeCandidate way in bridges.Candidates)
            arrivals.TryAdd(way.Id, 1000 * way.Time.P50Seconds);
        return table with { ArrivalMs = arrivals.ToImmutable() };
    }

    /// <summary>Plans bundles one by one. One that can't be planned is said and left out; the
    /// others go on.</summary>
    internal sealed class Desk(
        Action<string> say, CrossingSettings settings, GasTable gas,
        ImmutableArray<PlanRule> rules)
    {
        private readonly GasModel model = new(Timed(gas, settings.Table));

        public bool Clean { get; private set; } = true;

        public PlanLine? Plan(FeedLine at, BundleLine line)
        {
            string place = $"{at.File}:{at.Number}";
            if (BundleJson.FromLine(line, out LineFault wrong) is not { } bundle)
            {
                Refuse(place, $"{wrong.Field}: {wrong.Message}");
                return null;
            }
            place += $": bundle {line.Name}";
            if (Chosen(bundle, place, out JsonElement? crossings) is not { } whole) return null;
            if (Lowering.Lower(whole, model.Table, out LoweringFault? fault) is not { } plan)
            {
                Refuse(place, fault!.Words);
                return null;
            }
            PlanLine planned =
                PlanJson.ToLine(whole, Optimizer.Optimize(plan, model, rules), model);
            if (crossings is { } why)
                planned.Extra = new Dictionary<string, JsonElement> { [BridgeSelector.Part] = why };
            return Within(planned, place) ? planned : null;
        }

        /// <summary>The bundle with a bridge wherever it left the choice open; null, and said,
        /// where there is no way across.</summary>
        private Bundle? Chosen(Bundle bundle, string place, out JsonElement? crossings)
        {
            crossings = null;
            if (!Lowering.LeavesBridgesOpen(bundle)) return bundle;
            Bundle? chosen = BundleCrossings.Choose(
                bundle, settings, out ImmutableArray<BundleCrossing> found, out string? refusal);
            if (chosen is null) Refuse(place, refusal!);
            else crossings = BridgeSelector.Explain(found);
            return chosen;
        }

        private bool Within(PlanLine planned, string place)
        {
            bool within = true;
            foreach (PlanGas gas in planned.Gas)
            {
                if (gas.Limit is not { } limit || gas.After <= limit) continue;
                Refuse(place, $"{gas.After} gas on {gas.Chain} are over its limit of {limit}; "
                    + "raise the limit or take fewer steps");
                within = false;
            }
            return within;
        }

        private void Refuse(string place, string words)
        {
            say($"{place}: {words}");
            Clean = false;
        }
    }
}
