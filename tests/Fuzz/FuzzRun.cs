// FuzzRun: runs inputs through readers on all cores; finds crashes, broken laws, memory, hangs.
using System.Diagnostics;
using Lockstep.Bench.Cases;

namespace Lockstep.Tests.Fuzz;

/// <summary>Counts of one target.</summary>
internal sealed class FuzzCount
{
    /// <summary>How many inputs were read.</summary>
    public long Runs;

    /// <summary>How many of them were accepted.</summary>
    public long Accepted;

    /// <summary>The largest share of the memory bound that one took, thousandths.</summary>
    public long WorstPerMille;
}

/// <summary>Runs. An input depends on seed, target and number alone, so that each can be made
/// again.</summary>
internal sealed class FuzzRun(IReadOnlyList<FuzzTarget> targets, ulong seed, TimeSpan patience)
{
    /// <summary>The stack of a worker: an eighth of what a tool's main thread has.</summary>
    private const int StackBytes = 1 << 20;

    private const int MaxFailures = 20;
    private const int MaxShrinks = 4000;

    private static readonly TimeSpan ShrinkPatience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, FuzzFailure> failures = new(StringComparer.Ordinal);
    private long next;

    /// <summary>The counts, in the order of the targets.</summary>
    public IReadOnlyList<FuzzCount> Counts { get; } = [.. targets.Select(_ => new FuzzCount())];

    /// <summary>The failures, one of a kind and target.</summary>
    public IReadOnlyCollection<FuzzFailure> Failures
    {
        get { lock (failures) return [.. failures.Values]; }
    }

    /// <summary>An input.</summary>
    public byte[] Input(FuzzTarget target, long run)
    {
        ulong start = new Seeded(seed).Next();
        foreach (char c in target.Name) start = new Seeded(start ^ c).Next();
        return target.Mutator.Next(new Seeded(start ^ (ulong)run));
    }

    /// <summary>Runs one input of the only target.</summary>
    public void One(long run) =>
        All((targets[0], run), 1, workers: 1, _ => { }, null);

    /// <summary>Runs so many inputs, the targets in turn.</summary>
    /// <param name="runs">How many in all.</param>
    /// <param name="workers">How many threads.</param>
    /// <param name="progress">Told a few times a second how many are done.</param>
    /// <param name="trail">Told before each run which it is, or null.</param>
    public void Many(
        long runs, int workers, Action<long> progress, FuzzTrail? trail = null) =>
        All(null, runs, workers, progress, trail);

    private void All(
        (FuzzTarget, long)? only, long runs, int workers, Action<long> progress,
        FuzzTrail? trail)
    {
        Worker[] all = [.. Enumerable.Range(0, workers).Select(i => new Worker(i))];
        foreach (Worker worker in all)
        {
            Thread thread = new(() => Work(worker, only, runs, trail), StackBytes)
            {
                IsBackground = true,
            };
            worker.Thread = thread;
            thread.Start();
        }
        while (true)
        {
            bool running = false;
            foreach (Worker worker in all) running |= !worker.Thread!.Join(running ? 0 : 50);
            progress(Counts.Sum(count => Interlocked.Read(ref count.Runs)));
            if (!running || all.Any(IsHung)) return;
        }
    }

    private bool IsHung(Worker worker)
    {
        long since = Interlocked.Read(ref worker.Since);
        if (since == 0 || Stopwatch.GetElapsedTime(since) < patience) return false;
        FuzzTarget target = worker.Target!;
        byte[] input = Input(target, worker.Run);
        Keep(new FuzzFailure(
            target.Name, seed, worker.Run, $"no answer within {patience.TotalSeconds} s",
            "  the run ends here: a thread that hangs can't be stopped", input, input.Length));
        return true;
    }

    private void Work(
        Worker worker, (FuzzTarget, long)? only, long runs, FuzzTrail? trail)
    {
        while (Interlocked.Increment(ref next) - 1 is var number && number < runs)
        {
            int index = (int)(number % targets.Count);
            (FuzzTarget target, long run) = only ?? (targets[index], number / targets.Count);
            trail?.Note(worker.Index, seed, target.Name, run);
            byte[] input = Input(target, run);
            (worker.Target, worker.Run) = (target, run);
            Interlocked.Exchange(ref worker.Since, Stopwatch.GetTimestamp());
            (string Kind, string Words)? wrong = Try(target, input, Counts[index]);
            Interlocked.Exchange(ref worker.Since, 0);
            if (wrong is { } found) Keep(Shrunk(target, run, input, found));
            if (Failures.Count >= MaxFailures) return;
        }
    }

    private void Keep(FuzzFailure failure)
    {
        lock (failures) failures.TryAdd($"{failure.Target}: {failure.Kind}", failure);
    }

    /// <summary>Reads an input and checks its laws; what is wrong, or null.</summary>
    public static (string Kind, string Words)? Try(
        FuzzTarget target, byte[] input, FuzzCount? count = null)
    {
        try
        {
            Answer answer = Measured(target, input, out long bytes);
            // What is made once, at the first need, is no cost of this input.
            if (bytes > target.Bound(input.Length)) answer = Measured(target, input, out bytes);
            if (bytes > target.Bound(input.Length))
            {
                return ("too much memory", $"  {bytes} bytes were allocated for {input.Length} "
                    + $"bytes of input; the bound is {target.Bound(input.Length)}");
            }
            answer.Laws();
            if (count is null) return null;
            Interlocked.Increment(ref count.Runs);
            if (answer.Accepted) Interlocked.Increment(ref count.Accepted);
            long share = 1000 * bytes / target.Bound(input.Length);
            if (share > Interlocked.Read(ref count.WorstPerMille))
                Interlocked.Exchange(ref count.WorstPerMille, share);
            return null;
        }
#pragma warning disable CA1031 // Whatever a reader throws is the finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            string[] lines = e.ToString().Split('\n');
            string where = Array.Find(lines, line =>
                line.Contains("  at Lockstep.", StringComparison.Ordinal)) ?? "outside our code";
            return ($"{e.GetType().Name} {where.Split(" in ")[0].Trim()}",
                string.Join('\n', lines.Take(20).Select(line => "  " + line.TrimEnd())));
        }
    }

    private static Answer Measured(FuzzTarget target, byte[] input, out long bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Answer answer = target.Read(input);
        bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return answer;
    }

    /// <summary>Cuts pieces out, half of the input first, then a quarter, and so on, as long as
    /// the same thing fails.</summary>
    private FuzzFailure Shrunk(
        FuzzTarget target, long run, byte[] input, (string Kind, string Words) found)
    {
        long start = Stopwatch.GetTimestamp();
        (byte[] small, string words, int tries) = (input, found.Words, 0);
        for (int length = small.Length / 2; length > 0; length /= 2)
        {
            for (int at = 0; at + length <= small.Length;)
            {
                if (++tries > MaxShrinks || Stopwatch.GetElapsedTime(start) > ShrinkPatience) break;
                byte[] cut = [.. small[..at], .. small[(at + length)..]];
                if (Try(target, cut) is { } again && again.Kind == found.Kind)
                    (small, words) = (cut, again.Words);
                else at += length;
            }
        }
        return new FuzzFailure(
            target.Name, seed, run, found.Kind, words, small, input.Length);
    }

    private sealed class Worker(int index)
    {
        public readonly int Index = index;
        public Thread? Thread;
        public volatile FuzzTarget? Target;
        public long Run;
        public long Since;
    }
}
