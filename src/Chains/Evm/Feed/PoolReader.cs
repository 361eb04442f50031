// PoolReader: whole pool states read directly at one block, many in an answer, by code override.
using System.Buffers.Binary;
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Asks one question; a pool's quorum read fits.</summary>
public delegate ValueTask<RpcReply> AskRpc(RpcCall request, CancellationToken cancel);

/// <summary>Reads states through the lenses.</summary>
public sealed class PoolReader
{
    private const int PoolsPerCall = 500;
    private const int WordsPerCall = 2048;
    private const int MaxTick = 887272;
    private const int BitsPerWord = 256;

    // No key is known for it: nothing on a chain lies there that the override would hide.
    private static readonly EvmAddress Here =
        new(Keccak.HashText("lockstep.lens").ToArray().AsSpan(12));

    private readonly AskRpc ask;

    /// <summary>A reader.</summary>
    /// <param name="ask">Whom it asks.</param>
    public PoolReader(AskRpc ask) => this.ask = ask;

    /// <summary>Reads the states of pools at one block.</summary>
    /// <returns>A state for each pool, null where the contract does not answer as its family does;
    /// or the fault, and nothing.</returns>
    public async ValueTask<(Dictionary<EvmAddress, PoolState?>? States, RpcFault? Fault)> ReadAsync(
        IReadOnlyCollection<PoolIdentity> pools, Hash32 block, CancellationToken cancel)
    {
        var states = new Dictionary<EvmAddress, PoolState?>(pools.Count);
        foreach (PoolIdentity[] some in pools.Where(one => !one.IsConcentrated).Chunk(PoolsPerCall))
        {
            (byte[]? told, RpcFault? fault) = await LookAsync(
                Lens.Reserves, Addresses(some), some.Length * Lens.ReserveBytes, block, cancel)
                .ConfigureAwait(false);
            if (told is null) return (null, fault);
            for (int i = 0; i < some.Length; i++)
                states[some[i].Contract] = Reserves(told.AsSpan(i * Lens.ReserveBytes));
        }
        foreach (PoolIdentity[] some in pools.Where(one => one.IsConcentrated).Chunk(PoolsPerCall))
        {
            (byte[]? told, RpcFault? fault) = await LookAsync(
                Lens.Prices, Addresses(some), some.Length * Lens.PriceBytes, block, cancel)
                .ConfigureAwait(false);
            if (told is null) return (null, fault);
            for (int i = 0; i < some.Length; i++)
            {
                TickState? state = null;
                if (Price(told.AsSpan(i * Lens.PriceBytes)) is { } price)
                    (state, fault) = await TicksAsync(some[i], price, block, cancel)
                        .ConfigureAwait(false);
                if (fault is not null) return (null, fault);
                states[some[i].Contract] = state;
            }
        }
        return (states, null);
    }

    /// <summary>Adds the ticks to a state; null when the pool does not tell them.</summary>
    private async ValueTask<(TickState? State, RpcFault? Fault)> TicksAsync(
        PoolIdentity pool, TickState state, Hash32 block, CancellationToken cancel)
    {
        int spacing = pool.TickSpacing ?? 0;
        if (spacing <= 0) return (null, null);
        var ticks = ImmutableSortedDictionary.CreateBuilder<int, TickLiquidity>();
        int last = WordOf(MaxTick, spacing);
        for (int word = WordOf(-MaxTick, spacing); word <= last; word += WordsPerCall)
        {
            int end = Math.Min(last + 1, word + WordsPerCall);
            (byte[]? told, RpcFault? fault) = await LookAsync(
                Lens.Ticks, TickQuestion(pool.Contract, word, end, spacing), -1, block, cancel)
                .ConfigureAwait(false);
            if (fault is { Reason: RpcReason.Reverted }) return (null, null);
            if (told is null) return (null, fault);
            if (told.Length % Lens.TickBytes != 0)
                return (null, Malformed(fault, $"{told.Length} bytes of ticks"));
            for (int at = 0; at < told.Length; at += Lens.TickBytes)
                AddTick(ticks, told.AsSpan(at, Lens.TickBytes));
        }
        return (state with { Ticks = ticks.ToImmutable() }, null);
    }

