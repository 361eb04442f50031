// why: what each stage decided of one opportunity, trade or bundle, with its numbers and reason.
using System.CommandLine;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Records;
using Lockstep.Tools.Report;

namespace Lockstep.Tools;

/// <summary>The tool <c>why</c>.</summary>
public static class Why
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "why",
        "tells what each stage decided of an opportunity, trade or bundle, and why",
        ["opportunity", "trade", "bundle", "plan", "outcome"],
        [],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string> id = new("id")
        {
            Description = "An opportunity's or trade's id, a bundle's name, or its journal's id.",
        };
        Argument<string[]> sources = new("source")
        {
            Description = "Record logs and files of lines, in the order of the stages.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        command.Add(id);
        command.Add(sources);
        command.Add(json);
        return (host, options) =>
        {
            string asked = options.GetRequiredValue(id);
            if (asked.Length == 0) throw new UsageException("the id is empty");
            WhyBook book = new(asked);
            foreach (string source in options.GetRequiredValue(sources))
                Read(host, source, book);
            if (book.Steps.Count == 0)
            {
                string near = string.Join(", ", book.Near);
                throw new RefusedException($"nothing there is called '{asked}'"
                    + (near.Length > 0 ? $"; near it: {near}" : ""));
            }
            if (options.GetValue(json))
            {
                WhyPage.WriteJson(asked, book.Steps, host.Out);
                host.Out.Write("\n"u8);
            }
            else host.WriteLine(WhyPage.Text(asked, book.Steps));
            return ExitCode.Ok;
        };
    }

    private static void Read(ToolHost host, string source, WhyBook book)
    {
        if (Directory.Exists(source)) WhyLog.Read(source, book, host.Say);
        else
            foreach ((_, Line line) in Sources.Lines(host, source)) book.Take(line);
    }
}
