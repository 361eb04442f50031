// UInt256.Text: strict decimal or 0x-hex reading, decimal writing; spans are never allocated.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Lockstep.Numerics;

public readonly partial struct UInt256
{
    private const int MaxDecimalDigits = 78;
    private const int MaxHexDigits = 64;
    private const int ChunkDigits = 19;
    private const ulong ChunkScale = 10_000_000_000_000_000_000; // 10^19, the most a limb holds

    /// <summary>
    /// Reads decimal digits (at most 78), or 0x and hex digits (at most 64) in either case. No
    /// sign, space or separator; the culture is ignored.
    /// </summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    /// <exception cref="OverflowException">The number is 2^256 or more.</exception>
    public static UInt256 Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null)
    {
        Span<byte> ascii = stackalloc byte[MaxDecimalDigits];
        Reading reading = Narrow(s, ascii, out int length)
            ? Read(ascii[..length], out UInt256 value)
            : Fail(out value);
        return reading == Reading.Ok ? value : throw Refusal(reading, s.ToString());
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static UInt256 Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static UInt256 Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider = null)
    {
        Reading reading = Read(utf8Text, out UInt256 value);
        return reading == Reading.Ok
            ? value
            : throw Refusal(reading, Encoding.UTF8.GetString(utf8Text));
    }

    /// <summary>Reads what <see cref="Parse(string, IFormatProvider?)"/> reads; false, with zero,
    /// where it throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out UInt256 result)
    {
        Span<byte> ascii = stackalloc byte[MaxDecimalDigits];
        if (Narrow(s, ascii, out int length))
            return Read(ascii[..length], out result) == Reading.Ok;
        result = default;
        return false;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out UInt256)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out UInt256 result) =>
        TryParse(s.AsSpan(), out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out UInt256)"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, out UInt256 result) =>
        Read(utf8Text, out result) == Reading.Ok;

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out UInt256)"/>
    public static bool TryParse(
        ReadOnlySpan<char> s, IFormatProvider? provider, out UInt256 result) =>
        TryParse(s, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out UInt256)"/>
    public static bool TryParse(
        [NotNullWhen(true)] string? s, IFormatProvider? provider, out UInt256 result) =>
        TryParse(s.AsSpan(), out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out UInt256)"/>
    public static bool TryParse(
        ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out UInt256 result) =>
        TryParse(utf8Text, out result);

    /// <summary>Decimal digits, without leading zeros.</summary>
    public override string ToString()
    {
        Span<char> digits = stackalloc char[MaxDecimalDigits];
        TryFormat(digits, out int length);
        return new string(digits[..length]);
    }

    /// <summary>Decimal digits; the format has to be empty, D or G.</summary>
    /// <exception cref="FormatException">Another format is asked for.</exception>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        RequireDecimal(format);
        return ToString();
    }

    /// <summary>Writes the decimal digits; false, with nothing written, where they do not fit.
    /// The format has to be empty, D or G.</summary>
    /// <exception cref="FormatException">Another format is asked for.</exception>
    [SkipLocalsInit]
    public bool TryFormat(
        Span<char> destination, out int charsWritten,
        ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        RequireDecimal(format);
        Span<byte> buffer = stackalloc byte[MaxDecimalDigits];
        ReadOnlySpan<byte> digits = buffer[..WriteDigits(buffer)];
        charsWritten = 0;
        if (digits.Length > destination.Length) return false;
        for (int i = 0; i < digits.Length; i++) destination[i] = (char)digits[i];
        charsWritten = digits.Length;
        return true;
    }

    /// <inheritdoc cref="TryFormat(Span{char}, out int, ReadOnlySpan{char}, IFormatProvider?)"/>
    [SkipLocalsInit]
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten,
        ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        RequireDecimal(format);
        Span<byte> buffer = stackalloc byte[MaxDecimalDigits];
        ReadOnlySpan<byte> digits = buffer[..WriteDigits(buffer)];
        bytesWritten = 0;
        if (!digits.TryCopyTo(utf8Destination)) return false;
        bytesWritten = digits.Length;
        return true;
    }

    /// <summary>Writes the digits to a buffer that holds the longest; returns their count.
    /// </summary>
    private int WriteDigits(Span<byte> buffer)
    {
        int written;
        if (FitsUInt64)
        {
            U0.TryFormat(buffer, out written, default, CultureInfo.InvariantCulture);
            return written;
        }
        UInt256 leading = DivRem(this, ChunkScale, out UInt256 chunk);
        int start = leading.WriteDigits(buffer);
        chunk.U0.TryFormat(buffer[start..], out written, "D19", CultureInfo.InvariantCulture);
        return start + written;
    }

    private enum Reading
    {
        Ok,
        Malformed,
        TooLarge,
    }

    private static Reading Read(ReadOnlySpan<byte> text, out UInt256 value) =>
        text.Length >= 2 && text[0] == '0' && text[1] == 'x'
            ? ReadHex(text[2..], out value)
            : ReadDecimal(text, out value);

    private static Reading ReadHex(ReadOnlySpan<byte> digits, out UInt256 value)
    {
        if (digits.Length is 0 or > MaxHexDigits) return Fail(out value);
        value = default;
        foreach (byte c in digits)
        {
            if (!char.IsAsciiHexDigit((char)c)) return Fail(out value);
            int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
            value = (value << 4) | (UInt256)digit;
        }
        return Reading.Ok;
    }

    private static Reading ReadDecimal(ReadOnlySpan<byte> digits, out UInt256 value)
    {
        value = default;
        if (digits.Length is 0 or > MaxDecimalDigits) return Reading.Malformed;
        bool fits = true;
        while (digits.Length > 0)
        {
            // The first chunk is the short one, so that all later ones scale by 10^19.
            int length = ((digits.Length - 1) % ChunkDigits) + 1;
            ulong chunk = 0;
            foreach (byte c in digits[..length])
            {
                uint digit = unchecked((uint)c - '0');
                if (digit > 9) return Fail(out value);
                chunk = unchecked((chunk * 10) + digit); // 19 digits fit a limb
            }
            fits &= TryMultiply(value, ChunkScale, out value) && TryAdd(value, chunk, out value);
            digits = digits[length..];
        }
        if (fits) return Reading.Ok;
        value = default;
        return Reading.TooLarge;
    }

    private static Reading Fail(out UInt256 value)
    {
        value = default;
        return Reading.Malformed;
    }

    /// <summary>Copies to bytes; false for text too long or outside ASCII.</summary>
    private static bool Narrow(ReadOnlySpan<char> text, Span<byte> ascii, out int length)
    {
        length = text.Length;
        if (text.Length > ascii.Length) return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsAscii(text[i])) return false;
            ascii[i] = (byte)text[i];
        }
        return true;
    }

    private static Exception Refusal(Reading reading, string text)
    {
        string shown = text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "...");
        return reading == Reading.TooLarge
            ? new OverflowException($"'{shown}' exceeds 2^256 - 1")
            : new FormatException(
                $"'{shown}' is not an unsigned number: at most {MaxDecimalDigits} decimal digits,"
                + $" or 0x and at most {MaxHexDigits} hex digits");
    }

    private static void RequireDecimal(ReadOnlySpan<char> format)
    {
        if (format is "" or "D" or "d" or "G" or "g") return;
        throw new FormatException($"'{format}' is not a UInt256 format: use D, G or none");
    }
}
