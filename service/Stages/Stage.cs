// Stage: what a supervised part of the service says of itself: state, beats, restarts, latency.
namespace Lockstep.Service.Stages;

/// <summary>How a stage is.</summary>
public enum StageState
{
    /// <summary>It opens what it needs.</summary>
    Starting,

    /// <summary>It works.</summary>
    Running,

    /// <summary>It died and waits to be started again.</summary>
    Waiting,

    /// <summary>It has no more to do.</summary>
    Ended,
}

/// <summary>A part of the service that may die without the others.</summary>
/// <param name="name">Such as <c>cluster base</c>.</param>
/// <param name="clock">For beats.</param>
public sealed class Stage(string name, TimeProvider clock)
{
    private readonly Lock turn = new();
    private readonly LatencyRing latency = new(4096);
    private string? killedBy;
    private long beatAt = clock.GetTimestamp();

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>How it is.</summary>
    public StageState State { get; private set; }

    /// <summary>How often it was started again.</summary>
    public long Restarts { get; private set; }

    /// <summary>How often it was started.</summary>
    public long Life { get; private set; }

    /// <summary>Why it died last, in one line; null where it never did.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether it ever got ready.</summary>
    public bool WasReady { get; private set; }

    /// <summary>What waits for it.</summary>
    public Func<int> Waits { get; set; } = () => 0;

    /// <summary>The most that may wait.</summary>
    public int MostWaits { get; set; }

    /// <summary>What was dropped because too much waited.</summary>
    public Func<long> Dropped { get; set; } = () => 0;

    /// <summary>The most that waited, at the times it was looked at.</summary>
    public int GreatestWait { get; private set; }

    /// <summary>Told of each piece of work, milliseconds.</summary>
    public event Action<double>? Worked;

    /// <summary>How long it has not said a word.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref beatAt));

    /// <summary>Called by its body at each turn.</summary>
    /// <exception cref="StageKilledException">Somebody wants it dead.</exception>
    public void Beat()
    {
        Volatile.Write(ref beatAt, clock.GetTimestamp());
        GreatestWait = Math.Max(GreatestWait, Waits());
        if (Interlocked.Exchange(ref killedBy, null) is { } why)
            throw new StageKilledException(why);
    }

    /// <summary>Called by its body when it is open.</summary>
    public void Ready()
    {
        (State, WasReady) = (StageState.Running, true);
        Beat();
    }

    /// <summary>Counts a piece of work.</summary>
    public void Took(double ms)
    {
        lock (turn) latency.Add(ms);
        Worked?.Invoke(ms);
    }

    /// <summary>Quantiles of the newest pieces of work, milliseconds; zeros before the first.
    /// </summary>
    public (double P50Ms, double P99Ms) Latency
    {
        get { lock (turn) return (latency.At(0.5), latency.At(0.99)); }
    }

    /// <summary>Makes its next <see cref="Beat"/> throw: for trying what its death does.</summary>
    public void Kill(string why) => Volatile.Write(ref killedBy, why);

    internal void Begin()
    {
        (State, Life) = (StageState.Starting, Life + 1);
        Volatile.Write(ref beatAt, clock.GetTimestamp());
    }

    internal void Died(string fault) =>
        (State, Fault, Restarts) = (StageState.Waiting, fault, Restarts + 1);

    internal void End() => State = StageState.Ended;
}

/// <summary>A stage was killed on purpose.</summary>
public sealed class StageKilledException(string why) : Exception(why);

/// <summary>The newest latencies; quantiles by nearest rank.</summary>
internal sealed class LatencyRing(int capacity)
{
    private readonly double[] ring = new double[capacity];
    private long count;

    public void Add(double ms) => ring[count++ % ring.Length] = ms;

    public double At(double quantile)
    {
        if (count == 0) return 0;
        double[] sorted = [.. ring.Take((int)Math.Min(count, ring.Length)).Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)];
    }
}
