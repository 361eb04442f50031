// CurveTests: points, sums and signatures are BouncyCastle's, at corners and at random.
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Crypto.Digests;
using Xunit;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace Lockstep.Tests.Crypto;

public sealed class CurveTests
{
    private static readonly Org.BouncyCastle.Asn1.X9.X9ECParameters Curve =
        CustomNamedCurves.GetByName("secp256k1");

    private static readonly UInt256[] Corners =
    [
        1, 2, 3, 15, 16, 17, 255, UInt256.One << 64, UInt256.One << 127, UInt256.One << 128,
        (UInt256.One << 128) - 1, UInt256.One << 252, Secp256k1.HalfOrder,
        Secp256k1.HalfOrder + 1, Secp256k1.Order - 17, Secp256k1.Order - 16,
        Secp256k1.Order - 2, Secp256k1.Order - 1,
        // The eigenvalue of the endomorphism, its square, and their neighbours.
        UInt256.Parse("0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72"),
        UInt256.Parse("0xac9c52b33fa3cf1f5ad9e3fd77ed9ba4a880b9fc8ec739c2e0cfc810b51283ce"),
    ];

    private static readonly Gen<UInt256> Scalar = Gen.Frequency(
        (1, Gen.Int[0, Corners.Length - 1].Select(at => Corners[at])),
        (3, Gen.ULong.Array[4].Select(u => new UInt256(u[0], u[1], u[2], u[3]))
            .Where(x => !x.IsZero && x < Secp256k1.Order)));

    [Fact]
    public void PublicKey_IsBouncyCastles() => Scalar.Sample(
        k =>
        {
            byte[] mine = new byte[64];
            Secp256k1.PublicKey(Bytes(k), mine);
            Assert.Equal(
                Curve.G.Multiply(Integer(k)).Normalize().GetEncoded(false)[1..], mine);
        },
        iter: 500);

    [Fact]
    public void Sign_IsBouncyCastles() => Gen.Select(Scalar, Scalar).Sample(
        (k, digest) =>
        {
            EcdsaSignature mine = Secp256k1.Sign(Bytes(k), Hash(digest));
            ECDsaSigner signer = new(new HMacDsaKCalculator(new Sha256Digest()));
            signer.Init(true, new ECPrivateKeyParameters(
                Integer(k), new ECDomainParameters(Curve)));
            BigInteger[] its = signer.GenerateSignature(Bytes(digest));
            Assert.Equal(Integer(mine.R), its[0]);
            Assert.Equal(Integer(mine.S), its[1].Min(Curve.N.Subtract(its[1])));
        },
        iter: 300);

    /// <summary>Keys that nobody signed with: r, s and digest are free.</summary>
    [Fact]
    public void Recover_IsBouncyCastles() => Gen.Select(Scalar, Scalar, Scalar, Gen.Bool).Sample(
        (r, s, digest, odd) =>
        {
            s = UInt256.Min(s, Secp256k1.Order - s);
            byte[] mine = new byte[64];
            bool found = Secp256k1.TryRecoverKey(
                Hash(digest), new EcdsaSignature(r, s, odd ? (byte)1 : (byte)0), mine);
            byte[] x = [odd ? (byte)3 : (byte)2, .. Bytes(r)];
            Org.BouncyCastle.Math.EC.ECPoint point;
            try
            {
                point = Curve.Curve.DecodePoint(x);
            }
            catch (ArgumentException)
            {
                Assert.False(found);
                return;
            }
            BigInteger n = Curve.N, inverse = Integer(r).ModInverse(n);
            var key = point.Multiply(Integer(s).Multiply(inverse).Mod(n)).Subtract(
                Curve.G.Multiply(Integer(digest).Multiply(inverse).Mod(n))).Normalize();
            Assert.Equal(!key.IsInfinity, found);
            if (found) Assert.Equal(key.GetEncoded(false)[1..], mine);
        },
        iter: 400);

    /// <summary>Where R = G, s = 1 and the digest is d, the key is (1 - d) / r G: d = 1 gives
    /// infinity, and nobody is found.</summary>
    [Fact]
    public void Recover_WhenTheKeyIsInfinity_FindsNobody()
    {
        UInt256 gx = UInt256.Parse(
            "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        byte[] key = new byte[64];
        Assert.False(Secp256k1.TryRecoverKey(Hash(1), new EcdsaSignature(gx, 1, 0), key));
        Assert.True(Secp256k1.TryRecoverKey(Hash(2), new EcdsaSignature(gx, 1, 0), key));
    }

    private static byte[] Bytes(in UInt256 x)
    {
        byte[] bytes = new byte[32];
        BigEndian.Write(x, bytes);
        return bytes;
    }

    private static Hash32 Hash(in UInt256 x) => new(Bytes(x));

    private static BigInteger Integer(in UInt256 x) => new(1, Bytes(x));
}
