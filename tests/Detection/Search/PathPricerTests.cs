// PathPricerTests: the float size is the optimum; oracles: golden section, a closed form.
using CsCheck;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Xunit;

namespace Lockstep.Tests.Detection.Search;

public sealed class PathPricerTests
{
    /// <summary>What the size may lose against the optimum: this share of the gain, and this share
    /// of the input for the rounding of output minus input.</summary>
    private const double GainLoss = 1e-9;
    private const double Rounding = 1e-12;

    private static readonly Gen<DrawnPath> Paths = Gen.OneOf(
        PathGen.Of(PathGen.Product), PathGen.Of(PathGen.Range),
        PathGen.Of(Gen.OneOf(PathGen.Product, PathGen.Range)));

    [Fact]
    public void Optimum_LosesNothingAgainstGoldenSection() =>
        Paths.Sample(
            path =>
            {
                PathSize size = PathPricer.Optimum(path.Hops, path.Keep, double.MaxValue);
                Assert.False(size.Truncated);
                AssertBest(path, size, GoldenSection(path, Bracket(path)));
            },
            iter: 1_000);

    [Fact]
    public void Optimum_WhenTheInputIsBounded_IsTheBestWithin() =>
        Gen.Select(Paths, Gen.Double[1e-6, 1.5]).Sample(
            (path, share) =>
            {
                double free = PathPricer.Optimum(path.Hops, path.Keep, double.MaxValue).AmountIn;
                double maxIn = share * (free > 0 ? free : 1e9);
                PathSize size = PathPricer.Optimum(path.Hops, path.Keep, maxIn);
                // Pieces add up to the bound, each sum rounded once.
                Assert.True(size.AmountIn <= Math.BitIncrement(maxIn), $"{size} of {maxIn:R}");
                AssertBest(path, size, GoldenSection(path, maxIn));
            },
            iter: 1_000);

    [Fact]
    public void Optimum_SaysWhatComesOutForItsInput() =>
        Paths.Sample(
            path =>
            {
                PathSize size = PathPricer.Optimum(path.Hops, path.Keep, double.MaxValue);
                double amountOut = PathPricer.Output(path.Hops, size.AmountIn);
                Assert.InRange(size.AmountOut, amountOut * (1 - 1e-9), amountOut * (1 + 1e-9));
            },
            iter: 1_000);

    [Fact]
    public void Optimum_WhenNothingGains_IsZero() =>
        Gen.Select(Paths, Gen.Double[1e-9, 3]).Sample(
            (path, loss) =>
            {
                PathHop last = path.Hops[^1];
                double scale = last.Scale * Math.Exp(-loss - path.LogGain);
                PathHop[] hops = [.. path.Hops[..^1], last with { Scale = scale }];
                PathSize size = PathPricer.Optimum(hops, path.Keep, double.MaxValue);
                Assert.Equal((0.0, 0.0), (size.AmountIn, size.AmountOut));
            },
            iter: 1_000);

    [Fact]
    public void Optimum_OfTwoProductPools_IsTheClosedForm() =>
        PathGen.Of(PathGen.Product).Where(path => path.Hops.Length == 2 && path.LogGain > 1e-3)
            .Sample(
                path =>
                {
                    // By hand: out = K x / (M + N x), best at (sqrt(K M keep) - M) / N.
                    (double a, double b, double g) = Terms(path.Hops[0]);
                    (double c, double d, double h) = Terms(path.Hops[1]);
                    double scale = path.Hops[0].Scale;
                    double k = g * b * scale * h * d * path.Hops[1].Scale;
                    double m = a * c;
                    double n = g * (c + (h * b * scale));
                    double best = (Math.Sqrt(k * m * path.Keep) - m) / n;
                    PathSize size = PathPricer.Optimum(path.Hops, path.Keep, double.MaxValue);
                    Assert.InRange(size.AmountIn, best * (1 - 1e-9), best * (1 + 1e-9));
                    double amountOut = k * best / (m + (n * best));
                    Assert.InRange(size.AmountOut, amountOut * (1 - 1e-9), amountOut * (1 + 1e-9));
                },
                iter: 1_000);

    [Fact]
    public void Optimum_WhenThePathHasNoHopOrTooMany_Throws()
    {
        PathHop hop = new(PathGen.Pair(1000, 1000, 0), true, 1);
        PathHop[] many = [.. Enumerable.Repeat(hop, PathPricer.MaxHops + 1)];
        Assert.Throws<ArgumentOutOfRangeException>(() => PathPricer.Optimum([], 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PathPricer.Optimum(many, 1, 1));
    }

    private static void AssertBest(DrawnPath path, PathSize size, double best)
    {
        double rounding = Math.Max(best, size.AmountIn) * Rounding;
        double least = (path.Gain(best) * (1 - GainLoss)) - rounding;
        double gain = path.Gain(size.AmountIn);
        Assert.True(gain >= least, $"{size} gains {gain:R}, {best:R} gains {path.Gain(best):R}");
        // Within the rounding of a dozen logs either answer is right.
        if (Math.Abs(path.LogGain) > 1e-9) Assert.Equal(path.LogGain > 0, size.AmountIn > 0);
    }

    /// <summary>An input beyond the optimum: the gain is concave, so where it falls, it is past.
    /// </summary>
    private static double Bracket(DrawnPath path)
    {
        double reach = 1e-6;
        while (path.Gain(2 * reach) > path.Gain(reach) && reach < 1e60) reach *= 2;
        return 4 * reach;
    }

    /// <summary>The input of the greatest gain in [0, most], to the digits a comparison can tell.
    /// </summary>
    private static double GoldenSection(DrawnPath path, double most)
    {
        double ratio = (Math.Sqrt(5) - 1) / 2;
        double low = 0, high = most;
        double left = high - (ratio * high), right = ratio * high;
        (double gainLeft, double gainRight) = (path.Gain(left), path.Gain(right));
        for (int i = 0; i < 90; i++)
        {
            if (gainLeft >= gainRight)
            {
                (high, right, gainRight) = (right, left, gainLeft);
                left = high - (ratio * (high - low));
                gainLeft = path.Gain(left);
            }
            else
            {
                (low, left, gainLeft) = (left, right, gainRight);
                right = low + (ratio * (high - low));
                gainRight = path.Gain(right);
            }
        }
        double[] ends = [0, most, low, high];
        return ends.MaxBy(path.Gain);
    }

    private static (double In, double Out, double Keep) Terms(PathHop hop)
    {
        ConstantProductMarket pool = (ConstantProductMarket)hop.Market;
        (double r0, double r1) = ((double)pool.Reserve0, (double)pool.Reserve1);
        double keep = 1 - (pool.FeePips / 1e6);
        return hop.ZeroForOne ? (r0, r1, keep) : (r1, r0, keep);
    }
}
