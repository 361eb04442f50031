// Machine: one transaction on the model's state: tokens, credits, events, and reverts by name.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>A revert with the error of the contract.</summary>
public sealed class RevertException(string signature, params AbiValue[] arguments)
    : Exception(signature)
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, AbiError>
        Known = new(StringComparer.Ordinal);

    /// <summary>What the revert leaves.</summary>
    public byte[] RevertData() => Known.GetOrAdd(Message, AbiError.Parse).Encode(arguments);
}

/// <summary>An event.</summary>
public sealed record ModelLog(EvmAddress Emitter, ImmutableArray<Hash32> Topics, byte[] Data);

/// <summary>Says who signed; the simulator may know without computing.</summary>
public delegate bool RecoverSigner(
    in Hash32 digest, in EcdsaSignature signature, out EvmAddress signer);

/// <summary>The running transaction.</summary>
/// <param name="state">Before.</param>
/// <param name="now">block.timestamp.</param>
/// <param name="sender">msg.sender.</param>
/// <param name="committees">The verifiers.</param>
/// <param name="recover">ecrecover.</param>
public sealed class Machine(
    ChainState state, long now, EvmAddress sender,
    IReadOnlyDictionary<EvmAddress, Committee> committees, RecoverSigner recover)
{
    /// <summary>The state now; put an earlier one back to revert to it.</summary>
    public ChainState State { get; set; } = state;

    public UInt256 Now { get; } = (ulong)now;

    public long NowSeconds => now;

    public EvmAddress Sender => sender;

    /// <summary>Events so far.</summary>
    public List<ModelLog> Logs { get; } = [];

    /// <summary>SafeTransfer.send of a contract.</summary>
    public void Send(EvmAddress token, EvmAddress from, EvmAddress to, in UInt256 amount)
    {
        if (!TrySend(token, from, to, amount))
            throw new RevertException(
                "TransferFailed(address,address,uint256)", token, to, amount);
    }

    /// <summary>SafeTransfer.pull: what arrived.</summary>
    public void PullExact(EvmAddress token, EvmAddress to, in UInt256 amount) =>
        Send(token, sender, to, amount);

    /// <summary>Pays, or keeps the amount for the payee.</summary>
    public void Pay(EvmAddress token, EvmAddress from, EvmAddress to, in UInt256 amount)
    {
        if (amount.IsZero || TrySend(token, from, to, amount)) return;
        UInt256 kept = State.Credits.GetValueOrDefault((token, to)) + amount;
        State = State with { Credits = State.Credits.SetItem((token, to), kept) };
    }

    public Vault Vault(EvmAddress vault) => State.Vaults.TryGetValue(vault, out Vault? one)
        ? one : throw new RevertException("NoContract(address)", vault);

    public void Set(EvmAddress vault, Vault to) =>
        State = State with { Vaults = State.Vaults.SetItem(vault, to) };

    public void Set(Hash32 id, Leg leg) =>
        State = State with { Legs = State.Legs.SetItem(id, leg) };

    /// <summary>Whether a quorum of the verifier's committee signed; EcdsaCommitVerifier.verify.
    /// </summary>
    public bool Verify(EvmAddress verifier, in Hash32 digest, ReadOnlySpan<byte> proof)
    {
        Committee committee = committees[verifier];
        (int given, int rest) = Math.DivRem(proof.Length, EcdsaSignature.Size);
        if (rest != 0 || given < committee.Quorum) return false;
        int at = 0;
        for (; !proof.IsEmpty; proof = proof[EcdsaSignature.Size..])
        {
            if (!EcdsaSignature.TryRead(proof[..EcdsaSignature.Size], out EcdsaSignature one)
                || !recover(digest, one, out EvmAddress signer)) return false;
            while (at < committee.Signers.Count && committee.Signers[at].CompareTo(signer) < 0)
                at++;
            if (at == committee.Signers.Count || committee.Signers[at] != signer) return false;
            at++;
        }
        return true;
    }

    /// <summary>The committee behind a verifier.</summary>
    public Committee CommitteeOf(EvmAddress verifier) =>
        committees.TryGetValue(verifier, out Committee? one)
            ? one : throw new RevertException("NoContract(address)", verifier);

    private bool TrySend(EvmAddress token, EvmAddress from, EvmAddress to, in UInt256 amount)
    {
        if (amount.IsZero) return true;
        UInt256 has = State.Balance(token, from);
        if (has < amount || State.Refused.Contains((token, to))) return false;
        var balances = State.Balances.SetItem((token, from), has - amount);
        UInt256 before = balances.GetValueOrDefault((token, to));
        State = State with { Balances = balances.SetItem((token, to), before + amount) };
        return true;
    }
}
