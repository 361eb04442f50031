// TokenTransfer: an ERC-20 Transfer event read from a log; base units. Source: EIP-20.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Execution.Evm;

/// <summary>A transfer of the token that emitted the log.</summary>
/// <param name="From">Who paid.</param>
/// <param name="To">Who was paid.</param>
/// <param name="Units">How much, base units.</param>
public readonly record struct TokenTransfer(EvmAddress From, EvmAddress To, UInt256 Units)
{
    private static readonly AbiEvent Form = AbiEvent.Parse(
        "Transfer(address indexed from,address indexed to,uint256 value)");

    /// <summary>Reads a log; false where it is of another event, such as an ERC-721's, whose third
    /// argument is a topic.</summary>
    public static bool TryRead(EvmLog log, out TokenTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(log);
        transfer = default;
        if (log.Topics.Length != 3 || log.Topics[0] != Form.Topic) return false;
        try
        {
            AbiValue values = Form.Decode(log.Topics.AsSpan(), log.Data.Span);
            transfer = new TokenTransfer(
                values[0].AsAddress(), values[1].AsAddress(), values[2].AsUInt256());
            return true;
        }
        catch (CodecException)
        {
            return false;
        }
    }
}
