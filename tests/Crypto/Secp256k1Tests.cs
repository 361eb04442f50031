// Secp256k1Tests: signatures equal ethers' and noble's byte for byte; malleated ones are refused.
using System.Text.Json;
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Crypto;

public sealed class Secp256k1Tests
{
    private static readonly Gen<byte[]> Key =
        Gen.Byte.Array[32].Where(bytes => Secp256k1.IsKey(bytes));

    private static readonly Gen<Hash32> Digest =
        Gen.Byte.Array[32].Select(bytes => new Hash32(bytes));

    [Fact]
    public void Sign_EqualsEthers()
    {
        foreach (JsonElement one in EvmVectors.Crypto("signatures"))
        {
            using SigningKey key = new(one.Bytes("key"));
            Hash32 digest = Hash32.Parse(one.Text("digest"));
            Assert.Equal(one.Text("address"), key.ToString());
            Assert.Equal(one.Text("signature"), Hex.Format(key.Sign(digest).ToArray()));
        }
    }

    [Fact]
    public void PublicKey_EqualsNoble()
    {
        byte[] publicKey = new byte[64];
        foreach (JsonElement one in EvmVectors.Crypto("signatures"))
        {
            Secp256k1.PublicKey(one.Bytes("key"), publicKey);
            Assert.Equal(one.Text("publicKey"), Hex.Format(publicKey));
        }
    }

    [Fact]
    public void Recover_FindsTheSigner()
    {
        byte[] publicKey = new byte[64];
        foreach (JsonElement one in EvmVectors.Crypto("signatures"))
        {
            Hash32 digest = Hash32.Parse(one.Text("digest"));
            Assert.True(EcdsaSignature.TryRead(one.Bytes("signature"), out var signature));
            Assert.True(Secp256k1.TryRecover(digest, signature, out EvmAddress signer));
            Assert.Equal(one.Text("address"), signer.ToString());
            Assert.True(Secp256k1.TryRecoverKey(digest, signature, publicKey));
            Assert.Equal(one.Text("publicKey"), Hex.Format(publicKey));
        }
    }

    [Fact]
    public void Signature_RoundTrips() => Gen.Select(Key, Digest).Sample(
        (key, digest) =>
        {
            using SigningKey signer = new(key);
            EcdsaSignature signature = signer.Sign(digest);
            Assert.True(signature.IsCanonical);
            Assert.Equal(signature, signer.Sign(digest));
            Assert.True(EcdsaSignature.TryRead(signature.ToArray(), out var read));
            Assert.Equal(signature, read);
            Assert.True(Secp256k1.TryRecover(digest, signature, out EvmAddress found));
            Assert.Equal(signer.Address, found);
        },
        iter: 300);

    [Fact]
    public void Signature_WhenMalleated_IsRefused() => Gen.Select(Key, Digest).Sample(
        (key, digest) =>
        {
            EcdsaSignature signature = Secp256k1.Sign(key, digest);
            EcdsaSignature twin = new(
                signature.R, Secp256k1.Order - signature.S, (byte)(1 - signature.YParity));
            Assert.False(twin.IsCanonical);
            Assert.False(EcdsaSignature.TryRead(twin.ToArray(), out _));
            Assert.False(Secp256k1.TryRecover(digest, twin, out _));
        },
        iter: 200);

    [Fact]
    public void Recover_WhenAnythingIsChanged_FindsAnother() =>
        Gen.Select(Key, Digest, Gen.Int[0, 64], Gen.Int[1, 255]).Sample(
            (key, digest, at, flip) =>
            {
                using SigningKey signer = new(key);
                byte[] bytes = signer.Sign(digest).ToArray();
                bytes[at] ^= (byte)flip;
                if (EcdsaSignature.TryRead(bytes, out EcdsaSignature changed)
                    && Secp256k1.TryRecover(digest, changed, out EvmAddress found))
                {
                    Assert.NotEqual(signer.Address, found);
                }
            },
            iter: 300);

    [Fact]
    public void Recover_NeverThrows()
    {
        UInt256 n = Secp256k1.Order;
        UInt256[] corners = [0, 1, 2, Secp256k1.HalfOrder, Secp256k1.HalfOrder + 1, n - 1, n,
            n + 1, UInt256.MaxValue];
        Gen<UInt256> scalar = Gen.Frequency(
            (1, Gen.OneOf(corners)),
            (3, Gen.Byte.Array[32].Select(bytes => BigEndian.Read(bytes))));
        Gen.Select(scalar, scalar, Gen.Byte[0, 3], Digest).Sample(
            (r, s, parity, digest) =>
            {
                EcdsaSignature signature = new(r, s, parity);
                bool canonical = !r.IsZero && r < n && !s.IsZero && s <= n / 2 && parity < 2;
                Assert.Equal(canonical, signature.IsCanonical);
                bool found = Secp256k1.TryRecover(digest, signature, out _);
                Assert.True(canonical || !found);
            },
            iter: 2_000);
    }

    [Fact]
    public void Sign_IsTheSameOnEveryThread()
    {
        JsonElement[] cases = EvmVectors.Crypto("signatures");
        Parallel.ForEach(cases, new ParallelOptions { MaxDegreeOfParallelism = 4 }, one =>
        {
            Hash32 digest = Hash32.Parse(one.Text("digest"));
            EcdsaSignature signature = Secp256k1.Sign(one.Bytes("key"), digest);
            Assert.Equal(one.Text("signature"), Hex.Format(signature.ToArray()));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Key_WhenOfAnotherLength_IsRefused(int length)
    {
        byte[] key = [.. Enumerable.Repeat((byte)1, length)];
        Assert.False(Secp256k1.IsKey(key));
        Assert.Throws<ArgumentException>(() => new SigningKey(key));
    }

    [Fact]
    public void Key_WhenOutsideTheGroup_IsRefused()
    {
        byte[] key = new byte[32];
        foreach (UInt256 value in new[] { UInt256.Zero, Secp256k1.Order, UInt256.MaxValue })
        {
            BigEndian.Write(value, key);
            Assert.False(Secp256k1.IsKey(key));
            Assert.Throws<ArgumentException>(() => new SigningKey(key));
            Assert.Throws<ArgumentException>(() => Secp256k1.Sign(key, default));
        }
    }

    [Fact]
    public void SigningKey_WhenDisposed_SignsNoMore()
    {
        SigningKey key = new(EvmVectors.Crypto("signatures")[^1].Bytes("key"));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign(default));
        Assert.Throws<ObjectDisposedException>(() => key.CopyTo(new byte[32]));
    }
}
