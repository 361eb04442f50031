// Lens: code of ours that an eth_call puts at an address and that reads many pools in one answer.
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Three programs. Each is a loop over its call data; what a pool answers is packed behind
/// the last answer. A pool gets a bounded share of the gas, so that a hostile one costs no more
/// than its own answer.</summary>
/// <remarks>A note in brackets is the stack after the instructions before it, top at the right.
/// </remarks>
public static class Lens
{
    /// <summary>Bytes of an answer of <see cref="Reserves"/>: two numbers of 128 bits, or all ones
    /// where the pool has none.</summary>
    public const int ReserveBytes = 32;

    /// <summary>Bytes of an answer of <see cref="Prices"/>: sqrtPriceX96 (160 bits), 72 zero bits,
    /// the tick (24 bits), the liquidity (256 bits); all ones where the pool has none.</summary>
    public const int PriceBytes = 64;

    /// <summary>Bytes of an answer of <see cref="Ticks"/>: the tick (24 bits), its gross and its
    /// net liquidity (128 bits each).</summary>
    public const int TickBytes = 35;

    private const uint GasPerCall = 200_000;
    private const uint Out = 0xa0;

    // Memory: 0x00 to 0x40 what a call returned; 0x40 and 0x60 what is said in a call; 0x80 what
    // is kept; from 0xa0 on the answer.
    private const uint Said = 0x40, SaidNext = 0x60, Kept = 0x80;

    /// <summary>Reads <c>getReserves()</c> of every 20-byte address in the call data.</summary>
    public static ReadOnlyMemory<byte> Reserves { get; } = AssembleReserves();

    /// <summary>Reads <c>slot0()</c> and <c>liquidity()</c> of every 20-byte address in the call
    /// data.</summary>
    public static ReadOnlyMemory<byte> Prices { get; } = AssemblePrices();

    /// <summary>Reads the initialised ticks of one pool. Call data: four words, the pool, the
    /// first word of its tick bitmap, the one behind the last, the tick spacing.</summary>
    public static ReadOnlyMemory<byte> Ticks { get; } = AssembleTicks();

    private static byte[] AssembleReserves()
    {
        var code = new EvmAssembler();
        Say(code, "getReserves()", Said);
        BeginLoop(code);
        Call(code, Said, 4, 0x40);                                      // [out in ok]
        Enough(code, 0x3f);                                             // [out in ok]
        code.Push(0).Emit(Op.MLoad).Push(0x20).Emit(Op.MLoad, Op.Or)
            .Push(128).Emit(Op.Shr, Op.IsZero, Op.And);                 // [out in ok]
        code.Push(0).Emit(Op.MLoad).Push(128).Emit(Op.Shl)
            .Push(0x20).Emit(Op.MLoad, Op.Or);                          // [out in ok packed]
        OnesUnless(code);                                               // [out in answer]
        code.Emit(Op.Dup3, Op.MStore);                                  // [out in]
        EndLoop(code, ReserveBytes);
        return code.Assemble();
    }

    private static byte[] AssemblePrices()
    {
        var code = new EvmAssembler();
        Say(code, "slot0()", Said);
        Say(code, "liquidity()", SaidNext);
        BeginLoop(code);
        Call(code, Said, 4, 0x40);
        Enough(code, 0x3f);                                             // [out in ok]
        code.Push(0).Emit(Op.MLoad).Push(96).Emit(Op.Shl)
            .Push(0x20).Emit(Op.MLoad).Push(0xffffff).Emit(Op.And, Op.Or)
            .Push(Kept).Emit(Op.MStore);                                // [out in ok]
        code.Push(0x20).Push(0).Push(4).Push(SaidNext)
            .Emit(Op.Dup6, Op.CallDataLoad).Push(96).Emit(Op.Shr)
            .Push(GasPerCall).Emit(Op.StaticCall, Op.And);              // [out in ok]
        Enough(code, 0x1f);
        code.Emit(Op.Dup1).Push(0).Emit(Op.MLoad);                      // [out in ok ok liquidity]
        OnesUnless(code);                                               // [out in ok answer]
        code.Emit(Op.Dup4).Push(0x20).Emit(Op.Add, Op.MStore);          // [out in ok]
        code.Push(Kept).Emit(Op.MLoad);                                 // [out in ok price]
        OnesUnless(code);                                               // [out in answer]
        code.Emit(Op.Dup3, Op.MStore);                                  // [out in]
        EndLoop(code, PriceBytes);
        return code.Assemble();
    }

