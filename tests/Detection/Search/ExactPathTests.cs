// ExactPathTests: exact runs and refinement; oracles: BigInteger by hand, every input tried.
using System.Numerics;
using CsCheck;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Lockstep.Numerics;
using Lockstep.Tests.Markets;
using Xunit;

namespace Lockstep.Tests.Detection.Search;

public sealed class ExactPathTests
{
    private static readonly Gen<SmallPath> SmallPaths =
        from hops in Gen.Select(
            Gen.Int[1_000, 10_000], Gen.Int[1_000, 10_000], Gen.OneOf(0u, 500u, 3000u),
            Gen.OneOf(1_000_000u, 999_700u, 998_000u)).Array[2, 4]
        from flashPips in Gen.OneOf(0u, 500u)
        from tilt in Gen.Double[1, 3]
        select Tilt(hops, flashPips, tilt);

    [Fact]
    public void Run_EqualsBigInteger() =>
        Gen.Select(SmallPaths, Gen.Int[0, 200_000]).Sample(
            (path, amountIn) =>
            {
                bool runs = ExactPath.TryRun(
                    path.Hops, (UInt256)(ulong)amountIn, out UInt256 amountOut);
                BigInteger expected = path.Run(amountIn, out bool whole);
                Assert.Equal(whole, runs);
                if (whole) Assert.Equal(expected, amountOut.Big());
            },
            iter: 5_000);

    [Fact]
    public void Gain_IsOutputLessInputLessFee() =>
        Gen.Select(SmallPaths, Gen.Int[0, 60_000]).Sample(
            (path, amountIn) => Assert.Equal(
                path.Gain(amountIn),
                ExactPath.Gain(path.Hops, (UInt256)(ulong)amountIn, path.FlashPips).Big()),
            iter: 5_000);

    [Fact]
    public void Gain_WhenOutputOnlyCoversWhatIsOwed_IsZero()
    {
        // No fee, and no slippage to speak of: what is left is the crossing's half per cent.
        ConstantProductMarket even = PathGen.Pair(UInt256.Pow10(30), UInt256.Pow10(30), 0);
        ExactHop up = new(even, true, 1_005, 1_000), back = new(even, false, 1, 1);
        Assert.True(ExactPath.TryRun([up, back], 1_000, out UInt256 amountOut));
        UInt256 surplus = amountOut - 1_000;
        Assert.False(surplus.IsZero);
        uint covers = (uint)(ulong)(surplus * 1_000);
        Assert.Equal(UInt256.Zero, ExactPath.Gain([up, back], 1_000, covers));
        Assert.Equal(UInt256.One, ExactPath.Gain([up, back], 1_000, covers - 1_000));
        Assert.Equal(UInt256.Zero, ExactPath.Gain([up, back], 0, 0));
        Assert.Equal(UInt256.Zero, ExactPath.Gain([up, back], UInt256.MaxValue, 0));
    }

