// Words: the reserved words of the language, by where they can start something; and what a name is.
using System.Collections.Frozen;

namespace Lockstep.Bundles.Dsl;

/// <summary>The reserved words. None of them is a name, so that a statement can be told from its
/// first word and a parser can find its way after a mistake.</summary>
public static class Words
{
    /// <summary>Words that start a step of a flow.</summary>
    internal static readonly string[] Flow =
        ["take", "lend", "flash", "swap", "bridge", "escrow", "repay", "keep", "pay", "par"];

    /// <summary>Words that start a step of a commit or abort.</summary>
    internal static readonly string[] Outcome = ["novate", "unwind", "pay", "shortfall"];

    /// <summary>Words that start a remedy; a swap is <c>swap back</c>.</summary>
    internal static readonly string[] Remedy = ["swap", "hold", "hedge"];

    /// <summary>Words that start a scope.</summary>
    internal static readonly string[] Blocks = ["atomic", "inventory", "bridged", "par"];

    /// <summary>Words that start a declaration.</summary>
    internal static readonly string[] Declarations =
        ["chain", "asset", "pool", "vault", "lender", "bridge", "committee", "account"];

    /// <summary>Words that start a limit.</summary>
    internal static readonly string[] Limits = ["net", "ttl", "gas", "found", "expect"];

    private static readonly string[] Sections =
        ["bundle", "limits", "leg", "commit", "abort", "failed", "compensate"];

    private static readonly string[] Connectors =
    [
        "on", "from", "to", "via", "min", "backing", "debt", "ltv", "for", "loss", "bond",
        "surplus", "back", "of", "units", "decimals", "family", "fee", "tx", "htlb", "cert",
        "escape",
    ];

    /// <summary>Words that open a part of a bundle and stand in no statement: where one turns up
    /// inside a block that does not know it, the block was not closed.</summary>
    internal static readonly FrozenSet<string> Structural =
        Sections.Append("atomic").Append("inventory").Append("bridged").ToFrozenSet();

    /// <summary>Words that start an item of some block.</summary>
    internal static readonly FrozenSet<string> Starters =
        Sections.Concat(Flow).Concat(Outcome).Concat(Remedy).Concat(Blocks).Concat(Declarations)
            .Concat(Limits).ToFrozenSet();

    private static readonly FrozenSet<string> All = Starters.Concat(Connectors).ToFrozenSet();

    /// <summary>Every reserved word, in ordinal order.</summary>
    public static IReadOnlyList<string> Reserved { get; } =
        [.. All.Order(StringComparer.Ordinal)];

    /// <summary>True for a word of the language.</summary>
    public static bool IsReserved(string text) => All.Contains(text);

    /// <summary>True for text that can name something: a letter or <c>_</c>, then letters, digits
    /// and <c>_</c>, with single dots and hyphens inside, all ASCII; no reserved word.</summary>
    public static bool IsName(string? text) =>
        text is { Length: > 0 } && NameLength(text) == text.Length && !IsReserved(text);

    /// <summary>How many characters from the start belong to a name or word.</summary>
    internal static int NameLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !(char.IsAsciiLetter(text[0]) || text[0] == '_')) return 0;
        int length = 1;
        while (length < text.Length)
        {
            if (IsInside(text[length])) length++;
            else if (text[length] is '.' or '-' && length + 1 < text.Length
                && IsInside(text[length + 1])) length += 2;
            else break;
        }
        return length;
    }

    private static bool IsInside(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    /// <summary>The candidate that <paramref name="word"/> looks like, within two slips of the
    /// finger; or null.</summary>
    internal static string? Nearest(string word, IEnumerable<string> candidates)
    {
        if (word.Length > 20) return null;
        (string? best, int slips) = (null, Math.Min(3, word.Length));
        foreach (string candidate in candidates)
        {
            int distance = Distance(word, candidate);
            if (distance < slips) (best, slips) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Levenshtein's distance, a row at a time.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            (int corner, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
            {
                int change = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
