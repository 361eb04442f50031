// Converters: how identifiers and wide integers stand in JSON: as strings, validated when read.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Numerics;

namespace Lockstep.Model.Lines;

/// <summary>A value that stands in JSON as a string.</summary>
internal abstract class StringConverter<T> : JsonConverter<T>
{
    protected abstract bool TryParse(string text, out T value);

    protected abstract string Expected { get; }

    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException($"expected {Expected} as a string");
        string text = reader.GetString()!;
        return TryParse(text, out T value)
            ? value
            : throw new JsonException($"'{Shorten(text)}' is not {Expected}");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value}"));

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "...";
}

internal sealed class ChainIdConverter : StringConverter<ChainId>
{
    protected override string Expected => "a CAIP-2 chain";

    protected override bool TryParse(string text, out ChainId value) =>
        ChainId.TryParse(text, out value);
}

internal sealed class AssetIdConverter : StringConverter<AssetId>
{
    protected override string Expected => "a CAIP-19 asset";

    protected override bool TryParse(string text, out AssetId value) =>
        AssetId.TryParse(text, out value);
}

internal sealed class PoolIdConverter : StringConverter<PoolId>
{
    protected override string Expected => "a CAIP-10 pool";

    protected override bool TryParse(string text, out PoolId value) =>
        PoolId.TryParse(text, out value);
}

internal sealed class AccountIdConverter : StringConverter<AccountId>
{
    protected override string Expected => "a CAIP-10 account";

    protected override bool TryParse(string text, out AccountId value) =>
        AccountId.TryParse(text, out value);
}

internal sealed class UInt256Converter : StringConverter<UInt256>
{
    protected override string Expected => "a decimal number from 0 to 2^256-1";

    protected override bool TryParse(string text, out UInt256 value)
    {
        value = default;
        return WideDecimal.IsCanonical(text) && UInt256.TryParse(text, null, out value);
    }
}

internal sealed class UInt128Converter : StringConverter<UInt128>
{
    protected override string Expected => "a decimal number from 0 to 2^128-1";

    protected override bool TryParse(string text, out UInt128 value)
    {
        value = default;
        return WideDecimal.IsCanonical(text) && UInt128.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}

internal sealed class Int128Converter : StringConverter<Int128>
{
    protected override string Expected => "a decimal number from -2^127 to 2^127-1";

    protected override bool TryParse(string text, out Int128 value)
    {
        value = default;
        string digits = text.StartsWith('-') ? text[1..] : text;
        return WideDecimal.IsCanonical(digits) && text != "-0" && Int128.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>An enum by its code alone; its number is no spelling of it.</summary>
internal sealed class CodeConverter<T>()
    : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>The one spelling of a number on a line: no sign, no leading zero, digits
/// only.</summary>
internal static class WideDecimal
{
    public static bool IsCanonical(string digits) =>
        digits.Length is > 0 and <= 78
        && (digits[0] != '0' || digits.Length == 1)
        && !digits.AsSpan().ContainsAnyExceptInRange('0', '9');
}
