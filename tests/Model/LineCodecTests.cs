// LineCodecTests: what is written is read back, unknown parts stay, malformed amounts never enter.
using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Lockstep.Model.Lines;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Model;

public sealed class LineCodecTests
{
    [Fact]
    public void Read_GivesBackWhatWasWritten() => LineGen.Any.Sample(line =>
    {
        byte[] written = Write(line);
        Line read = Read(written);
        Assert.Equal(line.GetType(), read.GetType());
        Assert.Equivalent(line, read, strict: true);
        Assert.Equal(written, Write(read));
    }, iter: 400);

    [Fact]
    public void Write_GivesOneLineOfJson() => LineGen.Any.Sample(line =>
    {
        byte[] written = Write(line);
        Assert.Equal(written.Length - 1, Array.IndexOf(written, (byte)'\n'));
        using JsonDocument json = JsonDocument.Parse(written);
        var names = json.RootElement.EnumerateObject().Select(p => p.Name).ToArray();
        Assert.Equal(["v", "kind"], names[..2]);
        Assert.DoesNotContain("extra", names);
        Assert.Equal(1, json.RootElement.GetProperty("v").GetInt32());
        Assert.Equal(line.Kind, json.RootElement.GetProperty("kind").GetString());
    }, iter: 400);

    [Fact]
    public void UnknownFields_StayAsTheyCame() => LineGen.Any.Sample(line =>
    {
        string written = Encoding.UTF8.GetString(Write(line));
        const string Later = ",\"zeta\":1.50,\"later\":[{\"a\":null},12345678901234567890]}\n";
        string text = written[..^2] + Later;
        Assert.Equal(text, Encoding.UTF8.GetString(Write(Read(Encoding.UTF8.GetBytes(text)))));
    }, iter: 400);

    [Theory]
    [InlineData("\"-1\"")]
    [InlineData("\"+1\"")]
    [InlineData("\"01\"")]
    [InlineData("\"00\"")]
    [InlineData("\" 1\"")]
    [InlineData("\"1 \"")]
    [InlineData("\"1.0\"")]
    [InlineData("\"1e3\"")]
    [InlineData("\"1_000\"")]
    [InlineData("\"0x10\"")]
    [InlineData("\"١\"")]
    [InlineData("\"\"")]
    [InlineData("1")]
    [InlineData("1.5")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("\"11579208923731619542357098500868790785326998466564056403945758400791312963"
        + "9936\"")]
    public void Amount_WhenNotCanonical_IsRefusedByField(string usd)
    {
        string text = Recordings.Price(1).Replace("\"1\"", usd, StringComparison.Ordinal);
        Assert.Null(LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault));
        Assert.Equal("$.usdE18", fault.Field);
    }

    [Theory]
    [InlineData("\"liquidity\":\"340282366920938463463374607431768211456\"", "$.liquidity")]
    [InlineData("\"liquidityNet\":[\"170141183460469231731687303715884105728\"]",
        "$.liquidityNet[0]")]
    [InlineData("\"liquidityNet\":[\"1\",\"-0\"]", "$.liquidityNet[1]")]
    [InlineData("\"liquidityNet\":[\"+1\"]", "$.liquidityNet[0]")]
    [InlineData("\"liquidityNet\":[\"-01\"]", "$.liquidityNet[0]")]
    [InlineData("\"ticks\":[2147483648]", "$.ticks[0]")]
    [InlineData("\"feePips\":-1", "$.feePips")]
    public void QuoteNumber_WhenOutOfRange_IsRefusedByField(string field, string path)
    {
        string text = """{"v":1,"kind":"quote","slot":1,"pool":"eip155:1:0xa",""" + field + "}";
        Assert.Null(LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault));
        Assert.Equal(path, fault.Field);
    }

    [Theory]
    [InlineData("eip155:1/erc20", "a CAIP-19 asset")]
    [InlineData("EIP155:1/erc20:0xa", "a CAIP-19 asset")]
    [InlineData("0xa", "a CAIP-19 asset")]
    public void Asset_WhenNotCaip19_IsRefusedByField(string asset, string expected)
    {
        string text = Recordings.Price(1)
            .Replace("eip155:1/erc20:0xa", asset, StringComparison.Ordinal);
        Assert.Null(LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault));
        Assert.Equal(("$.asset", $"'{asset}' is not {expected}"), (fault.Field, fault.Message));
    }

    [Theory]
    [InlineData("\"files\":[null],\"hops\":[null]", "$.hops[0]")]
    [InlineData("\"costs\":[],\"hops\":[],\"crossings\":[null]", "$.crossings[0]")]
    public void List_WhenItHoldsNull_IsRefusedByField(string lists, string field)
    {
        string text = """
            {"v":1,"kind":"trade","slot":1,"id":"x","cluster":"c","guarantee":"transaction",
            "asset":"eip155:1/erc20:0xa","amountIn":"1","amountOut":"1","grossMicroUsd":1,
            "netMicroUsd":1,"expectedMicroUsd":1,"staleSeconds":0,"truncated":false,"rank":1,
            """ + lists + (lists.Contains("costs", StringComparison.Ordinal) ? "}"
                : ",\"crossings\":[],\"costs\":[]}");
        Assert.Null(LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault));
        Assert.Equal((field, "null is not allowed in a list"), (fault.Field, fault.Message));
    }

    [Fact]
    public void Fault_WhenItQuotesControls_IsStillOneLine()
    {
        string text = Recordings.Price(1)
            .Replace("eip155:1/erc20:0xa", "\\u001b[2J\\n", StringComparison.Ordinal);
        Assert.Null(LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault));
        Assert.Equal("'?[2J?' is not a CAIP-19 asset", fault.Message);
    }

    [Fact]
    public void RequiredField_WhenMissing_IsNamed() => Assert.All(LineCodec.KnownKinds, kind =>
    {
        string text = $$"""{"v":1,"kind":"{{kind}}"}""";
        Assert.Null(LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault));
        string first = LineCodec.TypeInfo(kind).Properties.First(p => p.IsRequired).Name;
        Assert.Contains($"'{first}'", fault.Message, StringComparison.Ordinal);
    });

    private static byte[] Write(Line line)
    {
        ArrayBufferWriter<byte> buffer = new();
        LineCodec.Write(line, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static Line Read(byte[] written)
    {
        Line? read = LineCodec.Read(written.AsSpan(0, written.Length - 1), out LineFault fault);
        return read ?? throw new InvalidOperationException(
            $"{fault.Field}: {fault.Message}: {Encoding.UTF8.GetString(written)}");
    }
}
