// Tool: one row of the tool table, and the options every tool answers in the same way.
using System.CommandLine;
using System.CommandLine.Help;

namespace Lockstep.Tools.Cli;

/// <summary>What a tool does once its options are read; gives an <see cref="ExitCode"/>.</summary>
public delegate int ToolBody(ToolHost host, ParseResult options);

/// <summary>
/// A tool: its name, its one-line mission, the line kinds it reads and writes, and a function that
/// declares its options on a command and returns its body. A tool's file holds one such row:
/// <code>
/// public static Tool Row { get; } =
///     new("detector", "Finds ...", reads: ["pool"], writes: ["opportunity"], Define);
/// </code>
/// </summary>
public sealed class Tool(
    string name,
    string mission,
    IReadOnlyList<string> reads,
    IReadOnlyList<string> writes,
    Func<Command, ToolBody> define)
{
    /// <summary>What the tool is called, on the command line and in <c>bin/</c>.</summary>
    public string Name { get; } = name;

    /// <summary>What it does, in one line, as <c>tools</c> and <c>--help</c> print it.</summary>
    public string Mission { get; } = mission;

    /// <summary>The line kinds it reads, each with a schema.</summary>
    public IReadOnlyList<string> Reads { get; } = reads;

    /// <summary>The line kinds it writes, each with a schema.</summary>
    public IReadOnlyList<string> Writes { get; } = writes;

    /// <summary>Parses <paramref name="args"/>; runs the tool or answers a common option.</summary>
    /// <exception cref="UsageException">The command line does not parse.</exception>
    /// <exception cref="RefusedException">The tool says no; see its message.</exception>
    public int Run(ToolHost host, IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(host);
        Command command = new(Name, Mission);
        HelpOption help = new();
        Option<bool> version = new("--version") { Description = "Print the version." };
        Option<string?> schema = new("--schema")
        {
            Description = SchemaWords(),
            HelpName = "kind",
            Arity = ArgumentArity.ZeroOrOne,
        };
        ToolBody body = define(command);
        command.Add(schema);
        command.Add(version);
        command.Add(help);

        // No response files: an argument that starts with @ is that argument.
        ParseResult options = command.Parse(args, new() { ResponseFileTokenReplacer = null });
        if (options.GetResult(help) is { Implicit: false })
        {
            return PrintHelp(host, options);
        }
        if (options.GetResult(version) is { Implicit: false })
        {
            host.WriteLine($"{Name} {Toolbox.Version}");
            return ExitCode.Ok;
        }
        if (options.GetResult(schema) is { Implicit: false })
        {
            return PrintSchemas(host, options.GetValue(schema));
        }
        if (options.Errors.Count > 0)
        {
            throw new UsageException(options.Errors[0].Message.TrimEnd('.'));
        }
        return body(host, options);
    }

    private static int PrintHelp(ToolHost host, ParseResult options)
    {
        using StringWriter page = new();
        options.Invoke(new() { Output = page, Error = page });
        host.WriteLine(page.ToString().Trim());
        return ExitCode.Ok;
    }

    private int PrintSchemas(ToolHost host, string? kind)
    {
        List<string> kinds = [.. Reads.Concat(Writes).Distinct(StringComparer.Ordinal)];
        if (kind is not null && !kinds.Contains(kind, StringComparer.Ordinal))
        {
            throw new UsageException(
                $"no '{kind}' lines here; {Name} reads {Listed(Reads)}, writes {Listed(Writes)}");
        }
        foreach (string wanted in kind is null ? kinds : [kind])
        {
            host.Out.Write(Schemas.Of(wanted));
        }
        return ExitCode.Ok;
    }

    private string SchemaWords() =>
        $"Print the JSON schema of one kind, or of all. Reads {Listed(Reads)}; "
        + $"writes {Listed(Writes)}.";

    private static string Listed(IReadOnlyList<string> kinds) =>
        kinds.Count == 0 ? "none" : string.Join(", ", kinds);
}
