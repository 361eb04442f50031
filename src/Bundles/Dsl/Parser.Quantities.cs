// Parser.Quantities: numbers with their units, each exact or refused.
using Lockstep.Numerics;

namespace Lockstep.Bundles.Dsl;

public sealed partial class Parser
{
    private ExactDecimal ParseNumber(string what)
    {
        if (failed) return default;
        if (Now.Kind != TokenKind.Number)
        {
            FailExpected(what, "a number comes first, then its unit: 250_000 USDC");
            return default;
        }
        string digits = Now.Text.Replace("_", "", StringComparison.Ordinal);
        if (!ExactDecimal.TryParse(digits, out ExactDecimal value))
            ComplainRange(Now.Span, $"is beyond 256 bits or {ExactDecimal.MaxScale} decimals");
        at++;
        return value;
    }

    private void ComplainRange(SourceSpan span, string words) =>
        Complain(DiagnosticCode.NumberOutOfRange, span, $"the number {words}",
            "a smaller number, or another unit");

    private void ComplainWhole(SourceSpan span, string what) =>
        Complain(DiagnosticCode.NotWhole, span, $"{what} are whole numbers",
            "leave out what stands behind the point");

    /// <summary>A small whole number without a unit.</summary>
    private int ParseCount(string what, int most)
    {
        Token start = Now;
        ExactDecimal value = ParseNumber(what);
        if (failed) return 0;
        if (!value.IsWhole) ComplainWhole(start.Span, "counts");
        else if (value.Mantissa > (UInt256)most)
            ComplainRange(start.Span, $"is beyond {most}, the most that {what} can be");
        else return (int)(ulong)value.Mantissa;
        return 0;
    }

    /// <summary>A second since 1970, without a unit.</summary>
    private long ParseInstant()
    {
        Token start = Now;
        ExactDecimal value = ParseNumber("the second of the detection");
        if (failed) return 0;
        if (!value.IsWhole) ComplainWhole(start.Span, "UNIX seconds");
        else if (value.Mantissa > (UInt256)(ulong)Limits.MaxFoundSeconds)
            ComplainRange(start.Span, "is beyond the year 9999: it counts seconds since 1970");
        else return (long)(ulong)value.Mantissa;
        return 0;
    }

    private Quantity ParseQuantity(string what)
    {
        Token start = Now;
        ExactDecimal value = ParseNumber(what);
        bool units = Accept("units");
        if (units && !value.IsWhole) ComplainWhole(start.Span, "base units");
        return new Quantity(value, units) { Span = From(start) };
    }

    /// <summary>A bound on what comes out: it is in what comes out, so no asset follows.</summary>
    private Quantity ParseMinimum()
    {
        Quantity quantity = ParseQuantity("the least that comes out");
        if (!failed && Now.Kind == TokenKind.Name && Peek.Kind != TokenKind.Makes)
            FailExpected("the end of the statement",
                "a minimum is in the asset that comes out: leave the asset's name away");
        return quantity;
    }

    private Quantity? ParseOptionalMinimum() => Accept("min") ? ParseMinimum() : null;

    private Amount ParseAmount(string what)
    {
        Token start = Now;
        Quantity quantity = ParseQuantity(what);
        AssetRef asset = ParseAssetRef();
        return new Amount(quantity, asset) { Span = From(start) };
    }

    private AssetRef ParseAssetRef()
    {
        Token start = Now;
        Name symbol = ParseName("an asset's short name");
        Name? chain = Accept(TokenKind.At) ? ParseName("the chain's short name") : null;
        return new AssetRef(symbol, chain) { Span = From(start) };
    }

    private Percent ParsePercent(string what)
    {
        Token start = Now;
        ExactDecimal value = ParseNumber(what);
        if (!Accept(TokenKind.PercentSign))
            FailUnit($"{what} is a share", "a share ends in '%': 0.05%");
        return new Percent(value) { Span = From(start) };
    }

    private void FailUnit(string words, string hint) =>
        Fail(DiagnosticCode.UnknownUnit, $"{words}, and {Now.Described} is no unit of it", hint);

    private Duration ParseDuration(string what)
    {
        Token start = Now;
        ExactDecimal value = ParseNumber(what);
        if (failed) return new Duration(0);
        string unit = Now.Kind == TokenKind.Name ? Now.Text : "";
        long ms = Array.Find(Duration.Units, known => known.Unit == unit).Ms;
        if (ms == 0)
        {
            FailUnit($"{what} is a length of time", "the units are ms, s, m, h and d: 90s");
            return new Duration(0);
        }
        at++;
        SourceSpan span = From(start);
        bool fits = UInt256.TryMultiply(value.Mantissa, (UInt256)(ulong)ms, out UInt256 wide);
        UInt256 whole = UInt256.DivRem(wide, UInt256.Pow10(value.Scale), out UInt256 rest);
        if (!fits || whole > (UInt256)(ulong)Duration.MaxMilliseconds)
            ComplainRange(start.Span, "is beyond ten thousand days");
        else if (!rest.IsZero) ComplainWhole(start.Span, "milliseconds");
        else return new Duration((long)(ulong)whole) { Span = span };
        return new Duration(0) { Span = span };
    }

    /// <summary>Gas units: <c>900_000</c>, <c>900k</c>, <c>1.5M</c>.</summary>
    private ulong ParseGasUnits()
    {
        Token start = Now;
        ExactDecimal value = ParseNumber("the most gas");
        if (failed) return 0;
        int scale = 0;
        if (Now.Kind == TokenKind.Name)
        {
            scale = Now.Text switch { "k" => 3, "M" => 6, _ => -1 };
            if (scale < 0)
            {
                FailUnit("gas is counted in units", "write 900k, 1.5M or 900_000");
                return 0;
            }
            at++;
        }
        if (value.Scale > scale) ComplainWhole(start.Span, "units of gas");
        else if (!value.TryScale(scale, out UInt256 wide) || wide > (UInt256)ulong.MaxValue)
            ComplainRange(start.Span, "is beyond 2^64 units of gas");
        else return (ulong)wide;
        return 0;
    }

    /// <summary>A price of gas in wei: <c>0.2 gwei</c> or <c>200_000_000 wei</c>.</summary>
    private UInt256 ParseGasPrice()
    {
        Token start = Now;
        ExactDecimal value = ParseNumber("the price of gas");
        if (failed) return default;
        int scale = Now.Kind != TokenKind.Name ? -1
            : Now.Text switch { "gwei" => 9, "wei" => 0, _ => -1 };
        if (scale < 0)
        {
            FailUnit("the price of gas is a price", "the units are gwei and wei: 0.2 gwei");
            return default;
        }
        at++;
        if (value.Scale > scale) ComplainWhole(start.Span, "wei");
        else if (value.TryScale(scale, out UInt256 wei)) return wei;
        else ComplainRange(start.Span, "is beyond 2^256 wei");
        return default;
    }
}
