// HashLock: 32 secret bytes and the Keccak hash that locks a claim until they are shown.
using System.Security.Cryptography;

namespace Lockstep.Crypto;

/// <summary>Keccak-256 locks over secrets of exactly 32 bytes. A fixed length on every chain keeps
/// a secret that one chain takes from being too long for another.</summary>
public static class HashLock
{
    /// <summary>How many bytes a secret has.</summary>
    public const int SecretBytes = 32;

    /// <summary>The lock that this secret opens.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Hash32 Of(ReadOnlySpan<byte> secret) => secret.Length == SecretBytes
        ? Keccak.Hash(secret)
        : throw new ArgumentException($"a secret has 32 bytes, not {secret.Length}");

    /// <summary>Whether these bytes open the lock; other lengths never do. Compares in constant
    /// time.</summary>
    public static bool Opens(ReadOnlySpan<byte> secret, in Hash32 hashLock)
    {
        if (secret.Length != SecretBytes) return false;
        Span<byte> shown = stackalloc byte[Hash32.Size], wanted = stackalloc byte[Hash32.Size];
        Keccak.Hash(secret, shown);
        hashLock.WriteTo(wanted);
        return CryptographicOperations.FixedTimeEquals(shown, wanted);
    }
}
