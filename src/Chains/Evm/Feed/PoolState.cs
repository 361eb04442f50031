// PoolState: what the chain holds of a pool, immutable, so that going back is forgetting.
using System.Collections.Immutable;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Who a pool is: what never changes about it.</summary>
public sealed record PoolIdentity
{
    /// <summary>Its name on lines.</summary>
    public required PoolId Pool { get; init; }

    /// <summary>Its family, as on <see cref="QuoteLine.Family"/>.</summary>
    public required string Family { get; init; }

    /// <summary>The fee, hundredths of a basis point.</summary>
    public required uint FeePips { get; init; }

    /// <summary>The contract's token0.</summary>
    public required AssetId Asset0 { get; init; }

    /// <summary>The contract's token1.</summary>
    public required AssetId Asset1 { get; init; }

    /// <summary>Distance between usable ticks, for <c>concentrated</c>.</summary>
    public int? TickSpacing { get; init; }

    /// <summary>Decimals of asset 0 where the family needs them.</summary>
    public int? Decimals0 { get; init; }

    /// <summary>Decimals of asset 1 where the family needs them.</summary>
    public int? Decimals1 { get; init; }

    /// <summary>The contract.</summary>
    /// <exception cref="FormatException">The pool is no EVM contract.</exception>
    public EvmAddress Contract => EvmAddress.Parse(Pool.Address);

    /// <summary>Whether its state is in ticks rather than in reserves.</summary>
    public bool IsConcentrated => Family == "concentrated";
}

/// <summary>The state of a pool.</summary>
public abstract record PoolState
{
    private protected PoolState() { }

    /// <summary>The state as a quote line.</summary>
    public static QuoteLine Quote(PoolIdentity pool, PoolState? state, BlockHeader at)
    {
        var quote = new QuoteLine
        {
            Slot = at.TimestampS,
            AsOf = at.TimestampS,
            Pool = pool.Pool,
            Family = pool.Family,
            FeePips = pool.FeePips,
            Asset0 = pool.Asset0,
            Asset1 = pool.Asset1,
            Live = true,
            Decimals0 = pool.Decimals0,
            Decimals1 = pool.Decimals1,
            TickSpacing = pool.TickSpacing,
        };
        return state switch
        {
            ReserveState r => quote with { Reserve0 = r.Reserve0, Reserve1 = r.Reserve1 },
            TickState t => quote with
            {
                SqrtPriceX96 = t.SqrtPriceX96,
                Tick = t.Tick,
                Liquidity = t.Liquidity,
                Ticks = [.. t.Ticks.Keys],
                LiquidityNet = [.. t.Ticks.Values.Select(one => one.Net)],
            },
            _ => quote,
        };
    }
}

/// <summary>A pool of two reserves, base units.</summary>
public sealed record ReserveState(UInt256 Reserve0, UInt256 Reserve1) : PoolState;

/// <summary>Liquidity that begins or ends at a tick.</summary>
/// <param name="Gross">All positions that touch it: at zero the tick is gone.</param>
/// <param name="Net">Liquidity added where it is crossed to the right.</param>
public readonly record struct TickLiquidity(UInt128 Gross, Int128 Net);

/// <summary>A Uniswap V3 pool.</summary>
/// <param name="SqrtPriceX96">Square root of the price of token0 in token1, Q64.96; zero before it
/// is initialised.</param>
/// <param name="Tick">The current tick.</param>
/// <param name="Liquidity">The liquidity in range.</param>
/// <param name="Ticks">Every initialised tick.</param>
public sealed record TickState(
    UInt256 SqrtPriceX96, int Tick, UInt128 Liquidity,
    ImmutableSortedDictionary<int, TickLiquidity> Ticks) : PoolState
{
    /// <summary>A pool before its first event.</summary>
    public static TickState Empty { get; } =
        new(default, 0, 0, ImmutableSortedDictionary<int, TickLiquidity>.Empty);

    /// <inheritdoc/>
    public bool Equals(TickState? other) => other is not null
        && SqrtPriceX96 == other.SqrtPriceX96 && Tick == other.Tick
        && Liquidity == other.Liquidity && Ticks.SequenceEqual(other.Ticks);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(SqrtPriceX96, Tick, Liquidity, Ticks.Count);

    /// <summary>The state after liquidity came or went between two ticks.</summary>
    /// <exception cref="OverflowException">No pool can do that: a sum would be out of range.
    /// </exception>
    public TickState WithPosition(int lower, int upper, Int128 liquidityDelta)
    {
        if (liquidityDelta == 0) return this;
        var ticks = Move(Move(Ticks, lower, liquidityDelta, liquidityDelta),
            upper, liquidityDelta, -liquidityDelta);
        bool inRange = lower <= Tick && Tick < upper;
        return this with
        {
            Ticks = ticks,
            Liquidity = inRange ? Add(Liquidity, liquidityDelta) : Liquidity,
        };
    }

    private static ImmutableSortedDictionary<int, TickLiquidity> Move(
        ImmutableSortedDictionary<int, TickLiquidity> ticks, int tick, Int128 gross, Int128 net)
    {
        TickLiquidity was = ticks.GetValueOrDefault(tick);
        var now = new TickLiquidity(Add(was.Gross, gross), checked(was.Net + net));
        return now.Gross == 0 ? ticks.Remove(tick) : ticks.SetItem(tick, now);
    }

    private static UInt128 Add(UInt128 value, Int128 delta) => delta < 0
        ? checked(value - (UInt128)(-delta))
        : checked(value + (UInt128)delta);
}
