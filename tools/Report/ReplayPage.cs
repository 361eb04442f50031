// ReplayPage: a replay as a page for people: the best trades spelt out, then the summary.
using System.Globalization;
using System.Text;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Tools.Report;

/// <summary>Writes the page. The same summary gives the same bytes.</summary>
internal static class ReplayPage
{
    private const char Tie = '\u00a0';

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>The page without its last line feed.</summary>
    public static string Text(ReplaySummary summary, long from, long to, long cycles, int show)
    {
        StringBuilder page = new();
        int number = 0;
        foreach (SeenPath path in summary.Paths.Take(show))
            AppendPath(page, ++number, path, summary);
        AppendSummary(page, summary, from, to, cycles);
        return page.ToString().TrimEnd();
    }

    private static void AppendPath(
        StringBuilder page, int number, SeenPath path, ReplaySummary summary)
    {
        TradeLine trade = path.Best;
        long costs = trade.GrossMicroUsd - trade.NetMicroUsd;
        page.Append(Plain, $"{number,3}  {Clock(trade.Slot)}  {Words(trade.Guarantee)}")
            .Append(Plain, $"  net {Usd(trade.NetMicroUsd)}")
            .Append(Plain, $" = gross {Usd(trade.GrossMicroUsd)} - costs {Usd(costs)}\n");
        page.Append(Plain, $"     in   {Amount(trade.AmountIn, trade.Asset, summary)}\n");
        for (int i = 0; i < trade.Hops.Length; i++)
        {
            Hop hop = trade.Hops[i];
            page.Append(Plain, $"     swap {Amount(hop.AmountOut, hop.AssetOut, summary)}")
                .Append(Plain, $"   {hop.Family} {Percent(hop.FeePips)} {Short(hop.Pool)}\n");
            foreach (Crossing crossing in trade.Crossings.Where(c => c.After == i))
                page.Append("     move ")
                    .Append(Amount(crossing.AmountOut, crossing.AssetOut, summary))
                    .Append(Plain, $"   rebalancing {Percent(crossing.RebalanceFeePips)}, ")
                    .Append(Plain, $"time risk {Percent(crossing.TimeRiskPips)}\n");
        }
        Wrap(page, "     cost ", string.Join(", ", trade.Costs.Select(
            cost => Tied($"{cost.Kind} {Chain(cost.Asset, summary)} {Usd((long)cost.MicroUsd)}"))));
        page.Append(Plain, $"     seen in {path.Slots} slots")
            .Append(Plain, $" from {Clock(path.FirstSlot)} on; {Age(trade.StaleSeconds)}\n\n");
    }

    private static void AppendSummary(
        StringBuilder page, ReplaySummary summary, long from, long to, long cycles)
    {
        Row("slots", $"{to - from + 1} seconds from {Date(from)} on, {summary.Slots} with changes");
        Row("pools", $"{summary.Pools} searched; set aside: {Listed(summary.Quarantined
            .Select(group => (group.Key.Code(), (long)group.Count())))}");
        Row("updates", $"{summary.Touched} of pools, {summary.Scored} cycle scores "
            + $"over {cycles} directed cycles");
        Row("found", $"{summary.Found} opportunities; dropped: "
            + Listed(summary.Dropped.Select(pair => (pair.Key, pair.Value))));
        Row("trades", $"{summary.Trades} chosen, on {summary.PathCount} distinct paths; "
            + $"{summary.FreshTrades} on current state alone");
        if (summary.Capture.Count > 0) AppendCapture(page, summary.Capture);
        if (summary.NetBySlot.Count == 0) return;
        var first = summary.NetBySlot.First();
        var best = summary.NetBySlot.MaxBy(pair => pair.Value);
        Row("value", $"first slot with trades {Clock(first.Key)}: {Usd(first.Value)} net; "
            + $"best slot {Clock(best.Key)}: {Usd(best.Value)} net");
        Row("", "Recorded state does not answer trades: the same gap is seen until the recording "
            + "closes it, so slots do not add up to a day's profit.");

