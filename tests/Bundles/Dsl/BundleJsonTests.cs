// BundleJsonTests: what the language can't say, a line can't say; each fault names its field.
using System.Text;
using Lockstep.Bundles.Dsl;
using Lockstep.Model.Lines;
using Xunit;

namespace Lockstep.Tests.Bundles.Dsl;

public sealed class BundleJsonTests
{
    private const string Head = """
        {"v":1,"kind":"bundle","name":"b","chains":[],"assets":[],"pools":[],"contracts":[],
        """;

    [Theory]
    [InlineData("\"blocks\":[{\"block\":\"tx\"}]", "$.blocks[0].on")]
    [InlineData("\"blocks\":[{\"block\":\"ring\"}]", "$.blocks[0].block")]
    [InlineData("\"blocks\":[{\"block\":\"tx\",\"on\":\"c\"}]", "$.blocks[0].body")]
    [InlineData("\"blocks\":[{\"block\":\"tx\",\"on\":\"c\",\"body\":[{\"op\":\"keep\"}]}]",
        "$.blocks[0].body[0].in")]
    [InlineData("\"blocks\":[{\"block\":\"tx\",\"on\":\"c\",\"body\":[{\"op\":\"keep\","
        + "\"in\":\"w\\nkeep v\"}]}]", "$.blocks[0].body[0].in")]
    [InlineData("\"blocks\":[{\"block\":\"tx\",\"on\":\"c\",\"body\":[{\"op\":\"take\","
        + "\"out\":\"u\",\"from\":\"h\",\"amount\":{\"whole\":\"1.50\",\"asset\":\"A\"}}]}]",
        "$.blocks[0].body[0].amount.whole")]
    [InlineData("\"blocks\":[{\"block\":\"tx\",\"on\":\"c\",\"body\":[{\"op\":\"take\","
        + "\"out\":\"u\",\"from\":\"h\",\"amount\":{\"whole\":\"1\",\"units\":\"1\","
        + "\"asset\":\"A\"}}]}]", "$.blocks[0].body[0].amount")]
    [InlineData("\"blocks\":[],\"limits\":{\"gas\":[],\"ttlMs\":-1}", "$.limits.ttlMs")]
    public void Field_WhenMissingOrMalformed_IsNamed(string rest, string field)
    {
        Assert.Null(BundleJson.FromLine(Line(rest), out LineFault fault));
        Assert.Equal(field, fault.Field);
    }

    [Fact]
    public void Step_WhenMisplaced_IsRefusedAsTheParserDoes()
    {
        BundleLine line = Line(
            "\"blocks\":[{\"block\":\"tx\",\"on\":\"c\",\"body\":[{\"op\":\"novate\","
            + "\"leg\":\"l\"}]}]");
        Assert.Null(BundleJson.FromLine(line, out LineFault fault));
        Assert.StartsWith("E015: 'novate' does not belong here", fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Line_WhenAsDeepAsTheParserTakes_IsReadAgain()
    {
        const int Depth = Parser.MaxNesting - 1;
        string text = "bundle b {" + string.Concat(Enumerable.Repeat("par {", Depth))
            + string.Concat(Enumerable.Repeat("} { }", Depth)) + "}";
        Bundle bundle = Assert.Single(Parser.Parse(text).Bundles);
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        LineCodec.Write(BundleJson.ToLine(bundle), buffer);
        Line? line = LineCodec.Read(buffer.WrittenSpan[..^1], out LineFault fault);
        Assert.True(line is not null, fault.ToString());
        Assert.Equal(bundle, BundleJson.FromLine((BundleLine)line, out _));
    }

    private static BundleLine Line(string rest)
    {
        Line? line = LineCodec.Read(Encoding.UTF8.GetBytes(Head + rest + "}"), out LineFault fault);
        Assert.True(line is BundleLine, fault.ToString());
        return (BundleLine)line;
    }
}
