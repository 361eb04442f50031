// DecimalText: decimal text with a point and an exponent, exactly, as an integer of units 10^-18.
using System.Globalization;
using Lockstep.Numerics;

namespace Lockstep.Tools.Feeds;

/// <summary>Reads what CSV writers print for floats, without passing through a float.</summary>
public static class DecimalText
{
    private const int Places = 18;
    private const int MaxDigits = 77; // as many as always fit 256 bits
    private const int MaxExponent = 9999;

    /// <summary>The number times 10^18, rounded down: <c>3.5e-6</c> is 3500000000000.</summary>
    /// <returns>False for anything but digits, an optional point with digits behind it and an
    /// optional exponent, for more than 77 digits, and beyond 2^256 - 1.</returns>
    public static bool TryReadE18Floor(ReadOnlySpan<char> text, out UInt256 e18)
    {
        e18 = default;
        int e = text.IndexOfAny('e', 'E');
        ReadOnlySpan<char> mantissa = e < 0 ? text : text[..e];
        int exponent = 0;
        if (e >= 0 && !TryReadExponent(text[(e + 1)..], out exponent)) return false;
        int point = mantissa.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? mantissa : mantissa[..point];
        ReadOnlySpan<char> fraction = point < 0 ? default : mantissa[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty)) return false;
        string joined = string.Concat(whole, fraction);
        if (joined.Length > MaxDigits || joined.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return false;
        UInt256 digits = UInt256.Parse(joined);
        return TryScale(digits, Places + exponent - fraction.Length, out e18);
    }

    private static bool TryReadExponent(ReadOnlySpan<char> text, out int exponent) =>
        int.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
        && exponent is >= -MaxExponent and <= MaxExponent;

    private static bool TryScale(in UInt256 digits, int power, out UInt256 scaled)
    {
        scaled = default;
        if (digits.IsZero || power < -MaxDigits) return true;
        if (power > MaxDigits) return false;
        if (power >= 0) return UInt256.TryMultiply(digits, UInt256.Pow10(power), out scaled);
        scaled = digits / UInt256.Pow10(-power);
        return true;
    }
}