        void Row(string name, string words) => Wrap(page, $"{name,-9} ", words);
    }

    /// <summary>What there was and what was taken of it, as a small table.</summary>
    private static void AppendCapture(StringBuilder page, CaptureTally capture)
    {
        Wrap(page, $"{"capture",-9} ",
            $"of what all pools at once are worth, over {capture.Count} slots; gap p50 "
            + $"{Percent((uint)capture.GapPpm(0.5))}, most {Percent((uint)capture.GapPpm(1))}");
        Share("bound, before gas", capture.BoundMicroUsd);
        Share("flow found, before gas", capture.ValueMicroUsd);
        Share("exact trades, net", capture.RoutesMicroUsd);
        Share("cycles alone, net", capture.CyclesMicroUsd);
        Wrap(page, new string(' ', 10),
            $"{capture.Found} opportunities beyond the cycles; {capture.Above} cycles above the "
            + $"bound; at most {capture.MostShut} pools left out of it");

        void Share(string name, double microUsd) => page.Append(
            Plain, $"          {name,-24}{microUsd / 1e6,16:F2} USD")
            .Append(Plain, $"{100 * microUsd / capture.BoundMicroUsd,9:F2} %\n");
    }

    /// <summary>The words of an item as one, which no line break parts.</summary>
    private static string Tied(string words) => words.Replace(' ', Tie);

    /// <summary>Words behind a head of ten characters, in lines of at most a hundred.</summary>
    private static void Wrap(StringBuilder page, string head, string words)
    {
        const int Width = 96;
        int column = head.Length;
        page.Append(head);
        foreach (string word in words.Split(' '))
        {
            if (column + word.Length > Width)
            {
                page.Append('\n').Append(' ', head.Length);
                column = head.Length;
            }
            bool first = column == head.Length;
            page.Append(first ? "" : " ").Append(word.Replace(Tie, ' '));
            column += word.Length + 1;
        }
        page.Append('\n');
    }

    private static string Listed(IEnumerable<(string Name, long Count)> items)
    {
        string[] parts = [.. items.Select(item => Tied($"{item.Count} {item.Name}"))];
        return parts.Length == 0 ? "none" : string.Join(", ", parts);
    }

    /// <summary>Enough of an address to know it by; the lines of --json carry it whole.</summary>
    private static string Short(PoolId pool) => pool.Address.Length <= 16
        ? pool.Address
        : $"{pool.Address[..10]}..{pool.Address[^4..]}";

    private static string Words(Guarantee guarantee) =>
        guarantee == Guarantee.Transaction ? "transaction" : "inventory  ";

    private static string Age(long seconds) => seconds == 0
        ? "state current"
        : $"rests on state {TimeSpan.FromSeconds(seconds).ToString("c", Plain)} old";

    /// <summary>An amount in whole tokens with every digit, its symbol and its chain.</summary>
    private static string Amount(in UInt256 amount, AssetId asset, ReplaySummary summary)
    {
        TokenLine? token = summary.Tokens.GetValueOrDefault(asset);
        string digits = Places(amount, token?.Decimals ?? 0);
        return $"{digits} {token?.Symbol ?? asset.ToString()} on {Chain(asset, summary)}";
    }

    private static string Places(in UInt256 amount, int decimals)
    {
        string digits = amount.ToString().PadLeft(decimals + 1, '0');
        string whole = digits[..^decimals];
        string fraction = digits[^decimals..].TrimEnd('0');
        return fraction.Length == 0 ? whole : $"{whole}.{fraction}";
    }

    private static string Chain(AssetId asset, ReplaySummary summary) =>
        summary.Config.Chains.FirstOrDefault(c => c.Chain == asset.Chain)?.Name
        ?? asset.Chain.ToString();

    /// <summary>Micro-dollars as dollars with six places.</summary>
    private static string Usd(long microUsd) => string.Create(
        Plain, $"{(microUsd < 0 ? "-" : "")}{Math.Abs(microUsd) / 1_000_000}"
        + $".{Math.Abs(microUsd) % 1_000_000:D6} USD");

    private static string Percent(uint pips) => (pips / 10_000m).ToString("0.####", Plain) + " %";

    private static string Clock(long slot) =>
        DateTimeOffset.FromUnixTimeSeconds(slot).ToString("HH:mm:ss", Plain);

    private static string Date(long slot) =>
        DateTimeOffset.FromUnixTimeSeconds(slot).ToString("yyyy-MM-dd HH:mm:ss'Z'", Plain);
}
