// TernarySearch: sizes a path by thirds, as published pipelines do; float and exact.
using Lockstep.Detection.Search;
using Lockstep.Numerics;

namespace Lockstep.Bench.Peers;

/// <summary>The peers of sizing and refinement: they only evaluate whole paths.</summary>
public static class TernarySearch
{
    /// <summary>The best float input in [0, maxIn], to a billionth of it.</summary>
    public static double FloatInput(PathHop[] hops, double maxIn)
    {
        double low = 0, high = maxIn;
        while (high - low > 1e-9 * high)
        {
            double third = (high - low) / 3;
            double left = low + third, right = high - third;
            if (PathPricer.Output(hops, left) - left < PathPricer.Output(hops, right) - right)
                low = left;
            else high = right;
        }
        return low + ((high - low) / 2);
    }

    /// <summary>The best exact gain in [1, maxIn], but for the last units' jags.</summary>
    public static UInt256 ExactGain(ExactHop[] hops, in UInt256 maxIn)
    {
        UInt256 low = UInt256.One, high = maxIn;
        UInt256 three = 3;
        while (high - low >= three)
        {
            UInt256 third = (high - low) / three;
            UInt256 left = low + third, right = high - third;
            if (ExactPath.Gain(hops, left, 0) < ExactPath.Gain(hops, right, 0)) low = left;
            else high = right;
        }
        return UInt256.Max(
            ExactPath.Gain(hops, low, 0),
            UInt256.Max(
                ExactPath.Gain(hops, low + UInt256.One, 0), ExactPath.Gain(hops, high, 0)));
    }
}
