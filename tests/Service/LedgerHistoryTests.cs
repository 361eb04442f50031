// LedgerHistoryTests: the history's ledger is the journals', through crashes, and is the page's
// profit to the unit.
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Service;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Stages;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Report;
using Xunit;

namespace Lockstep.Tests.Service;

public sealed class LedgerHistoryTests : IDisposable
{
    private static readonly ChainId Base = ChainId.Parse("eip155:8453");
    private static readonly AssetId Ether = AssetId.Parse("eip155:8453/slip44:60");
    private static readonly AssetId Weth =
        AssetId.Erc20(Base, "0x4200000000000000000000000000000000000006");

    private static readonly AssetId Usdc =
        AssetId.Erc20(Base, "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913");

    private readonly string folder = Directory.CreateTempSubdirectory("lockstep-ledger").FullName;
    private readonly long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>A bundle: what it was told to have, moved and paid, and where the process dies:
    /// 0 before its end, 1 when the journal alone has that, 3 after all of it, else nowhere.
    /// </summary>
    private static readonly Gen<Bundle> Bundles = Gen.Select(
        Gen.Long[0, 1_000_000].Array[0, 2],
        Gen.Select(Gen.Bool, Gen.Long[-(1L << 50), 1L << 50], Gen.Int[0, 3]),
        Gen.Select(Gen.ULong.Array[0, 3], Gen.Long, Gen.Bool),
        Gen.Int[0, 5], (held, flow, fees, dies) => new Bundle(
            held, flow.Item1 ? Weth : Usdc, flow.Item3 == 0 ? 0 : flow.Item2, fees.Item1,
            fees.Item3 ? fees.Item2 : 0, dies));

    [Fact]
    public void Rows_AreTheJournals_ThroughCrashes() => Bundles.Array[1, 12].Sample(all =>
    {
        string name = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        using SettlementJournal journal =
            SettlementJournal.Open(name + ".journal", TimeProvider.System);
        HistorySettings settings = new(name + ".db", 90, 1000);
        History history = new(settings, TimeProvider.System);
        Action<JournalRecord> take = Open(journal, history);
        for (int i = 0; i < all.Length; i++)
        {
            string id = Name(i);
            journal.Append(id, -1, all[i].Start(now));
            if (all[i].Dies == 0) Die();
            OutcomeLine line = all[i].Outcome(id, now);
            // Plans tell before their last row, settled bundles after it.
            if (all[i].Dies > 3) history.Add(line);
            if (all[i].Dies == 1) journal.Appended -= take;
            journal.Append(id, -1, new BundleEnded(SettlementEnd.Committed, Json(line)));
            if (all[i].Dies is 2 or 3) history.Add(line);
            if (all[i].Dies is 1 or 3) Die();
        }
        journal.Appended -= take;
        (string, int, long, string, Posting)[] kept = Kept(history);
        (string, int, long, string, Posting)[] books =
        [
            .. Ledger.Of([journal]).Entries.GroupBy(one => one.Bundle).SelectMany(
                bundle => bundle.SelectMany(entry => entry.Postings.Select(
                    one => (bundle.Key, entry.AtMs, entry.What, one)))
                    .Select((one, row) => (one.Key, row, one.AtMs, one.What, one.one))),
        ];
        Assert.Equal(
            books.OrderBy(one => one.Item1, StringComparer.Ordinal).ThenBy(one => one.Item2),
            kept.OrderBy(one => one.Item1, StringComparer.Ordinal).ThenBy(one => one.Item2));
        Assert.Equal(all.Length, history.Rows);
        foreach (var asset in kept.GroupBy(one => one.Item5.Asset))
            Assert.Equal(BigInteger.Zero, asset.Aggregate(
                BigInteger.Zero, (sum, one) => sum + one.Item5.Units));
        // What is whole is not healed: nothing is written twice.
        Assert.Equal(0, history.Heal(new LedgerTail().Begin([journal])));
        Assert.Equal(kept, Kept(history));
        history.Dispose();

        // A new process: it has the journal and the file.
        void Die()
        {
            journal.Appended -= take;
            history.Dispose();
            history = new History(settings, TimeProvider.System);
            take = Open(journal, history);
        }
    }, iter: 15);

