// OpenWork: what the journals of an evm.toml hold open, and what the next start does about it.
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Live;

/// <summary>Reads journals, changes nothing.</summary>
internal static class OpenWork
{
    /// <summary>Says what is open.</summary>
    /// <returns>How many bundles.</returns>
    /// <exception cref="RefusedException">A journal is held by another process, or damaged.
    /// </exception>
    public static int Show(ToolHost host, EvmSettings settings)
    {
        int count = 0;
        foreach (string file in Files(settings))
        {
            if (!File.Exists(file)) continue;
            using SettlementJournal journal = LiveDesks.OpenJournal(file, TimeProvider.System);
            foreach (OpenBundle one in All(journal))
            {
                count++;
                host.WriteLine(PlainText.OneLine(
                    $"{one.Id} ({one.Name}), {(one.IsSettled ? "settled" : "plan")} on "
                    + $"{string.Join(", ", one.Chains)}, {one.SignedCount} transactions signed"));
                host.WriteLine($"  stands: {one.Standing}");
                host.WriteLine($"  next:   {one.Next}");
            }
        }
        host.WriteLine(count == 0 ? "nothing is open" : $"{count} open");
        host.Out.Flush();
        return count;
    }

    /// <summary>The journals that the settings name.</summary>
    public static IEnumerable<string> Files(EvmSettings settings)
    {
        yield return settings.Live.JournalPath;
        if (settings.Live.Settlement is { } settled) yield return settled.JournalPath;
    }

    private static IReadOnlyList<OpenBundle> All(SettlementJournal journal)
    {
        try
        {
            return OpenBundle.All(journal);
        }
        catch (JournalException e)
        {
            throw new RefusedException($"{e.Message}; lockstep doctor says more");
        }
    }
}
