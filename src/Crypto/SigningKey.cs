// SigningKey: a private key in memory with its address; forgets the bytes when disposed.
using System.Security.Cryptography;

namespace Lockstep.Crypto;

/// <summary>Signs in the name of one address. Its text is the address, never the key.</summary>
public sealed class SigningKey : IDisposable
{
    // Pinned, so that no copy stays behind when the collector moves things.
    private readonly byte[] key = GC.AllocateUninitializedArray<byte>(
        Secp256k1.KeyBytes, pinned: true);

    private bool forgotten;

    /// <summary>Copies a private key; the caller wipes its own.</summary>
    /// <param name="privateKey">32 bytes that spell 1 .. n - 1.</param>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public SigningKey(ReadOnlySpan<byte> privateKey)
    {
        Span<byte> publicKey = stackalloc byte[64];
        Secp256k1.PublicKey(privateKey, publicKey);
        privateKey.CopyTo(key);
        Address = EvmAddress.FromPublicKey(publicKey);
    }

    /// <summary>Whose signatures these are.</summary>
    public EvmAddress Address { get; }

    /// <inheritdoc cref="Secp256k1.Sign"/>
    /// <exception cref="ObjectDisposedException">The key was forgotten.</exception>
    public EcdsaSignature Sign(in Hash32 digest)
    {
        ObjectDisposedException.ThrowIf(forgotten, this);
        return Secp256k1.Sign(key, digest);
    }

    /// <summary>Copies the private key out, for a key file.</summary>
    /// <exception cref="ObjectDisposedException">The key was forgotten.</exception>
    /// <exception cref="ArgumentException">The destination is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> privateKey)
    {
        ObjectDisposedException.ThrowIf(forgotten, this);
        key.CopyTo(privateKey);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        forgotten = true;
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>The address.</summary>
    public override string ToString() => Address.ToString();
}
