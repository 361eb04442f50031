// KeeperHost: a stranger who finishes what others locked, with the product's runner; may race.
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Checks;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Actors;

/// <summary>The keeper. It knows what the chains show: terms from <c>lock</c>, secret and
/// certificate from the first <c>claim</c>, an ABORT certificate from the first <c>unwind</c>.
/// How it finds them is the simulator's; what it does then is the product's.</summary>
public sealed class KeeperHost : IDisposable
{
    private readonly World world;
    private readonly VirtualClock clock;
    private readonly Disk disk;
    private readonly Process process = new("keeper");
    private readonly Prng random;
    private readonly SecretSeal seal = new(Cast.Keeper);
    private readonly SettlementChain[] chains;
    private readonly HashSet<string> kept = new(StringComparer.Ordinal);
    private SettlementRunner? runner;

    public KeeperHost(World world)
    {
        (this.world, random) = (world, world.Stream("keeper"));
        clock = new VirtualClock(world.Time, process, 0);
        disk = new Disk(clock);
        chains =
        [
            .. world.Realms.Select((realm, i) =>
            {
                Link link = world.LinkTo(
                    i, process, new VirtualNode(world.Chains[i], world.Decode));
                return new SettlementChain
                {
                    Chain = realm.Id,
                    ChainNumber = realm.Number,
                    Escrow = realm.Escrow,
                    Rpc = link,
                    Submitter = new PublicSubmitter(link),
                    Account = Cast.Keeper.Address,
                    Sign = order => world.Sign(order, Cast.Keeper),
                    SignRequest = digest => Cast.Keeper.Sign(digest),
                    Rules = realm.Rules,
                };
            }),
        ];
        world.Time.After(3, () => _ = LiveAsync());
    }

    /// <summary>How long it leaves the work to others, ms: nothing is earned before the reward's
    /// delay is over.</summary>
    public long PatienceMs => world.Scenario.Has(Faults.KeeperRace) ? 0 : 10_000;

    /// <summary>Bundles it still carries.</summary>
    public bool IsBusy => runner is { Open.Count: > 0 };

    public void Dispose()
    {
        process.Die();
        seal.Dispose();
        disk.Dispose();
    }

    private async Task LiveAsync()
    {
        try
        {
            while (runner is null)
            {
                (runner, _) = await SettlementRunner.StartAsync(
                    chains, disk.Journal, world.CommitteeFor(process, clock), seal,
                    WideGate.Start(disk.Journal), clock, null, CancellationToken.None)
                    .ConfigureAwait(false);
                await SleepAsync().ConfigureAwait(false);
            }
            while (true)
            {
                foreach (BundleTrack track in world.Watch.Open) Look(track, runner);
                if (runner.Open.Count > 0)
                    await runner.TurnAsync(CancellationToken.None).ConfigureAwait(false);
                await SleepAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            world.Watch.Fail("exception", $"keeper: {e}");
        }
    }

    /// <summary>Takes on a bundle of which it knows what to do and nobody did it for a while.
    /// </summary>
    private void Look(BundleTrack track, SettlementRunner carrier)
    {
        if (kept.Contains(track.Id)) return;
        bool all = true, open = false;
        for (int i = 0; i < track.Legs.Length; i++)
        {
            LegStatus status = track.StatusAt(world, i);
            all &= status is not LegStatus.Idle;
            open |= status is LegStatus.Locked or LegStatus.Unwinding;
        }
        // Of a leg that was never locked nobody but its searcher knows the terms.
        if (!all || !open) return;
        bool known = track.SeenMs > 0 && world.Time.NowMs >= track.SeenMs + PatienceMs;
        bool late = world.Time.NowMs / 1000
            >= track.Legs.Max(leg => leg.Terms.DeadlineSeconds) + 5 + (PatienceMs / 1000);
        if (!known && !late) return;
        kept.Add(track.Id);
        world.Say($"keeper takes on {track.Id[..10]}: {(known ? track.Seen : Decision.None)}");
        byte[] nonce = new byte[SecretSeal.NonceBytes];
        random.Fill(nonce);
        carrier.Keep(
            new KeptBundle(
                track.Order, known ? track.Seen : Decision.None, known ? track.Proof : null,
                known ? track.Secret : null),
            nonce);
    }

    private Task SleepAsync()
    {
        TaskCompletionSource over = new();
        world.Time.After(world.TurnMs + 100, () => over.TrySetResult());
        return over.Task;
    }
}
