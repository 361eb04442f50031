// Keystore: version 3 key files (scrypt or pbkdf2, AES-128-CTR, Keccak MAC), read and written.
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Generators;

namespace Lockstep.Crypto;

/// <summary>What a guess of the password costs: scrypt's numbers.</summary>
/// <param name="N">Rounds, a power of two; memory is 128 N R bytes.</param>
/// <param name="R">Block size.</param>
/// <param name="P">Repetitions.</param>
public readonly record struct KeystoreCost(int N, int R, int P)
{
    /// <summary>256 MiB for each guess: go-ethereum's choice.</summary>
    public static KeystoreCost Standard => new(1 << 18, 8, 1);

    /// <summary>4 MiB for each guess: for throwaway keys alone.</summary>
    public static KeystoreCost Light => new(1 << 12, 8, 1);
}

/// <summary>Key files as bytes; where they lie and who may read them is the caller's.</summary>
/// <remarks>https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
/// </remarks>
public static class Keystore
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxFileBytes = 1 << 16;

    /// <summary>Random bytes that <see cref="Seal"/> takes: salt 32, nonce 16, id 16.</summary>
    public const int RandomBytes = 64;

    private const int DerivedBytes = 32;
    private const long MaxScryptBytes = 1L << 29;
    private const int MaxScryptBlock = 64;
    private const int MaxScryptPasses = 16;
    private const int MaxPbkdf2Rounds = 10_000_000;

    /// <summary>Opens a key file.</summary>
    /// <param name="file">The JSON.</param>
    /// <param name="password">Its UTF-8 bytes, as they were when the file was made; the caller
    /// wipes them.</param>
    /// <exception cref="KeystoreException">The file gives no key with this password.</exception>
    public static SigningKey Open(ReadOnlyMemory<byte> file, ReadOnlySpan<byte> password)
    {
        KeystoreContent content = KeystoreContent.Read(file);
        RequireAffordable(content);
        Span<byte> derived = stackalloc byte[DerivedBytes];
        Span<byte> key = stackalloc byte[Secp256k1.KeyBytes];
        Span<byte> mac = stackalloc byte[Hash32.Size];
        try
        {
            Derive(content, password, derived);
            Authenticate(derived, content.Ciphertext, mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, content.Mac))
                throw new KeystoreException(KeystoreFault.Password, "the password is wrong");
            Crypt(derived, content.Nonce, content.Ciphertext, key);
            if (!Secp256k1.IsKey(key))
                throw new KeystoreException(KeystoreFault.Malformed, "it holds no private key");
            SigningKey opened = new(key);
            if (content.Address is not { } address || address == opened.Address) return opened;
            opened.Dispose();
            throw new KeystoreException(
                KeystoreFault.Address, $"it says {address}, but the key is of another address");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Makes a key file.</summary>
    /// <param name="key">The key.</param>
    /// <param name="password">Its UTF-8 bytes; the caller wipes them.</param>
    /// <param name="random"><see cref="RandomBytes"/> fresh bytes of a cryptographic source, never
    /// used before.</param>
    /// <param name="cost">What a guess shall cost.</param>
    /// <returns>The JSON; to be written where only its owner can read it.</returns>
    /// <exception cref="ArgumentException">Another number of random bytes, or a cost that
    /// <see cref="Open"/> would refuse.</exception>
    public static byte[] Seal(
        SigningKey key, ReadOnlySpan<byte> password, ReadOnlySpan<byte> random, KeystoreCost cost)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (random.Length != RandomBytes)
            throw new ArgumentException($"{RandomBytes} random bytes are needed");
        if (Unaffordable(cost) is { } fault) throw new ArgumentException(fault);
        KeystoreContent content = new()
        {
            Address = key.Address,
            Scrypt = cost,
            Salt = random[..32].ToArray(),
            Nonce = random[32..48].ToArray(),
            Ciphertext = new byte[Secp256k1.KeyBytes],
            Mac = new byte[Hash32.Size],
        };
        Span<byte> derived = stackalloc byte[DerivedBytes];
        Span<byte> secret = stackalloc byte[Secp256k1.KeyBytes];
        try
        {
            key.CopyTo(secret);
            Derive(content, password, derived);
            Crypt(derived, content.Nonce, secret, content.Ciphertext);
            Authenticate(derived, content.Ciphertext, content.Mac);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
            CryptographicOperations.ZeroMemory(secret);
        }
        return content.Write(random[48..]);
    }

    private static void RequireAffordable(KeystoreContent content)
    {
        string? fault = content.Scrypt is { } cost ? Unaffordable(cost)
            : content.Pbkdf2Rounds is < 1 or > MaxPbkdf2Rounds
                ? $"pbkdf2 with {content.Pbkdf2Rounds} rounds is not in 1 .. {MaxPbkdf2Rounds}"
            : null;
        if (fault is not null) throw new KeystoreException(KeystoreFault.Unsupported, fault);
    }

    private static string? Unaffordable(KeystoreCost cost) =>
        cost.N < 2 || (cost.N & (cost.N - 1)) != 0 || cost.R < 1 || cost.P < 1
            || cost.R > MaxScryptBlock || cost.P > MaxScryptPasses
            || 128L * cost.N * cost.R > MaxScryptBytes || (cost.R == 1 && cost.N >= 1 << 16)
            ? $"scrypt with n {cost.N}, r {cost.R}, p {cost.P}: n is a power of two, below 65536"
                + $" where r is 1 (RFC 7914), 128 n r at most {MaxScryptBytes}, r at most"
                + $" {MaxScryptBlock}, p at most {MaxScryptPasses}"
            : null;

    private static void Derive(
        KeystoreContent content, ReadOnlySpan<byte> password, Span<byte> derived)
    {
        if (content.Scrypt is { } cost)
        {
            byte[] copy = password.ToArray();
            byte[] made = SCrypt.Generate(
                copy, content.Salt, cost.N, cost.R, cost.P, DerivedBytes);
            made.CopyTo(derived);
            CryptographicOperations.ZeroMemory(made);
            CryptographicOperations.ZeroMemory(copy);
        }
        else
        {
            Rfc2898DeriveBytes.Pbkdf2(
                password, content.Salt, derived, content.Pbkdf2Rounds, HashAlgorithmName.SHA256);
        }
    }

    /// <summary>The MAC: Keccak over the second half of the derived key, then the ciphertext.
    /// </summary>
    private static void Authenticate(
        ReadOnlySpan<byte> derived, ReadOnlySpan<byte> ciphertext, Span<byte> mac)
    {
        Span<byte> bytes = stackalloc byte[(DerivedBytes / 2) + Secp256k1.KeyBytes];
        derived[(DerivedBytes / 2)..].CopyTo(bytes);
        ciphertext.CopyTo(bytes[(DerivedBytes / 2)..]);
        Keccak.Hash(bytes, mac);
        CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>AES-128-CTR under the first half of the derived key; its own inverse.</summary>
    private static void Crypt(
        ReadOnlySpan<byte> derived, ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> input, Span<byte> output)
    {
        const int Block = 16;
        Span<byte> counters = stackalloc byte[Secp256k1.KeyBytes];
        Span<byte> stream = stackalloc byte[Secp256k1.KeyBytes];
        nonce.CopyTo(counters);
        nonce.CopyTo(counters[Block..]);
        for (int i = (2 * Block) - 1; i >= Block; i--)
        {
            counters[i] = unchecked((byte)(counters[i] + 1));
            if (counters[i] != 0) break;
        }
        byte[] key = derived[..(DerivedBytes / 2)].ToArray();
        using Aes aes = Aes.Create();
        aes.Key = key;
        aes.EncryptEcb(counters, stream, PaddingMode.None);
        for (int i = 0; i < output.Length; i++) output[i] = (byte)(input[i] ^ stream[i]);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(stream);
    }
}
