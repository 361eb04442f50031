// IntrinsicGas: what a transaction pays before its first instruction runs, and at least; gas.
namespace Lockstep.Chains.Evm.Codec;

/// <summary>Gas by the shape of a transaction alone, by the rules since Prague. Rollups add the
/// price of their data on top, in wei.</summary>
public static class IntrinsicGas
{
    /// <summary>Every transaction.</summary>
    public const ulong Base = 21_000;

    /// <summary>Creating a contract (EIP-2).</summary>
    public const ulong Creation = 32_000;

    /// <summary>A word of creation code (EIP-3860).</summary>
    public const ulong CreationWord = 2;

    /// <summary>A zero byte of data; another byte costs four times as much (EIP-2028).</summary>
    public const ulong ZeroByte = 4;

    /// <summary>A zero byte under the floor; another byte is four times as much (EIP-7623).
    /// </summary>
    public const ulong FloorZeroByte = 10;

    /// <summary>An announced account (EIP-2930).</summary>
    public const ulong ListedAddress = 2_400;

    /// <summary>An announced slot (EIP-2930).</summary>
    public const ulong ListedKey = 1_900;

    /// <summary>Gas paid before the first instruction runs.</summary>
    public static ulong Of(EvmTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ulong words = ((ulong)transaction.Data.Length + 31) / 32;
        ulong gas = Base + (ZeroByte * Tokens(transaction.Data.Span))
            + (transaction.To is null ? Creation + (CreationWord * words) : 0);
        foreach (AccessListEntry entry in transaction.AccessList)
            gas += ListedAddress + (ListedKey * (ulong)entry.StorageKeys.Count);
        return gas;
    }

    /// <summary>Gas paid at the end at least, however little was used: data has a floor price.
    /// </summary>
    /// <remarks>https://eips.ethereum.org/EIPS/eip-7623</remarks>
    public static ulong Floor(EvmTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return Base + (FloorZeroByte * Tokens(transaction.Data.Span));
    }

    /// <summary>The least gas limit that a chain takes.</summary>
    public static ulong LeastLimit(EvmTransaction transaction) =>
        Math.Max(Of(transaction), Floor(transaction));

    /// <summary>Zero bytes, and four for each other byte.</summary>
    private static ulong Tokens(ReadOnlySpan<byte> data)
    {
        ulong zeros = (ulong)data.Count((byte)0);
        return (4 * (ulong)data.Length) - (3 * zeros);
    }
}
