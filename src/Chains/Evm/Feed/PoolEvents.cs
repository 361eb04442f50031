// PoolEvents: a pool's state after one of its logs; a log that can't be is refused; pure.
// Source: Uniswap v2-core and v3-core, Solidly and PancakeSwap V3 event definitions.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Applies logs to states.</summary>
public static class PoolEvents
{
    private const int Word = 32;
    private const int SqrtPriceBits = 160;
    private const int MaxTick = 887272;

    private static readonly Hash32 Sync = Keccak.HashText("Sync(uint112,uint112)");
    private static readonly Hash32 SolidlySync = Keccak.HashText("Sync(uint256,uint256)");
    private static readonly Hash32 Initialize = Keccak.HashText("Initialize(uint160,int24)");
    private static readonly Hash32 Swap = Keccak.HashText(
        "Swap(address,address,int256,int256,uint160,uint128,int24)");
    private static readonly Hash32 PancakeSwap = Keccak.HashText(
        "Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)");
    private static readonly Hash32 Mint = Keccak.HashText(
        "Mint(address,address,int24,int24,uint128,uint256,uint256)");
    private static readonly Hash32 Burn = Keccak.HashText(
        "Burn(address,int24,int24,uint128,uint256,uint256)");

    /// <summary>The first topics of the logs that move a pool's state: what to ask a node for.
    /// </summary>
    public static IReadOnlyList<Hash32> Topics { get; } =
        [Sync, SolidlySync, Initialize, Swap, PancakeSwap, Mint, Burn];

    /// <summary>The state after a log.</summary>
    /// <param name="pool">Whose log it is.</param>
    /// <param name="state">The state before.</param>
    /// <param name="log">The log.</param>
    /// <param name="next">The state after: <paramref name="state"/> itself where the log does not
    /// concern it; null where it can't be.</param>
    /// <param name="detail">Why it can't be.</param>
    /// <returns>False when no pool of the family could have emitted the log in that state.
    /// </returns>
    public static bool TryApply(
        PoolIdentity pool, PoolState state, EvmLog log, [NotNullWhen(true)] out PoolState? next,
        out string detail)
    {
        (next, detail) = (state, "");
        if (log.Topics.IsEmpty) return true;
        try
        {
            next = state switch
            {
                ReserveState reserves => Apply(reserves, log),
                TickState ticks => Apply(ticks, log),
                _ => state,
            };
        }
        catch (OverflowException)
        {
            next = null;
            detail = "the liquidity left its range";
        }
        catch (FormatException e)
        {
            next = null;
            detail = e.Message;
        }
        if (next is null) detail = $"log {log.Index} of {pool.Pool}: {detail}";
        return next is not null;
    }

    private static ReserveState Apply(ReserveState state, EvmLog log)
    {
        if (log.Topics[0] != Sync && log.Topics[0] != SolidlySync) return state;
        Require(log, topics: 1, words: 2);
        return new ReserveState(WordAt(log, 0), WordAt(log, 1));
    }

    private static TickState Apply(TickState state, EvmLog log)
    {
        Hash32 topic = log.Topics[0];
        if (topic == Swap || topic == PancakeSwap)
        {
            Require(log, topics: 3, words: topic == Swap ? 5 : 7);
            return state with
            {
                SqrtPriceX96 = SqrtPrice(WordAt(log, 2)),
                Liquidity = Bits128(WordAt(log, 3)),
                Tick = TickOf(WordAt(log, 4)),
            };
        }
        if (topic == Mint)
        {
            Require(log, topics: 4, words: 4);
            return Position(state, log, (Int128)Bits128(WordAt(log, 1)));
        }
        if (topic == Burn)
        {
            Require(log, topics: 4, words: 3);
            return Position(state, log, -(Int128)Bits128(WordAt(log, 0)));
        }
        if (topic != Initialize) return state;
        Require(log, topics: 1, words: 2);
        return state with
        {
            SqrtPriceX96 = SqrtPrice(WordAt(log, 0)),
            Tick = TickOf(WordAt(log, 1)),
        };
    }

    private static TickState Position(TickState state, EvmLog log, Int128 liquidityDelta)
    {
        int lower = TickOf(log.Topics[2].ToUInt256()), upper = TickOf(log.Topics[3].ToUInt256());
        if (lower >= upper) throw new FormatException($"ticks {lower} and {upper}");
        return state.WithPosition(lower, upper, liquidityDelta);
    }

    private static void Require(EvmLog log, int topics, int words)
    {
        if (log.Topics.Length != topics || log.Data.Length != words * Word)
            throw new FormatException(
                $"{log.Topics.Length} topics and {log.Data.Length} bytes of data where there "
                + $"have to be {topics} and {words * Word}");
    }

    private static UInt256 WordAt(EvmLog log, int index) =>
        BigEndian.Read(log.Data.Span.Slice(index * Word, Word));

    private static UInt256 SqrtPrice(in UInt256 word) => word.BitLength <= SqrtPriceBits
        ? word : throw new FormatException("a price beyond 160 bits");

    private static UInt128 Bits128(in UInt256 word) => word.FitsUInt128
        ? (UInt128)word : throw new FormatException("a liquidity beyond 128 bits");

    private static int TickOf(in UInt256 word)
    {
        // A sign-extended int24: its lowest 64 bits carry it, the others have to agree.
        long low = unchecked((long)word.U0);
        ulong above = low < 0 ? ulong.MaxValue : 0;
        bool agree = word.U1 == above && word.U2 == above && word.U3 == above;
        return agree && low is >= -MaxTick and <= MaxTick
            ? (int)low : throw new FormatException("a tick out of range");
    }
}
