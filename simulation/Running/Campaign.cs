// Campaign: many seeds of one profile on several threads, each world on one; counts summed up.
namespace Lockstep.Simulator.Running;

/// <summary>What many runs came to.</summary>
public sealed record Tally
{
    public int Seeds { get; init; }

    public long Bundles { get; init; }

    public long Committed { get; init; }

    public long Aborted { get; init; }

    public long Empty { get; init; }

    public long Split { get; init; }

    /// <summary>Not taken on by the risk gate.</summary>
    public long Denied { get; init; }

    /// <summary>Bundles on whose way an assumption was broken.</summary>
    public long Outside { get; init; }

    public long Events { get; init; }

    /// <summary>Runs with a violation that nothing excuses, by seed.</summary>
    public SortedDictionary<ulong, Verdict> Failed { get; } = [];

    /// <summary>Violations that a broken assumption excuses, by law.</summary>
    public SortedDictionary<string, long> Excused { get; } = new(StringComparer.Ordinal);

    /// <summary>The same with one more run.</summary>
    public Tally With(Verdict one)
    {
        if (one.Failures.Any()) Failed[one.Scenario.Seed] = one;
        foreach (var violation in one.Violations.Where(v => v.Broken.Count > 0))
            Excused[violation.Law] = Excused.GetValueOrDefault(violation.Law) + 1;
        return this with
        {
            Seeds = Seeds + 1,
            Bundles = Bundles + one.Committed + one.Aborted + one.Empty + one.Split,
            Committed = Committed + one.Committed,
            Aborted = Aborted + one.Aborted,
            Empty = Empty + one.Empty,
            Split = Split + one.Split,
            Denied = Denied + one.Denied,
            Outside = Outside + one.Outside,
            Events = Events + one.Events,
        };
    }
}

/// <summary>Runs campaigns.</summary>
public static class Campaign
{
    private const int StackBytes = 16 << 20;

    /// <summary>Runs seeds.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="seeds">How many.</param>
    /// <param name="bundles">Bundles a seed.</param>
    /// <param name="faults">What may go wrong.</param>
    /// <param name="jobs">Threads.</param>
    /// <param name="progress">Told after each run, of one at a time.</param>
    /// <param name="record">Seeds it has are not run again, others are written down.</param>
    public static Tally Run(
        Profile profile, ulong first, int seeds, int bundles, Faults faults, int jobs,
        Action<Tally>? progress = null, RunRecord? record = null)
    {
        Tally tally = new();
        Lock turn = new();
        int next = 0;
        Thread[] threads =
        [
            .. Enumerable.Range(0, jobs).Select(_ => new Thread(Work, StackBytes)),
        ];
        foreach (Thread one in threads) one.Start();
        foreach (Thread one in threads) one.Join();
        return tally;

        void Work()
        {
            while (Interlocked.Increment(ref next) is var n && n <= seeds)
            {
                Scenario scenario = new(
                    unchecked(first + (ulong)n - 1), profile, bundles, faults);
                Verdict? known = record?.Find(scenario);
                Verdict verdict = known ?? SimulationRun.Run(scenario);
                lock (turn)
                {
                    if (known is null) record?.Add(verdict);
                    tally = tally.With(verdict);
                    progress?.Invoke(tally);
                }
            }
        }
    }
}