    /// <summary>The page and the report sum what outcomes say they brought; the ledger has what
    /// was moved. At the prices of then both are the same number, to the millionth.</summary>
    [Fact]
    public void Profit_IsThatOfReportAndPage() => Gen.Select(
        Bundles.Array[1, 10], Gen.ULong[1, 1UL << 62].Array[20]).Sample((all, prices) =>
    {
        ReferencePrices told = new();
        told.Take(new TokenLine { Asset = Weth, Symbol = "WETH", Decimals = 18 });
        told.Take(new TokenLine { Asset = Usdc, Symbol = "USDC", Decimals = 6 });
        told.PriceAs(Ether, Weth);
        using History history = new(
            new HistorySettings(
                Path.Combine(folder, Guid.NewGuid().ToString("N")), 90, 1000),
            TimeProvider.System);
        LedgerTail tail = new();
        BoardState board = new();
        OutcomeTally report = new();
        Dictionary<string, (ulong Weth, ulong Usdc)> then = new(StringComparer.Ordinal);
        for (int i = 0; i < all.Length; i++)
        {
            string id = Name(i);
            then[id] = (prices[2 * i], prices[(2 * i) + 1]);
            told.Take(Price(Weth, then[id].Weth));
            told.Take(Price(Usdc, then[id].Usdc));
            OutcomeLine bare = all[i].Outcome(id, now);
            OutcomeLine line = OutcomeValue.Add(bare, null, told) with { ExpectedMicroUsd = 1 };
            tail.Take(new JournalRecord(id, -1, 0, now, all[i].Start(now)));
            history.Add(line);
            history.Add(tail.Take(new JournalRecord(
                id, -1, 1, now, new BundleEnded(SettlementEnd.Committed, Json(bare))))!);
            board.Take(line, now);
            report.Take(line);
        }
        BigInteger ledger = BigInteger.Zero;
        foreach (var bundle in Kept(history).GroupBy(one => one.Item1))
        {
            // Traded and paid: what else moved is no profit. Eighteen decimals and eighteen of
            // the price, down to six.
            BigInteger worth = bundle.Where(one => one.Item4 == "outcome"
                && one.Item5.Account is LedgerAccount.Trading or LedgerAccount.Gas).Aggregate(
                BigInteger.Zero, (sum, one) => sum - (one.Item5.Asset == Usdc
                    ? one.Item5.Units * then[bundle.Key].Usdc * BigInteger.Pow(10, 12)
                    : one.Item5.Units * then[bundle.Key].Weth));
            var floor = BigInteger.DivRem(worth, BigInteger.Pow(10, 30), out BigInteger rest);
            // A bundle that sent nothing has no worth.
            if (all[int.Parse(bundle.Key[1..], CultureInfo.InvariantCulture)].Fees is [])
                continue;
            ledger += rest.Sign < 0 ? floor - 1 : floor;
        }
        Assert.Equal(ledger, board.Pnl.RealisedMicroUsd);
        Assert.Equal(ledger, report.Report().Groups.Sum(one => one.RealisedMicroUsd));
    }, iter: 40);

    [Fact]
    public void Rows_GoWithTheirOutcomes()
    {
        HistorySettings settings = new(Path.Combine(folder, "few.db"), 90, 3);
        Bundle bundle = new([], Usdc, 5, [7], 0, 2);
        using (History history = new(settings with { MostRows = 100 }, TimeProvider.System))
            for (int i = 0; i < 9; i++)
            {
                OutcomeLine line = bundle.Outcome(Name(i), now + i);
                history.Add(new LedgerTail().Take(new JournalRecord(
                    Name(i), -1, 0, now, new BundleEnded(SettlementEnd.Committed, Json(line))))!);
            }
        using History few = new(settings, TimeProvider.System);
        Assert.Equal(
            [Name(8), Name(7), Name(6)],
            Kept(few).Select(one => one.Item1).Distinct(StringComparer.Ordinal));
        Assert.Equal(3 * 4, Kept(few).Length);
    }

