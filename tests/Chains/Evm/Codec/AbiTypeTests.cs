// AbiTypeTests: types read to their canonical names; what is no type is refused by its column.
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Xunit;

namespace Lockstep.Tests.Chains.Evm.Codec;

public sealed class AbiTypeTests
{
    [Theory]
    [InlineData("uint", "uint256")]
    [InlineData("int", "int256")]
    [InlineData("uint[]", "uint256[]")]
    [InlineData(" ( address to , uint256[2] [] amounts ) [3] ", "(address,uint256[2][])[3]")]
    [InlineData("((bool a) b, (string,bytes7) c)", "((bool),(string,bytes7))")]
    public void Type_WhenWrittenFreely_HasItsCanonicalName(string text, string name) =>
        Assert.Equal(name, AbiType.Parse(text).Name);

    [Fact]
    public void Type_ReadsBack() => AbiGen.TypeText(4).Sample(
        text =>
        {
            AbiType type = AbiType.Parse(text);
            Assert.Equal(text, type.Name);
            bool dynamic = text.Contains("[]", StringComparison.Ordinal)
                || text.Contains("string", StringComparison.Ordinal)
                || text.Replace("bytes", "*", StringComparison.Ordinal).Split('*').Skip(1)
                    .Any(rest => rest.Length == 0 || !char.IsAsciiDigit(rest[0]));
            Assert.Equal(dynamic, type.IsDynamic);
        },
        iter: 2_000);

    [Theory]
    [InlineData("")]
    [InlineData("()")]
    [InlineData("()[]")]
    [InlineData("(,)")]
    [InlineData("(bool,)")]
    [InlineData("(bool")]
    [InlineData("bool)")]
    [InlineData("bool bool")]
    [InlineData("bool[")]
    [InlineData("bool[0]")]
    [InlineData("bool[01]")]
    [InlineData("bool[-1]")]
    [InlineData("bool[1.5]")]
    [InlineData("bool[99999999999]")]
    [InlineData("bool[1024][1024]")]
    [InlineData("uint7")]
    [InlineData("uint08")]
    [InlineData("uint0")]
    [InlineData("uint264")]
    [InlineData("int12")]
    [InlineData("bytes0")]
    [InlineData("bytes33")]
    [InlineData("byte")]
    [InlineData("Uint256")]
    [InlineData("uint256\u0660")]
    [InlineData("function")]
    public void Parse_WhenTextIsNoType_IsRefused(string text)
    {
        var error = Assert.Throws<FormatException>(() => AbiType.Parse(text));
        Assert.StartsWith("column ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WhenTextIsDeepOrLong_IsRefused()
    {
        string brackets = string.Concat(Enumerable.Repeat("[]", AbiType.MaxDepth - 1));
        Assert.Equal(AbiType.MaxDepth, AbiType.Parse("bool" + brackets).Name.Split("[]").Length);
        string[] refused =
        [
            "bool" + brackets + "[]",
            new string('(', 5000) + "bool" + new string(')', 5000),
            new string('(', 20) + "bool" + new string(')', 20),
            "(bool" + brackets + ")",
            "(" + string.Join(',', Enumerable.Repeat("bool", 300)) + ")",
            new string('x', 9000),
        ];
        foreach (string text in refused)
        {
            var error = Assert.Throws<FormatException>(() => AbiType.Parse(text));
            Assert.InRange(error.Message.Length, 1, 400);
        }
    }

    [Fact]
    public void Parse_ThrowsNothingElse() =>
        Gen.OneOf("(", ")", ",", "[", "]", " ", "bool", "uint", "8", "2", "bytes", "x", "é")
            .Array[0, 12].Sample(
                parts =>
                {
                    try
                    {
                        AbiType.Parse(string.Concat(parts));
                    }
                    catch (FormatException)
                    {
                        // The one exception that is documented.
                    }
                },
                iter: 10_000);
}
