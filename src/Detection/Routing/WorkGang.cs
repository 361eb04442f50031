// WorkGang: runs numbered chunks on a few threads that stay; which thread runs which is no matter.
namespace Lockstep.Detection.Routing;

/// <summary>
/// A chunk's result may depend on its number alone, so that any number of threads gives the same
/// bits. The caller works too, and never waits for a thread that has not taken a chunk: on a busy
/// machine a round costs what the caller alone would take. Allocates nothing after construction.
/// </summary>
public sealed class WorkGang : IDisposable
{
    private const int SpinsBeforeParking = 4000;

    private readonly SemaphoreSlim[] _park;
    private readonly int[] _parked;
    private readonly Thread[] _threads;
    private Action<int> _body = static _ => { };
    private int _done;
    private volatile bool _ended;

    // Generation in the upper half, chunks left in the lower: one word, so that a claim of a round
    // that is over can't succeed.
    private long _ticket;

    /// <summary>A gang of so many threads, the caller among them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 1..256.</exception>
    public WorkGang(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 256);
        Size = threads;
        _park = new SemaphoreSlim[threads - 1];
        _parked = new int[threads - 1];
        _threads = new Thread[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int self = i;
            _park[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Live(self)) { IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <summary>The caller alone: it owns no thread, and many may run it at once.</summary>
    public static WorkGang Alone { get; } = new(1);

    /// <summary>Threads, the caller among them.</summary>
    public int Size { get; }

    /// <summary>Runs <c>body(0)</c> to <c>body(chunks - 1)</c>, and returns when all are done.
    /// </summary>
    /// <param name="chunks">How many, at least 0.</param>
    /// <param name="body">Must not throw, and must not call Run of the same gang.</param>
    public void Run(int chunks, Action<int> body)
    {
        if (Size == 1 || chunks <= 1)
        {
            for (int chunk = 0; chunk < chunks; chunk++) body(chunk);
            return;
        }
        _body = body;
        Volatile.Write(ref _done, 0);
        long generation = unchecked((Volatile.Read(ref _ticket) >> 32) + 1);
        Interlocked.Exchange(ref _ticket, unchecked((generation << 32) | (uint)chunks));
        int wake = Math.Min(_parked.Length, chunks - 1);
        for (int i = 0; i < wake; i++)
            if (Interlocked.Exchange(ref _parked[i], 0) == 1) _park[i].Release();
        while (TryWork()) { }
        SpinWait wait = default;
        while (Volatile.Read(ref _done) < chunks) wait.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>Ends the threads. No Run may be under way.</summary>
    public void Dispose()
    {
        _ended = true;
        for (int i = 0; i < _threads.Length; i++)
        {
            _park[i].Release();
            _threads[i].Join();
            _park[i].Dispose();
        }
    }

    private bool TryWork()
    {
        long ticket = Volatile.Read(ref _ticket);
        while (unchecked((int)ticket) is var left && left > 0)
        {
            Action<int> body = Volatile.Read(ref _body);
            long seen = Interlocked.CompareExchange(ref _ticket, ticket - 1, ticket);
            if (seen == ticket)
            {
                body(left - 1);
                Interlocked.Increment(ref _done);
                return true;
            }
            ticket = seen;
        }
        return false;
    }

    private void Live(int self)
    {
        int idle = 0;
        while (!_ended)
        {
            if (TryWork())
            {
                idle = 0;
            }
            else if (++idle < SpinsBeforeParking)
            {
                Thread.SpinWait(8);
            }
            else
            {
                Park(self);
                idle = 0;
            }
        }
    }

    private void Park(int self)
    {
        Volatile.Write(ref _parked[self], 1);
        Interlocked.MemoryBarrier();
        bool needed = _ended || unchecked((int)Volatile.Read(ref _ticket)) > 0;
        if (!needed || Interlocked.Exchange(ref _parked[self], 0) == 0) _park[self].Wait();
    }
}
