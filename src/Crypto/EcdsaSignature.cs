// EcdsaSignature: r, s and the parity of R's y over secp256k1; 65 bytes r || s || v, v 27 or 28.
using Lockstep.Numerics;

namespace Lockstep.Crypto;

/// <summary>A signature over secp256k1 from which its signer can be recovered.</summary>
/// <param name="R">x of the nonce's point R, modulo the group's order n.</param>
/// <param name="S">The proof; of s and n - s only the lower is taken here (EIP-2).</param>
/// <param name="YParity">Whether R's y is odd: 0 or 1.</param>
public readonly record struct EcdsaSignature(UInt256 R, UInt256 S, byte YParity)
{
    /// <summary>How many bytes r || s || v has.</summary>
    public const int Size = 65;

    private const byte FirstV = 27;

    /// <summary>Whether 0 &lt; r &lt; n, 0 &lt; s &lt;= n / 2 and the parity is 0 or 1. The twin
    /// (r, n - s) that anyone can make of a signature does not pass.</summary>
    public bool IsCanonical =>
        !R.IsZero && R < Secp256k1.Order
        && !S.IsZero && S <= Secp256k1.HalfOrder
        && YParity <= 1;

    /// <summary>Reads r || s || v.</summary>
    /// <returns>False where these are not 65 bytes, v is not 27 or 28, or the signature is not
    /// canonical.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EcdsaSignature signature)
    {
        signature = default;
        if (bytes.Length != Size || bytes[64] is not (FirstV or FirstV + 1)) return false;
        EcdsaSignature read = new(
            BigEndian.Read(bytes[..32]), BigEndian.Read(bytes[32..64]),
            (byte)(bytes[64] - FirstV));
        if (!read.IsCanonical) return false;
        signature = read;
        return true;
    }

    /// <summary>Writes r || s || v, as <c>ecrecover</c> and OpenZeppelin's ECDSA take it.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public void WriteTo(Span<byte> destination)
    {
        if (destination.Length < Size) throw new ArgumentException("a signature takes 65 bytes");
        BigEndian.Write(R, destination);
        BigEndian.Write(S, destination[32..]);
        destination[64] = (byte)(FirstV + YParity);
    }

    /// <summary>r || s || v, in a new array.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Size];
        WriteTo(bytes);
        return bytes;
    }
}
