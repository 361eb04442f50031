// ThresholdCertificate: m-of-n ECDSA signatures over one digest, one encoding, strict to check.
namespace Lockstep.Crypto;

/// <summary>Why a certificate does not hold.</summary>
public enum CertificateFault
{
    /// <summary>It holds.</summary>
    None,

    /// <summary>The bytes are no whole number of signatures.</summary>
    Length,

    /// <summary>Fewer signatures than the quorum.</summary>
    TooFew,

    /// <summary>More signatures than signers.</summary>
    TooMany,

    /// <summary>A signature is malformed, malleated or nobody's.</summary>
    Signature,

    /// <summary>A signer is not of the committee; another digest or a changed byte shows so too.
    /// </summary>
    Stranger,

    /// <summary>The signers' addresses do not ascend strictly, as where one signs twice.</summary>
    Order,
}

/// <summary>Proof that a quorum signed: r || s || v of each signer, 65 bytes, v 27 or 28, s low,
/// by signer address strictly ascending. So a contract checks order and membership in one walk,
/// and no signer counts twice.</summary>
/// <remarks>The digest is of EIP-712, so that it binds chain and contract.</remarks>
public static class ThresholdCertificate
{
    /// <summary>Makes the certificate of the quorum's lowest addresses among those who signed.
    /// Signatures of strangers and repeated ones are passed over: they may come from anyone.
    /// </summary>
    /// <returns>False where fewer than the quorum signed.</returns>
    /// <exception cref="ArgumentNullException">No committee or no signatures.</exception>
    public static bool TryAssemble(
        Committee committee, in Hash32 digest, IEnumerable<EcdsaSignature> signatures,
        out byte[] certificate)
    {
        ArgumentNullException.ThrowIfNull(committee);
        ArgumentNullException.ThrowIfNull(signatures);
        List<(EvmAddress, EcdsaSignature)> known = [];
        foreach (EcdsaSignature signature in signatures)
            if (Secp256k1.TryRecover(digest, signature, out EvmAddress signer))
                known.Add((signer, signature));
        return TryAssemble(committee, known, out certificate);
    }

    /// <summary>The same of signatures whose signers are known to be these.</summary>
    /// <returns>False where fewer than the quorum signed.</returns>
    /// <exception cref="ArgumentNullException">No committee or no signatures.</exception>
    public static bool TryAssemble(
        Committee committee, IEnumerable<(EvmAddress Signer, EcdsaSignature Signature)> known,
        out byte[] certificate)
    {
        ArgumentNullException.ThrowIfNull(committee);
        ArgumentNullException.ThrowIfNull(known);
        SortedDictionary<int, EcdsaSignature> bySigner = [];
        foreach ((EvmAddress signer, EcdsaSignature signature) in known)
            if (committee.IndexOf(signer) is >= 0 and int index)
                bySigner.TryAdd(index, signature);
        certificate = [];
        if (bySigner.Count < committee.Quorum) return false;
        certificate = new byte[committee.Quorum * EcdsaSignature.Size];
        int at = 0;
        foreach (EcdsaSignature signature in bySigner.Values.Take(committee.Quorum))
        {
            signature.WriteTo(certificate.AsSpan(at));
            at += EcdsaSignature.Size;
        }
        return true;
    }

    /// <summary>Checks a certificate over a digest.</summary>
    /// <returns>The first thing that is wrong; <see cref="CertificateFault.None"/> where it holds.
    /// </returns>
    /// <exception cref="ArgumentNullException">No committee.</exception>
    public static CertificateFault Check(
        Committee committee, in Hash32 digest, ReadOnlySpan<byte> certificate)
    {
        ArgumentNullException.ThrowIfNull(committee);
        (int given, int rest) = Math.DivRem(certificate.Length, EcdsaSignature.Size);
        if (rest != 0) return CertificateFault.Length;
        if (given < committee.Quorum) return CertificateFault.TooFew;
        if (given > committee.Signers.Count) return CertificateFault.TooMany;
        int last = -1;
        for (; !certificate.IsEmpty; certificate = certificate[EcdsaSignature.Size..])
        {
            if (!EcdsaSignature.TryRead(
                    certificate[..EcdsaSignature.Size], out EcdsaSignature signature)
                || !Secp256k1.TryRecover(digest, signature, out EvmAddress signer))
            {
                return CertificateFault.Signature;
            }
            int index = committee.IndexOf(signer);
            if (index < 0) return CertificateFault.Stranger;
            if (index <= last) return CertificateFault.Order;
            last = index;
        }
        return CertificateFault.None;
    }
}
