// TypedStructTests: typed messages hash as ethers, cast and the standard's example have it.
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Crypto;
using Xunit;

namespace Lockstep.Tests.Chains.Evm.Codec;

public sealed class TypedStructTests
{
    private const string Mail =
        "Mail(Person from,Person to,string contents)Person(string name,address wallet)";

    [Fact]
    public void Message_HashesAsEthers()
    {
        foreach (JsonElement one in EvmVectors.Codec("typed")) CheckMessage(one);
    }

    [Fact]
    public void Message_HashesAsTheExampleOfEip712()
    {
        JsonElement example = EvmVectors.Published.GetProperty("eip712");
        CheckMessage(example);
        Assert.Equal(
            example.Text("typeHash"), TypedStruct.Parse(example.Text("type")).TypeHash.ToString());
        byte[] secret = Keccak.Hash(
            Encoding.UTF8.GetBytes(example.Text("keyIsKeccakOf"))).ToArray();
        using SigningKey key = new(secret);
        Assert.Equal(example.Text("address"), key.ToString());
        EcdsaSignature signature = key.Sign(Hash32.Parse(example.Text("digest")));
        Assert.Equal(example.Text("signature"), Hex.Format(signature.ToArray()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mail")]
    [InlineData("Mail(")]
    [InlineData("Mail(string)")]
    [InlineData("Mail(string a,)")]
    [InlineData("Mail(string a, string b)")]
    [InlineData("Mail(string  a)")]
    [InlineData(" Mail(string a)")]
    [InlineData("Mail(string a) ")]
    [InlineData("Mail(uint a)")]
    [InlineData("Mail(uint7 a)")]
    [InlineData("Mail(Person a)")]
    [InlineData("Mail(string a)Person(string b)")]
    [InlineData("Mail(Mail a)")]
    [InlineData("Mail(Mail[] a)")]
    [InlineData("Mail(A a)A(B b)B(A a)")]
    [InlineData("Mail(B b,A a)B(string x)A(string x)")]
    [InlineData("Mail(A a)A(string x)A(string x)")]
    [InlineData("Mail(string[0] a)")]
    [InlineData("Mail(string[1 a)")]
    public void Parse_WhenTextIsNoEncodeType_IsRefused(string text) =>
        Assert.Throws<FormatException>(() => TypedStruct.Parse(text));

    [Fact]
    public void Parse_WhenTextIsLong_IsRefused() =>
        Assert.Throws<FormatException>(() => TypedStruct.Parse(new string('A', 100_000)));

    [Fact]
    public void Hash_WhenValuesAreOfOtherTypes_IsRefused()
    {
        TypedStruct mail = TypedStruct.Parse(Mail);
        AbiValue person = AbiValue.List("Cow", EvmAddress.Zero);
        Assert.NotEqual(default, mail.Hash(person, person, "moo"));
        Assert.Throws<ArgumentException>(() => mail.Hash(person, person));
        Assert.Throws<ArgumentException>(() => mail.Hash(person, person, 1));
        Assert.Throws<ArgumentException>(() => mail.Hash(person, "Cow", "moo"));
        Assert.Throws<ArgumentException>(() => mail.Hash(person, AbiValue.List("Cow"), "moo"));
        TypedStruct pair = TypedStruct.Parse("Pair(uint8[2] x)");
        Assert.Throws<ArgumentException>(() => pair.Hash(AbiValue.List(1)));
        Assert.Throws<ArgumentException>(() => pair.Hash(AbiValue.List(1, 256)));
    }

    private static void CheckMessage(JsonElement one)
    {
        string text = one.Text("type");
        TypedStruct type = TypedStruct.Parse(text);
        Assert.Equal(text, type.EncodedType);
        AbiValue values = AbiGen.FromJson(Shape(text), one.GetProperty("values"));
        Hash32 hash = type.Hash(values.AsList());
        Assert.Equal(one.Text("structHash"), hash.ToString());
        TypedDomain domain = Domain(one.GetProperty("domain"));
        Assert.Equal(one.Text("separator"), domain.Separator().ToString());
        Assert.Equal(one.Text("digest"), domain.Digest(hash).ToString());
    }

    private static TypedDomain Domain(JsonElement json) => new(
        Name: Field(json, "name"),
        Version: Field(json, "version"),
        ChainId: Field(json, "chainId") is { } chain ? UInt256.Parse(chain) : null,
        VerifyingContract: Field(json, "verifyingContract") is { } contract
            ? EvmAddress.Parse(contract) : null,
        Salt: Field(json, "salt") is { } salt ? Hash32.Parse(salt) : null);

    private static string? Field(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement field) ? field.GetString() : null;

    /// <summary>The first struct as a tuple, with the structs it names written out.</summary>
    private static AbiType Shape(string encodedType)
    {
        string[][] definitions = [.. encodedType.Split(')', StringSplitOptions.RemoveEmptyEntries)
            .Select(definition => definition.Split('('))];
        Dictionary<string, string> members = definitions.ToDictionary(d => d[0], d => d[1]);
        return AbiType.Parse(Tuple(definitions[0][0]));

        string Tuple(string name) => $"({string.Join(',', members[name].Split(',')
            .Select(member => member.Split(' ')[0]).Select(Member))})";

        string Member(string type)
        {
            string[] parts = type.Split('[', 2);
            string element = members.ContainsKey(parts[0]) ? Tuple(parts[0]) : parts[0];
            return parts.Length == 1 ? element : $"{element}[{parts[1]}";
        }
    }
}
