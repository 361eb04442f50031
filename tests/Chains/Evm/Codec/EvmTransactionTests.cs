// EvmTransactionTests: bytes, hashes and senders equal ethers' and cast's; reading takes no other.
using System.Text.Json;
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Crypto;
using Xunit;

namespace Lockstep.Tests.Chains.Evm.Codec;

public sealed class EvmTransactionTests
{
    private static readonly JsonElement[] Cases = EvmVectors.Codec("transactions");

    [Fact]
    public void Signed_EqualsEthers()
    {
        foreach (JsonElement one in Cases)
        {
            EvmTransaction transaction = Read(one);
            using SigningKey key = new(one.Bytes("key"));
            SignedTransaction signed = transaction.Sign(key);
            Assert.Equal(one.Text("signingHash"), transaction.SigningHash().ToString());
            Assert.Equal(one.Text("raw"), Hex.Format(signed.Raw.Span));
            Assert.Equal(one.Text("hash"), signed.Hash.ToString());
            Assert.Equal(one.Text("from"), signed.Sender.ToString());
        }
    }

    [Fact]
    public void Decode_ReadsWhatEthersSigned()
    {
        foreach (JsonElement one in Cases)
        {
            SignedTransaction signed = SignedTransaction.Decode(one.Bytes("raw"));
            Assert.Equal(Read(one), signed.Transaction);
            Assert.Equal(one.Text("from"), signed.Sender.ToString());
            Assert.Equal(one.Text("hash"), signed.Hash.ToString());
            Assert.Equal(one.Text("raw"), Hex.Format(signed.Raw.Span));
        }
    }

    [Fact]
    public void Signed_EqualsTheExampleOfEip155()
    {
        JsonElement example = EvmVectors.Published.GetProperty("eip155");
        EvmTransaction transaction = Read(example);
        using SigningKey key = new(example.Bytes("key"));
        Assert.Equal(example.Text("signingHash"), transaction.SigningHash().ToString());
        Assert.Equal(example.Text("raw"), Hex.Format(transaction.Sign(key).Raw.Span));
    }

    [Fact]
    public void Decode_TakesOneEncodingAlone() =>
        Gen.Select(Gen.Int[0, Cases.Length - 1], Gen.Int[0, 10_000], Gen.Byte).Sample(
            (which, at, other) =>
            {
                byte[] raw = Cases[which].Bytes("raw");
                raw[at % raw.Length] = other;
                try
                {
                    Assert.Equal(raw, SignedTransaction.Decode(raw).Raw.ToArray());
                }
                catch (CodecException e)
                {
                    Assert.InRange(e.Position, 0, raw.Length);
                }
            },
            iter: 1_500);

    [Fact]
    public void Decode_WhenBytesAreRandom_ThrowsNothingElse() =>
        Gen.Select(Gen.OneOf<byte>(0, 1, 2, 3, 0xC0, 0xF8), Gen.Byte.Array[0, 200]).Sample(
            (first, rest) =>
            {
                Assert.Throws<CodecException>(() => SignedTransaction.Decode([first, .. rest]));
                Assert.Throws<CodecException>(() => SignedTransaction.Decode(rest));
            },
            iter: 2_000);

    [Fact]
    public void Decode_WhenTheSignatureIsMalleated_IsRefused()
    {
        foreach (JsonElement one in Cases.Take(30))
        {
            EvmTransaction transaction = Read(one);
            EcdsaSignature signature = SignedTransaction.Decode(one.Bytes("raw")).Signature;
            EcdsaSignature twin = new(
                signature.R, Secp256k1.Order - signature.S, (byte)(1 - signature.YParity));
            var error = Assert.Throws<CodecException>(
                () => SignedTransaction.Decode(Encode(transaction, one, twin)));
            Assert.Contains("low", error.Message, StringComparison.Ordinal);
            Assert.Equal(one.Text("raw"), Hex.Format(Encode(transaction, one, signature)));
        }
    }

    [Fact]
    public void Decode_WhenALegacySignatureNamesNoChain_IsRefused()
    {
        JsonElement example = EvmVectors.Published.GetProperty("eip155");
        byte[] raw = example.Bytes("raw");
        int v = raw.Length - 67;
        Assert.Equal(37, raw[v]);
        foreach (byte old in new byte[] { 27, 28, 35, 36 })
        {
            raw[v] = old;
            var error = Assert.Throws<CodecException>(() => SignedTransaction.Decode(raw));
            Assert.Equal(v, error.Position);
        }
    }

