// JsonHex: reads JSON-RPC's hex strings: quantities, data, hashes, addresses; never throws.
// Source: https://ethereum.org/developers/docs/apis/json-rpc/#conventions
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>Reads the hex strings of answers; false where the JSON holds something else.</summary>
public static class JsonHex
{
    private const int MaxWordDigits = 64;
    private const int LimbDigits = 16;

    /// <summary>Reads a quantity of up to 64 bits.</summary>
    public static bool TryQuantity(JsonElement value, out ulong quantity)
    {
        bool ok = TryQuantity(value, out UInt256 wide) && wide.FitsUInt64;
        quantity = ok ? wide.U0 : 0;
        return ok;
    }

    /// <summary>Reads a quantity that fits a long.</summary>
    public static bool TryQuantity(JsonElement value, out long quantity)
    {
        bool ok = TryQuantity(value, out ulong wide) && wide <= long.MaxValue;
        quantity = ok ? (long)wide : 0;
        return ok;
    }

    /// <summary>Reads a quantity of up to 256 bits; leading zeros pass, as some nodes send them.
    /// </summary>
    public static bool TryQuantity(JsonElement value, out UInt256 quantity)
    {
        quantity = default;
        if (!TryText(value, out string? text) || !text.StartsWith("0x", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> digits = text.AsSpan(2);
        if (digits.IsEmpty || digits.Length > MaxWordDigits) return false;
        Span<ulong> limbs = stackalloc ulong[4];
        limbs.Clear();
        for (int i = 0; !digits.IsEmpty; i++)
        {
            ReadOnlySpan<char> low = digits[Math.Max(0, digits.Length - LimbDigits)..];
            if (!ulong.TryParse(
                low, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out limbs[i]))
                return false;
            digits = digits[..^low.Length];
        }
        quantity = new UInt256(limbs[0], limbs[1], limbs[2], limbs[3]);
        return true;
    }

    /// <summary>Reads a quantity that is a field of an object.</summary>
    public static bool TryQuantity(JsonElement value, ReadOnlySpan<byte> field, out long quantity)
    {
        quantity = 0;
        return TryField(value, field, out JsonElement inner) && TryQuantity(inner, out quantity);
    }

    /// <summary>Reads a wide quantity that is a field of an object.</summary>
    public static bool TryQuantity(
        JsonElement value, ReadOnlySpan<byte> field, out UInt256 quantity)
    {
        quantity = default;
        return TryField(value, field, out JsonElement inner) && TryQuantity(inner, out quantity);
    }

    /// <summary>Reads data.</summary>
    public static bool TryData(JsonElement value, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        return TryText(value, out string? text) && Hex.TryParse(text, out bytes);
    }

    /// <summary>Reads data that is a field of an object.</summary>
    public static bool TryData(
        JsonElement value, ReadOnlySpan<byte> field, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        return TryField(value, field, out JsonElement inner) && TryData(inner, out bytes);
    }

    /// <summary>Reads a hash.</summary>
    public static bool TryHash(JsonElement value, out Hash32 hash)
    {
        hash = default;
        return TryText(value, out string? text) && Hash32.TryParse(text, out hash);
    }

    /// <summary>Reads a hash that is a field of an object.</summary>
    public static bool TryHash(JsonElement value, ReadOnlySpan<byte> field, out Hash32 hash)
    {
        hash = default;
        return TryField(value, field, out JsonElement inner) && TryHash(inner, out hash);
    }

    /// <summary>Reads an address.</summary>
    public static bool TryAddress(JsonElement value, out EvmAddress address)
    {
        address = default;
        return TryText(value, out string? text) && EvmAddress.TryParse(text, out address);
    }

    /// <summary>Reads an address that is a field of an object.</summary>
    public static bool TryAddress(
        JsonElement value, ReadOnlySpan<byte> field, out EvmAddress address)
    {
        address = default;
        return TryField(value, field, out JsonElement inner) && TryAddress(inner, out address);
    }

    /// <summary>Reads a field of an object.</summary>
    public static bool TryField(JsonElement value, ReadOnlySpan<byte> field, out JsonElement inner)
    {
        inner = default;
        return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(field, out inner);
    }

    private static bool TryText(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null;
    }
}
