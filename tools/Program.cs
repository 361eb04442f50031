// Program: the front door of the binary; picks a tool by name and turns every ending into a code.
using Lockstep.Tools.Cli;

namespace Lockstep.Tools;

/// <summary>
/// Runs one tool and exits 0 (done, or the reader of stdout left), 1 (refused or failed) or
/// 2 (usage). The name is argv[0]'s file name (<c>bin/detector</c>) or else the first argument
/// (<c>lockstep detector</c>).
/// </summary>
public static class Program
{
    private const string House = "lockstep";

    /// <summary>The process's entry point.</summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        string calledAs = Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]);
        if (Toolbox.Find(calledAs) is { } named)
        {
            return RunTool(named, args);
        }
        if (args.Length > 0 && Toolbox.Find(args[0]) is { } asked)
        {
            return RunTool(asked, args[1..]);
        }
        return RunGuarded(House, host => GreetOrRefuse(host, args));
    }

    private static int RunTool(Tool tool, string[] args) =>
        RunGuarded(tool.Name, host => tool.Run(host, args));

    private static int GreetOrRefuse(ToolHost host, string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "--help" or "-h" or "help":
                host.WriteLine(Toolbox.Overview());
                return ExitCode.Ok;
            case "--version":
                host.WriteLine($"{House} {Toolbox.Version}");
                return ExitCode.Ok;
            case null:
                host.Say("name a tool; `lockstep tools` lists them, `lockstep --help` explains");
                return ExitCode.Usage;
            case var unknown:
                host.Say($"there is no tool '{unknown}'; `lockstep tools` lists them");
                return ExitCode.Usage;
        }
    }

    /// <summary>No exception passes this line: each becomes one line of words and a code.</summary>
    internal static int RunGuarded(string name, Func<ToolHost, int> body)
    {
        using ToolHost host = new(name);
        try
        {
            int code = body(host);
            host.Out.Flush();
            return code;
        }
        catch (OutputClosedException)
        {
            // `| head` took what it wanted and left: that is how pipes end, not a failure.
            return ExitCode.Ok;
        }
        catch (UsageException wrong)
        {
            host.Out.TryFlush();
            host.Say($"{wrong.Message}; try '{name} --help'");
            return ExitCode.Usage;
        }
#pragma warning disable CA1031 // The edge of the process: whatever it is, it ends in words here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            host.Out.TryFlush();
            Explain(host, failure);
            return ExitCode.Failed;
        }
    }

    private static void Explain(ToolHost host, Exception failure)
    {
        bool trace = Environment.GetEnvironmentVariable("LOCKSTEP_TRACE") == "1";
        string cause = failure is RefusedException or IOException or UnauthorizedAccessException
            ? failure.Message
            : $"stopped by {failure.GetType().Name}: {failure.Message}"
                + (trace ? "" : " (LOCKSTEP_TRACE=1 shows where)");
        host.Say(trace ? failure.ToString() : OneLine(cause));
    }

    private static string OneLine(string words) => words.ReplaceLineEndings(" ").Trim();
}