    [Fact]
    public void Sign_WhenFieldsContradict_IsRefused()
    {
        EvmTransaction sound = new()
        {
            ChainId = 1, Nonce = 0, GasLimit = 21_000, MaxFeePerGas = 5,
            MaxPriorityFeePerGas = 1, To = EvmAddress.Zero,
        };
        Assert.NotEqual(default, sound.SigningHash());
        EvmTransaction[] wrong =
        [
            sound with { ChainId = 0 },
            sound with { ChainId = EvmTransaction.MaxChainId + 1 },
            sound with { Nonce = ulong.MaxValue },
            sound with { MaxPriorityFeePerGas = 6 },
            sound with { Kind = TransactionKind.Legacy },
            sound with { Kind = TransactionKind.AccessList },
            sound with { Kind = (TransactionKind)3 },
            sound with
            {
                Kind = TransactionKind.Legacy, MaxPriorityFeePerGas = 0,
                AccessList = [new AccessListEntry(EvmAddress.Zero)],
            },
        ];
        foreach (EvmTransaction one in wrong)
            Assert.Throws<InvalidOperationException>(() => one.SigningHash());
        Assert.Equal(sound, sound with { Data = Array.Empty<byte>() });
        Assert.NotEqual(sound, sound with { Nonce = 1 });
    }

    [Fact]
    public void IntrinsicGas_FollowsTheStandards()
    {
        foreach (JsonElement one in Cases)
        {
            EvmTransaction transaction = Read(one);
            ulong gas = 21_000, floor = 21_000;
            foreach (byte b in transaction.Data.Span)
            {
                gas += b == 0 ? 4ul : 16;
                floor += b == 0 ? 10ul : 40;
            }
            if (transaction.To is null)
                gas += 32_000 + (2 * (ulong)Math.Ceiling(transaction.Data.Length / 32.0));
            gas += 2_400 * (ulong)transaction.AccessList.Count;
            gas += 1_900 * (ulong)transaction.AccessList.Sum(e => e.StorageKeys.Count);
            Assert.Equal(gas, IntrinsicGas.Of(transaction));
            Assert.Equal(Math.Max(gas, floor), IntrinsicGas.LeastLimit(transaction));
        }
    }

    private static EvmTransaction Read(JsonElement one)
    {
        string fee = one.TryGetProperty("gasPrice", out _) ? "gasPrice" : "maxFeePerGas";
        bool listed = one.TryGetProperty("accessList", out JsonElement list);
        return new EvmTransaction
        {
            Kind = (TransactionKind)one.GetProperty("type").GetInt32(),
            ChainId = (ulong)UInt256.Parse(one.Text("chainId")),
            Nonce = one.GetProperty("nonce").GetUInt64(),
            GasLimit = (ulong)UInt256.Parse(one.Text("gasLimit")),
            MaxFeePerGas = UInt256.Parse(one.Text(fee)),
            MaxPriorityFeePerGas = one.TryGetProperty("maxPriorityFeePerGas", out JsonElement tip)
                ? UInt256.Parse(tip.GetString()!) : UInt256.Zero,
            To = one.Text("to") is { } to ? EvmAddress.Parse(to) : null,
            Value = UInt256.Parse(one.Text("value")),
            Data = one.Bytes("data"),
            AccessList = listed ? [.. list.EnumerateArray().Select(Entry)] : [],
        };
    }

    private static AccessListEntry Entry(JsonElement json) => new(
        EvmAddress.Parse(json.Text("address")),
        [.. json.GetProperty("storageKeys").EnumerateArray()
            .Select(key => Hash32.Parse(key.GetString()))]);

    /// <summary>The case's bytes with another signature in its last three fields.</summary>
    private static byte[] Encode(
        EvmTransaction transaction, JsonElement one, EcdsaSignature signature)
    {
        bool legacy = transaction.Kind == TransactionKind.Legacy;
        byte[] raw = one.Bytes("raw");
        RlpItem fields = RlpItem.Decode(raw.AsSpan(legacy ? 0 : 1));
        RlpWriter writer = new();
        if (!legacy) writer.Raw(raw[0]);
        int list = writer.BeginList();
        foreach (RlpItem item in fields.Items!.SkipLast(3)) item.WriteTo(writer);
        writer.Number(legacy
            ? (2 * transaction.ChainId) + 35 + signature.YParity : signature.YParity);
        writer.Number(signature.R);
        writer.Number(signature.S);
        writer.EndList(list);
        return writer.ToArray();
    }
}
