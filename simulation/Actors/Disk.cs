// Disk: a journal that outlives its process: the real one on SQLite in memory; rows may be lost.
using Lockstep.Execution.Journal;
using Lockstep.Simulator.Kernel;

namespace Lockstep.Simulator.Actors;

/// <summary>What a process is when it is killed: gone, in the middle of what it did.</summary>
public sealed class KilledException : Exception;

/// <summary>The journal of one process over all its lives. What <c>Append</c> returned from is
/// there after any crash, as SQLite promises with synchronous = FULL; a disk that lies about its
/// writes loses rows from the end.</summary>
public sealed class Disk : IDisposable
{
    private readonly VirtualClock clock;
    private readonly List<JournalRecord> rows = [];

    public Disk(VirtualClock clock)
    {
        this.clock = clock;
        Journal = Open();
    }

    /// <summary>The journal as it is now.</summary>
    public SettlementJournal Journal { get; private set; }

    /// <summary>Every row that was written and not lost, in order.</summary>
    public IReadOnlyList<JournalRecord> Rows => rows;

    /// <summary>After so many rows more the process dies, the row being written; 0 for never.
    /// </summary>
    public int KillAfter { get; set; }

    /// <summary>Told of each row.</summary>
    public event Action<JournalRecord>? Written;

    /// <summary>Loses the last rows: what a disk does that said "written" too early.</summary>
    public void Lose(int count)
    {
        count = Math.Min(count, rows.Count);
        JournalRecord[] kept = [.. rows.Take(rows.Count - count)];
        Journal.Dispose();
        rows.Clear();
        (Action<JournalRecord>? told, int kill) = (Written, KillAfter);
        (Written, KillAfter) = (null, 0);
        Journal = Open();
        foreach (JournalRecord row in kept)
        {
            clock.FixedMs = row.AtMs;
            Journal.Append(row.Bundle, row.Leg, row.Entry);
        }
        clock.FixedMs = null;
        (Written, KillAfter) = (told, kill);
    }

    public void Dispose() => Journal.Dispose();

    private SettlementJournal Open()
    {
        SettlementJournal journal = SettlementJournal.Open(":memory:", clock);
        journal.Appended += row =>
        {
            rows.Add(row);
            Written?.Invoke(row);
            if (KillAfter > 0 && --KillAfter == 0) throw new KilledException();
        };
        return journal;
    }
}
