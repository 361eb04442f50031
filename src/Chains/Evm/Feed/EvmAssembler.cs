// EvmAssembler: EVM bytecode from mnemonics and labels; only what the lenses need.
// Source: https://www.evm.codes (Shanghai: PUSH0).
using System.Buffers.Binary;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Instructions of the EVM that the lenses use.</summary>
internal enum Op : byte
{
    Add = 0x01, Mul = 0x02, Sub = 0x03, Lt = 0x10, Gt = 0x11, Slt = 0x12, IsZero = 0x15,
    And = 0x16, Or = 0x17, Shl = 0x1b, Shr = 0x1c, CallDataLoad = 0x35, CallDataSize = 0x36,
    ReturnDataSize = 0x3d, Pop = 0x50, MLoad = 0x51, MStore = 0x52, Jump = 0x56, JumpI = 0x57,
    JumpDest = 0x5b, Push0 = 0x5f, Dup1 = 0x80, Dup2, Dup3, Dup4, Dup5, Dup6, Dup7, Dup8, Dup9,
    Swap1 = 0x90, Swap2, Swap3, Return = 0xf3, StaticCall = 0xfa, Revert = 0xfd,
}

/// <summary>Writes code; labels become two-byte jumps when it is done.</summary>
internal sealed class EvmAssembler
{
    private const byte Push1 = 0x60;
    private readonly List<byte> code = [];
    private readonly Dictionary<string, int> labels = new(StringComparer.Ordinal);
    private readonly List<(int At, string Label)> jumps = [];

    internal EvmAssembler Emit(params ReadOnlySpan<Op> ops)
    {
        foreach (Op op in ops) code.Add((byte)op);
        return this;
    }

    /// <summary>Pushes a number in as few bytes as it takes.</summary>
    internal EvmAssembler Push(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        ReadOnlySpan<byte> shortest = ((ReadOnlySpan<byte>)bytes).TrimStart((byte)0);
        if (shortest.IsEmpty) return Emit(Op.Push0);
        code.Add((byte)(Push1 + shortest.Length - 1));
        code.AddRange(shortest);
        return this;
    }

    /// <summary>A place to jump to.</summary>
    internal EvmAssembler Label(string name)
    {
        labels.Add(name, code.Count);
        return Emit(Op.JumpDest);
    }

    /// <summary>Jumps.</summary>
    internal EvmAssembler Jump(string label) => Target(label).Emit(Op.Jump);

    /// <summary>Jumps if the top of the stack is not zero.</summary>
    internal EvmAssembler JumpIf(string label) => Target(label).Emit(Op.JumpI);

    /// <summary>The bytes.</summary>
    internal byte[] Assemble()
    {
        byte[] bytes = [.. code];
        foreach ((int at, string label) in jumps)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)labels[label]);
        return bytes;
    }

    private EvmAssembler Target(string label)
    {
        code.Add(Push1 + 1);
        jumps.Add((code.Count, label));
        code.AddRange([0, 0]);
        return this;
    }
}
