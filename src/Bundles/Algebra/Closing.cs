// Closing: whether a diagram is a whole bundle I -> I: no loose wire, no open debt, no torn tx.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Algebra;

/// <summary>The check of a finished bundle. What comes from outside is a step (fund : I -> A) with
/// its party, and so is what goes there (pay : A -> I): a bundle without loose ends is I -> I.
/// </summary>
public static class Closing
{
    /// <summary>All that keeps the diagram from being a bundle; empty when it is one.</summary>
    public static ImmutableArray<Refusal> Check(Diagram diagram) =>
    [
        .. Ends(diagram.Inputs, "input", "nobody provides it: begin with a fund step"),
        .. Ends(diagram.Outputs, "output", "nobody takes it: end with a pay step"),
        .. Shortfalls(diagram),
        .. Torn(diagram),
    ];

    private static IEnumerable<Refusal> Ends(
        ImmutableArray<Wire> wires, string side, string wayOut) =>
        wires.Select((wire, k) => wire.IsDebt
            ? new Refusal(Fault.DebtOpen, $"{side} {k}: {wire} is open: repay it in its scope")
            : new Refusal(Fault.WireDropped, $"{side} {k}: {wire} is loose: {wayOut}"));

    /// <summary>Amounts learned by plugging may show a repayment to be too small.</summary>
    private static IEnumerable<Refusal> Shortfalls(Diagram diagram) => diagram.Steps
        .Where(placed => placed.Box.Kind is BoxKind.Repay)
        .Select(placed => Box.Shortfall([.. placed.Feeds.Select(link => link.Wire)]))
        .OfType<Refusal>();

    /// <summary>Transactions run one after the other on a chain, each whole: with every transaction
    /// drawn together to one point the order must not be circular. This refuses a flash loan whose
    /// money leaves the chain and comes back before the repayment, although its debt stays.
    /// </summary>
    private static IEnumerable<Refusal> Torn(Diagram diagram)
    {
        Order order = Order.Of(diagram.Steps);
        Transaction[] at = [.. diagram.Steps.Select(placed => placed.Box.At)];
        Dictionary<Transaction, HashSet<Transaction>> before = [];
        for (int i = 0; i < at.Length; i++)
        {
            if (!before.TryGetValue(at[i], out var earlier)) before[at[i]] = earlier = [];
            earlier.UnionWith(order.Before[i].Select(step => at[step]).Where(t => t != at[i]));
        }
        while (before.Keys.FirstOrDefault(t => before[t].Count == 0) is { Name: not null } first)
        {
            before.Remove(first);
            foreach (var earlier in before.Values) earlier.Remove(first);
        }
        // What is left waits in a circle, or for one; only those in one are torn.
        return before.Keys.Where(t => Reaches(before, t)).Select(t => new Refusal(
            Fault.TransactionSplit, $"{t} would have to stop while another transaction runs and "
                + "then go on: split it in two, and close its debts before the cut"));
    }

    private static bool Reaches(
        Dictionary<Transaction, HashSet<Transaction>> before, Transaction from)
    {
        HashSet<Transaction> seen = [];
        Stack<Transaction> open = new(before[from]);
        while (open.TryPop(out Transaction at))
        {
            if (at == from) return true;
            if (!seen.Add(at)) continue;
            foreach (Transaction earlier in before[at]) open.Push(earlier);
        }
        return false;
    }
}
