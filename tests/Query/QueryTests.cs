// QueryTests: SQL sees each line once, each amount whole, and nothing else.
using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using DuckDB.NET.Data;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Query;
using Lockstep.Recording;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Cli;
using Xunit;

namespace Lockstep.Tests.Query;

public sealed class QueryTests : IDisposable
{
    private static readonly StoreBounds Bounds = new(256, 20, long.MinValue, long.MaxValue);
    private static readonly AssetId Usdc = AssetId.Erc20(
        ChainId.Parse("eip155:8453"), "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913");

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Sums of signed amounts of up to 126 bits, and of micro-dollars, are BigInteger's.
    /// </summary>
    [Fact]
    public void Sums_AreExact() => Gen.Select(
        Gen.Select(Gen.Long, Gen.ULong).Array[0, 4], Gen.Long[-1L << 50, 1L << 50])
        .Array[1, 20].Sample(all =>
    {
        OutcomeLine[] lines =
        [
            .. all.Select((one, i) => Outcome(i) with
            {
                RealisedMicroUsd = one.Item2,
                Realised =
                [
                    .. one.Item1.Select(part => new OutcomeFlow(
                        Usdc, new Int128(unchecked((ulong)(part.Item1 >> 8)), part.Item2))),
                ],
            }),
        ];
        using LineStore store = Of("select from outcome_realised outcome", lines);
        BigInteger amounts = lines.SelectMany(one => one.Realised).Aggregate(
            BigInteger.Zero, (sum, flow) => sum + (BigInteger)flow.Amount);
        string?[] row = Ask(store, "select (select coalesce(sum(amount), 0) from outcome_realised),"
            + " (select sum(realisedMicroUsd) from outcome), count(*) from outcome").Single();
        Assert.Equal(
            string.Join(' ', amounts, all.Aggregate(
                BigInteger.Zero, (sum, one) => sum + one.Item2), lines.Length),
            string.Join(' ', row));
        Assert.Equal(0, store.TooLong());
    }, iter: 25);

    [Fact]
    public void Amount_WhenItIsTooLong_IsNullAndCounted()
    {
        string most = Text((BigInteger.One << 127) - 1), more = Text(BigInteger.One << 127);
        using LineStore store = Of("from posting",
            Posting(most), Posting("-" + more), Posting(more), Posting("-1" + more));
        Assert.Equal(
            [most, "-" + more, null, null],
            Ask(store, "select amount from posting order by seq").Select(row => row[0]));
        Assert.Equal(2, store.TooLong());
    }

    /// <summary>A service's folder: what a cluster says is heard by the aggregator and passed on;
    /// the executor's outcome is heard by it too.</summary>
    [Fact]
    public void Line_OfALog_IsTakenWhereItStandsFirst()
    {
        TokenLine usdc = new() { Asset = Usdc, Symbol = "USDC", Decimals = 6 };
        byte[] token = Encoding.UTF8.GetBytes(Recordings.Text([usdc]).TrimEnd());
        byte[] ended = Encoding.UTF8.GetBytes(Recordings.Text([Outcome(1)]).TrimEnd());
        using (RecordWriter cluster = RecordWriter.Open(Path.Combine(folder.Path, "cluster-base")))
        {
            cluster.Append("detector/base.in", 10, token);
            cluster.Append(Streams.DetectorOut("base"), 11, token);
        }
        using (RecordWriter log = RecordWriter.Open(Path.Combine(folder.Path, "aggregator")))
        {
            log.Append(Streams.AggregatorIn, 12, token);
            log.Append(Streams.AggregatorOut, 13, token);
            log.Append(Streams.Outcomes, 14, ended);
            log.Append(Streams.AggregatorIn, 15, ended);
            log.Append(Streams.Outcomes, 16, ended);
        }
        using LineStore store = new(LineView.Meant("lines"), Bounds);
        store.Read([folder.Path], Assert.Fail);
        store.Lock(null);
        Assert.Equal(
            ["cluster-base detector/base.in 10 token", "aggregator outcome.out 14 outcome",
                "aggregator outcome.out 16 outcome"],
            Ask(store, "select concat_ws(' ', source, stream, recordedMs, kind) from lines "
                + "order by recordedMs").Select(row => row[0]));
    }

    [Theory]
    [InlineData("select * from read_csv('/etc/passwd')")]
    [InlineData("select * from '/etc/passwd'")]
    [InlineData("select * from glob('/*')")]
    [InlineData("select 1; copy (select 1) to 'never.csv'")]
    [InlineData("select 1; attach 'never.db'")]
    [InlineData("select 1; install httpfs")]
    [InlineData("select 1; set enable_external_access = true")]
    [InlineData("select 1; set memory_limit = '100GB'")]
    [InlineData("select count(*) from range(10000000000) a, range(10000) b")]
    [InlineData("select list(a.range) from range(100000000) a")]
    [InlineData("select from where")]
    public void Sql_BeyondItsBounds_IsRefused(string sql)
    {
        using LineStore store = new(
            LineView.Meant("outcome"), Bounds with { MemoryMb = 64, Seconds = 2 });
        store.Read([], Assert.Fail);
        store.Lock(null);
        Assert.Throws<RefusedException>(() => store.Ask(sql));
    }

