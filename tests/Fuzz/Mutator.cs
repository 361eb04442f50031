// Mutator: makes inputs from seeds by cutting, doubling, nesting and spoiling; by the dice alone.
using System.Text;
using Lockstep.Bench.Cases;
using Lockstep.Bundles.Dsl;

namespace Lockstep.Tests.Fuzz;

/// <summary>Makes hostile inputs that still look like their seeds. It knows what all of our texts
/// have in common (words, lines, quotes, brackets), and no format.</summary>
internal sealed class Mutator(byte[][] seeds)
{
    /// <summary>The longest input. One in two thousand is as long.</summary>
    public const int MaxBytes = 1 << 20;

    private const int UsualGrowth = 1 << 12;

    private static readonly byte[][] Numbers = Texts(
        "0", "1", "-1", "-0", "00", "1_000", "1__0", "0x10", "1e9", "1e-400", "1e400", "0.5",
        "1.", ".5", "0.30", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211456",
        "115792089237316195423570985008687907853269984665640564039457584007913129639935",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        "0.000000000000000000000000000000000001", "0.0000000000000000000000000000000000001",
        "NaN", "inf", "99.9999", "100", "255", "256", "280", "65536");

    private static readonly byte[][] Oddities =
    [
        .. Texts("\0", "\r\n", "\r", "\n", "\t", " ", "\"", "\\", "'", "'''", "\"\"\"", "#", "//",
            "\uFEFF", "\uFFFD", "\u2028", "\u202E", "\u0661", "\u007F", "\u0085", "é", "𝒙",
            "\uE000", "\uE001", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u0000", "\\u0022",
            "\\n", "null", "true", "{}", "[]", "[null]", "\"\"", "\"\\ud800\"", ",", ":", ";", "=",
            "<-", "->", "@", "%", "eip155:1", "eip155:1:0xa", "eip155:1/erc20:0xa", "par", "units",
            "\"x\":1,", "\"v\":1,", "\"v\":2,", "\"x\":[null],", "\"x\":\"\\udfff\",", "[[x]]\n",
            "x = 1\n", "1979-05-27T07:32:00Z", "a.b.c", "$", "\u001B[31m"),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
    ];

    private static readonly byte[][] Reserved = Texts([.. Words.Reserved]);

    private static readonly byte[][] Separators = Texts("", " ", "\n", ",", ";");

    private static readonly byte[][] Empties =
        Texts("null", "[null]", "[]", "{}", "\"\"", "0", "true", "{ }");

    private static readonly (byte[] Open, byte[] Close)[] Nests =
    [
        .. new[]
        {
            ("[", "]"), ("{", "}"), ("(", ")"), ("par {", "}"), ("par { } {", "}"),
            ("{\"a\":", "}"), ("[{\"block\":\"par\",\"branches\":[{\"blocks\":", "}]}]"),
            ("[{\"op\":\"par\",\"branches\":[{\"body\":", "}]}]"), ("{ a = ", " }"), ("\"", "\""),
            ("atomic tx on base {", "}"), ("a.", ""), ("", "\n"),
        }.Select(pair => (Encoding.UTF8.GetBytes(pair.Item1), Encoding.UTF8.GetBytes(pair.Item2))),
    ];

    /// <summary>The next input.</summary>
    public byte[] Next(Seeded dice)
    {
        if (dice.Below(100) == 0) return Noise(dice);
        byte[] text = Seed(dice);
        if (dice.Below(100) == 0) return text;
        if (dice.Below(2000) == 0) return Flooded(text, dice);
        int most = Math.Min(text.Length + UsualGrowth, MaxBytes);
        int edits = 1;
        while (edits < 12 && dice.Below(2) == 0) edits++;
        bool gently = dice.Below(2) == 0;
        for (int i = 0; i < edits; i++)
            text = gently ? Nudge(text, dice, most) : Edit(text, dice, most);
        return text;
    }

    private byte[] Seed(Seeded dice) => seeds[dice.Below(seeds.Length)];

    /// <summary>One small thing over and over, to the longest input: what takes the square of the
    /// length can't hide.</summary>
    private static byte[] Flooded(byte[] text, Seeded dice)
    {
        byte[] piece = dice.Below(4) switch
        {
            0 => text[Slice(text, dice)],
            1 => Pick(Oddities, dice),
            2 => Pick(Reserved, dice),
            _ => Pick(Nests, dice).Open,
        };
        piece = [.. piece, .. Pick(Separators, dice)];
        (int at, _) = Line(text, dice.Below(text.Length)).GetOffsetAndLength(text.Length);
        int times = (MaxBytes - text.Length) / Math.Max(1, piece.Length);
        byte[] flood = new byte[times * piece.Length];
        for (int i = 0; i < times; i++) piece.CopyTo(flood, i * piece.Length);
        return Splice(text, at, 0, flood, MaxBytes);
    }

