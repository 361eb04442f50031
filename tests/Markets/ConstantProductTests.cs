// ConstantProductTests: the pair against BigInteger over its whole width, and the laws of x y = k.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class ConstantProductTests
{
    private static readonly Gen<(BigInteger R0, BigInteger R1, uint Fee, BigInteger Amount, bool Z)>
        Cases = Gen.Select(
            MarketGen.Big(1, 112), MarketGen.Big(1, 112), MarketGen.FeePips,
            MarketGen.Big(0, 130), Gen.Bool);

    [Fact]
    public void QuoteExactIn_EqualsBigInteger() => Cases.Sample(
        c => CheckIn(c.R0, c.R1, c.Fee, c.Amount, c.Z), iter: 50_000);

    [Fact]
    public void QuoteExactOut_EqualsBigInteger() => Cases.Sample(
        c => CheckOut(c.R0, c.R1, c.Fee, c.Amount, c.Z), iter: 50_000);

    [Fact]
    public void Quotes_EqualBigInteger_OnCrossedCorners()
    {
        int[] bits = [0, 1, 63, 64, 91, 107, 112];
        BigInteger[] corners = [.. bits.Select(bit => BigInteger.One << bit)
            .SelectMany(x => (BigInteger[])[x - 1, x, x + 1]).Distinct()];
        uint[] fees = [0, 1, 3000, 999_999];
        foreach (BigInteger r0 in corners.Where(InRange))
        foreach (BigInteger r1 in corners.Where(InRange))
        foreach (BigInteger amount in corners.Where(c => c.Sign >= 0))
        foreach (uint fee in fees)
        {
            CheckIn(r0, r1, fee, amount, true);
            CheckOut(r0, r1, fee, amount, true);
        }
    }

    [Fact]
    public void Swap_NeverLowersK() => Cases.Sample(c =>
    {
        ConstantProductMarket before = Make(c.R0, c.R1, c.Fee);
        var after = (ConstantProductMarket)before.Apply(c.Z, c.Amount.Word(), out _);
        BigInteger k = after.Reserve0.Big() * after.Reserve1.Big();
        Assert.True(k >= c.R0 * c.R1);
    });

    [Fact]
    public void ExactOut_BuysWhatWasAsked_AndTwoLessDoesNot() => Cases.Sample(c =>
    {
        ConstantProductMarket market = Make(c.R0, c.R1, c.Fee);
        SwapResult asked = market.QuoteExactOut(c.Z, c.Amount.Word());
        if (asked.Status != SwapStatus.Ok) return;
        SwapResult bought = market.QuoteExactIn(c.Z, asked.AmountIn);
        Assert.Equal(SwapStatus.Ok, bought.Status);
        Assert.True(bought.AmountOut >= asked.AmountOut);
        BigInteger less = asked.AmountIn.Big() - 2;
        if (less.Sign < 0) return;
        Assert.True(market.QuoteExactIn(c.Z, less.Word()).AmountOut < asked.AmountOut);
    });

    private static void CheckIn(
        BigInteger r0, BigInteger r1, uint fee, BigInteger amount, bool zeroForOne)
    {
        SwapResult got = Make(r0, r1, fee).QuoteExactIn(zeroForOne, amount.Word());
        BigInteger rIn = zeroForOne ? r0 : r1, rOut = zeroForOne ? r1 : r0;
        BigInteger expected = ConstantProductOracle.AmountOut(amount, rIn, rOut, fee);
        SwapStatus status = amount.IsZero ? SwapStatus.ZeroInput
            : rIn + amount > ConstantProductOracle.MaxReserve ? SwapStatus.Overflow
            : expected.IsZero ? SwapStatus.ZeroOutput
            : SwapStatus.Ok;
        Assert.Equal(status, got.Status);
        if (status is SwapStatus.Ok or SwapStatus.ZeroOutput)
            Assert.Equal((amount, expected), (got.AmountIn.Big(), got.AmountOut.Big()));
    }

    private static void CheckOut(
        BigInteger r0, BigInteger r1, uint fee, BigInteger amount, bool zeroForOne)
    {
        SwapResult got = Make(r0, r1, fee).QuoteExactOut(zeroForOne, amount.Word());
        BigInteger rIn = zeroForOne ? r0 : r1, rOut = zeroForOne ? r1 : r0;
        BigInteger expected = amount.IsZero || amount >= rOut
            ? BigInteger.Zero
            : ConstantProductOracle.AmountIn(amount, rIn, rOut, fee);
        SwapStatus status = amount.IsZero ? SwapStatus.ZeroInput
            : amount >= rOut ? SwapStatus.InsufficientLiquidity
            : rIn + expected > ConstantProductOracle.MaxReserve ? SwapStatus.Overflow
            : SwapStatus.Ok;
        Assert.Equal(status, got.Status);
        if (status == SwapStatus.Ok)
            Assert.Equal((expected, amount), (got.AmountIn.Big(), got.AmountOut.Big()));
    }

    private static bool InRange(BigInteger x) =>
        x.Sign > 0 && x <= ConstantProductOracle.MaxReserve;

    private static ConstantProductMarket Make(BigInteger r0, BigInteger r1, uint fee)
    {
        Assert.True(ConstantProductMarket.TryCreate(
            r0.Word(), r1.Word(), fee, out ConstantProductMarket? market, out _));
        return market;
    }
}
