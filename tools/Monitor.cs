// monitor: lines of every kind in; on a terminal a page of what runs now, else outcomes in words.
using System.CommandLine;
using System.Globalization;
using System.Text;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Live;
using Lockstep.Tools.Report;

namespace Lockstep.Tools;

/// <summary>The tool <c>monitor</c>.</summary>
public static class Monitor
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "monitor",
        "Shows what runs now, on a terminal; else says how each plan ended, and how many.",
        reads: ["token", "quarantine", "opportunity", "trade", "slot", "plan", "outcome"],
        writes: [],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> files = LineSources.Files();
        Option<string?> tokens = new("--tokens")
        {
            Description = "Token lines that give symbols and decimals.",
            HelpName = "file",
        };
        Option<bool> refused = new("--refused") { Description = "Show what sent nothing, too." };
        Option<bool> follow = new("--follow")
        {
            Description = "Wait for more at a file's end; until stdin is over where - is read too.",
        };
        Option<bool> plain = new("--plain")
        {
            Description = "Lines, as where stdout is no terminal, instead of a page.",
        };
        command.Add(files);
        command.Add(tokens);
        command.Add(refused);
        command.Add(follow);
        command.Add(plain);
        return (host, options) =>
        {
            List<Line> known = [];
            if (options.GetValue(tokens) is { } file)
            {
                if (!File.Exists(file)) throw new RefusedException($"{file}: no such file");
                using FileStream lines = File.OpenRead(file);
                foreach (FeedLine line in FeedReader.Read(lines, file))
                    if (line.Line is TokenLine) known.Add(line.Line);
            }
            using LineSources sources = new(
                host, options.GetRequiredValue(files), options.GetValue(follow));
            using Ending ending = new(null);
            if (options.GetValue(plain) || Console.IsOutputRedirected)
                Tell(host, sources, known, options.GetValue(refused), ending.Token);
            else
                Show(host, sources, known, ending.Token);
            return ExitCode.Ok;
        };
    }

    /// <summary>A line of words an outcome, and the count at the end.</summary>
    private static void Tell(
        ToolHost host, LineSources sources, List<Line> known, bool refused,
        CancellationToken stop)
    {
        Tally tally = new();
        foreach (Line line in known) tally.Take(line);
        while (!sources.IsOver && !stop.IsCancellationRequested)
        {
            if (sources.Next(Patience, stop) is not { } line) continue;
            tally.Take(line.Line);
            if (line.Line is not OutcomeLine outcome) continue;
            if (!refused && outcome.Transactions.IsEmpty) continue;
            host.WriteLine(tally.Words(outcome));
            host.Out.Flush();
        }
        sources.Next(TimeSpan.Zero, stop);
        foreach (string row in tally.Summary()) host.WriteLine(row);
    }

    /// <summary>A page on the terminal's other screen, drawn anew four times a second; when it is
    /// over, the report on the usual one.</summary>
    private static void Show(
        ToolHost host, LineSources sources, List<Line> known, CancellationToken stop)
    {
        TimeProvider clock = TimeProvider.System;
        WatchState state = new();
        foreach (Line line in known) state.Take(line, Now());
        host.Out.Write("\u001b[?1049h\u001b[?25l"u8);
        try
        {
            long drawn = 0;
            while (!sources.IsOver && !stop.IsCancellationRequested)
            {
                if (sources.Next(Patience, stop) is { } line) state.Take(line.Line, Now());
                if (clock.GetElapsedTime(drawn) < Patience) continue;
                drawn = clock.GetTimestamp();
                Draw(host, state, Now());
            }
            sources.Next(TimeSpan.Zero, stop);
        }
        finally
        {
            host.Out.Write("\u001b[?25h\u001b[?1049l"u8);
            host.Out.Flush();
        }
        host.WriteLine(OutcomePage.Text(state.Report()));

        long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
    }

    private static void Draw(ToolHost host, WatchState state, long nowMs)
    {
        // A terminal that does not say its size has the one that all had once.
        int width = Console.WindowWidth is > 0 and var w ? w : 80;
        int height = Console.WindowHeight is > 0 and var h ? h : 24;
        StringBuilder screen = new("\u001b[H");
        IReadOnlyList<string> rows = new WatchPage(width, height - 1, colours: true)
            .Rows(state, nowMs);
        foreach (string row in rows) screen.Append(row).Append("\u001b[K\r\n");
        host.Out.Write(Encoding.UTF8.GetBytes(screen.Append("\u001b[J").ToString()));
        host.Out.Flush();
    }

    /// <summary>Counts what went by.</summary>
    private sealed class Tally
    {
        private readonly Dictionary<AssetId, TokenLine> tokens = [];
        private readonly SortedDictionary<string, int> ends = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, (int Decimals, Int128 Sum)> realised =
            new(StringComparer.Ordinal);

        private readonly List<long> latencyMs = [];
        private int transactions;
        private ulong gas;

        public void Take(Line line)
        {
            if (line is TokenLine token) tokens.TryAdd(token.Asset, token);
            if (line is not OutcomeLine outcome) return;
            string end = $"{outcome.Guarantee.ToString().ToLowerInvariant()} {outcome.Reason}";
            ends[end] = ends.GetValueOrDefault(end) + 1;
            transactions += outcome.Transactions.Length;
            foreach (OutcomeTransaction one in outcome.Transactions) gas += one.GasUsed;
            if (outcome.Success) latencyMs.Add(outcome.EndedMs - outcome.StartedMs);
            foreach (OutcomeFlow flow in outcome.Realised)
            {
                (string symbol, int decimals) = Name(flow.Asset);
                Int128 before = realised.GetValueOrDefault(symbol).Sum;
                realised[symbol] = (decimals, before + flow.Amount);
            }
        }

        public string Words(OutcomeLine outcome)
        {
            string flows = string.Join(", ", outcome.Realised.Select(flow =>
            {
                (string symbol, int decimals) = Name(flow.Asset);
                return $"{Whole(flow.Amount, decimals)} {symbol}";
            }));
            string hashes = string.Join(" ", outcome.Transactions.Select(one =>
                $"{one.Chain} {one.Hash}"));
            string end = outcome.Success ? "done" : $"{outcome.Reason}: {outcome.Detail}";
            return $"{outcome.Name}: {outcome.Guarantee.ToString().ToLowerInvariant()} {end}"
                + (flows.Length > 0 ? $"\n    realised {flows}" : "")
                + (hashes.Length > 0 ? $"\n    {hashes}" : "");
        }

        public IEnumerable<string> Summary()
        {
            yield return $"{ends.Values.Sum()} plans, {transactions} transactions, "
                + string.Create(CultureInfo.InvariantCulture, $"{gas:N0} gas");
            foreach ((string end, int count) in ends) yield return $"  {count,5}  {end}";
            foreach ((string symbol, (int decimals, Int128 sum)) in realised)
                yield return $"  realised {Whole(sum, decimals)} {symbol}";
            if (latencyMs.Count == 0) yield break;
            latencyMs.Sort();
            yield return $"  from plan to final block: p50 {latencyMs[latencyMs.Count / 2]} ms, "
                + $"most {latencyMs[^1]} ms";
        }

        /// <summary>Symbol with its chain: two chains' tokens are not one asset.</summary>
        private (string Symbol, int Decimals) Name(AssetId asset) =>
            tokens.TryGetValue(asset, out TokenLine? token)
                ? ($"{token.Symbol} on {asset.Chain}", token.Decimals)
                : (asset.ToString(), 0);

        private static string Whole(Int128 units, int decimals)
        {
            string digits = Int128.Abs(units).ToString(CultureInfo.InvariantCulture)
                .PadLeft(decimals + 1, '0');
            string sign = units < 0 ? "-" : "+";
            if (decimals == 0) return sign + digits;
            string part = digits[^decimals..].TrimEnd('0');
            return sign + digits[..^decimals] + (part.Length > 0 ? "." + part : "");
        }
    }
}