    [Fact]
    public void Tool_PrintsPostings_AndTotalsThatAreZero()
    {
        Bundle bundle = new([], Usdc, 5, [7], 0, 2);
        OutcomeLine line = bundle.Outcome("b0", now);
        string file = Path.Combine(folder, "tool.db"), toml = Path.Combine(folder, "s.toml");
        using (History history = new(new HistorySettings(file, 90, 100), TimeProvider.System))
            history.Add(new LedgerTail().Take(new JournalRecord(
                "b0", -1, 0, now, new BundleEnded(SettlementEnd.Committed, Json(line))))!);
        File.WriteAllText(toml, $"""
            version = 1
            clusters = ["base"]
            [history]
            file = "{file}"
            """);
        string[] lines = Run("--ledger").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Equal(
            [0, 1, 2, 3], lines.Select(one => JsonElement.Parse(one).GetProperty("row").GetInt32())
                .Order());
        string[] sums = [.. Run("--totals").Split('\n').Where(one =>
            one.TrimStart().StartsWith("sum ", StringComparison.Ordinal))];
        Assert.Equal(2, sums.Length);
        Assert.All(sums, one => Assert.EndsWith(" 0", one, StringComparison.Ordinal));

        string Run(string option)
        {
            Ending ending = Binary.RunFile("dotnet",
                [Path.Combine(AppContext.BaseDirectory, "lockstep-service.dll"), "run", "history",
                    "--config", toml, option], []);
            Assert.True(ending.Code == 0, ending.Words);
            return ending.Text;
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>What an executor does when it opens.</summary>
    private static Action<JournalRecord> Open(SettlementJournal journal, History history)
    {
        LedgerTail tail = new();
        history.Heal(tail.Begin([journal]));
        void Take(JournalRecord row)
        {
            if (tail.Take(row) is { } ended) history.Add(ended);
        }
        journal.Appended += Take;
        return Take;
    }

    private static (string, int, long, string, Posting)[] Kept(History history)
    {
        List<(string, int, long, string, Posting)> rows = [];
        history.AskLedger(
            new HistoryQuery(0, long.MaxValue, null, int.MaxValue),
            (row, entry) => rows.Add(
                (entry.Bundle, row, entry.AtMs, entry.What, Assert.Single(entry.Postings))));
        return [.. rows];
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"b{i}");

    private static JsonElement Json(OutcomeLine line) =>
        JsonDocument.Parse(Recordings.Text([line])).RootElement;

    private static PriceLine Price(AssetId asset, ulong usdE18) =>
        new() { Slot = 1, Asset = asset, UsdE18 = usdE18 };

    private sealed record Bundle(
        long[] Held, AssetId Asset, long Flow, ulong[] Fees, long Other, int Dies)
    {
        public BundleAccepted Start(long atMs) => new(
            JsonElement.Parse("{}"), null, new PlanStart(atMs,
            [
                .. Held.Select((units, i) => new HoldingText(
                    (i == 0 ? Usdc : Ether).ToString(),
                    units.ToString(CultureInfo.InvariantCulture))),
            ]));

        public OutcomeLine Outcome(string id, long endedMs) =>
            HistoryTests.Outcome(id, endedMs, "none") with
            {
                SubmittedMs = endedMs - 500,
                Transactions =
                [
                    .. Fees.Select(fee => new OutcomeTransaction(
                        Base, default(Hash32).ToString(), "run", 1, true, 1, fee)),
                ],
                Realised = Flow == 0 ? [] : [new OutcomeFlow(Asset, Flow)],
                Unexplained = Other == 0 ? null
                    : ImmutableArray.Create(new OutcomeFlow(Ether, Other)),
            };
    }
}
