// RpcWireTests: requests and answers as bytes, against the specification's shapes and real errors.
using System.Text;
using System.Text.Json;
using CsCheck;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Evm.Rpc;

public static class RpcWireTests
{
    private static JsonElement Json(string text) => JsonElement.Parse(Encoding.UTF8.GetBytes(text));

    [Fact]
    public static void Request_WhenWritten_IsJsonRpc2()
    {
        JsonElement made = JsonElement.Parse(RpcWire.Request(
            7, RpcCall.Of("eth_getBalance", "0xab", "latest")).Span);
        Assert.Equal("2.0", made.GetProperty("jsonrpc").GetString());
        Assert.Equal(7, made.GetProperty("id").GetInt64());
        Assert.Equal("eth_getBalance", made.GetProperty("method").GetString());
        Assert.Equal("[\"0xab\",\"latest\"]", made.GetProperty("params").GetRawText());
    }

    [Theory]
    // geth, Nethermind and Parity, a wrapped one, and one without data.
    [InlineData("""{"code":3,"message":"execution reverted","data":"0x08c379a0"}""", "08c379a0")]
    [InlineData("""{"code":-32015,"message":"VM execution error","data":"Reverted 0x01"}""", "01")]
    [InlineData("""{"code":-32000,"message":"x reverted","data":{"data":"0x02"}}""", "02")]
    [InlineData("""{"code":-32000,"message":"execution reverted"}""", "")]
    public static void Reply_WhenTheEvmReverted_KeepsTheData(string error, string data)
    {
        RpcReply reply = RpcWire.Reply(Json($"{{\"id\":1,\"error\":{error}}}"), "n");
        Assert.Equal(RpcReason.Reverted, reply.Fault!.Reason);
        Assert.Equal(data, Convert.ToHexStringLower(reply.Fault.Data.Span));
    }

    [Theory]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":1,"result":1,"error":{"code":1,"message":""}}""")]
    [InlineData("""[]""")]
    [InlineData("""17""")]
    public static void Reply_WhenNeitherResultNorError_IsMalformed(string text) =>
        Assert.Equal(RpcReason.Malformed, RpcWire.Reply(Json(text), "n").Fault!.Reason);

    [Fact]
    public static void Parse_WhenAFieldStandsTwice_Refuses() =>
        Assert.False(RpcWire.TryParse("{\"id\":1,\"id\":2,\"result\":1}"u8, out _, out _));

    [Fact]
    public static void Replies_InAnyOrderWithAnyMissing_StandWhereTheyWereAsked() =>
        Gen.Shuffle(Enumerable.Range(0, 6).ToArray()).Select(Gen.Int[0, 6]).Sample((order, kept) =>
        {
            string[] answers = [.. order.Take(kept)
                .Select(i => $"{{\"id\":{40 + i},\"result\":{i}}}")];
            RpcReply[] replies = RpcWire.Replies(
                Json($"[{string.Join(",", answers)}]"), 40, 6, "n");
            for (int i = 0; i < 6; i++)
            {
                bool there = order.Take(kept).Contains(i);
                Assert.Equal(there, replies[i].IsOk);
                if (there) Assert.Equal(i, replies[i].Result.GetInt32());
                else Assert.Equal(RpcReason.Malformed, replies[i].Fault!.Reason);
            }
        });

    [Fact]
    public static void Quantity_BackAndForth_IsTheSame() =>
        Gen.ULong.Array[4].Sample(limbs =>
        {
            var value = new UInt256(limbs[0], limbs[1], limbs[2], limbs[3]);
            Assert.True(JsonHex.TryQuantity(Json($"\"{Hex.Quantity(value)}\""), out UInt256 back));
            Assert.Equal(value, back);
        });

    [Theory]
    [InlineData("\"0x\"")]
    [InlineData("\"12\"")]
    [InlineData("\"0xg\"")]
    [InlineData("\"0x-1\"")]
    [InlineData("\"0x00000000000000000000000000000000000000000000000000000000000000000\"")]
    [InlineData("null")]
    [InlineData("5")]
    public static void Quantity_WhenItIsNone_IsRefused(string json) =>
        Assert.False(JsonHex.TryQuantity(Json(json), out UInt256 _));

    [Fact]
    public static void Framer_CutAnywhere_GivesTheSameMessages() =>
        Gen.Select(Gen.Int[0, 1 << 30], Gen.Int[1, 40]).Sample((seed, largest) =>
        {
            string[] said =
            [
                """{"id":1,"result":"a}b{\"]["}""", "[{\"id\":2},[]]", "{}",
                "{\"t\":\"" + new string('x', 9000) + "\\\\\"}",
            ];
            byte[] stream = Encoding.UTF8.GetBytes(string.Join("\n", said));
            var framer = new JsonFramer(1 << 20);
            var cuts = new Random(seed);
            var got = new List<string>();
            for (int at = 0; at < stream.Length;)
            {
                Memory<byte> room = framer.Room();
                int count = Math.Min(
                    Math.Min(room.Length, stream.Length - at),
                    cuts.Next(1, largest * (1 + cuts.Next(100))));
                stream.AsMemory(at, count).CopyTo(room);
                framer.Advance(count);
                at += count;
                while (framer.TryTake(out ReadOnlyMemory<byte> one))
                    got.Add(Encoding.UTF8.GetString(one.Span));
            }
            Assert.Equal(said, got);
        }, iter: 200);

    [Fact]
    public static void Framer_WhenAMessageDoesNotEnd_RefusesAtTheBound()
    {
        var framer = new JsonFramer(10_000);
        RpcPipeException refused = Assert.Throws<RpcPipeException>(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Memory<byte> room = framer.Room();
                room.Span.Fill((byte)'[');
                framer.Advance(room.Length);
                framer.TryTake(out _);
            }
        });
        Assert.Equal(RpcReason.Oversize, refused.Reason);
    }
}
