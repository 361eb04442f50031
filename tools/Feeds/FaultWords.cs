// FaultWords: what the JSON reader complains of, in words for people who never saw our types.
namespace Lockstep.Tools.Feeds;

/// <summary>Rewords the messages of System.Text.Json.</summary>
internal static class FaultWords
{
    private const string WrongType = "The JSON value could not be converted";
    private const string Missing = "was missing required properties including: ";
    private static readonly string[] Tails = [" Path: ", " LineNumber: ", " for type '", " of type '"];

    /// <summary>The message without type names, places in the reader's buffer, and full stop.
    /// </summary>
    public static string Plain(string message)
    {
        if (message.StartsWith(WrongType, StringComparison.Ordinal))
            return "the value is of the wrong type or out of range";
        int missing = message.IndexOf(Missing, StringComparison.Ordinal);
        if (missing >= 0)
            return "these fields are missing: " + Cut(message[(missing + Missing.Length)..]);
        return Cut(message);
    }

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
