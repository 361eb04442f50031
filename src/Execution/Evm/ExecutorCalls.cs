// ExecutorCalls: what is asked of an executor contract, as call data, and what it says it earned.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Execution.Evm;

/// <summary>The functions of contracts/src/interfaces/IExecutor.sol.</summary>
public static class ExecutorCalls
{
    private static readonly AbiFunction ExecuteFunction = AbiFunction.Parse(
        "execute(bytes32 planId,uint256 chainId,uint256 deadline,address profitAsset,"
        + "uint256 minProfit,bytes program)(uint256 profit)");

    /// <summary>What an executor refuses, by name.</summary>
    public static ImmutableArray<AbiError> Errors { get; } =
    [
        .. ((string[])[
            "NotOwner()", "NotKeeper(address caller)", "NotPayee(address payee)",
            "WrongChain(uint256 expected)", "DeadlinePassed(uint256 deadline)", "Reentrant()",
            "UnexpectedCallback(address caller)", "MissingCallback(address lender)",
            "CallbackMismatch()", "UnknownOpcode(uint256 opcode,uint256 offset)",
            "UnknownFlags(uint256 flags)", "UnknownLender(uint256 kind,uint256 offset)",
            "TruncatedProgram(uint256 offset)", "TooManyAssets()",
            "TooLittleOut(uint256 offset,uint256 amountOut,uint256 minOut)",
            "TooLittleProfit(uint256 have,uint256 spent,uint256 minProfit)",
            "UnexpectedSwapCallback(address caller)",
            "ExcessiveSwapCallback(uint256 asked,uint256 most)", "PartialFill(uint256 left)",
            "PoolShort(address pool,address asset)", "MalformedVenue(uint256 venue)",
            "TransferFailed(address token,address to,uint256 amount)",
            "AmountTooLarge(uint256 amount)",
        ]).Select(AbiError.Parse),
    ];

    /// <summary>Says what a program earned.</summary>
    public static AbiEvent Executed { get; } = AbiEvent.Parse(
        "Executed(bytes32 indexed planId,address indexed keeper,address indexed asset,"
        + "uint256 profit)");

    /// <summary>Runs a program.</summary>
    /// <param name="planId">What the event calls it.</param>
    /// <param name="chainId">The chain it is for.</param>
    /// <param name="deadlineSeconds">The last second it may run in, chain time.</param>
    /// <param name="profitAsset">What profit is counted in.</param>
    /// <param name="minProfit">The least gain of it.</param>
    /// <param name="program">From <see cref="Compile.ProgramBuilder"/>.</param>
    public static byte[] Execute(
        in Hash32 planId, ulong chainId, long deadlineSeconds, EvmAddress profitAsset,
        in UInt256 minProfit, byte[] program) =>
        ExecuteFunction.Encode(
            planId, chainId, (ulong)deadlineSeconds, profitAsset, minProfit, program);

    /// <summary>The last second a call of <see cref="Execute"/> may run in; null where the data is
    /// no such call.</summary>
    public static long? DeadlineSeconds(ReadOnlySpan<byte> data)
    {
        try
        {
            UInt256 seconds = ExecuteFunction.DecodeInputs(data)[2].AsUInt256();
            return seconds <= (UInt256)(ulong)long.MaxValue ? (long)(ulong)seconds : long.MaxValue;
        }
        catch (CodecException)
        {
            return null;
        }
    }

    /// <summary>Whether revert data says that a program brings less than it has to.</summary>
    public static bool IsProfitGone(ReadOnlySpan<byte> revertData)
    {
        foreach (AbiError error in Errors)
            if (error.Is(revertData))
                return error.Signature.StartsWith("TooLittle", StringComparison.Ordinal);
        return false;
    }

    /// <summary>The profit that a simulated call answered, base units.</summary>
    /// <returns>False where the answer is none of an executor.</returns>
    public static bool TryReadProfit(ReadOnlySpan<byte> answer, out UInt256 profit)
    {
        profit = default;
        try
        {
            profit = ExecuteFunction.DecodeOutputs(answer)[0].AsUInt256();
            return true;
        }
        catch (CodecException)
        {
            return false;
        }
    }
}