    [Fact]
    public void FlashFee_RoundsUp() =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.Int[0, 190], Gen.UInt[0, 1_000_000])
            .Sample(
                (a, b, c, shift, pips) =>
                {
                    UInt256 amount = new UInt256(a, b, c) >> shift;
                    Assert.Equal(
                        Words.DivCeiling(amount.Big() * pips, 1_000_000),
                        ExactPath.FlashFee(amount, pips).Big());
                },
                iter: 5_000);

    [Fact]
    public void Refine_NeverLosesToItsProposal() =>
        Gen.Select(SmallPaths, Gen.Int[0, 100_000], Gen.Int[0, 100_000]).Sample(
            (path, proposal, maxIn) =>
            {
                UInt256 amountIn = ExactPath.Refine(
                    path.Hops, (ulong)proposal, (ulong)maxIn, path.FlashPips,
                    out UInt256 gain);
                Assert.True(amountIn <= (UInt256)(ulong)maxIn);
                Assert.Equal(path.Gain((int)(ulong)amountIn), gain.Big());
                Assert.True(gain.Big() >= path.Gain(Math.Min(proposal, maxIn)));
            },
            iter: 5_000);

    [Fact]
    public void Refine_FromTheFloatOptimum_LosesAtMostTheRounding() =>
        SmallPaths.Sample(
            path =>
            {
                PathHop[] floats = path.Floats();
                double keep = 1 / (1 + (path.FlashPips / 1e6));
                PathSize size = PathPricer.Optimum(floats, keep, 100_000);
                UInt256 amountIn = ExactPath.Refine(
                    path.Hops, UInt256.FromDoubleFloor(size.AmountIn), 100_000, path.FlashPips,
                    out UInt256 gain);
                BigInteger best = 0;
                int at = 0;
                for (int x = 0; x < 3 * (size.AmountIn + 10); x++)
                    if (path.Gain(x) is var one && one > best) (best, at) = (one, x);
                // The gain is jagged: no climb finds each tooth, but it stays among the highest.
                Assert.True(gain.Big() >= best - (int)path.RoundingLoss(),
                    $"{amountIn} gains {gain}, {at} gains {best}, proposal {size.AmountIn}");
            },
            iter: 200);

    [Fact]
    public void ClimbStair_LeavesNoBetterInputOnItsStepOrTheNext() =>
        Gen.Select(
            Gen.Int[1_000_000, 9_000_000], Gen.Int[300, 3_000], Gen.Double[1.01, 1.2],
            Gen.Double[0, 1])
            .Sample(
                (fine, coarse, tilt, start) =>
                {
                    // Out into units worth thousands, and back.
                    ConstantProductMarket there = PathGen.Pair(
                        (UInt256)(ulong)fine, (UInt256)(ulong)coarse, 500);
                    ConstantProductMarket back = PathGen.Pair(
                        (UInt256)(ulong)coarse, (UInt256)(ulong)(fine * tilt), 500);
                    ExactHop[] hops = [new(there, true, 1, 1), new(back, true, 1, 1)];
                    UInt256 amountIn = (UInt256)(ulong)(fine * tilt * start / 10) + UInt256.One;
                    UInt256 gain = ExactPath.Gain(hops, amountIn, 0);
                    // Four moves at most: climb until it stays.
                    for (UInt256 from = default; from != amountIn;)
                    {
                        from = amountIn;
                        ExactPath.ClimbStair(hops, UInt256.Pow10(9), 0, ref amountIn, ref gain);
                    }
                    if (gain.IsZero) return;
                    Assert.Equal(gain, ExactPath.Gain(hops, amountIn, 0));
                    foreach (int way in (int[])[-1, 1])
                        Assert.All(Around(hops, amountIn, way), g => Assert.True(g <= gain));
                },
                iter: 60);

    /// <summary>The gains of all inputs one way, on this step and the next.</summary>
    private static IEnumerable<UInt256> Around(ExactHop[] hops, UInt256 amountIn, int way)
    {
        ExactPath.TryRun(hops, amountIn, out UInt256 step);
        for (int changes = 0; way > 0 || amountIn > UInt256.One;)
        {
            amountIn = way < 0 ? amountIn - UInt256.One : amountIn + UInt256.One;
            ExactPath.TryRun(hops, amountIn, out UInt256 output);
            if (output != step && ++changes == 2) yield break;
            step = output;
            yield return ExactPath.Gain(hops, amountIn, 0);
        }
    }

    private static SmallPath Tilt(
        (int R0, int R1, uint Fee, uint Cross)[] hops, uint flashPips, double tilt)
    {
        // The last pool is set to close the loop at the tilt.
        double rate = 1;
        foreach ((int r0, int r1, uint _, uint cross) in hops[..^1])
            rate *= (double)r1 / r0 * cross / 1e6;
        (int R0, int R1, uint Fee, uint Cross) last = hops[^1];
        last.R1 = (int)Math.Clamp(last.R0 * tilt / rate, 1_000, 1_000_000);
        return new SmallPath([.. hops[..^1], last], flashPips);
    }
}