    private async ValueTask<(byte[]? Told, RpcFault? Fault)> LookAsync(
        ReadOnlyMemory<byte> lens, byte[] question, int length, Hash32 block,
        CancellationToken cancel)
    {
        RpcReply reply = await ask(
            EthCalls.Call(
                new CallFrame { To = Here, Data = question }, BlockRef.At(block),
                [new AccountOverride(Here) { Code = lens }]), cancel).ConfigureAwait(false);
        if (reply.Fault is { } fault) return (null, fault);
        if (!JsonHex.TryData(reply.Result, out byte[]? told))
            return (null, Malformed(null, "no data from a lens"));
        return length >= 0 && told.Length != length
            ? (null, Malformed(null, $"{told.Length} bytes from a lens, not {length}: does the "
                + "node know state overrides?"))
            : (told, null);
    }

    private static RpcFault Malformed(RpcFault? like, string detail) =>
        new(RpcReason.Malformed, like?.Endpoint ?? "lens", detail);

    private static byte[] Addresses(PoolIdentity[] pools)
    {
        byte[] packed = new byte[pools.Length * EvmAddress.Size];
        for (int i = 0; i < pools.Length; i++)
            pools[i].Contract.WriteTo(packed.AsSpan(i * EvmAddress.Size));
        return packed;
    }

    private static byte[] TickQuestion(EvmAddress pool, int first, int end, int spacing)
    {
        byte[] words = new byte[4 * BigEndian.WordBytes];
        BigEndian.Write(pool.ToUInt256(), words);
        WriteSigned(first, words.AsSpan(BigEndian.WordBytes));
        WriteSigned(end, words.AsSpan(2 * BigEndian.WordBytes));
        WriteSigned(spacing, words.AsSpan(3 * BigEndian.WordBytes));
        return words;
    }

    private static void WriteSigned(int value, Span<byte> word)
    {
        ulong above = value < 0 ? ulong.MaxValue : 0;
        BigEndian.Write(new UInt256(unchecked((ulong)(long)value), above, above, above), word);
    }

    /// <summary>The word of the bitmap that holds a tick: ticks are divided by the spacing,
    /// rounded down.</summary>
    private static int WordOf(int tick, int spacing) =>
        (int)Math.Floor(Math.Floor((double)tick / spacing) / BitsPerWord);

    private static ReserveState? Reserves(ReadOnlySpan<byte> answer)
    {
        answer = answer[..Lens.ReserveBytes];
        return answer.ContainsAnyExcept((byte)0xff)
            ? new ReserveState(BigEndian.Read(answer[..16]), BigEndian.Read(answer[16..]))
            : null;
    }

    private static TickState? Price(ReadOnlySpan<byte> answer)
    {
        answer = answer[..Lens.PriceBytes];
        UInt256 liquidity = BigEndian.Read(answer[32..]);
        if (!answer.ContainsAnyExcept((byte)0xff) || !liquidity.FitsUInt128) return null;
        return TickState.Empty with
        {
            SqrtPriceX96 = BigEndian.Read(answer[..20]),
            Tick = Int24(answer[29..]),
            Liquidity = (UInt128)liquidity,
        };
    }

    private static void AddTick(
        ImmutableSortedDictionary<int, TickLiquidity>.Builder ticks, ReadOnlySpan<byte> answer) =>
        ticks[Int24(answer)] = new TickLiquidity(
            BinaryPrimitives.ReadUInt128BigEndian(answer[3..]),
            BinaryPrimitives.ReadInt128BigEndian(answer[19..]));

    private static int Int24(ReadOnlySpan<byte> bytes) =>
        ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8)) >> 8;
}
