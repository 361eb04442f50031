// ExecutorCalls: what is asked of an executor contract, as call data, and what it says it earned.
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

    /// <summary>The profit that a simulated call answered, base units.</summary>
    /// <exception cref="CodecException">It is none.</exception>
    public static UInt256 ReadProfit(ReadOnlySpan<byte> answer) =>
        ExecuteFunction.DecodeOutputs(answer)[0].AsUInt256();
}
