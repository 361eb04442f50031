// SettlementTryout: what speaks against an order on its chains, before anything of it is sent.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>Looks at one leg: means of the account, allowance, what the vault has and allows; then
/// imagines the lock. A leg that is refused here costs nothing; one that is refused when the other
/// stands costs an unwinding.</summary>
internal static class SettlementTryout
{
    private static readonly AbiFunction BalanceOf = F("balanceOf(address)(uint256)");
    private static readonly AbiFunction Allowance = F("allowance(address,address)(uint256)");
    private static readonly AbiFunction Asset0 = F("asset0()(address)");
    private static readonly AbiFunction Idle = F("idle()(uint256,uint256)");
    private static readonly AbiFunction VenueAllowed = F("venueAllowed(uint256)(bool)");
    private static readonly AbiFunction VerifierAllowed = F("verifierAllowed(address)(bool)");

    /// <summary>The first thing against a leg, or null.</summary>
    /// <param name="chain">Its chain.</param>
    /// <param name="terms">Its terms, with a hash lock.</param>
    /// <param name="legIds">All legs of the bundle.</param>
    /// <param name="index">Which of them it is.</param>
    /// <param name="cancel">Stops it.</param>
    public static async ValueTask<SettlementRefusal?> LookAsync(
        SettlementChain chain, EscrowLeg terms, IReadOnlyList<Hash32> legIds, int index,
        CancellationToken cancel)
    {
        (BlockHeader? head, RpcFault? fault) =
            await EscrowReader.HeadAsync(chain.Rpc, cancel).ConfigureAwait(false);
        if (head is null) return Unread(chain, $"{fault}");
        if (head.TimestampS + 1 >= terms.DeadlineSeconds)
            return Refuse(chain, PlanReason.DeadlineClose.Code(),
                $"it is {head.TimestampS} there, the leg ends at {terms.DeadlineSeconds}");
        if (head.BaseFeePerGas > chain.Rules.Fees.MaxFeePerGas)
            return Refuse(chain, PlanReason.GasAboveCap.Code(),
                $"gas costs {head.BaseFeePerGas} wei there, the cap is "
                + $"{chain.Rules.Fees.MaxFeePerGas}");
        try
        {
            if (await MeansAsync(chain, terms, head, cancel).ConfigureAwait(false) is { } lacking)
                return lacking;
        }
        catch (CodecException e)
        {
            return Unread(chain, e.Message);
        }
        SimulationResult imagined = await Simulation.RunAsync(
            chain.Rpc.CallAsync,
            new EvmTransaction
            {
                ChainId = chain.ChainNumber,
                Nonce = 0,
                GasLimit = chain.Gas.Lock,
                MaxFeePerGas = default,
                To = chain.Escrow,
                Data = EscrowCalls.Lock(terms, legIds, index),
            },
            chain.Account, BlockRef.At(head.Hash), null, EscrowErrors.All, cancel)
            .ConfigureAwait(false);
        return imagined.Revert is { } revert
            ? Refuse(chain, PlanReason.SimulationFailed.Code(), revert)
            : imagined.Fault is { } unheard ? Unread(chain, $"{unheard}") : null;
    }

    private static async ValueTask<SettlementRefusal?> MeansAsync(
        SettlementChain chain, EscrowLeg terms, BlockHeader head, CancellationToken cancel)
    {
        BlockRef at = BlockRef.At(head.Hash);
        RpcReply[] replies = await chain.Rpc.BatchAsync(
            (RpcCall[])
            [
                EthCalls.Balance(chain.Account, at),
                Ask(terms.AssetIn, BalanceOf, chain.Account),
                Ask(terms.AssetIn, Allowance, chain.Account, chain.Escrow),
                Ask(terms.Vault, Asset0),
                Ask(terms.Vault, Idle),
                Ask(terms.Vault, VenueAllowed, terms.Venue.ToWord()),
                Ask(terms.Vault, VerifierAllowed, terms.Verifier),
            ], cancel).ConfigureAwait(false);
        if (Array.Find(replies, one => !one.IsOk) is { Fault: { } failed })
            return Unread(chain, $"{failed}");
        UInt256 gas = chain.Gas.Lock + (UInt256)chain.Gas.Claim;
        UInt256 wei = gas * chain.Rules.Fees.MaxFeePerGas;
        if (!JsonHex.TryQuantity(replies[0].Result, out UInt256 ether))
            return Unread(chain, "the balance is no quantity");
        if (ether < wei)
            return Refuse(chain, PlanReason.InsufficientBalance.Code(),
                $"{chain.Account} has {ether} wei, lock and claim may take {wei}");
        UInt256 held = Read(BalanceOf, replies[1])[0].AsUInt256();
        if (held < terms.Bond)
            return Refuse(chain, PlanReason.InsufficientBalance.Code(),
                $"the bond is {terms.Bond} of {terms.AssetIn}, {chain.Account} has {held}");
        UInt256 allowed = Read(Allowance, replies[2])[0].AsUInt256();
        if (allowed < terms.Bond)
            return Refuse(chain, PlanReason.AllowanceMissing.Code(),
                $"the bond is {terms.Bond} of {terms.AssetIn}, the escrow may take {allowed}");
        bool isFirst = Read(Asset0, replies[3])[0].AsAddress() == terms.AssetIn;
        UInt256 idle = Read(Idle, replies[4])[isFirst ? 0 : 1].AsUInt256();
        if (idle < terms.Principal)
            return Refuse(chain, "vault-illiquid",
                $"vault {terms.Vault} has {idle} of {terms.AssetIn}, the loan is "
                + $"{terms.Principal}");
        if (!Read(VenueAllowed, replies[5])[0].AsBoolean())
            return Refuse(chain, "venue-not-allowed",
                $"vault {terms.Vault} does not lend for pool {terms.Venue.Pool}");
        return Read(VerifierAllowed, replies[6])[0].AsBoolean() ? null
            : Refuse(chain, "verifier-not-allowed",
                $"vault {terms.Vault} does not trust verifier {terms.Verifier}");

        RpcCall Ask(EvmAddress contract, AbiFunction function, params AbiValue[] arguments) =>
            EthCalls.Call(
                new CallFrame { To = contract, Data = function.Encode(arguments) }, at);
    }

    private static AbiValue Read(AbiFunction function, RpcReply reply) =>
        JsonHex.TryData(reply.Result, out byte[]? data) ? function.DecodeOutputs(data)
            : throw new CodecException(0, $"{function.Name} answers no data");

    private static SettlementRefusal Unread(SettlementChain chain, string words) =>
        Refuse(chain, PlanReason.ChainUnreadable.Code(), words);

    private static SettlementRefusal Refuse(
        SettlementChain chain, string reason, string words) =>
        new(reason, $"{chain.Chain}: {words}");

    private static AbiFunction F(string signature) => AbiFunction.Parse(signature);
}
