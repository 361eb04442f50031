// CodecException: bytes that are not the encoding they should be, with the offset and the way out.
namespace Lockstep.Chains.Evm.Codec;

/// <summary>The only exception that reading RLP, ABI data or a transaction throws for what the
/// bytes hold.</summary>
public sealed class CodecException : FormatException
{
    /// <summary>Names the place and what is wrong there.</summary>
    /// <param name="position">Offset from the first byte given to the decoder.</param>
    /// <param name="message">What is wrong, and what would be right.</param>
    public CodecException(int position, string message)
        : base($"byte {position}: {message}") => Position = position;

    /// <summary>Offset of the fault from the first byte given to the decoder.</summary>
    public int Position { get; }
}