    private static byte[] AssembleTicks()
    {
        var code = new EvmAssembler();
        code.Push(Out).Push(0x20).Emit(Op.CallDataLoad);                // [out word]
        code.Label("words").Push(0x40).Emit(Op.CallDataLoad, Op.Dup2, Op.Slt)
            .JumpIf("word");                                            // [out word]
        code.Emit(Op.Pop);
        Finish(code);
        code.Label("word");
        Say(code, "tickBitmap(int16)", Said);
        code.Emit(Op.Dup1).Push(Said + 4).Emit(Op.MStore);
        CallPool(code, 0x20);
        code.Push(0).Emit(Op.MLoad, Op.Push0);                          // [out word bits bit]
        code.Label("bits").Emit(Op.Dup2, Op.Dup2, Op.Shr, Op.Dup1)
            .JumpIf("more");                                            // [out word bits bit rest]
        code.Emit(Op.Pop, Op.Pop, Op.Pop).Push(1).Emit(Op.Add).Jump("words");
        code.Label("more").Push(1).Emit(Op.And).JumpIf("tick");         // [out word bits bit]
        code.Label("next").Push(1).Emit(Op.Add).Jump("bits");
        code.Label("tick");
        code.Emit(Op.Dup3).Push(8).Emit(Op.Shl, Op.Dup2, Op.Add)
            .Push(0x60).Emit(Op.CallDataLoad, Op.Mul);                  // [out word bits bit tick]
        Say(code, "ticks(int24)", Said);
        code.Emit(Op.Dup1).Push(Said + 4).Emit(Op.MStore);
        CallPool(code, 0x40);
        code.Push(232).Emit(Op.Shl, Op.Dup5, Op.MStore);                // [out word bits bit]
        code.Push(0).Emit(Op.MLoad).Push(128).Emit(Op.Shl)
            .Push(0x20).Emit(Op.MLoad).Push(128).Emit(Op.Shl).Push(128).Emit(Op.Shr, Op.Or)
            .Emit(Op.Dup5).Push(3).Emit(Op.Add, Op.MStore);             // [out word bits bit]
        code.Emit(Op.Swap3).Push(TickBytes).Emit(Op.Add, Op.Swap3).Jump("next");
        code.Label("fail").Push(0).Push(0).Emit(Op.Revert);
        return code.Assemble();
    }

    /// <summary>Puts a selector into memory.</summary>
    private static void Say(EvmAssembler code, string signature, uint at)
    {
        uint selector = (uint)(Keccak.HashText(signature).ToUInt256() >> 224).U0;
        code.Push(selector).Push(224).Emit(Op.Shl).Push(at).Emit(Op.MStore);
    }

    /// <summary>Leaves with the next address at hand, or returns the answer.</summary>
    private static void BeginLoop(EvmAssembler code)
    {
        code.Push(Out).Push(0);                                         // [out in]
        code.Label("loop").Emit(Op.CallDataSize, Op.Dup2, Op.Lt).JumpIf("body");
        code.Emit(Op.Pop);
        Finish(code);
        code.Label("body");
    }

    private static void EndLoop(EvmAssembler code, int answerBytes) => code
        .Push((uint)EvmAddress.Size).Emit(Op.Add, Op.Swap1).Push((uint)answerBytes)
        .Emit(Op.Add, Op.Swap1).Jump("loop");

    /// <summary>[out]: returns what is between the start of the answer and out.</summary>
    private static void Finish(EvmAssembler code) =>
        code.Push(Out).Emit(Op.Swap1, Op.Sub).Push(Out).Emit(Op.Return);

    /// <summary>[out in] to [out in ok]: calls the address at in.</summary>
    private static void Call(EvmAssembler code, uint said, uint saidBytes, uint returned) => code
        .Push(returned).Push(0).Push(saidBytes).Push(said)
        .Emit(Op.Dup5, Op.CallDataLoad).Push(96).Emit(Op.Shr)
        .Push(GasPerCall).Emit(Op.StaticCall);

    /// <summary>Calls the pool of the first word, with one argument; reverts when it can't.
    /// </summary>
    private static void CallPool(EvmAssembler code, uint returned) => code
        .Push(returned).Push(0).Push(0x24).Push(Said).Push(0).Emit(Op.CallDataLoad)
        .Push(GasPerCall).Emit(Op.StaticCall)
        .Push(returned - 1).Emit(Op.ReturnDataSize, Op.Gt, Op.And, Op.IsZero).JumpIf("fail");

    /// <summary>[ok] to [ok]: zero if the call returned no more bytes than that.</summary>
    private static void Enough(EvmAssembler code, uint bytes) =>
        code.Push(bytes).Emit(Op.ReturnDataSize, Op.Gt, Op.And);

    /// <summary>[ok value] to [value], or to all ones when ok is zero.</summary>
    private static void OnesUnless(EvmAssembler code) =>
        code.Emit(Op.Swap1).Push(1).Emit(Op.Swap1, Op.Sub, Op.Or);
}
