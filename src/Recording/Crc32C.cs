// Crc32C: the Castagnoli checksum of bytes, by the processor where it can; RFC 3720, appendix B.4.
using System.Buffers.Binary;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Recording;

/// <summary>CRC-32C: polynomial 0x1EDC6F41, reflected, all ones in and out. It finds every burst
/// of up to 32 bits; of other damage it misses one case in 2^32.</summary>
internal static class Crc32C
{
    private const uint Reflected = 0x82F63B78;
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    /// <summary>The checksum of <paramref name="bytes"/>, behind bytes whose checksum is
    /// <paramref name="before"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint crc = ~before;
        if (Sse42.X64.IsSupported)
        {
            for (; bytes.Length >= 8; bytes = bytes[8..])
                crc = (uint)Sse42.X64.Crc32(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            foreach (byte one in bytes) crc = Sse42.Crc32(crc, one);
            return ~crc;
        }
        if (Crc32.Arm64.IsSupported)
        {
            for (; bytes.Length >= 8; bytes = bytes[8..])
                crc = Crc32.Arm64.ComputeCrc32C(
                    crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            foreach (byte one in bytes) crc = Crc32.ComputeCrc32C(crc, one);
            return ~crc;
        }
        return Plain(bytes, before);
    }

    /// <summary>The same by a table: for other processors, and the oracle of the tests.</summary>
    internal static uint Plain(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint crc = ~before;
        foreach (byte one in bytes) crc = Table[unchecked((byte)(crc ^ one))] ^ (crc >> 8);
        return ~crc;
    }

    private static uint Entry(int index)
    {
        uint crc = (uint)index;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Reflected;
        return crc;
    }
}
