// BundleJson.Read: `bundle` lines as trees; what the language can't say, a line can't say either.
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Dsl;

public static partial class BundleJson
{
    /// <summary>The tree a line says. It is printed and parsed, so that every rule of the language
    /// holds for lines too; its spans are those of <see cref="Printer.Print(Bundle)"/>'s text.
    /// </summary>
    /// <returns>The tree, or null and the first fault.</returns>
    public static Bundle? FromLine(BundleLine line, out LineFault fault)
    {
        ArgumentNullException.ThrowIfNull(line);
        LineReader reader = new();
        Bundle built = reader.Bundle(line);
        if (reader.Fault is { } missing)
        {
            fault = missing;
            return null;
        }
        string text = Printer.Print(built);
        ParsedBundles parsed = Parser.Parse(text);
        fault = default;
        if (parsed.IsClean && parsed.Bundles is [var bundle] && bundle == built) return bundle;
        fault = new LineFault("$", parsed.IsClean
            ? "a name in it is none: names are letters, digits and '_', and no reserved word"
            : Words(parsed.Diagnostics[0], text));
        return null;
    }

    private static string Words(Diagnostic found, string text)
    {
        string near = found.Span.Of(text);
        return $"{found.Id}: {found.Message} (near '{(near.Length <= 60 ? near : near[..60])}'); "
            + found.Hint;
    }
}
