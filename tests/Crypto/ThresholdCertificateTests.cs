// ThresholdCertificateTests: a quorum's certificate holds; less, doubled or changed it does not.
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Crypto;

public sealed class ThresholdCertificateTests
{
    private static readonly SigningKey[] Keys = [.. Enumerable.Range(1, 7).Select(Key)];
    private static readonly Committee Five =
        new(Keys.Take(5).Select(key => key.Address), 3);

    private static readonly Gen<Hash32> Digest =
        Gen.Byte.Array[32].Select(bytes => new Hash32(bytes));

    [Fact]
    public void Certificate_HoldsWhereAQuorumSigned() =>
        Gen.Select(Digest, Gen.Shuffle(Keys), Gen.Int[0, 7]).Sample(
            (digest, order, count) =>
            {
                SigningKey[] signing = order[..count];
                int members = signing.Count(key => Five.IndexOf(key.Address) >= 0);
                bool made = ThresholdCertificate.TryAssemble(
                    Five, digest, [.. signing.Select(key => key.Sign(digest)),
                        .. signing.Select(key => key.Sign(digest))], out byte[] certificate);
                Assert.Equal(members >= Five.Quorum, made);
                if (!made) return;
                Assert.Equal(Five.Quorum * EcdsaSignature.Size, certificate.Length);
                Assert.Equal(
                    CertificateFault.None, ThresholdCertificate.Check(Five, digest, certificate));
            },
            iter: 40);

    [Fact]
    public void Certificate_DoesNotDependOnTheOrderOfSignatures() =>
        Gen.Select(Digest, Gen.Shuffle(Keys[..5])).Sample(
            (digest, order) =>
            {
                ThresholdCertificate.TryAssemble(
                    Five, digest, Keys[..5].Select(key => key.Sign(digest)), out byte[] one);
                ThresholdCertificate.TryAssemble(
                    Five, digest, order.Select(key => key.Sign(digest)), out byte[] other);
                Assert.Equal(one, other);
            },
            iter: 10);

    [Fact]
    public void Certificate_WhenAByteIsChanged_DoesNotHold() =>
        Gen.Select(Digest, Gen.Int[0, (3 * 65) - 1], Gen.Int[1, 255]).Sample(
            (digest, at, flip) =>
            {
                byte[] certificate = Concatenate(digest, Five.Signers.Take(3));
                Assert.Equal(
                    CertificateFault.None, ThresholdCertificate.Check(Five, digest, certificate));
                certificate[at] ^= (byte)flip;
                Assert.NotEqual(
                    CertificateFault.None, ThresholdCertificate.Check(Five, digest, certificate));
            },
            iter: 100);

    [Fact]
    public void Certificate_WhenWrong_SaysHow()
    {
        Hash32 digest = Keccak.Hash("digest"u8);
        IReadOnlyList<EvmAddress> s = Five.Signers;
        EvmAddress stranger = Keys[6].Address;
        Check(CertificateFault.None, s[0], s[2], s[4]);
        Check(CertificateFault.None, s[0], s[1], s[2], s[3], s[4]);
        Check(CertificateFault.TooFew, s[0], s[1]);
        Check(CertificateFault.TooFew);
        Check(CertificateFault.TooMany, s[0], s[1], s[2], s[3], s[4], s[4]);
        Check(CertificateFault.Order, s[0], s[0], s[1]);
        Check(CertificateFault.Order, s[1], s[0], s[2]);
        Check(CertificateFault.Stranger, s[0], s[1], stranger);

        byte[] whole = Concatenate(digest, s.Take(3));
        Assert.Equal(
            CertificateFault.Length, ThresholdCertificate.Check(Five, digest, whole.AsSpan(1)));
        Assert.Equal(
            CertificateFault.Stranger,
            ThresholdCertificate.Check(Five, Keccak.Hash("another"u8), whole));
        EcdsaSignature.TryRead(whole.AsSpan(0, 65), out EcdsaSignature signature);
        EcdsaSignature twin = new(
            signature.R, Secp256k1.Order - signature.S, (byte)(1 - signature.YParity));
        twin.WriteTo(whole);
        Assert.Equal(
            CertificateFault.Signature, ThresholdCertificate.Check(Five, digest, whole));

        void Check(CertificateFault expected, params EvmAddress[] signers) => Assert.Equal(
            expected,
            ThresholdCertificate.Check(Five, digest, Concatenate(digest, signers)));
    }

    [Fact]
    public void Committee_WhenNoMajorityOrTwice_IsRefused()
    {
        EvmAddress[] four = [.. Keys.Take(4).Select(key => key.Address)];
        Assert.Equal(four.Order(), new Committee(four, 3).Signers);
        Assert.Throws<ArgumentException>(() => new Committee(four, 2));
        Assert.Throws<ArgumentException>(() => new Committee(four, 5));
        Assert.Throws<ArgumentException>(() => new Committee([], 0));
        Assert.Throws<ArgumentException>(() => new Committee([four[0], four[1], four[0]], 2));
        Assert.Throws<ArgumentException>(() => new Committee([four[0], EvmAddress.Zero], 2));
    }

    private static byte[] Concatenate(Hash32 digest, IEnumerable<EvmAddress> signers) =>
        [.. signers.SelectMany(signer =>
            Keys.Single(key => key.Address == signer).Sign(digest).ToArray())];

    private static SigningKey Key(int number)
    {
        byte[] key = new byte[32];
        BigEndian.Write((UInt256)number, key);
        return new SigningKey(key);
    }
}
