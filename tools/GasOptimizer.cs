// gas-optimizer: turns each bundle line into a plan line: transactions, gas before and after.
using System.CommandLine;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
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
        reads: ["bundle"],
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
        return (host, options) =>
        {
            GasModel model = new(GasFile.Read(options.GetValue(gas)));
            bool clean = true;
            foreach (FeedLine line in FeedReader.Read(host.In, "stdin", host.Out.Flush))
            {
                if (line.Line is BundleLine bundle)
                    clean &= Plan(host, line, bundle, model, options.GetValue(naive));
                else
                    LineCodec.Write(line.Line, host.Out);
            }
            return clean ? ExitCode.Ok : ExitCode.Failed;
        };
    }

    /// <summary>A bundle that can't be planned is said and left out; the others go on.</summary>
    private static bool Plan(
        ToolHost host, FeedLine at, BundleLine line, GasModel model, bool naive)
    {
        string place = $"{at.File}:{at.Number}";
        if (BundleJson.FromLine(line, out LineFault wrong) is not { } bundle)
        {
            host.Say($"{place}: {wrong.Field}: {wrong.Message}");
            return false;
        }
        if (Lowering.Lower(bundle, model.Table, out LoweringFault? fault) is not { } plan)
        {
            host.Say($"{place}: bundle {line.Name}: {fault!.Words}");
            return false;
        }
        Optimized optimized = naive
            ? Optimizer.Optimize(plan, model, [])
            : Optimizer.Optimize(plan, model);
        PlanLine planned = PlanJson.ToLine(bundle, optimized, model);
        bool within = true;
        foreach (PlanGas gas in planned.Gas)
        {
            if (gas.Limit is not { } limit || gas.After <= limit) continue;
            host.Say($"{place}: bundle {line.Name}: {gas.After} gas on {gas.Chain} are over its "
                + $"limit of {limit}; raise the limit or take fewer steps");
            within = false;
        }
        if (within) LineCodec.Write(planned, host.Out);
        return within;
    }
}
