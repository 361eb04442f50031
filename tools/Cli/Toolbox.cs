// Toolbox: the one list of tools; the binary, the launcher and bin/ all read it.
using System.Text;

namespace Lockstep.Tools.Cli;

/// <summary>Every tool of the house, in the order in which data flows through them.</summary>
public static class Toolbox
{
    /// <summary>The rows. A new tool is one new file and one new line here.</summary>
    public static IReadOnlyList<Tool> All { get; } =
    [
        Detector.Row,
        Aggregator.Row,
        Replay.Row,
        Diff.Row,
        Backtest.Row,
        Why.Row,
        Calibrate.Row,
        ToolList.Row,
        Import.Row,
        BundleParser.Row,
        TypeChecker.Row,
        BundleWriter.Row,
        BridgeSelector.Row,
        GasOptimizer.Row,
        Executor.Row,
        Doctor.Row,
        Monitor.Row,
        OutcomeReport.Row,
        Deployer.Row,
        Signer.Row,
    ];

    /// <summary>The version of the binary, three numbers with dots.</summary>
    public static string Version { get; } =
        typeof(Toolbox).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The tool called <paramref name="name"/>, or null.</summary>
    public static Tool? Find(string? name) =>
        All.FirstOrDefault(tool => string.Equals(tool.Name, name, StringComparison.Ordinal));

    /// <summary>The page that <c>lockstep --help</c> prints.</summary>
    public static string Overview()
    {
        int width = All.Max(tool => tool.Name.Length) + 2;
        StringBuilder page = new();
        page.Append("usage: lockstep TOOL [options]    (or bin/TOOL [options])\n\ntools:\n");
        foreach (Tool tool in All)
        {
            page.Append("  ").Append(tool.Name.PadRight(width)).Append(tool.Mission).Append('\n');
        }
        page.Append("\nEvery tool has --help, --version and --schema; data on stdout, words on ")
            .Append("stderr;\nexit 0 done, 1 refused or failed, 2 wrong command line.");
        return page.ToString();
    }
}
