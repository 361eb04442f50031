// SecretSeal: a bundle's secret as it may lie in a journal; AES-256-GCM under the operator's key.
using System.Security.Cryptography;
using System.Text;
using Lockstep.Crypto;

namespace Lockstep.Execution.Running;

/// <summary>Seals and opens secrets. The sealing key is HKDF-SHA256 of the operator's private key;
/// the hash lock is authenticated along, so that no seal fits another bundle.</summary>
public sealed class SecretSeal : IDisposable
{
    /// <summary>How many random bytes a seal takes.</summary>
    public const int NonceBytes = 12;

    private const int TagBytes = 16;
    private readonly AesGcm cipher;

    /// <summary>A seal of this operator.</summary>
    public SecretSeal(SigningKey operatorKey)
    {
        ArgumentNullException.ThrowIfNull(operatorKey);
        Span<byte> secret = stackalloc byte[32], derived = stackalloc byte[32];
        try
        {
            operatorKey.CopyTo(secret);
            HKDF.DeriveKey(
                HashAlgorithmName.SHA256, secret, derived, [],
                Encoding.UTF8.GetBytes("Lockstep bundle secrets 1"));
            cipher = new AesGcm(derived, TagBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>nonce || ciphertext || tag, as hex.</summary>
    /// <param name="secret">s.</param>
    /// <param name="nonce"><see cref="NonceBytes"/> bytes that were never used before.</param>
    /// <exception cref="ArgumentException">Other lengths.</exception>
    public string Seal(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> nonce)
    {
        if (nonce.Length != NonceBytes)
            throw new ArgumentException($"{NonceBytes} random bytes are needed");
        byte[] all = new byte[NonceBytes + secret.Length + TagBytes];
        nonce.CopyTo(all);
        cipher.Encrypt(
            nonce, secret, all.AsSpan(NonceBytes, secret.Length), all.AsSpan(^TagBytes),
            HashLock.Of(secret).ToArray());
        return Hex.Format(all);
    }

    /// <summary>The secret; null where this operator did not seal it, or not for this lock.
    /// </summary>
    public byte[]? Open(string sealedText, in Hash32 hashLock)
    {
        if (!Hex.TryParse(sealedText, out byte[]? all)
            || all.Length != NonceBytes + HashLock.SecretBytes + TagBytes)
            return null;
        byte[] secret = new byte[HashLock.SecretBytes];
        try
        {
            cipher.Decrypt(
                all.AsSpan(0, NonceBytes), all.AsSpan(NonceBytes, secret.Length),
                all.AsSpan(^TagBytes), secret, hashLock.ToArray());
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        return HashLock.Opens(secret, hashLock) ? secret : null;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => cipher.Dispose();
}
