// EvmVectors: the cases in tests/vectors/evm, made by ethers and agreed to by noble and cast.
using System.IO.Compression;
using System.Text.Json;
using Lockstep.Crypto;

namespace Lockstep.Tests.Crypto;

/// <summary>Reads the vector files; see the README beside them.</summary>
internal static class EvmVectors
{
    private static readonly Lazy<JsonElement> CryptoFile = new(() => Packed("crypto.json.gz"));
    private static readonly Lazy<JsonElement> CodecFile = new(() => Packed("codec.json.gz"));

    private static readonly Lazy<JsonElement> KeystoreFile =
        new(() => Packed("keystores.json.gz"));

    /// <summary>Examples printed in the standards.</summary>
    public static JsonElement Published { get; } =
        JsonDocument.Parse(File.ReadAllBytes(PathOf("published.json"))).RootElement;

    public static JsonElement[] Crypto(string part) => Cases(CryptoFile.Value, part);

    public static JsonElement[] Codec(string part) => Cases(CodecFile.Value, part);

    public static JsonElement[] Keystores() => Cases(KeystoreFile.Value, "keystores");

    public static string Text(this JsonElement parent, string name) =>
        parent.GetProperty(name).GetString()!;

    public static byte[] Bytes(this JsonElement parent, string name) =>
        Hex.Parse(parent.Text(name));

    /// <summary>As many cases as the header says, and not none: a test can't pass on an empty
    /// list.</summary>
    private static JsonElement[] Cases(JsonElement root, string part)
    {
        JsonElement[] cases = [.. root.GetProperty(part).EnumerateArray()];
        int said = root.GetProperty("header").GetProperty("counts").GetProperty(part).GetInt32();
        return cases.Length == said && said > 0 ? cases
            : throw new InvalidDataException($"{part}: {cases.Length} cases, not {said}");
    }

    private static JsonElement Packed(string name)
    {
        using GZipStream file = new(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        return JsonDocument.Parse(file).RootElement;
    }

    private static string PathOf(string name) =>
        Path.Combine(AppContext.BaseDirectory, "vectors", "evm", name);
}
