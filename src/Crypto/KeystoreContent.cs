// KeystoreContent: the JSON of a version 3 key file, field by field, strict in what matters.
using System.Buffers;
using System.Text.Json;

namespace Lockstep.Crypto;

/// <summary>What a key file says.</summary>
internal sealed class KeystoreContent
{
    private const int MaxSaltBytes = 256;

    /// <summary>Whose key it is; null where the file does not say.</summary>
    public EvmAddress? Address { get; init; }

    /// <summary>Scrypt's cost; null for pbkdf2.</summary>
    public KeystoreCost? Scrypt { get; init; }

    /// <summary>Rounds of pbkdf2 with HMAC-SHA-256.</summary>
    public int Pbkdf2Rounds { get; init; }

    /// <summary>Salt of the derivation.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>The cipher's first counter block, 16 bytes.</summary>
    public required byte[] Nonce { get; init; }

    /// <summary>The key, encrypted; 32 bytes.</summary>
    public required byte[] Ciphertext { get; init; }

    /// <summary>What shows the password to be right; 32 bytes.</summary>
    public required byte[] Mac { get; init; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="KeystoreException">It is no key file of this kind.</exception>
    public static KeystoreContent Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length > Keystore.MaxFileBytes)
            throw Malformed($"{file.Length} bytes are more than {Keystore.MaxFileBytes}");
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                file, new JsonDocumentOptions { MaxDepth = 8 });
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new KeystoreException(KeystoreFault.Malformed, "it is not JSON", e);
        }
        catch (InvalidOperationException e)
        {
            // No object at the root, or a text that is no UTF-8: both show late.
            throw new KeystoreException(
                KeystoreFault.Malformed, "it is no object, or its texts are broken", e);
        }
    }

    /// <summary>Writes the file, with an id (UUID 4) of 16 random bytes.</summary>
    public byte[] Write(ReadOnlySpan<byte> id)
    {
        KeystoreCost cost = Scrypt ?? throw new InvalidOperationException("only scrypt is written");
        ArrayBufferWriter<byte> buffer = new(512);
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (Address is { } address) json.WriteString("address", address.ToLowerHex()[2..]);
            json.WriteStartObject("crypto");
            json.WriteString("cipher", "aes-128-ctr");
            json.WriteStartObject("cipherparams");
            json.WriteString("iv", Convert.ToHexStringLower(Nonce));
            json.WriteEndObject();
            json.WriteString("ciphertext", Convert.ToHexStringLower(Ciphertext));
            json.WriteString("kdf", "scrypt");
            json.WriteStartObject("kdfparams");
            json.WriteNumber("dklen", 32);
            json.WriteNumber("n", cost.N);
            json.WriteNumber("p", cost.P);
            json.WriteNumber("r", cost.R);
            json.WriteString("salt", Convert.ToHexStringLower(Salt));
            json.WriteEndObject();
            json.WriteString("mac", Convert.ToHexStringLower(Mac));
            json.WriteEndObject();
            json.WriteString("id", Uuid(id));
            json.WriteNumber("version", 3);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static KeystoreContent Read(JsonElement root)
    {
        if (Number(root, "version") != 3)
            throw new KeystoreException(KeystoreFault.Unsupported, "only version 3 is read");
        // Some old writers have a capital here.
        JsonElement crypto = Member(
            root, root.TryGetProperty("Crypto", out _) ? "Crypto" : "crypto");
        Require(crypto, "cipher", "aes-128-ctr");
        JsonElement parameters = Member(crypto, "kdfparams");
        if (Number(parameters, "dklen") != 32)
            throw new KeystoreException(KeystoreFault.Unsupported, "dklen is not 32");
        string kdf = Text(crypto, "kdf");
        bool scrypt = kdf == "scrypt";
        if (!scrypt && kdf != "pbkdf2")
            throw new KeystoreException(KeystoreFault.Unsupported, "kdf: not scrypt, not pbkdf2");
        if (!scrypt) Require(parameters, "prf", "hmac-sha256");
        return new KeystoreContent
        {
            Address = ReadAddress(root),
            Scrypt = scrypt
                ? new(Number(parameters, "n"), Number(parameters, "r"), Number(parameters, "p"))
                : null,
            Pbkdf2Rounds = scrypt ? 0 : Number(parameters, "c"),
            Salt = Bytes(parameters, "salt", 1, MaxSaltBytes),
            Nonce = Bytes(Member(crypto, "cipherparams"), "iv", 16, 16),
            Ciphertext = Bytes(crypto, "ciphertext", 32, 32),
            Mac = Bytes(crypto, "mac", 32, 32),
        };
    }

    private static EvmAddress? ReadAddress(JsonElement root)
    {
        if (!root.TryGetProperty("address", out _)) return null;
        return new EvmAddress(Bytes(root, "address", EvmAddress.Size, EvmAddress.Size));
    }

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member)
            ? member
            : throw Malformed($"{name} is missing");

    private static int Number(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } number
            && number.TryGetInt32(out int value)
            ? value
            : throw Malformed($"{name} is no whole number below 2^31");

    private static string Text(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.String } text
            ? text.GetString()!
            : throw Malformed($"{name} is no text");

    private static byte[] Bytes(JsonElement parent, string name, int least, int most)
    {
        string text = Text(parent, name);
        string digits = text.StartsWith("0x", StringComparison.Ordinal) ? text : "0x" + text;
        return Hex.TryParse(digits, out byte[]? bytes)
            && bytes.Length >= least && bytes.Length <= most
            ? bytes
            : throw Malformed($"{name} is not {least} to {most} bytes in hex");
    }

    private static void Require(JsonElement parent, string name, string wanted)
    {
        if (Text(parent, name) != wanted)
            throw new KeystoreException(KeystoreFault.Unsupported, $"{name} is not {wanted}");
    }

    private static string Uuid(ReadOnlySpan<byte> random)
    {
        Span<byte> id = stackalloc byte[16];
        random[..16].CopyTo(id);
        id[6] = (byte)((id[6] & 0x0F) | 0x40);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true).ToString("D");
    }

    private static KeystoreException Malformed(string message) =>
        new(KeystoreFault.Malformed, message);
}
