// Program: the front door of the service: run, run load, run history and page, with their options.
using Lockstep.Tools.Cli;

namespace Lockstep.Service;

/// <summary>Ends as the tools do: 0 done, 1 refused or failed, 2 usage.</summary>
public static class Program
{
    private static readonly (string[] Words, Tool Tool)[] Tools =
    [
        (["run", "load"], LoadTool.Row),
        (["run", "history"], HistoryTool.Row),
        (["run"], RunTool.Row),
        (["page"], PageTool.Row),
    ];

    /// <summary>The process's entry point.</summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        foreach ((string[] words, Tool tool) in Tools)
            if (args.Take(words.Length).SequenceEqual(words))
                return Lockstep.Tools.Program.RunGuarded(
                    tool.Name, host => tool.Run(host, args[words.Length..]));
        using ToolHost greeting = new("lockstep");
        greeting.Say("say run, run load, run history or page; each has --help");
        return ExitCode.Usage;
    }
}
