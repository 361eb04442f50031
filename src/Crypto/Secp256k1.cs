// Secp256k1: ECDSA over secp256k1 with RFC 6979 nonces and low s, and recovery of the signer.
using Lockstep.Numerics;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;
using Org.BouncyCastle.Utilities;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace Lockstep.Crypto;

/// <summary>Signing and recovery. A signature is a function of key and digest alone, so signing
/// needs no randomness and the same input gives the same bytes.</summary>
/// <remarks>Curve: https://www.secg.org/sec2-v2.pdf. Nonces: RFC 6979 with HMAC-SHA-256. Multiples
/// of the generator by a secret go through BouncyCastle's comb, which reads its tables in constant
/// time, and its constant-time inverse; its products modulo n are not constant-time, so keep keys
/// away from machines that strangers share.</remarks>
public static class Secp256k1
{
    /// <summary>How many bytes a private key has.</summary>
    public const int KeyBytes = 32;

    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");
    private static readonly FixedPointCombMultiplier Comb = new();

    /// <summary>The group's order n, a prime.</summary>
    public static UInt256 Order { get; } = UInt256.Parse(
        "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

    /// <summary>floor(n / 2), the largest s that is taken.</summary>
    public static UInt256 HalfOrder { get; } = Order >> 1;

    /// <summary>Whether these bytes are a private key: 32 of them, spelling 1 .. n - 1.</summary>
    public static bool IsKey(ReadOnlySpan<byte> key) =>
        key.Length == KeyBytes && BigEndian.Read(key) is var d && !d.IsZero && d < Order;

    /// <summary>Writes the public key: x and y, 32 bytes each.</summary>
    /// <exception cref="ArgumentException">Not a private key, or the destination is shorter than
    /// 64 bytes.</exception>
    public static void PublicKey(ReadOnlySpan<byte> key, Span<byte> publicKey)
    {
        ECPoint point = Comb.Multiply(Curve.G, Scalar(key)).Normalize();
        Write(point, publicKey);
    }

    /// <summary>Signs a digest.</summary>
    /// <param name="key">The private key, 32 bytes.</param>
    /// <param name="digest">What is signed: a hash, never bytes of a stranger's choice.</param>
    /// <returns>A canonical signature.</returns>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static EcdsaSignature Sign(ReadOnlySpan<byte> key, in Hash32 digest)
    {
        BigInteger n = Curve.N, d = Scalar(key), e = Integer(digest.ToUInt256());
        HMacDsaKCalculator nonces = new(new Sha256Digest());
        nonces.Init(n, d, digest.ToArray());
        while (true)
        {
            BigInteger k = nonces.NextK();
            ECPoint point = Comb.Multiply(Curve.G, k).Normalize();
            BigInteger x = point.AffineXCoord.ToBigInteger();
            BigInteger r = x.Mod(n);
            BigInteger s = BigIntegers.ModOddInverse(n, k).Multiply(e.Add(d.Multiply(r))).Mod(n);
            // Each has a chance of about 2^-128. With x >= n the parity alone would not tell R.
            if (r.SignValue == 0 || s.SignValue == 0 || x.CompareTo(n) >= 0) continue;
            bool odd = point.AffineYCoord.TestBitZero();
            UInt256 proof = Word(s);
            // n - s belongs to -R, whose y has the other parity.
            return proof > HalfOrder
                ? new EcdsaSignature(Word(r), Order - proof, odd ? (byte)0 : (byte)1)
                : new EcdsaSignature(Word(r), proof, odd ? (byte)1 : (byte)0);
        }
    }

    /// <summary>Finds who signed a digest: the one address for which the signature is valid.
    /// </summary>
    /// <returns>False where the signature is not canonical, or nobody's.</returns>
    /// <remarks>SEC 1, 4.1.6. Runs in variable time: everything here is public.</remarks>
    public static bool TryRecover(
        in Hash32 digest, in EcdsaSignature signature, out EvmAddress signer)
    {
        Span<byte> publicKey = stackalloc byte[64];
        bool found = TryRecoverKey(digest, signature, publicKey);
        signer = found ? EvmAddress.FromPublicKey(publicKey) : default;
        return found;
    }

    /// <summary>Like <see cref="TryRecover"/>, but gives the public key: x and y, 32 bytes each.
    /// </summary>
    public static bool TryRecoverKey(
        in Hash32 digest, in EcdsaSignature signature, Span<byte> publicKey)
    {
        if (!signature.IsCanonical || !TryLift(signature, out ECPoint? point)) return false;
        BigInteger n = Curve.N, r = Integer(signature.R);
        BigInteger inverse = BigIntegers.ModOddInverseVar(n, r);
        BigInteger byGenerator = n.Subtract(Integer(digest.ToUInt256()).Mod(n))
            .Multiply(inverse).Mod(n);
        BigInteger byPoint = Integer(signature.S).Multiply(inverse).Mod(n);
        ECPoint key = ECAlgorithms.SumOfTwoMultiplies(Curve.G, byGenerator, point, byPoint);
        if (key.IsInfinity) return false;
        Write(key.Normalize(), publicKey);
        return true;
    }

    /// <summary>The point R with this x and parity; false where the curve has none.</summary>
    private static bool TryLift(
        in EcdsaSignature signature,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ECPoint? point)
    {
        ECFieldElement x = Curve.Curve.FromBigInteger(Integer(signature.R));
        ECFieldElement? y = x.Square().Multiply(x).Add(Curve.Curve.B).Sqrt();
        point = null;
        if (y is null) return false;
        if (y.TestBitZero() != (signature.YParity == 1)) y = y.Negate();
        point = Curve.Curve.CreatePoint(x.ToBigInteger(), y.ToBigInteger());
        return true;
    }

    private static BigInteger Scalar(ReadOnlySpan<byte> key) => IsKey(key)
        ? new BigInteger(1, key)
        : throw new ArgumentException("not a private key: 32 bytes that spell 1 .. n - 1");

    private static BigInteger Integer(in UInt256 value)
    {
        Span<byte> word = stackalloc byte[BigEndian.WordBytes];
        BigEndian.Write(value, word);
        return new BigInteger(1, word);
    }

    private static UInt256 Word(BigInteger value)
    {
        Span<byte> word = stackalloc byte[BigEndian.WordBytes];
        BigIntegers.AsUnsignedByteArray(value, word);
        return BigEndian.Read(word);
    }

    private static void Write(ECPoint point, Span<byte> publicKey)
    {
        if (publicKey.Length < 64) throw new ArgumentException("a public key takes 64 bytes");
        point.AffineXCoord.EncodeTo(publicKey);
        point.AffineYCoord.EncodeTo(publicKey[32..]);
    }
}