    [Fact]
    public void Views_HaveEachColumnOnce_AndAreAllThere()
    {
        using LineStore store = new(LineView.Meant(""), Bounds);
        store.Lock(null);
        Assert.Empty(LineView.Meant("select 1"));
        Assert.Equal(["outcome"], LineView.Meant("select * from outcome_transactions"));
        foreach (LineView view in LineView.All)
        {
            Assert.Distinct(view.Columns.Select(one => one.Name));
            Assert.Empty(Ask(store, $"select * from \"{view.Name}\""));
        }
    }

    /// <summary>The format has no such integers, and the library would round them.</summary>
    [Fact]
    public void Parquet_RoundsNothing()
    {
        string file = Path.Combine(folder.Path, "o.parquet");
        string most = Text(BigInteger.Pow(10, 38) - 1);
        using (LineStore store = Of("posting", Posting(most), Posting("-7")))
        {
            store.Lock(file);
            store.WriteParquet(file, store.Ask("select amount, entry from posting order by seq"));
        }
        using DuckDBConnection other = new("DataSource=:memory:");
        other.Open();
        using DuckDBCommand read = other.CreateCommand();
        read.CommandText = $"select string_agg(amount::VARCHAR, ' ') from '{file}'";
        Assert.Equal(most + " -7", read.ExecuteScalar());
    }

    [Fact]
    public void Answers_AreWrittenWhole()
    {
        (string, string)[] columns =
            [("a", "HUGEINT"), ("b", "BIGINT"), ("c", "VARCHAR"), ("d", "DOUBLE"), ("e", "JSON")];
        string?[][] rows =
            [["12", "-3", "x, \"y\"\nz", "inf", "[1]"], [null, "4", "", "0.5", null]];
        Assert.Equal(
            ["a,b,c,d,e", "12,-3,\"x, \"\"y\"\"\nz\",inf,[1]", ",4,,0.5,"],
            AnswerText.Csv(columns, rows));
        Assert.Equal(
            [
                "{\"a\":\"12\",\"b\":-3,\"c\":\"x, \\u0022y\\u0022\\nz\",\"d\":\"inf\",\"e\":[1]}",
                "{\"a\":null,\"b\":4,\"c\":\"\",\"d\":0.5,\"e\":null}",
            ], AnswerText.Json(columns, rows));
        Assert.Equal(3, AnswerText.Table(columns, rows).Count());
    }

    [Fact]
    public void Tool_AnswersOverAFile_AndSaysWhatIsLeftOut()
    {
        string file = Path.Combine(folder.Path, "o.ndjson");
        File.WriteAllText(file, Recordings.Text([Outcome(1), Outcome(2), Outcome(3)]));
        Ending ending = Run("select name, success from outcome order by name desc", "--limit", "2");
        Assert.Equal("name,success\nb3,true\nb2,true\n", ending.Text);
        Assert.Contains("there are more", ending.Words, StringComparison.Ordinal);
        // What is wrong is said with the word that is, in one line and without a trace.
        Ending wrong = Run("select nothing from outcome");
        Assert.Equal((1, ""), (wrong.Code, wrong.Text));
        Assert.Contains("\"nothing\" not found", wrong.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", wrong.Words, StringComparison.Ordinal);

        Ending Run(string sql, params string[] more) => Binary.RunFile("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "lockstep-query.dll"), sql, file, "--csv",
                .. more], []);
    }

    private static OutcomeLine Outcome(int i) => Service.HistoryTests.Outcome(
        string.Create(CultureInfo.InvariantCulture, $"b{i}"), 1000 + i, "none");

    private static string Posting(string amount) =>
        "{\"v\":1,\"kind\":\"posting\",\"bundle\":\"b\",\"row\":0,\"atMs\":1,\"entry\":\"outcome\","
        + $"\"account\":\"gas\",\"asset\":\"{Usdc}\",\"amount\":\"{amount}\"}}";

    private LineStore Of(string sql, params OutcomeLine[] lines) =>
        Of(sql, Recordings.Text(lines).TrimEnd());

    private LineStore Of(string sql, params string[] lines)
    {
        string file = Path.Combine(folder.Path, Guid.NewGuid().ToString("N"));
        File.WriteAllLines(file, lines);
        LineStore store = new(LineView.Meant(sql), Bounds);
        store.Read([file], Assert.Fail);
        return store;
    }

    private static List<string?[]> Ask(LineStore store, string sql)
    {
        store.Ask(sql);
        return [.. store.Answer(1000)];
    }

    private static string Text(BigInteger number) =>
        number.ToString(CultureInfo.InvariantCulture);
}
