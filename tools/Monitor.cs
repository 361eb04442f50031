// monitor: outcome lines in, a line of words for each, and at the end a count of all.
using System.CommandLine;
using System.Globalization;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>The tool <c>monitor</c>.</summary>
public static class Monitor
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "monitor",
        "Says in words how each plan ended, and at the end how many, what they brought and took.",
        reads: ["token", "outcome"],
        writes: [],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> tokens = new("--tokens")
        {
            Description = "Token lines that give symbols and decimals.",
            HelpName = "file",
        };
        Option<bool> refused = new("--refused") { Description = "Show what sent nothing, too." };
        command.Add(tokens);
        command.Add(refused);
        return (host, options) =>
        {
            Tally tally = new();
            if (options.GetValue(tokens) is { } file)
            {
                if (!File.Exists(file)) throw new RefusedException($"{file}: no such file");
                using FileStream lines = File.OpenRead(file);
                foreach (FeedLine line in FeedReader.Read(lines, file)) tally.Take(line.Line);
            }
            foreach (FeedLine line in FeedReader.Read(host.In, "stdin", host.Out.Flush))
            {
                tally.Take(line.Line);
                if (line.Line is not OutcomeLine outcome) continue;
                bool sent = !outcome.Transactions.IsEmpty;
                if (sent || options.GetValue(refused)) host.WriteLine(tally.Words(outcome));
            }
            foreach (string row in tally.Summary()) host.WriteLine(row);
            return ExitCode.Ok;
        };
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
