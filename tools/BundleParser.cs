// bundle-parser: reads the bundle language; one JSON line a bundle out, or the text laid out anew.
using System.CommandLine;
using System.Text;
using Lockstep.Bundles.Dsl;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

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

    /// <summary>Each bundle when it is whole: a stream may bring the next one much later.</summary>
    private static bool Print(ToolHost host, string file)
    {
        bool clean = true;
        using TextReader reader = Open(host, file);
        BundlePieces pieces = new(reader, Parser.MaxSourceLength, host.Out.Flush);
        foreach (BundlePiece piece in Guarded(file, pieces.Read()))
        {
            ParsedBundles result = Parser.Parse(piece.Text);
            foreach (Bundle bundle in result.Bundles)
                LineCodec.Write(BundleJson.ToLine(bundle), host.Out);
            clean &= Report(host, result, file, piece.Text, piece.LinesBefore);
        }
        return clean;
    }

    private static bool LayOut(ToolHost host, string file)
    {
        string source = Read(host, file);
        ParsedBundles result = Formatter.Format(source, out string? formatted);
        if (formatted is not null) host.Out.Write(Encoding.UTF8.GetBytes(formatted));
        return Report(host, result, file, source, 0);
    }

    private static bool Report(
        ToolHost host, ParsedBundles result, string file, string source, int linesBefore)
    {
        string name = file == StandardInput ? "stdin" : file;
        foreach (Diagnostic found in result.Diagnostics)
        {
            SourceSpan span = found.Span;
            host.Say((found with { Span = span with { Line = span.Line + linesBefore } })
                .Render(name, source));
        }
        return result.IsClean;
    }

    /// <summary>The text, cut a little behind the longest that the parser takes.</summary>
    private static string Read(ToolHost host, string file)
    {
        using TextReader reader = Open(host, file);
        StringBuilder text = new();
        foreach (string part in Guarded(file, Parts(reader))) text.Append(part);
        return text.ToString();

        static IEnumerable<string> Parts(TextReader reader)
        {
            char[] part = new char[1 << 15];
            long all = 0;
            while (all <= Parser.MaxSourceLength && reader.Read(part) is > 0 and int length)
            {
                all += length;
                yield return new string(part, 0, length);
            }
        }
    }

    private static StreamReader Open(ToolHost host, string file)
    {
        try
        {
            return new StreamReader(
                file == StandardInput ? host.In : File.OpenRead(file), Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, e);
        }
    }

    /// <summary>The items, where a fault of reading is said with the file's name.</summary>
    private static IEnumerable<T> Guarded<T>(string file, IEnumerable<T> items)
    {
        using IEnumerator<T> item = items.GetEnumerator();
        while (true)
        {
            try
            {
                if (!item.MoveNext()) yield break;
            }
            catch (Exception e) when (e is not OutputClosedException
                and (IOException or UnauthorizedAccessException))
            {
                throw Unreadable(file, e);
            }
            yield return item.Current;
        }
    }

    private static RefusedException Unreadable(string file, Exception e) =>
        new(e is FileNotFoundException or DirectoryNotFoundException
            ? $"{file}: no such file" : $"{file}: {e.Message}");
}
