// Signer: one member of a committee; reads the chains itself, writes its vote down, then signs.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;

namespace Lockstep.Execution.Committees;

/// <summary>A chain that a signer serves.</summary>
/// <param name="Served">What it knows of it.</param>
/// <param name="Rpc">The signer's own nodes there.</param>
/// <param name="FinalityBlocks">So many blocks, its own included, make a block final to it.</param>
public sealed record SignerChain(ServedChain Served, IRpc Rpc, int FinalityBlocks);

/// <summary>Votes. At most one outcome a bundle: the vote is on disk before the signature exists,
/// and signatures are deterministic (RFC 6979), so that a repeated request gets the same one. One
/// request at a time.</summary>
public sealed class Signer : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly SigningKey key;
    private readonly Committee committee;
    private readonly IReadOnlyDictionary<ChainId, SignerChain> chains;
    private readonly Dictionary<ChainId, ServedChain> served;
    private readonly SettlementJournal journal;
    private readonly TimeProvider clock;

    /// <summary>A signer.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="committee">Whose member it is.</param>
    /// <param name="chains">The chains it serves.</param>
    /// <param name="journal">Its own, shared with nobody.</param>
    /// <param name="clock">Its clock, besides those of the chains.</param>
    /// <exception cref="ArgumentException">The key is not of the committee.</exception>
    public Signer(
        SigningKey key, Committee committee, IReadOnlyDictionary<ChainId, SignerChain> chains,
        SettlementJournal journal, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(committee);
        (this.key, this.committee, this.chains) = (key, committee, chains);
        (this.journal, this.clock) = (journal, clock);
        served = chains.ToDictionary(one => one.Key, one => one.Value.Served);
        if (committee.IndexOf(key.Address) < 0)
            throw new ArgumentException($"{key.Address} is not of the committee");
    }

    /// <summary>Who signs.</summary>
    public EvmAddress Address => key.Address;

    /// <summary>Answers a request.</summary>
    /// <exception cref="JournalException">The vote could not be written down: nothing was signed.
    /// </exception>
    public async ValueTask<VoteAnswer> AnswerAsync(VoteRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (VoteCase.Of(request, out string? fault) is not { } asked)
            return Refuse(request, VoteRefusal.Malformed, fault!);
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await VoteAsync(request, asked, cancel).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async ValueTask<VoteAnswer> VoteAsync(
        VoteRequest request, VoteCase asked, CancellationToken cancel)
    {
        string bundle = asked.BundleId.ToString();
        VoteCast? before = journal.Read(bundle).Select(row => row.Entry).OfType<VoteCast>()
            .SingleOrDefault();
        ImmutableArray<VoteReading> readings = [];
        if (asked.Decision is Decision.Commit
            && asked.Legs.All(leg => chains.ContainsKey(leg.Chain)))
        {
            (readings, string unread) = await ReadAsync(asked, cancel).ConfigureAwait(false);
            if (unread.Length > 0) return Refuse(request, VoteRefusal.Unreadable, unread);
        }
        VoteRefusal refusal = VoteRule.Judge(
            asked, served, before, readings, clock.GetUtcNow().ToUnixTimeSeconds(),
            out string detail);
        if (refusal is not VoteRefusal.None) return Refuse(request, refusal, detail);
        if (before is null)
            journal.Append(bundle, -1, new VoteCast(asked.Decision, asked.LegsHash.ToString()));
        EcdsaSignature signature = key.Sign(asked.Certificate.Digest(committee));
        return new VoteAnswer(
            request.Bundle, request.Decision, Address.ToString(),
            Hex.Format(signature.ToArray()), null, null);
    }

    private async ValueTask<(ImmutableArray<VoteReading> Legs, string Unread)> ReadAsync(
        VoteCase asked, CancellationToken cancel)
    {
        var readings = new VoteReading[asked.Legs.Length];
        string[] faults = await Task.WhenAll(
            asked.Legs.Select((leg, place) => (leg, place)).GroupBy(one => one.leg.Chain)
                .Select(group => ReadChainAsync(group.Key, [.. group], readings, cancel)))
            .ConfigureAwait(false);
        string fault = Array.Find(faults, one => one.Length > 0) ?? "";
        return (ImmutableArray.Create(readings), fault);
    }

    private async Task<string> ReadChainAsync(
        ChainId id, (CaseLeg Leg, int Place)[] legs, VoteReading[] readings,
        CancellationToken cancel)
    {
        SignerChain chain = chains[id];
        (BlockHeader? head, RpcFault? fault) =
            await EscrowReader.HeadAsync(chain.Rpc, cancel).ConfigureAwait(false);
        if (head is null) return $"{id}: {fault}";
        (ImmutableArray<EscrowReading> read, fault) = await EscrowReader.ReadAsync(
            chain.Rpc, chain.Served.Escrow, [.. legs.Select(one => one.Leg.Id)], head,
            chain.FinalityBlocks, cancel).ConfigureAwait(false);
        if (fault is not null) return $"{id}: {fault}";
        for (int i = 0; i < legs.Length; i++)
        {
            // What is final and has moved on since is where it moved to, but for a claim.
            bool gone = read[i].Final.Stage is LegStage.Locked
                && read[i].Head.Stage is not (LegStage.Locked or LegStage.Claimed);
            readings[legs[i].Place] = new VoteReading(
                gone ? read[i].Head : read[i].Final, head.TimestampS);
        }
        return "";
    }

    private VoteAnswer Refuse(VoteRequest request, VoteRefusal refusal, string detail) => new(
        request.Bundle, request.Decision, Address.ToString(), null, refusal.ToString(), detail);
}
