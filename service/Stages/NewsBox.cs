// NewsBox: slots of market lines on their way to a stage; when too many wait, the oldest merge.
using Lockstep.Model.Lines;

namespace Lockstep.Service.Stages;

/// <summary>Lines of a slot.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Life">How often its writer has started; another one means that states were lost
/// and are told anew.</param>
/// <param name="DueMs">When the slot was over, UNIX milliseconds.</param>
/// <param name="Lines">The lines in order.</param>
public sealed record SlotBatch(long Slot, long Life, long DueMs, IReadOnlyList<Line> Lines);

/// <summary>The policy for news when a reader is late: nothing that is a state is lost, only what
/// it was before; opportunities and trades of a slot that has passed are dropped, and counted.
/// </summary>
/// <param name="mostSlots">So many wait.</param>
/// <param name="ring">Called when something came.</param>
public sealed class NewsBox(int mostSlots, Action ring)
{
    private readonly Lock turn = new();
    private readonly LinkedList<SlotBatch> waiting = [];

    /// <summary>Slots that wait.</summary>
    public int Count
    {
        get { lock (turn) return waiting.Count; }
    }

    /// <summary>The most that ever waited.</summary>
    public int Most { get; private set; }

    /// <summary>Merges so far.</summary>
    public long Merged { get; private set; }

    /// <summary>Opportunities and trades that were dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>The newest slot that waits, or null.</summary>
    public long? Newest
    {
        get { lock (turn) return waiting.Last?.Value.Slot; }
    }

    /// <summary>Puts a slot behind the others; never waits.</summary>
    public void Put(SlotBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (turn)
        {
            waiting.AddLast(batch);
            if (waiting.Count > mostSlots) MergeOldest();
            Most = Math.Max(Most, waiting.Count);
        }
        ring();
    }

    /// <summary>Takes the oldest slot, or null.</summary>
    public SlotBatch? Take()
    {
        lock (turn)
        {
            SlotBatch? first = waiting.First?.Value;
            if (first is not null) waiting.RemoveFirst();
            return first;
        }
    }

    private void MergeOldest()
    {
        SlotBatch first = waiting.First!.Value, second = waiting.First.Next!.Value;
        waiting.RemoveFirst();
        MarketLines merged = new();
        foreach (Line line in first.Lines)
            if (!merged.Take(line)) Dropped += line is PathLine ? 1 : 0;
        List<Line> paths = [];
        foreach (Line line in second.Lines)
            if (!merged.Take(line)) paths.Add(line);
        waiting.First!.Value = second with { Lines = [.. merged.All, .. paths] };
        Merged++;
    }
}
