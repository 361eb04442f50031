// FaultWords: what the JSON reader complains of, in words for people who never saw our types.
namespace Lockstep.Tools.Feeds;

/// <summary>Rewords the messages of System.Text.Json.</summary>
internal static class FaultWords
{
    private const string Missing = "was missing required properties including: ";
    private const string Unmapped = " could not be mapped to any .NET member";

    private static readonly string[] Tails =
        [" Path: ", " LineNumber: ", " for type '", " of type '", " on type '"];

    /// <summary>The message without type names, places in the reader's buffer, and full stop.
    /// </summary>
    public static string Plain(string message)
    {
        if (Has(message, "The JSON value could not be converted"))
            return "the value is of the wrong type or out of range";
        if (Has(message, "doesn't allow null values")) return "null is not allowed here";
        int at = message.IndexOf(Missing, StringComparison.Ordinal);
        if (at >= 0) return "these fields are missing: " + Cut(message[(at + Missing.Length)..]);
        at = message.IndexOf(Unmapped, StringComparison.Ordinal);
        return at >= 0 ? message[..at] + " is not known" : Cut(message);
    }

    private static bool Has(string message, string words) =>
        message.Contains(words, StringComparison.Ordinal);

    private static string Cut(string message)
    {
        foreach (string tail in Tails)
        {
            int at = message.IndexOf(tail, StringComparison.Ordinal);
            if (at >= 0) message = message[..at];
        }
        return message.ReplaceLineEndings(" ").TrimEnd('.');
    }
}
