// WatchPageTests: whatever comes, the page fits its terminal; and it shows what there is to show.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tests.Model;
using Lockstep.Tools.Report;
using Xunit;

namespace Lockstep.Tests.Tools;

public sealed class WatchPageTests
{
    private const long Now = 1_795_380_600_000;

    [Fact]
    public void Page_FitsItsTerminal() => Gen.Select(
        LineGen.Any.Array[0, 40], Gen.Int[1, 200], Gen.Int[1, 60]).Sample(
        (lines, width, height) =>
        {
            WatchState state = new();
            foreach (Line line in lines) state.Take(line, Now);
            IReadOnlyList<string> rows =
                new WatchPage(width, height, colours: false).Rows(state, Now + 500);
            Assert.True(rows.Count <= height);
            Assert.All(rows, row =>
            {
                Assert.True(row.EnumerateRunes().Count() <= width, row);
                Assert.DoesNotContain(row, char.IsControl);
            });
        }, iter: 300);

    /// <summary>A plan is open until its outcome comes.</summary>
    [Fact]
    public void Plan_IsOpenUntilItsOutcome()
    {
        WatchState state = new();
        state.Take(Plan("a", 2000), Now);
        state.Take(Plan("b", 1000), Now);
        Assert.Equal(["b", "a"], state.Open().Select(one => one.Plan.Name));
        string page = Page(state, Now + 1500);
        Assert.Contains("b  0.5 s past its deadline", page);
        Assert.Contains("a  0.5 s left", page);
        state.Take(Outcome("b"), Now + 1600);
        Assert.Equal("a", Assert.Single(state.Open()).Plan.Name);
        page = Page(state, Now + 1700);
        Assert.Contains("b  inventory  profit-gone: too little", page);
        Assert.Contains("inventory: 0 done of 0 sent, 1 plans; profit-gone 1", page);
    }

    [Fact]
    public void Silence_IsSaid()
    {
        WatchState state = new();
        Assert.Contains("waiting for lines", Page(state, Now));
        state.Take(Outcome("a"), Now);
        Assert.Contains("alive", Page(state, Now + 3000));
        Assert.Contains("silent for 4 s", Page(state, Now + 4000));
    }

    /// <summary>Bounded, however many come.</summary>
    [Fact]
    public void Plans_ThatNobodyEnds_AreForgotten()
    {
        WatchState state = new();
        for (int i = 0; i < 10_000; i++) state.Take(Plan($"p{i}", 1000 + i), Now);
        Assert.True(state.Open().Count < 5000);
        Assert.Equal("p9999", state.Open()[^1].Plan.Name);
    }

    private static string Page(WatchState state, long nowMs) =>
        string.Join('\n', new WatchPage(120, 40, colours: false).Rows(state, nowMs));

    private static PlanLine Plan(string name, long deadlineMs) => new()
    {
        Name = name,
        Transactions =
        [
            new PlanTransactionLine
            {
                Id = "t1", Chain = ChainId.Parse("eip155:10"), Scope = "1", Phase = "run",
                After = [], DeadlineMs = deadlineMs, Calls = [],
                Gas = new PlanTransactionGas(0, 0, 0, 0),
            },
        ],
        Gas = [],
        LatencyBeforeMs = 0,
        LatencyAfterMs = 0,
        FlashFees = [],
        Rules = [],
    };

    private static OutcomeLine Outcome(string name) => new()
    {
        Name = name,
        Bundle = name + "-1",
        Guarantee = Guarantee.Inventory,
        Success = false,
        Reason = "profit-gone",
        Detail = "too little",
        Transactions = ImmutableArray<OutcomeTransaction>.Empty,
        Realised = ImmutableArray<OutcomeFlow>.Empty,
        StartedMs = Now,
        EndedMs = Now,
    };
}
