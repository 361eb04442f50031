// calibrate: chances of landing, learnt in order of time, held against what came of chosen trades.
using System.CommandLine;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Records;
using Lockstep.Tools.Report;

namespace Lockstep.Tools;

/// <summary>The tool <c>calibrate</c>.</summary>
public static class Calibrate
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "calibrate",
        "holds learnt chances of landing against what came, in order of time, and baselines",
        ["trade", "outcome"],
        [],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> sources = new("source")
        {
            Description = "One record log, or files with trade and outcome lines.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> config = new("--config")
        {
            Description = $"Settings of files' trades. [default: {ConfigFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        command.Add(sources);
        command.Add(config);
        command.Add(json);
        return (host, options) =>
        {
            string[] from = options.GetRequiredValue(sources);
            Feedback feedback = from.Length == 1 && Directory.Exists(from[0])
                ? RunLog.Guarded(() => FeedbackFold.Of(
                    run => RunLog.Settings(run, options.GetValue(config)),
                    RunLog.Records(host, from[0])))
                    ?? throw new RefusedException($"{from[0]}: no run begins in this log")
                : OfFiles(host, from, ConfigFile.Read(options.GetValue(config)));
            if (options.GetValue(json))
            {
                CalibrationPage.WriteJson(feedback, host.Out);
                host.Out.Write("\n"u8);
            }
            else host.WriteLine(CalibrationPage.Text(feedback));
            return ExitCode.Ok;
        };
    }

    /// <summary>Trades at their slots' ends, outcomes when they were sure; a chance is thus told
    /// by what was known when the trade was chosen.</summary>
    private static Feedback OfFiles(ToolHost host, string[] files, SearchConfig config)
    {
        List<(long AtMs, Line Line)> lines = [];
        foreach (string file in files)
            foreach ((_, Line line) in Sources.Lines(host, file))
                if (line is TradeLine trade) lines.Add(((trade.Slot + 1) * 1000, trade));
                else if (line is OutcomeLine outcome) lines.Add((outcome.EndedMs, outcome));
        Feedback feedback = new(config);
        foreach ((long at, Line line) in lines.OrderBy(one => one.AtMs))
            if (line is TradeLine trade) feedback.Choose(trade);
            else feedback.Take((OutcomeLine)line, at / 1000);
        return feedback;
    }
}
