// ProgramBuilder: the packed steps that an executor contract runs; docs/contracts.md has the bytes.
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Execution.Compile;

/// <summary>How a pool swaps; the contracts' <c>VenueKind</c>.</summary>
public enum VenueKind : byte
{
    /// <summary>No venue.</summary>
    None,

    /// <summary>Reserves, and a fee in pips.</summary>
    UniswapV2,

    /// <summary>A callback; the fee is the pool's.</summary>
    UniswapV3,

    /// <summary>As V2, but the pool is asked what comes out.</summary>
    Solidly,
}

/// <summary>Who lends within a transaction; the contracts' <c>LenderKind</c>.</summary>
public enum LenderKind : byte
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>Balancer's vault.</summary>
    BalancerV2,

    /// <summary>An Aave V3 pool.</summary>
    AaveV3,

    /// <summary>A Uniswap V3 pool's <c>flash</c>.</summary>
    UniswapV3,

    /// <summary>A Uniswap V2 pair's flash swap.</summary>
    UniswapV2,
}

/// <summary>A pool as the contracts name it.</summary>
/// <param name="Kind">How it swaps.</param>
/// <param name="FeePips">Its fee in pips, below 1,000,000.</param>
/// <param name="Pool">Its address.</param>
public readonly record struct Venue(VenueKind Kind, uint FeePips, EvmAddress Pool)
{
    /// <summary>The packed word of the contracts' <c>Venue</c>.</summary>
    public UInt256 ToWord() =>
        Pool.ToUInt256() | ((UInt256)FeePips << 160) | ((UInt256)(uint)Kind << 184);
}

/// <summary>An amount in base units, or what is held of the asset less that amount.</summary>
/// <param name="Units">Base units, below 2^128.</param>
/// <param name="OfBalance">Whether it is taken off what is held.</param>
public readonly record struct StepAmount(UInt256 Units, bool OfBalance)
{
    /// <summary>All that is held.</summary>
    public static StepAmount All { get; } = new(UInt256.Zero, true);

    /// <summary>Exactly so much.</summary>
    public static StepAmount Exactly(in UInt256 units) => new(units, false);
}

/// <summary>Writes programs, big-endian and without padding.</summary>
public sealed class ProgramBuilder
{
    /// <summary>The longest body of a flash loan: its length has three bytes.</summary>
    public const int MaxBodyBytes = (1 << 24) - 1;

    private enum Opcode : byte
    {
        Swap = 1,
        BalancerSwap = 2,
        Flash = 3,
        Pull = 4,
        Pay = 5,
    }

    private readonly List<byte> bytes = [];

    /// <summary>The bytes so far.</summary>
    public byte[] ToArray() => [.. bytes];

    /// <summary>Swaps in a pool.</summary>
    public ProgramBuilder Swap(
        Venue venue, EvmAddress assetIn, EvmAddress assetOut, StepAmount amount, in UInt256 minOut)
    {
        Op(Opcode.Swap, amount);
        bytes.Add((byte)venue.Kind);
        Put(venue.FeePips, 3);
        Put(venue.Pool);
        Put(assetIn);
        Put(assetOut);
        PutAmount(amount.Units);
        PutAmount(minOut);
        return this;
    }

    /// <summary>Swaps in a pool of Balancer's vault.</summary>
    public ProgramBuilder BalancerSwap(
        EvmAddress vault, Hash32 pool, EvmAddress assetIn, EvmAddress assetOut, StepAmount amount,
        in UInt256 minOut)
    {
        Op(Opcode.BalancerSwap, amount);
        Put(vault);
        bytes.AddRange(pool.ToArray());
        Put(assetIn);
        Put(assetOut);
        PutAmount(amount.Units);
        PutAmount(minOut);
        return this;
    }

    /// <summary>Borrows, runs the body, and repays.</summary>
    /// <param name="kind">Who lends.</param>
    /// <param name="lender">Its contract.</param>
    /// <param name="asset">What is lent.</param>
    /// <param name="amount">Base units.</param>
    /// <param name="feePips">The lender's fee, where its kind does not tell.</param>
    /// <param name="body">What the loan pays for.</param>
    /// <exception cref="ArgumentException">The body is too long.</exception>
    public ProgramBuilder Flash(
        LenderKind kind, EvmAddress lender, EvmAddress asset, in UInt256 amount, uint feePips,
        byte[] body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (body.Length > MaxBodyBytes)
            throw new ArgumentException($"a loan's body of {body.Length} bytes is too long");
        bytes.Add((byte)Opcode.Flash);
        bytes.Add((byte)kind);
        Put(lender);
        Put(asset);
        PutAmount(amount);
        Put(feePips, 3);
        Put((uint)body.Length, 3);
        bytes.AddRange(body);
        return this;
    }

    /// <summary>Takes own funds from the contract's owner, by its allowance.</summary>
    public ProgramBuilder Pull(EvmAddress asset, in UInt256 amount)
    {
        bytes.Add((byte)Opcode.Pull);
        Put(asset);
        PutAmount(amount);
        return this;
    }

    /// <summary>Pays the owner or a payee that the owner named.</summary>
    public ProgramBuilder Pay(EvmAddress asset, EvmAddress to, StepAmount amount)
    {
        Op(Opcode.Pay, amount);
        Put(asset);
        Put(to);
        PutAmount(amount.Units);
        return this;
    }

    private void Op(Opcode code, StepAmount amount)
    {
        bytes.Add((byte)code);
        bytes.Add(amount.OfBalance ? (byte)1 : (byte)0);
    }

    private void Put(EvmAddress address) => bytes.AddRange(address.ToArray());

    private void Put(uint value, int width)
    {
        if (value >> (8 * width) != 0)
            throw new ArgumentException($"{value} does not fit {width} bytes");
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
            bytes.Add((byte)((value >> shift) & 0xff));
    }

    private void PutAmount(in UInt256 units)
    {
        if (units >> 128 != UInt256.Zero)
            throw new ArgumentException($"{units} base units do not fit the contracts' 128 bits");
        Span<byte> word = stackalloc byte[BigEndian.WordBytes];
        BigEndian.Write(units, word);
        bytes.AddRange(word[16..]);
    }
}
