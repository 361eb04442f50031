// CoordinatorHost: the product's SettlementRunner as a process that may die at any await or row.
using Lockstep.Chains.Evm.Submission;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model.Lines;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Checks;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Actors;

/// <summary>The coordinator.</summary>
public sealed class CoordinatorHost : IDisposable
{
    private readonly World world;
    private readonly VirtualClock clock;
    private readonly SecretSeal seal = new(Cast.Searcher);
    private readonly Prng secrets;
    private readonly SettlementChain[] chains;
    private SettlementRunner? runner;
    private RiskHost? risk;
    private int ordered;
    private long downSinceMs = -1;

    public CoordinatorHost(World world)
    {
        (this.world, secrets) = (world, world.Stream("secrets"));
        long skew = world.Scenario.Has(Faults.Skew) ? secrets.Between(-1000, 1000) : 0;
        clock = new VirtualClock(world.Time, Process, skew);
        Disk = new Disk(clock);
        Gate = new BindingGate(world);
        Disk.Written += row => world.Watch.Wrote(row);
        Nodes = [.. world.Chains.Select(chain => new VirtualNode(chain, world.Decode))];
        Links = [.. Nodes.Select((node, i) => world.LinkTo(i, Process, node))];
        for (int i = 0; i < Links.Length; i++)
        {
            int at = i;
            Links[i].Failed += asked => world.Watch.Outages.Mark(
                at, asked, world.Time.NowMs + world.TurnMs, "link", ofCoordinator: true);
        }
        chains =
        [
            .. world.Realms.Select((realm, i) => new SettlementChain
            {
                Chain = realm.Id,
                ChainNumber = realm.Number,
                Escrow = realm.Escrow,
                Rpc = Links[i],
                Submitter = new PublicSubmitter(Links[i]),
                Account = Cast.Searcher.Address,
                Sign = order => world.Sign(order, Cast.Searcher),
                SignRequest = digest => Cast.Searcher.Sign(digest),
                Rules = realm.Rules,
            }),
        ];
        world.Time.After(1, () => _ = LiveAsync());
    }

    public Process Process { get; } = new("coordinator");

    public Disk Disk { get; }

    /// <summary>The bounds of what it may risk.</summary>
    public BindingGate Gate { get; }

    /// <summary>An operator takes back, at the next turn, what breakers have stopped.</summary>
    public bool IsToResume { get; set; }

    public VirtualNode[] Nodes { get; }

    public Link[] Links { get; }

    public bool IsUp => downSinceMs < 0;

    /// <summary>When it comes back from the last death that was decided on.</summary>
    public long BackMs { get; private set; }

    /// <summary>Bundles that are not over; null while it is down.</summary>
    public SettlementRunner? Runner => runner;

    /// <summary>Wants one bundle more, at its next turn.</summary>
    public void Order() => ordered++;

    /// <summary>A bundle's secret, as its searcher could tell it; null before it is made.
    /// </summary>
    public byte[]? SecretOf(BundleTrack track)
    {
        SecretMade? made = Disk.Rows.Where(row => row.Bundle == track.Id)
            .Select(row => row.Entry).OfType<SecretMade>().FirstOrDefault();
        return made is null ? null : seal.Open(made.Sealed, track.Legs[0].Terms.HashLock);
    }

    /// <summary>Why it does not start; empty where it did.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>Dies now, wherever it is, and starts again later.</summary>
    public void Crash(long downMs)
    {
        world.Say($"coordinator dies, back in {downMs} ms");
        Process.Die();
        runner = null;
        if (downSinceMs < 0) downSinceMs = world.Time.NowMs;
        BackMs = Math.Max(BackMs, world.Time.NowMs + downMs);
        world.Time.After(downMs, () => _ = LiveAsync());
    }

    public void Dispose()
    {
        Process.Die();
        seal.Dispose();
        Disk.Dispose();
    }

    private async Task LiveAsync()
    {
        int life = Process.Life;
        try
        {
            SettlementRunner mine = await StartAsync().ConfigureAwait(false);
            runner = mine;
            while (life == Process.Life)
            {
                if (IsToResume && risk!.State.Tripped > RiskMode.Active)
                    risk.Resume(Disk.Journal, world.Time.NowMs);
                IsToResume = false;
                for (; ordered > 0; ordered--) Accept(mine);
                foreach (OutcomeLine line in
                    await mine.TurnAsync(CancellationToken.None).ConfigureAwait(false))
                    world.Watch.Ended(line);
                Revived();
                await SleepAsync(world.TurnMs).ConfigureAwait(false);
            }
        }
        catch (KilledException)
        {
            Crash(world.Driver.DownMs());
        }
        catch (Exception e)
        {
            world.Watch.Fail("exception", e.ToString());
        }
    }

    private async Task<SettlementRunner> StartAsync()
    {
        while (true)
        {
            (SettlementRunner? made, string refusal) = await SettlementRunner.StartAsync(
                chains, Disk.Journal, world.CommitteeFor(Process, clock), seal,
                risk = Gate.Start(Disk.Journal), clock, null, CancellationToken.None)
                .ConfigureAwait(false);
            Refusal = refusal;
            if (made is not null) return made;
            world.Say($"coordinator can't start: {refusal}");
            await SleepAsync(world.TurnMs).ConfigureAwait(false);
        }
    }

    private void Accept(SettlementRunner mine)
    {
        SettlementOrder order = world.Orders.Make();
        byte[] random = new byte[SettlementRunner.RandomBytes];
        secrets.Fill(random);
        mine.Accept(order, random);
    }

    /// <summary>A whole turn after a death: from now on it acts again.</summary>
    private void Revived()
    {
        if (downSinceMs < 0) return;
        for (int i = 0; i < chains.Length; i++)
            world.Watch.Outages.Mark(
                i, downSinceMs, world.Time.NowMs, "coordinator down", ofCoordinator: true);
        downSinceMs = -1;
    }

    private Task SleepAsync(long ms)
    {
        TaskCompletionSource over = new();
        int life = Process.Life;
        world.Time.After(ms, () =>
        {
            if (life == Process.Life) over.SetResult();
        });
        return over.Task;
    }
}
