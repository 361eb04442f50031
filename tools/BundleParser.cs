// bundle-parser: reads the bundle language; one JSON line a bundle out, or the text laid out anew.
using System.CommandLine;
using System.Text;
using Lockstep.Bundles.Dsl;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools;

/// <summary>The tool <c>bundle-parser</c>; docs/language.md describes the language.</summary>
public static class BundleParser
{
    private const string StandardInput = "-";

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "bundle-parser",
        "Reads bundles in the bundle language and prints each as a line, or lays the text out.",
        reads: [],
        writes: ["bundle"],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> files = new("file")
        {
            Description = "Files to read; - or none is stdin.",
            DefaultValueFactory = _ => [StandardInput],
        };
        Option<bool> format = new("--format")
        {
            Description = "Print the text laid out anew, with its comments, instead of lines.",
        };
        command.Add(files);
        command.Add(format);
        return (host, options) =>
        {
            bool layOut = options.GetValue(format);
            bool clean = true;
            foreach (string file in options.GetRequiredValue(files))
                clean &= layOut ? LayOut(host, file) : Print(host, file);
            return clean ? ExitCode.Ok : ExitCode.Failed;
        };
    }

    private static bool Print(ToolHost host, string file)
    {
        string source = Read(host, file);
        ParsedBundles result = Parser.Parse(source);
        foreach (Bundle bundle in result.Bundles)
            LineCodec.Write(BundleJson.ToLine(bundle), host.Out);
        return Report(host, result, file, source);
    }

    private static bool LayOut(ToolHost host, string file)
    {
        string source = Read(host, file);
        ParsedBundles result = Formatter.Format(source, out string? formatted);
        if (formatted is not null) host.Out.Write(Encoding.UTF8.GetBytes(formatted));
        return Report(host, result, file, source);
    }

    private static bool Report(ToolHost host, ParsedBundles result, string file, string source)
    {
        string name = file == StandardInput ? "stdin" : file;
        foreach (Diagnostic found in result.Diagnostics) host.Say(found.Render(name, source));
        return result.IsClean;
    }

    /// <summary>The text, cut a little behind the longest that the parser takes.</summary>
    private static string Read(ToolHost host, string file)
    {
        try
        {
            using Stream? opened = file == StandardInput ? null : File.OpenRead(file);
            using StreamReader reader = new(opened ?? host.In, Encoding.UTF8);
            StringBuilder text = new();
            char[] part = new char[1 << 15];
            while (text.Length <= Parser.MaxSourceLength && reader.Read(part) is > 0 and int length)
                text.Append(part, 0, length);
            return text.ToString();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(e is FileNotFoundException or DirectoryNotFoundException
                ? $"{file}: no such file"
                : $"{file}: {e.Message}");
        }
    }
}
