// HistoryTests: an outcome is kept once, is found by time and reason, and goes by age and number.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Service;
using Lockstep.Service.Config;
using Xunit;

namespace Lockstep.Tests.Service;

public sealed class HistoryTests : IDisposable
{
    private const long Day = 86_400_000;
    private readonly string file = Path.Combine(
        Path.GetTempPath(), $"lockstep-{Guid.NewGuid():N}.db");

    private readonly long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public void Outcome_WhenToldTwice_IsKeptOnce()
    {
        using History history = new(new HistorySettings(file, 90, 100), TimeProvider.System);
        history.Add(Outcome("a", now, "none"));
        history.Add(Outcome("a", now, "expired"));
        string row = Assert.Single(history.Ask(new HistoryQuery(0, long.MaxValue, null, 10)));
        Assert.Contains("\"reason\":\"expired\"", row, StringComparison.Ordinal);
        Assert.NotNull(LineCodec.Read(System.Text.Encoding.UTF8.GetBytes(row), out _));
    }

    [Fact]
    public void Question_IsAnsweredNewestFirst()
    {
        using History history = new(new HistorySettings(file, 90, 100), TimeProvider.System);
        for (int i = 0; i < 10; i++)
            history.Add(Outcome($"b{i}", now + i, i % 2 == 0 ? "none" : "expired"));
        Assert.Equal(
            ["b8", "b6"], Names(history, new HistoryQuery(now + 1, now + 9, "none", 2)));
        Assert.Empty(history.Ask(new HistoryQuery(0, long.MaxValue, "none' OR 1=1 --", 10)));
    }

    [Fact]
    public void Rows_WhenTooOldOrTooMany_Go()
    {
        using (History history = new(new HistorySettings(file, 90, 100_000), TimeProvider.System))
            for (int i = 0; i < 200; i++)
                history.Add(Outcome($"c{i}", now - (i % 100) * Day, "none"));
        using (History old = new(new HistorySettings(file, 30, 100_000), TimeProvider.System))
            Assert.Equal(60, old.Rows);
        using History few = new(new HistorySettings(file, 30, 7), TimeProvider.System);
        Assert.Equal(7, few.Rows);
        Assert.Equal("c0", Names(few, new HistoryQuery(0, long.MaxValue, null, 1)).Single());
    }

    public void Dispose()
    {
        foreach (string end in (string[])["", "-wal", "-shm"]) File.Delete(file + end);
    }

    private static string[] Names(History history, HistoryQuery query) =>
    [
        .. history.Ask(query).Select(row => ((OutcomeLine)LineCodec.Read(
            System.Text.Encoding.UTF8.GetBytes(row), out _)!).Name),
    ];

    internal static OutcomeLine Outcome(string name, long endedMs, string reason) => new()
    {
        Name = name,
        Bundle = name,
        Guarantee = Guarantee.Inventory,
        Success = reason == "none",
        Reason = reason,
        Detail = "",
        Transactions = [],
        Realised = ImmutableArray<OutcomeFlow>.Empty,
        StartedMs = endedMs - 1000,
        EndedMs = endedMs,
    };
}