    private static byte[] Noise(Seeded dice) => dice.Below(2) == 0
        ? Seeded.Array(dice.Below(200), _ => (byte)dice.Below(256))
        : [.. Seeded.Array(dice.Below(60), _ => Pick(Oddities, dice)).SelectMany(one => one)];

    /// <summary>An edit that the front door lets through: a number, a word, a line.</summary>
    private byte[] Nudge(byte[] text, Seeded dice, int most)
    {
        if (text.Length == 0) return Seed(dice);
        int at = dice.Below(text.Length);
        if (dice.Below(3) == 0) return WithNumber(text, dice, most);
        byte[] from = dice.Below(3) == 0 ? Seed(dice) : text;
        int other = dice.Below(from.Length);
        (Range here, Range there) = dice.Below(3) == 0
            ? (Line(text, at), Line(from, other))
            : (Word(text, at), Word(from, other));
        (at, int length) = here.GetOffsetAndLength(text.Length);
        return dice.Below(7) switch
        {
            0 => Splice(text, at, length, [], most),
            2 => Emptied(text, at, dice, most),
            1 => Splice(text, at, 0, from[there], most),
            _ => Splice(text, at, length, from[there], most),
        };
    }

    /// <summary>A value without content in place of a group.</summary>
    private static byte[] Emptied(byte[] text, int at, Seeded dice, int most)
    {
        (at, int length) = Group(text, Math.Min(at, text.Length - 1))
            .GetOffsetAndLength(text.Length);
        return Splice(text, at, length, Pick(Empties, dice), most);
    }

    /// <summary>The word at a place, or the next one behind it.</summary>
    private static Range Word(byte[] text, int at)
    {
        while (at < text.Length && !IsWord(text[at])) at++;
        return at == text.Length ? at..at : Run(text, at, IsWord);
    }

