// SolidlyFee: the input less floor(input * basisPoints / 10000), as Aerodrome Pool.sol takes it.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>The fee rule the volatile and the stable pool share.</summary>
internal static class SolidlyFee
{
    private const uint PipsPerBasisPoint = 100;
    private const uint BasisPointsPerOne = 10_000;

    public static bool IsValid(uint feePips) =>
        feePips < Market.PipsPerOne && feePips % PipsPerBasisPoint == 0;

    /// <summary>False where the contract's 256-bit product overflows.</summary>
    public static bool TryTake(in UInt256 amountIn, uint feePips, out UInt256 kept)
    {
        uint basisPoints = feePips / PipsPerBasisPoint;
        if (amountIn.FitsUInt128 && amountIn.U1 >> 50 == 0)
        {
            unchecked
            {
                UInt128 offered = new(amountIn.U1, amountIn.U0);
                UInt128 fee = MulDiv128.DivideBy64(offered * basisPoints, BasisPointsPerOne);
                kept = offered - fee;
                return true;
            }
        }
        kept = default;
        if (!UInt256.TryMultiply(amountIn, basisPoints, out UInt256 product)) return false;
        kept = amountIn - (product / BasisPointsPerOne);
        return true;
    }
}
