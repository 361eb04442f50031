// ContractChecks: our contracts of one chain: there, and set as the file says.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Health;

/// <summary>Asks contracts what they can't be told otherwise: who commands them, whom they
/// believe.</summary>
/// <param name="chain">The chain and our contracts there.</param>
/// <param name="committee">Who certifies, by the file; null where nothing is settled.</param>
/// <param name="ask">Asks a node; bounded in time.</param>
/// <param name="tell">Gets each finding.</param>
internal sealed class ContractChecks(
    EvmChain chain, Committee? committee, Func<RpcCall, Task<RpcReply>> ask,
    Action<Finding> tell)
{
    private static readonly AbiFunction
        Owner = AbiFunction.Parse("owner()(address)"),
        IsKeeper = AbiFunction.Parse("isKeeper(address)(bool)"),
        Threshold = AbiFunction.Parse("threshold()(uint256)"),
        Signers = AbiFunction.Parse("signers()(address[])"),
        VerifierAllowed = AbiFunction.Parse("verifierAllowed(address)(bool)");

    private string Place => chain.Id.ToString();

    /// <summary>Looks at all of them.</summary>
    /// <param name="keeper">Who runs plans; null where its key can't be opened.</param>
    public async Task LookAsync(EvmAddress? keeper)
    {
        var ours = chain.Contracts;
        if (await IsThereAsync("executor", ours.Executor)) await ExecutorAsync(keeper);
        bool isBelieved = false;
        if (!ours.Escrow.IsZero)
        {
            await IsThereAsync("escrow", ours.Escrow);
            isBelieved = await IsThereAsync("verifier", ours.Verifier);
            if (isBelieved && committee is not null) await VerifierAsync(committee);
        }
        foreach (EvmAddress vault in ours.Vaults)
            if (await IsThereAsync("vault", vault) && isBelieved) await VaultAsync(vault);
    }

    private async Task<bool> IsThereAsync(string name, EvmAddress at)
    {
        RpcReply reply = await ask(RpcCall.Of("eth_getCode", at.ToLowerHex(), "latest"));
        bool there = reply.IsOk && reply.Result.ValueKind == JsonValueKind.String
            && reply.Result.GetString() is { Length: > 2 };
        tell(there ? Finding.Ok("contract", $"{Place} {name}", $"{at}")
            : Wrong(name, reply.Fault?.ToString() ?? $"there is no code at {at}",
                "deploy it, or put its address right"));
        return there;
    }

    /// <summary>What is left of a run goes to its owner; only its keepers may run.</summary>
    private async Task ExecutorAsync(EvmAddress? keeper)
    {
        EvmAddress at = chain.Contracts.Executor;
        if (await ReadAsync("executor", at, Owner) is not { } owner) return;
        if (owner.AsAddress() != chain.Contracts.Owner)
            tell(Wrong("executor", $"belongs to {owner.AsAddress()}, the file says "
                + $"{chain.Contracts.Owner}", "put owner or executor right: what runs bring goes "
                + "to the contract's owner"));
        if (keeper is { } account
            && await ReadAsync("executor", at, IsKeeper, account) is { } allowed
            && !allowed.AsBoolean())
            tell(Wrong("executor", $"{account} is none of its keepers",
                $"its owner calls setKeeper({account}, true); until then every run reverts"));
    }

    /// <summary>Certificates of the file's committee have to count on the chain, and no others.
    /// </summary>
    private async Task VerifierAsync(Committee ours)
    {
        EvmAddress at = chain.Contracts.Verifier;
        if (await ReadAsync("verifier", at, Threshold) is not { } quorum
            || await ReadAsync("verifier", at, Signers) is not { } signers) return;
        UInt256 needed = quorum.AsUInt256();
        EvmAddress[] members = [.. signers.AsList().ToArray().Select(one => one.AsAddress())];
        if (needed == (UInt256)(ulong)ours.Quorum && members.SequenceEqual(ours.Signers))
            tell(Finding.Ok("committee", $"{Place} verifier",
                $"believes {needed} of the {members.Length} signers of the file"));
        else
            tell(new Finding("committee", $"{Place} verifier", FindingLevel.Fail,
                $"believes {needed} of {Named(members)}, the file says {ours.Quorum} of "
                + Named(ours.Signers),
                "put [committee] right, or deploy a verifier of these signers: certificates of "
                + "others count for nothing, and bundles unwind"));
    }

    private async Task VaultAsync(EvmAddress vault)
    {
        if (await ReadAsync("vault", vault, VerifierAllowed, chain.Contracts.Verifier)
                is { } allowed && !allowed.AsBoolean())
            tell(Wrong("vault", $"{vault} does not believe the verifier {chain.Contracts.Verifier}",
                "its owner calls setVerifier; until then it lends nothing"));
    }

    /// <summary>The one value that a view answers; null, and a finding, where it has none.
    /// </summary>
    private async Task<AbiValue?> ReadAsync(
        string name, EvmAddress at, AbiFunction view, params AbiValue[] arguments)
    {
        RpcReply reply = await ask(EthCalls.Call(
            new CallFrame { To = at, Data = view.Encode(arguments) }, BlockRef.Latest));
        try
        {
            if (reply.IsOk && JsonHex.TryData(reply.Result, out byte[]? data))
                return view.DecodeOutputs(data)[0];
        }
        catch (CodecException)
        {
            // Another contract lives there: it is told below.
        }
        tell(Wrong(name, reply.Fault?.ToString() ?? $"{at} answers no {view.Signature}",
            "see whether the address is that contract's"));
        return null;
    }

    private Finding Wrong(string name, string words, string wayOut) =>
        new("contract", $"{Place} {name}", FindingLevel.Fail, words, wayOut);

    private static string Named(IEnumerable<EvmAddress> signers) =>
        $"[{string.Join(", ", signers)}]";
}
