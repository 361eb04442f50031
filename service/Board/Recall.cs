// Recall: the newest decisions of all stages, in memory, so that why is answered at once; bounded.
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Report;

namespace Lockstep.Service.Board;

/// <summary>Takes lines and drops from any thread, in the order of the stages. What was chosen is
/// kept longer than what was passed over, for a bundle outlives the gap it came from.</summary>
internal sealed class Recall
{
    /// <summary>So many opportunities and drops are kept.</summary>
    public const int MostSeen = 1 << 14;

    /// <summary>So many trades with their opportunities, bundles, plans and outcomes.</summary>
    public const int MostChosen = 1 << 12;

    private readonly Lock turn = new();
    private readonly Queue<Told> seen = [], chosen = [];
    private readonly Dictionary<string, Told> slotsOwn = new(StringComparer.Ordinal);
    private long number, slot = long.MinValue;

    /// <summary>What is kept by now.</summary>
    public int Count
    {
        get { lock (turn) return seen.Count + chosen.Count; }
    }

    /// <summary>Takes a line; those that no decision is in are passed over.</summary>
    public void Take(Line line)
    {
        lock (turn)
            switch (line)
            {
                case TradeLine trade:
                    if (slotsOwn.TryGetValue(trade.Id, out Told? found)
                        && ((OpportunityLine)found.Line).Slot == trade.Slot) Put(chosen, found);
                    Put(chosen, new Told(number++, line, null, 0));
                    break;
                case OpportunityLine path:
                    if (path.Slot > slot) slotsOwn.Clear();
                    slot = Math.Max(slot, path.Slot);
                    Told told = new(number++, line, null, 0);
                    if (path.Slot == slot && slotsOwn.Count < MostChosen) slotsOwn[path.Id] = told;
                    Put(seen, told);
                    break;
                case BundleLine or PlanLine or OutcomeLine:
                    Put(chosen, new Told(number++, line, null, 0));
                    break;
            }
    }

    /// <summary>Takes a candidate that the aggregator did not choose, by its own word.</summary>
    public void Dropped(OpportunityLine line, Reason reason, long expectedMicroUsd)
    {
        lock (turn) Put(seen, new Told(number++, line, reason, expectedMicroUsd));
    }

    /// <summary>What it knows of one thing, as <c>bin/why</c> tells it.</summary>
    public WhyBook Ask(string id)
    {
        Told[] all;
        lock (turn) all = [.. seen, .. chosen];
        WhyBook book = new(id);
        foreach (Told one in all.OrderBy(one => one.Number).DistinctBy(one => one.Number))
            if (one.Reason is { } reason)
                book.Dropped((OpportunityLine)one.Line, reason, one.ExpectedMicroUsd);
            else book.Take(one.Line);
        return book;
    }

    private void Put(Queue<Told> queue, Told one)
    {
        queue.Enqueue(one);
        int most = ReferenceEquals(queue, seen) ? MostSeen : MostChosen;
        while (queue.Count > most) queue.Dequeue();
    }

    private sealed record Told(long Number, Line Line, Reason? Reason, long ExpectedMicroUsd);
}
