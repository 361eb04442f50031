// Thief: strangers and a searcher who cheats: ABORT for nothing, bids, a certificate kept back.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Checks;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Actors;

/// <summary>Everybody else. They act at once and from accounts of their own.</summary>
public static class Thief
{
    private static readonly Process Process = new("thief");

    /// <summary>Asks some signers for ABORT; unwinds one leg with what it gets.</summary>
    public static void AskAbort(World world, BundleTrack track, Prng random)
    {
        world.Say($"a stranger asks for ABORT of {track.Id[..10]}");
        _ = AskAsync(world, track, Decision.Abort, random, (proof, hash) =>
        {
            int at = random.Between(0, track.Legs.Length - 1);
            Send(world, track.Legs[at].Chain, Cast.Thief, EscrowCalls.Unwind(
                track.Legs[at].Terms,
                new CommitCertificate(Hash32.Parse(track.Id), hash, Decision.Abort), proof));
        });
    }

    /// <summary>Asks for COMMIT with a secret that the searcher told, says nothing of it, and
    /// claims one leg in the last seconds before its deadline.</summary>
    public static void Withhold(World world, BundleTrack track, Prng random)
    {
        if (world.Coordinator.SecretOf(track) is not { } secret) return;
        world.Say($"a thief wants COMMIT of {track.Id[..10]} for itself");
        long from = world.Time.NowMs;
        // Its own coordinator does nothing, as if it were somebody else's.
        if (world.Coordinator.IsUp)
            world.Coordinator.Crash((track.LastDeadlineSeconds * 1000) - from + 5000);
        Try();

        void Try() => _ = AskAsync(world, track, Decision.Commit, random, (proof, hash) =>
        {
            int at = random.Between(0, track.Legs.Length - 1);
            TrackedLeg leg = track.Legs[at];
            long early = (2 * world.Chains[leg.Chain].Manners.BlockMs)
                + world.Chains[leg.Chain].Manners.InclusionMs + random.Between(0, 3000);
            world.Time.At((leg.Terms.DeadlineSeconds * 1000) - early, () =>
                Send(world, leg.Chain, Cast.Thief, EscrowCalls.Claim(
                    leg.Terms, secret,
                    new CommitCertificate(Hash32.Parse(track.Id), hash, Decision.Commit),
                    proof)));
        }, secret, () =>
        {
            if (world.Time.NowMs < from + 120_000) world.Time.After(3000, Try);
        });
    }

    /// <summary>Bids for one lot that is in an auction.</summary>
    public static void Bid(World world, Prng random)
    {
        int chain = random.Between(0, world.Chains.Length - 1);
        foreach (BundleTrack track in world.Watch.Open)
            foreach (TrackedLeg leg in track.Legs)
            {
                if (leg.Chain != chain || world.Chains[chain].Head.State.Leg(leg.Id).Status
                    is not LegStatus.Unwinding) continue;
                Send(world, chain, Cast.Bidder, EscrowDispatch.EncodeBid(
                    leg.Terms, leg.Terms.Principal * 2u, Cast.Bidder.Address));
                return;
            }
    }

    private static async Task AskAsync(
        World world, BundleTrack track, Decision decision, Prng random,
        Action<byte[], Hash32> done, byte[]? secret = null, Action? failed = null)
    {
        VoteRequest request = new(
            track.Id, decision,
            [
                .. track.Legs.Select(leg => new VoteLeg(
                    world.Realms[leg.Chain].Id.ToString(),
                    world.Realms[leg.Chain].Escrow.ToString(), Hex.Format(leg.Terms.Encode()))),
            ],
            secret is null ? null : Hex.Format(secret),
            // Who tells its secret lends its name as well.
            secret is null ? null : Hex.Format(Cast.Searcher.Sign(
                VoteRequest.Asking(Hash32.Parse(track.Id), decision)).ToArray()));
        // Not all of them hear it: votes may be split.
        CommitteeClient client = new(
            Cast.Committee,
            world.Signers.Where(_ => random.Chance(850_000))
                .ToDictionary(one => one.Address, one => one.AskFrom(Process)),
            TimeSpan.FromSeconds(4), new VirtualClock(world.Time, Process, 0));
        CommitteeAnswer answer = await client.CertifyAsync(request, CancellationToken.None)
            .ConfigureAwait(false);
        if (answer.Proof is not null)
            done(answer.Proof, EscrowLeg.LegsHash(track.Legs.Select(leg => leg.Id)));
        else failed?.Invoke();
    }

    private static void Send(World world, int chain, SigningKey key, byte[] data)
    {
        VirtualChain at = world.Chains[chain];
        SignedTransaction made = world.Sign(
            new EvmTransaction
            {
                ChainId = at.Number,
                Nonce = at.PendingNonce(key.Address),
                GasLimit = 2_500_000,
                MaxFeePerGas = UInt256.Pow10(12),
                MaxPriorityFeePerGas = UInt256.Pow10(9),
                To = at.Head.State.Escrow,
                Data = data,
            },
            key);
        at.Submit(made);
    }
}
