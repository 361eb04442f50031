// RevertReasonTests: reverts are told in one line, whatever bytes they leave.
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Xunit;

namespace Lockstep.Tests.Chains.Evm.Codec;

public sealed class RevertReasonTests
{
    private static readonly AbiError Slippage =
        AbiError.Parse("TooLittleReceived(address pool, uint256 amount)");

    [Fact]
    public void Selectors_AreSoliditys()
    {
        // Both are printed in Solidity's documentation, "Panic via assert and Error via require".
        Assert.Equal(0x08c379a0u, RevertReason.Error.Selector);
        Assert.Equal(0x4e487b71u, RevertReason.Panic.Selector);
    }

    [Fact]
    public void Describe_WhenTheErrorIsKnown_TellsItsValues()
    {
        byte[] data = Slippage.Encode(EvmAddress.Zero, 7);
        Assert.Equal($"TooLittleReceived({EvmAddress.Zero}, 7)",
            RevertReason.Describe(data, Slippage));
        Assert.Equal($"reverted with {Hex.Format(data)}", RevertReason.Describe(data));
        Assert.Equal("K", RevertReason.Describe(RevertReason.Error.Encode("K")));
        Assert.Equal("a b", RevertReason.Describe(RevertReason.Error.Encode("a\nb")));
        Assert.Equal("panic 0x11: arithmetic overflow",
            RevertReason.Describe(RevertReason.Panic.Encode(0x11)));
        Assert.Equal("panic 0x99: unknown code",
            RevertReason.Describe(RevertReason.Panic.Encode(0x99)));
        Assert.Equal("reverted without a reason", RevertReason.Describe(default));
    }

    [Fact]
    public void Describe_NeverFails() =>
        Gen.Select(Gen.OneOf(0, 1, 2, 3), Gen.Byte.Array[0, 1000], Gen.Int[0, 100]).Sample(
            (kind, bytes, cut) =>
            {
                byte[] data = kind switch
                {
                    0 => bytes,
                    1 => RevertReason.Error.Encode(Convert.ToHexString(bytes)),
                    2 => [.. RevertReason.Panic.Encode(1).AsSpan(0, 4), .. bytes],
                    _ => [.. Slippage.Encode(EvmAddress.Zero, 1).AsSpan(0, 4), .. bytes],
                };
                string text = RevertReason.Describe(
                    data.AsSpan(0, Math.Max(0, data.Length - cut)), Slippage);
                Assert.InRange(text.Length, 1, 600);
                Assert.DoesNotContain(text, char.IsControl);
            },
            iter: 2_000);

    [Fact]
    public void Error_WhenItReturnsSomething_IsRefused() =>
        Assert.Throws<FormatException>(() => AbiError.Parse("E(bool)(bool)"));
}
