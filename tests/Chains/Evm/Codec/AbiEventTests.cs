// AbiEventTests: logs that ethers writes read back; logs of other events are refused.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Tests.Crypto;
using Xunit;

namespace Lockstep.Tests.Chains.Evm.Codec;

public sealed class AbiEventTests
{
    [Fact]
    public void Log_OfEthersReadsBack()
    {
        foreach (JsonElement one in EvmVectors.Codec("events"))
        {
            AbiEvent form = AbiEvent.Parse(one.Text("signature"));
            Hash32[] topics = Topics(one);
            AbiValue expected = AbiGen.FromJson(form.Parameters, one.GetProperty("values"));
            AbiValue read = form.Decode(topics, one.Bytes("data"));
            Assert.Equal(topics[0], form.Topic);
            for (int i = 0, topic = 0; i < read.Count; i++)
            {
                AbiParameter parameter = form.Parameters.Members[i];
                if (parameter.IsIndexed) topic++;
                bool hashed = parameter.IsIndexed && parameter.Type.IsDynamic;
                Assert.Equal(hashed ? topics[topic] : expected[i], read[i]);
                if (parameter.IsIndexed && !hashed)
                    Assert.Equal(topics[topic], AbiEvent.TopicOf(parameter.Type, expected[i]));
            }
        }
    }

    [Fact]
    public void Decode_WhenTheLogIsOfAnother_IsRefused()
    {
        AbiEvent sync = AbiEvent.Parse("Sync(uint112 reserve0, uint112 reserve1)");
        byte[] data = new byte[64];
        Assert.Equal(2, sync.Decode([sync.Topic], data).Count);
        Assert.Throws<CodecException>(() => sync.Decode([], data));
        Assert.Throws<CodecException>(() => sync.Decode([default], data));
        Assert.Throws<CodecException>(() => sync.Decode([sync.Topic, default], data));
        Assert.Throws<CodecException>(() => sync.Decode([sync.Topic], data.AsSpan(1)));
        data[0] = 1;
        var error = Assert.Throws<CodecException>(() => sync.Decode([sync.Topic], data));
        Assert.Equal(32, error.Position);
    }

    [Theory]
    [InlineData("E")]
    [InlineData("E(")]
    [InlineData("(bool)")]
    [InlineData("1E(bool)")]
    [InlineData("E(bool indexed indexed x y)")]
    [InlineData("E(bool)(bool)")]
    [InlineData("E(bool indexed,bool indexed,bool indexed,bool indexed)")]
    public void Parse_WhenTextIsNoEvent_IsRefused(string text) =>
        Assert.Throws<FormatException>(() => AbiEvent.Parse(text));

    [Fact]
    public void Topic_WhenTheTypeTakesMoreThanAWord_IsRefused() =>
        Assert.Throws<ArgumentException>(() =>
            AbiEvent.TopicOf(AbiType.Parse("string"), "text"));

    private static Hash32[] Topics(JsonElement one) =>
        [.. one.GetProperty("topics").EnumerateArray().Select(t => Hash32.Parse(t.GetString()))];
}
