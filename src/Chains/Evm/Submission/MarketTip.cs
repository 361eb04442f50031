// MarketTip: the tip that others pay now, asked of a node and held within an account's rules.
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Submission;

/// <summary>Asks for it.</summary>
public static class MarketTip
{
    /// <summary>The tip that an account would pay, wei a gas; its least one where nobody says.
    /// </summary>
    /// <param name="rpc">The chain's nodes.</param>
    /// <param name="rules">The account's rules.</param>
    /// <param name="cancel">Stops it.</param>
    public static async ValueTask<UInt256> AskAsync(
        IRpc rpc, FeeRules rules, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(rules);
        RpcReply reply = await rpc.CallAsync(FeePolicy.AskTips(rules), cancel)
            .ConfigureAwait(false);
        return reply.IsOk && FeePolicy.TryTip(reply.Result, out UInt256 tip)
            ? FeePolicy.Within(tip, rules) : rules.MinTip;
    }
}
