// report: outcome lines in, with plan lines where there are some; a page of how they ended, how
// fast, at what gas and profit.
using System.CommandLine;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Report;

namespace Lockstep.Tools;

/// <summary>The tool <c>report</c>.</summary>
public static class OutcomeReport
{
    private const string StandardInput = "-";

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "report",
        "Counts outcomes: how plans ended, how fast, gas as modelled and used, profit.",
        reads: ["plan", "outcome"],
        writes: ["report"],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> files = new("file")
        {
            Description = "Files of lines, in any order; - or none is stdin.",
            DefaultValueFactory = _ => [StandardInput],
        };
        Option<bool> json = new("--json") { Description = "Print a line instead of a page." };
        command.Add(files);
        command.Add(json);
        return (host, options) =>
        {
            OutcomeTally tally = new();
            foreach (string file in options.GetRequiredValue(files))
                foreach (FeedLine line in Lines(host, file)) tally.Take(line.Line);
            ReportLine report = tally.Report();
            if (options.GetValue(json)) LineCodec.Write(report, host.Out);
            else host.WriteLine(OutcomePage.Text(report));
            return ExitCode.Ok;
        };
    }

    private static IEnumerable<FeedLine> Lines(ToolHost host, string file)
    {
        if (file == StandardInput)
        {
            foreach (FeedLine line in FeedReader.Read(host.In, "stdin")) yield return line;
            yield break;
        }
        if (!File.Exists(file)) throw new RefusedException($"{file}: no such file");
        using FileStream lines = File.OpenRead(file);
        foreach (FeedLine line in FeedReader.Read(lines, file)) yield return line;
    }
}
