// ExactDecimal: a decimal as written, mantissa / 10^scale in 256 bits; canonical, never a float.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Dsl;

/// <summary>A decimal number, not negative, of at most 78 digits and <see cref="MaxScale"/> of them
/// behind the point. Equal numbers are equal values: <c>0.70</c> is <c>0.7</c>.</summary>
public readonly record struct ExactDecimal
{
    /// <summary>Most digits behind the point: the most decimals a token may have.</summary>
    public const int MaxScale = 36;

    private ExactDecimal(UInt256 mantissa, int scale)
    {
        Mantissa = mantissa;
        Scale = scale;
    }

    /// <summary>The digits without the point.</summary>
    public UInt256 Mantissa { get; }

    /// <summary>How many digits stand behind the point, 0 to <see cref="MaxScale"/>; as few as the
    /// value needs.</summary>
    public int Scale { get; }

    /// <summary>True when nothing stands behind the point.</summary>
    public bool IsWhole => Scale == 0;

    /// <summary>mantissa / 10^scale.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not 0 to 36.</exception>
    public static ExactDecimal Of(UInt256 mantissa, int scale = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, MaxScale);
        while (scale > 0)
        {
            UInt256 tenth = UInt256.DivRem(mantissa, 10, out UInt256 digit);
            if (!digit.IsZero) break;
            (mantissa, scale) = (tenth, scale - 1);
        }
        return new ExactDecimal(mantissa, scale);
    }

    /// <summary>Reads <c>digits[.digits]</c> without separators; false for anything else, and for
    /// more digits than fit.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ExactDecimal value)
    {
        value = default;
        if (text is null) return false;
        int point = text.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? text : text[..point];
        string behind = point < 0 ? "" : text[(point + 1)..].TrimEnd('0');
        if (point >= 0 && point == text.Length - 1) return false;
        string digits = whole.TrimStart('0') + behind;
        if (whole.Length == 0 || digits.AsSpan().ContainsAnyExceptInRange('0', '9')) return false;
        if (behind.Length > MaxScale) return false;
        if (!UInt256.TryParse(digits.Length == 0 ? "0" : digits, out UInt256 mantissa))
            return false;
        value = Of(mantissa, behind.Length);
        return true;
    }

    /// <summary>The number times 10^<paramref name="decimals"/>, exactly: base units of a token
    /// with so many decimals.</summary>
    /// <returns>False when it is not whole or does not fit 256 bits.</returns>
    public bool TryScale(int decimals, out UInt256 units)
    {
        units = default;
        return decimals >= Scale && decimals <= MaxScale
            && UInt256.TryMultiply(Mantissa, UInt256.Pow10(decimals - Scale), out units);
    }

    /// <summary>The digits with a point and no separators, such as <c>0.05</c>.</summary>
    public override string ToString()
    {
        string digits = Mantissa.ToString();
        if (Scale == 0) return digits;
        digits = digits.PadLeft(Scale + 1, '0');
        return $"{digits[..^Scale]}.{digits[^Scale..]}";
    }
}
