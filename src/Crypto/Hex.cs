// Hex: bytes as 0x-prefixed hexadecimal text and back, strict; a quantity is a number's short form.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Lockstep.Numerics;

namespace Lockstep.Crypto;

/// <summary>Hexadecimal text as Ethereum's JSON-RPC writes it: <c>0x</c>, then digits, two a byte.
/// Reading takes either case; writing is lower case.</summary>
public static class Hex
{
    /// <summary>The bytes as <c>0x</c> and two lower-case digits each.</summary>
    public static string Format(ReadOnlySpan<byte> bytes) =>
        "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>The number as a JSON-RPC quantity: <c>0x</c> and digits without leading zeros,
    /// <c>0x0</c> for zero.</summary>
    public static string Quantity(in UInt256 value)
    {
        Span<byte> word = stackalloc byte[32];
        BigEndian.Write(value, word);
        Span<char> digits = stackalloc char[64];
        Convert.TryToHexStringLower(word, digits, out _);
        ReadOnlySpan<char> shortest = ((ReadOnlySpan<char>)digits).TrimStart('0');
        return string.Concat("0x", shortest.IsEmpty ? "0" : shortest);
    }

    /// <inheritdoc cref="Quantity(in UInt256)"/>
    public static string Quantity(ulong value) =>
        "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Reads <c>0x</c> and an even number of digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static byte[] Parse(ReadOnlySpan<char> text) => TryParse(text, out byte[]? bytes)
        ? bytes
        : throw new FormatException(
            $"'{Shown(text)}' is not hexadecimal: 0x and two digits a byte");

    /// <summary>Reads what <see cref="Parse"/> reads; false where it throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length < 2 || (text.Length & 1) != 0) return false;
        byte[] read = new byte[(text.Length / 2) - 1];
        if (!TryRead(text, read)) return false;
        bytes = read;
        return true;
    }

    /// <summary>Fills the bytes from <c>0x</c> and exactly two digits each; false for any other
    /// text, with the bytes unspecified.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, Span<byte> bytes) =>
        text.StartsWith("0x") && (text.Length - 2) / 2 == bytes.Length && (text.Length & 1) == 0
            && Convert.FromHexString(text[2..], bytes, out _, out _)
                == System.Buffers.OperationStatus.Done;

    /// <summary>The text, cut where it is long, for an error message.</summary>
    internal static string Shown(ReadOnlySpan<char> text) =>
        text.Length <= 80 ? text.ToString() : string.Concat(text[..80], "...");
}