    private byte[] Edit(byte[] text, Seeded dice, int most)
    {
        Range here = Slice(text, dice);
        (int at, int length) = here.GetOffsetAndLength(text.Length);
        switch (dice.Below(16))
        {
            case 0 or 1:
                return Splice(text, at, length, [], most);
            case 2:
                return Splice(text, at, 0, text[here], most);
            case 3:
                byte[] rest = Splice(text, at, length, [], most);
                return Splice(rest, dice.Below(rest.Length + 1), 0, text[here], most);
            case 4 or 5:
                byte[] other = Seed(dice);
                return Splice(text, at, length, other[Slice(other, dice)], most);
            case 6:
                byte[] another = Seed(dice);
                return Splice(text, at, 0, another[Slice(another, dice)], most);
            case 7 or 8:
                return WithNumber(text, dice, most);
            case 9:
                return Splice(text, at, length, Pick(Oddities, dice), most);
            case 10:
                return Splice(text, dice.Below(text.Length + 1), 0, Pick(Oddities, dice), most);
            case 11:
                return Flipped(text, dice);
            case 12:
                return Nested(text, here, dice, most);
            case 13:
                return Repeated(text, here, dice, most);
            case 14:
                byte[] tail = Seed(dice);
                tail = tail[dice.Below(tail.Length + 1)..];
                return Splice(text, at, text.Length - at, tail, most);
            default:
                return dice.Below(4) == 0
                    ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(text)
                        .ReplaceLineEndings("\r\n"))
                    : Swapped(text, here, dice, most);
        }
    }

    /// <summary>A piece of the text: a word, a line, a bracketed group, or any stretch.</summary>
    private static Range Slice(byte[] text, Seeded dice)
    {
        if (text.Length == 0) return ..0;
        int at = dice.Below(text.Length);
        return dice.Below(8) switch
        {
            0 or 1 or 2 => Run(text, at, IsWord(text[at]) ? IsWord : b => b == text[at]),
            3 or 4 => Line(text, at),
            5 or 6 => Group(text, at),
            _ => at..Math.Min(text.Length, at + 1 + dice.Below(1 << dice.Below(8))),
        };
    }

    private static Range Run(byte[] text, int at, Func<byte, bool> belongs)
    {
        (int from, int to) = (at, at + 1);
        while (from > 0 && belongs(text[from - 1])) from--;
        while (to < text.Length && belongs(text[to])) to++;
        return from..to;
    }

    private static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b == '_';

    private static Range Line(byte[] text, int at)
    {
        int from = at == 0 ? 0 : Array.LastIndexOf(text, (byte)'\n', at - 1) + 1;
        int to = Array.IndexOf(text, (byte)'\n', at);
        return from..(to < 0 ? text.Length : to + 1);
    }

    /// <summary>From the next bracket or quote to its partner, both included.</summary>
    private static Range Group(byte[] text, int at)
    {
        int open = text.AsSpan(at).IndexOfAny((byte)'{', (byte)'[', (byte)'"');
        if (open < 0) return Line(text, at);
        open += at;
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[open] == '"' && i > open && text[i] == '"') return open..(i + 1);
            if (text[i] is (byte)'{' or (byte)'[') depth++;
            else if (text[i] is (byte)'}' or (byte)']' && --depth == 0) return open..(i + 1);
        }
        return open..text.Length;
    }

    private static byte[] WithNumber(byte[] text, Seeded dice, int most)
    {
        int from = dice.Below(text.Length + 1);
        int at = text.AsSpan(from).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (at < 0) return Splice(text, from, 0, Pick(Numbers, dice), most);
        (at, int length) = Run(text, from + at, b => char.IsAsciiDigit((char)b))
            .GetOffsetAndLength(text.Length);
        byte[] digits = dice.Below(50) == 0
            ? [.. Enumerable.Repeat((byte)'9', 1 + dice.Below(5000))]
            : Pick(Numbers, dice);
        return Splice(text, at, length, digits, most);
    }

    private static byte[] Flipped(byte[] text, Seeded dice)
    {
        if (text.Length == 0) return text;
        byte[] flipped = [.. text];
        flipped[dice.Below(text.Length)] ^= (byte)(1 << dice.Below(8));
        return flipped;
    }

    private static byte[] Nested(byte[] text, Range here, Seeded dice, int most)
    {
        (byte[] open, byte[] close) = Pick(Nests, dice);
        int each = open.Length + close.Length;
        int depth = Math.Clamp((most - text.Length) / each, 0, 1 + dice.Below(1 << dice.Below(17)));
        (int at, int length) = here.GetOffsetAndLength(text.Length);
        byte[] inside =
        [
            .. Enumerable.Repeat(open, depth).SelectMany(one => one), .. text[here],
            .. Enumerable.Repeat(close, depth).SelectMany(one => one),
        ];
        return Splice(text, at, length, inside, most);
    }

    private static byte[] Repeated(byte[] text, Range here, Seeded dice, int most)
    {
        byte[] piece = text[here];
        if (piece.Length == 0) return text;
        int room = Math.Max(0, most - text.Length) / piece.Length;
        int times = Math.Min(room, 1 + dice.Below(1 << dice.Below(12)));
        (int at, _) = here.GetOffsetAndLength(text.Length);
        byte[] many = new byte[times * piece.Length];
        for (int i = 0; i < times; i++) piece.CopyTo(many, i * piece.Length);
        return Splice(text, at, 0, many, most);
    }

    private static byte[] Swapped(byte[] text, Range here, Seeded dice, int most)
    {
        (int a, int aLength) = here.GetOffsetAndLength(text.Length);
        (int b, int bLength) = Slice(text, dice).GetOffsetAndLength(text.Length);
        if (a > b) (a, aLength, b, bLength) = (b, bLength, a, aLength);
        if (a + aLength > b) return text;
        byte[] first = text[a..(a + aLength)], second = text[b..(b + bLength)];
        return Splice(Splice(text, b, bLength, first, most), a, aLength, second, most);
    }

    /// <summary>The text with a stretch replaced, cut off at the bound.</summary>
    private static byte[] Splice(byte[] text, int at, int length, byte[] by, int most)
    {
        byte[] made = new byte[text.Length - length + by.Length];
        text.AsSpan(0, at).CopyTo(made);
        by.CopyTo(made, at);
        text.AsSpan(at + length).CopyTo(made.AsSpan(at + by.Length));
        return made.Length <= most ? made : made[..most];
    }

    private static T Pick<T>(T[] from, Seeded dice) => from[dice.Below(from.Length)];

    private static byte[][] Texts(params string[] texts) =>
        [.. texts.Select(Encoding.UTF8.GetBytes)];
}
