// TickTable: a pool's initialised ticks with their prices and liquidity; checked once, shared.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// Position i covers prices from tick i up to tick i + 1; position -1 lies left of all ticks and
/// has no liquidity. Immutable, so every market of the pool's history can point at one table.
/// </summary>
internal sealed class TickTable
{
    private const int MaxSpacing = 16_383;

    public readonly int Spacing;
    public readonly int[] Ticks;
    public readonly Int128[] Nets;
    public readonly UInt256[] SqrtRatios;
    private readonly UInt128[] _liquidity;

    private TickTable(int spacing, ReadOnlySpan<int> ticks, ReadOnlySpan<Int128> nets)
    {
        Spacing = spacing;
        Ticks = ticks.ToArray();
        Nets = nets.ToArray();
        SqrtRatios = new UInt256[ticks.Length];
        _liquidity = new UInt128[ticks.Length];
    }

    public static MarketFault TryCreate(
        int spacing, ReadOnlySpan<int> ticks, ReadOnlySpan<Int128> nets, out TickTable? table)
    {
        table = null;
        if (spacing is < 1 or > MaxSpacing) return MarketFault.TickSpacingOutOfRange;
        if (ticks.Length != nets.Length) return MarketFault.TickCountMismatch;
        for (int i = 0; i < ticks.Length; i++)
        {
            if (ticks[i] is < TickMath.MinTick or > TickMath.MaxTick)
                return MarketFault.TickOutOfRange;
            if (ticks[i] % spacing != 0) return MarketFault.TickUnaligned;
            if (i > 0 && ticks[i] <= ticks[i - 1]) return MarketFault.TicksUnsorted;
        }
        var built = new TickTable(spacing, ticks, nets);
        MarketFault fault = built.SumLiquidity();
        if (fault != MarketFault.None) return fault;
        for (int i = 0; i < ticks.Length; i++)
            built.SqrtRatios[i] = TickMath.SqrtRatioAtTick(ticks[i]);
        table = built;
        return MarketFault.None;
    }

    /// <summary>The liquidity in range at a position.</summary>
    public UInt128 LiquidityAt(int position) =>
        position < 0 ? UInt128.Zero : _liquidity[position];

    /// <summary>The position of the last initialised tick at or below a tick, or -1.</summary>
    public int PositionOf(int tick)
    {
        int found = Array.BinarySearch(Ticks, tick);
        return found >= 0 ? found : ~found - 1;
    }

    private MarketFault SumLiquidity()
    {
        UInt128 running = UInt128.Zero;
        for (int i = 0; i < Nets.Length; i++)
        {
            bool leaving = Int128.IsNegative(Nets[i]);
            UInt128 size = unchecked(leaving ? (UInt128)(-Nets[i]) : (UInt128)Nets[i]);
            if (leaving && size > running) return MarketFault.NegativeLiquidity;
            if (!leaving && size > UInt128.MaxValue - running)
                return MarketFault.LiquidityTooLarge;
            running = leaving ? running - size : running + size;
            _liquidity[i] = running;
        }
        return running == UInt128.Zero ? MarketFault.None : MarketFault.NetNotZero;
    }
}
