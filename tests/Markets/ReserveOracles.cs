// ReserveOracles: getAmountOut of Uniswap V2 and Aerodrome in BigInteger, reverts as null.
using System.Numerics;

namespace Lockstep.Tests.Markets;

/// <summary>UniswapV2Library with the fee as pips over a million.</summary>
internal static class ConstantProductOracle
{
    public static readonly BigInteger MaxReserve = (BigInteger.One << 112) - 1;

    public static BigInteger AmountOut(BigInteger x, BigInteger rIn, BigInteger rOut, uint fee)
    {
        BigInteger withFee = x * (1_000_000 - fee);
        return withFee * rOut / ((rIn * 1_000_000) + withFee);
    }

    public static BigInteger AmountIn(BigInteger y, BigInteger rIn, BigInteger rOut, uint fee) =>
        (rIn * y * 1_000_000 / ((rOut - y) * (1_000_000 - fee))) + 1;
}

/// <summary>Aerodrome Pool.sol, every intermediate held to 256 bits as Solidity 0.8 does.</summary>
internal sealed class SolidlyOracle(bool stable, int decimals0, int decimals1, uint basisPoints)
{
    private static readonly BigInteger E18 = BigInteger.Pow(10, 18);
    private readonly BigInteger _unit0 = BigInteger.Pow(10, decimals0);
    private readonly BigInteger _unit1 = BigInteger.Pow(10, decimals1);

    private sealed class RevertException : Exception;

    public BigInteger? AmountOut(BigInteger x, BigInteger r0, BigInteger r1, bool zeroForOne)
    {
        try
        {
            x -= Fee(x);
            if (stable) return StableOut(x, r0, r1, zeroForOne);
            BigInteger a = zeroForOne ? r0 : r1, b = zeroForOne ? r1 : r0;
            return U(x * b) / U(a + x);
        }
        catch (RevertException)
        {
            return null;
        }
    }

    public BigInteger Fee(BigInteger x) => U(x * basisPoints) / 10_000;

    public BigInteger? Invariant(BigInteger x, BigInteger y)
    {
        try
        {
            return K(x, y);
        }
        catch (RevertException)
        {
            return null;
        }
    }

    private BigInteger StableOut(BigInteger x, BigInteger r0, BigInteger r1, bool zeroForOne)
    {
        BigInteger k = K(r0, r1);
        r0 = U(r0 * E18) / _unit0;
        r1 = U(r1 * E18) / _unit1;
        BigInteger a = zeroForOne ? r0 : r1, b = zeroForOne ? r1 : r0;
        x = U(x * E18) / (zeroForOne ? _unit0 : _unit1);
        BigInteger y = U(b - SolveY(U(x + a), k, b));
        return U(y * (zeroForOne ? _unit1 : _unit0)) / E18;
    }

    private static BigInteger F(BigInteger x, BigInteger y) =>
        U((U(x * y) / E18) * U((U(x * x) / E18) + (U(y * y) / E18))) / E18;

    private static BigInteger D(BigInteger x, BigInteger y) =>
        U((U(U(3 * x) * (U(y * y) / E18)) / E18) + (U(U(x * x) / E18 * x) / E18));

    private BigInteger K(BigInteger x, BigInteger y) =>
        stable ? F(U(x * E18) / _unit0, U(y * E18) / _unit1) : U(x * y);

    private BigInteger SolveY(BigInteger x, BigInteger xy, BigInteger y)
    {
        for (int i = 0; i < 255; i++)
        {
            BigInteger k = F(x, y), d = D(x, y);
            if (d.IsZero) throw new RevertException();
            if (k < xy)
            {
                BigInteger dy = U((xy - k) * E18) / d;
                if (dy.IsZero)
                {
                    if (K(x, U(y + 1)) > xy) return y + 1;
                    dy = 1;
                }
                y = U(y + dy);
            }
            else
            {
                BigInteger dy = U((k - xy) * E18) / d;
                if (dy.IsZero)
                {
                    if (k == xy || F(x, U(y - 1)) < xy) return y;
                    dy = 1;
                }
                y = U(y - dy);
            }
        }
        throw new RevertException();
    }

    private static BigInteger U(BigInteger x) =>
        x.Sign < 0 || x >> 256 != 0 ? throw new RevertException() : x;
}
