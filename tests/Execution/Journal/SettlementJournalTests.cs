// SettlementJournalTests: what was appended is read back in order, once, unchanged, or refused.
using CsCheck;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Tests.Feeds;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Lockstep.Tests.Execution.Journal;

public sealed class SettlementJournalTests : IDisposable
{
    private static readonly Gen<JournalEntry> AnyEntry = Gen.OneOf<JournalEntry>(
        Gen.Select(Gen.Enum<ActKind>(), Gen.Int[0, 9])
            .Select(x => (JournalEntry)new ActBegun(x.Item1, x.Item2)),
        Gen.Select(Gen.Enum<ActKind>(), Gen.Bool, Gen.String)
            .Select(x => (JournalEntry)new ActOver(x.Item1, x.Item2, null, x.Item3)),
        Gen.Enum<Decision>().Select(x => (JournalEntry)new CertificateHeld(x, "0x12")),
        Gen.Select(Gen.Enum<ActKind>(), Gen.ULong).Select(x => (JournalEntry)
            new TransactionSigned(x.Item1, "0xab", x.Item2, "5", "0xcd", null)));

    private readonly TempFolder folder = new();

    private string File => Path.Combine(folder.Path, "journal.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_ComeBackInOrder_AlsoAfterReopening() =>
        Gen.Select(Gen.Select(Gen.Int[0, 2], Gen.Int[-1, 3], AnyEntry).List[1, 12], Gen.Guid)
            .Sample((rows, name) =>
            {
                string file = Path.Combine(folder.Path, $"{name}.db");
                Dictionary<string, List<JournalRecord>> written = [];
                using (SettlementJournal journal =
                    SettlementJournal.Open(file, TimeProvider.System))
                {
                    foreach ((int bundle, int leg, JournalEntry entry) in rows)
                    {
                        JournalRecord row = journal.Append($"b{bundle}", leg, entry);
                        if (!written.TryAdd(row.Bundle, [row])) written[row.Bundle].Add(row);
                    }
                }
                using SettlementJournal again = SettlementJournal.Open(file, TimeProvider.System);
                Assert.Equal(written.Keys.Order(), again.OpenBundles().Order());
                foreach ((string bundle, List<JournalRecord> expected) in written)
                    Assert.Equal(expected, again.Read(bundle));
            }, iter: 15);

    [Fact]
    public void SecondWriter_IsRefused()
    {
        using SettlementJournal journal = SettlementJournal.Open(File, TimeProvider.System);
        journal.Append("b", 0, new ActBegun(ActKind.Lock, 0));
        JournalException refused = Assert.Throws<JournalException>(
            () => SettlementJournal.Open(File, TimeProvider.System));
        Assert.Contains("another process holds", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vote_IsCastOnce()
    {
        using SettlementJournal journal = SettlementJournal.Open(File, TimeProvider.System);
        journal.Append("b", -1, new VoteCast(Decision.Commit, "0x1"));
        Assert.Throws<JournalException>(
            () => journal.Append("b", -1, new VoteCast(Decision.Abort, "0x1")));
        Assert.Equal(
            Decision.Commit, ((VoteCast)Assert.Single(journal.Read("b")).Entry).Decision);
    }

    [Fact]
    public void Bundle_WhenOver_TakesNothingMore()
    {
        using SettlementJournal journal = SettlementJournal.Open(File, TimeProvider.System);
        journal.Append("b", -1, new BundleEnded(SettlementEnd.Aborted, null));
        Assert.Empty(journal.OpenBundles());
        Assert.Throws<JournalException>(
            () => journal.Append("b", 0, new ActBegun(ActKind.Lock, 0)));
    }

    [Theory]
    [InlineData("DELETE FROM record WHERE sequence = 1")]
    [InlineData("UPDATE record SET leg = 2 WHERE sequence = 1")]
    [InlineData("UPDATE record SET entry = "
        + "CAST(replace(CAST(entry AS TEXT), 'Lock', 'Claim') AS BLOB) WHERE sequence = 0")]
    [InlineData("UPDATE record SET entry = x'7b' WHERE sequence = 2")]
    public void Row_WhenChanged_IsFound(string sql)
    {
        using (SettlementJournal journal = SettlementJournal.Open(File, TimeProvider.System))
        {
            for (int i = 0; i < 3; i++) journal.Append("b", 0, new ActBegun(ActKind.Lock, i));
        }
        using (SqliteConnection raw = new($"Data Source={File};Pooling=False"))
        {
            raw.Open();
            using SqliteCommand command = raw.CreateCommand();
            command.CommandText = sql;
            Assert.Equal(1, command.ExecuteNonQuery());
        }
        using SettlementJournal again = SettlementJournal.Open(File, TimeProvider.System);
        Assert.Throws<JournalException>(() => again.Read("b"));
    }

    [Fact]
    public void File_WhenItIsNoJournal_IsRefused()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Throws<JournalException>(() => SettlementJournal.Open(File, TimeProvider.System));
    }
}
