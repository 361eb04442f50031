// DevnetTermsTests: prices and amounts of a devnet's vault against BigInteger.
using System.Globalization;
using System.Numerics;
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tools.Deploy;
using Xunit;

namespace Lockstep.Tests.Deploy;

public sealed class DevnetTermsTests
{
    private static readonly Gen<WorldToken> AnyToken =
        from decimals in Gen.Int[0, 18]
        from usdE18 in Gen.ULong[1, ulong.MaxValue]
        from thousands in Gen.UInt[1, 100_000]
        select new WorldToken(
            EvmAddress.Zero, "ANY", decimals, true, (UInt256)usdE18 * thousands);

    [Fact]
    public void Price_IsThatOfTheTwoTokens() =>
        Gen.Select(AnyToken, AnyToken).Sample((x, y) =>
        {
            BigInteger exact = Usd(x) * BigInteger.Pow(10, y.Decimals) * (BigInteger.One << 128)
                / (Usd(y) * BigInteger.Pow(10, x.Decimals));
            if (exact >> 256 != 0) return true;
            return Big(DevnetTerms.PriceX128(x, y)) == exact;
        });

    [Fact]
    public void Units_AreWorthTheDollars_AndOneMoreIsWorthMore() =>
        Gen.Select(AnyToken, Gen.UInt[1, 1_000_000]).Sample((token, usd) =>
        {
            BigInteger units = Big(DevnetTerms.Units(token, usd));
            BigInteger worth = BigInteger.Pow(10, 18 + token.Decimals) * usd;
            return units * Usd(token) <= worth && (units + 1) * Usd(token) > worth;
        });

    [Fact]
    public void Policy_LetsNoLoanPassTheSumOfLoans()
    {
        WorldToken token = new(EvmAddress.Zero, "USDC", 6, true, UInt256.Pow10(18));

        AbiValue policy = DevnetTerms.Policy(token, token);

        Assert.Equal((UInt256)200_000_000_000UL, policy[0].AsUInt256());
        Assert.True(policy[0].AsUInt256() <= policy[2].AsUInt256());
        Assert.True(
            DevnetTerms.Rules.LoanFeePips >= policy[4].AsUInt64()
            && DevnetTerms.Rules.LtvPips <= policy[6].AsUInt64());
    }

    private static BigInteger Usd(WorldToken token) => Big(token.UsdE18!.Value);

    private static BigInteger Big(UInt256 value) =>
        BigInteger.Parse(value.ToString(), CultureInfo.InvariantCulture);
}
