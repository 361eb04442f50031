// ToolList: `tools` prints the tool table, as text or as lines of kind "tool".
using System.CommandLine;
using System.Text.Json;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools;

/// <summary>The tool <c>tools</c>; the launcher fills <c>bin/</c> from it.</summary>
public static class ToolList
{
    /// <summary>This tool's row in the <see cref="Toolbox"/>.</summary>
    public static Tool Row { get; } = new(
        "tools",
        "Prints the name and the mission of every tool, one a line.",
        reads: [],
        writes: ["tool"],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<bool> json = new("--json") { Description = "One JSON line of kind \"tool\" each." };
        command.Add(json);
        return (host, options) =>
        {
            foreach (Tool tool in Toolbox.All)
            {
                Print(host, tool, options.GetValue(json));
            }
            return ExitCode.Ok;
        };
    }

    private static void Print(ToolHost host, Tool tool, bool asJson)
    {
        if (!asJson)
        {
            host.WriteLine($"{tool.Name}\t{tool.Mission}");
            return;
        }
        using (Utf8JsonWriter line = new(host.Out))
        {
            line.WriteStartObject();
            line.WriteNumber("v"u8, 1);
            line.WriteString("kind"u8, "tool"u8);
            line.WriteString("name"u8, tool.Name);
            line.WriteString("mission"u8, tool.Mission);
            WriteKinds(line, "reads", tool.Reads);
            WriteKinds(line, "writes", tool.Writes);
            line.WriteEndObject();
        }
        host.Out.Write("\n"u8);
    }

    private static void WriteKinds(Utf8JsonWriter line, string name, IReadOnlyList<string> kinds)
    {
        line.WriteStartArray(name);
        foreach (string kind in kinds)
        {
            line.WriteStringValue(kind);
        }
        line.WriteEndArray();
    }
}
