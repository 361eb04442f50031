// FileChecks: keys, password, bounds, kill switch and journals of an evm.toml, as they lie on disk.
using System.Globalization;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;

namespace Lockstep.Tools.Health;

/// <summary>A journal as it was found.</summary>
/// <param name="File">Where.</param>
/// <param name="IsRead">Whether it could be read whole; else nothing is known of it.</param>
/// <param name="Rows">Its rows, in order.</param>
internal sealed record ReadJournal(string File, bool IsRead, IReadOnlyList<JournalRecord> Rows);

/// <summary>Looks at files, changes none.</summary>
internal sealed class FileChecks(EvmSettings settings, TimeProvider clock, Action<Finding> tell)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Looks at a key; opens it where the password is at hand.</summary>
    /// <returns>Its address; null where it can't be opened.</returns>
    public EvmAddress? Key(string file)
    {
        if (!Private(file, "the key")) return null;
        try
        {
            using SigningKey key = KeyFile.Open(
                file, settings.Live.PasswordPath,
                new PasswordSource(LiveDesks.PasswordVariable, null));
            tell(Finding.Ok("key", file, $"opens, {key.Address}"));
            return key.Address;
        }
        catch (RefusedException e)
        {
            tell(new Finding(
                "key", file, FindingLevel.Fail, e.Message,
                "put it right: without it nothing is signed, and open bundles stay open"));
            return null;
        }
    }

    /// <summary>Looks at the password's file, if one is named.</summary>
    public void Password()
    {
        if (settings.Live.PasswordPath is { } file && Private(file, "the password"))
            tell(Finding.Ok("password", file, "its owner's alone"));
    }

    /// <summary>Reads a journal whole.</summary>
    public ReadJournal Journal(string file)
    {
        if (!File.Exists(file))
        {
            tell(Finding.Ok("journal", file, "not there yet: nothing was sent"));
            return new ReadJournal(file, true, []);
        }
        List<JournalRecord> rows = [];
        try
        {
            using SettlementJournal journal = SettlementJournal.Open(file, clock);
            if (journal.FileFault() is { } fault) throw new JournalException($"{file}: {fault}");
            journal.ReadAll(rows.Add);
            tell(Finding.Ok("journal", file, string.Create(
                CultureInfo.InvariantCulture, $"{rows.Count} rows, every hash holds")));
            foreach (OpenBundle open in OpenBundle.All(journal)) Open(file, open);
            return new ReadJournal(file, true, rows);
        }
        catch (JournalException e) when (e.Message.Contains(
            "another process holds", StringComparison.Ordinal))
        {
            tell(new Finding(
                "journal", file, FindingLevel.Warn, "in use, so it was not read",
                "an executor checked it when it started; stop that one to look again"));
        }
        catch (Exception e) when (e is JournalException or FormatException or IOException)
        {
            tell(new Finding(
                "journal", file, FindingLevel.Fail, e.Message,
                "keep a copy, send nothing from these accounts, and see docs/operations.md"));
        }
        return new ReadJournal(file, false, rows);
    }

    /// <summary>Looks at bounds, mode, kill switch and what the breakers have seen.</summary>
    public void Risk(IReadOnlyList<ReadJournal> journals)
    {
        if (settings.Live.RiskPath is not { } file)
        {
            tell(new Finding("risk", "[live] risk", FindingLevel.Fail, "names no file",
                $"nothing is sent without bounds; {RiskFile.DefaultPath} is an example"));
            return;
        }
        try
        {
            RiskSettings risk = RiskFile.Read(file);
            if (risk.Limits.Fault is { } fault) throw new RefusedException($"{file}: {fault}");
            RiskState state = RiskReplay.Replay(
                risk.Limits,
                journals.SelectMany(one => one.Rows).OrderBy(row => row.AtMs)) with
            {
                Chosen = risk.Mode,
            };
            Kill(ref state);
            string words = string.Create(CultureInfo.InvariantCulture,
                $"{state.Mode}, {state.Open.Count} bundles open, realised "
                + $"{state.RealisedMicroUsd} micro-dollars");
            tell(LiveRisk.Words(state) is { } stopped
                ? new Finding("risk", file, FindingLevel.Warn, $"{words}; {stopped}",
                    "what is open is carried to its end all the same")
                : Finding.Ok("risk", file, words));
        }
        catch (Exception e) when (e is RefusedException or JournalException or FormatException)
        {
            tell(new Finding(
                "risk", file, FindingLevel.Fail, e.Message, "nothing is sent without bounds"));
        }
    }

    private void Kill(ref RiskState state)
    {
        if (settings.Live.KillPath is not { } kill)
            tell(new Finding("kill", "[live] killFile", FindingLevel.Fail, "names no file",
                "name one that is not there, and make it to stop"));
        else if (!Directory.Exists(Path.GetDirectoryName(kill)))
            tell(new Finding("kill", kill, FindingLevel.Fail, "has no folder to be made in",
                "make the folder"));
        else if (Path.Exists(kill))
        {
            state = state with { IsKilled = true };
            tell(new Finding("kill", kill, FindingLevel.Warn, "is there: nothing new is begun",
                "remove it to go on"));
        }
        else tell(Finding.Ok("kill", kill, "is not there"));
    }

    private void Open(string file, OpenBundle open)
    {
        long ageS = (clock.GetUtcNow().ToUnixTimeMilliseconds() - open.AcceptedMs) / 1000;
        tell(new Finding(
            "open", file, FindingLevel.Warn,
            string.Create(CultureInfo.InvariantCulture,
                $"{open.Id} ({open.Name}), {ageS} s old: {open.Standing}"),
            $"executor recover --live {open.Next}"));
    }

    private bool Private(string file, string what)
    {
        if (!File.Exists(file))
        {
            tell(new Finding("key", file, FindingLevel.Fail, "no such file",
                $"[live] says that {what} is there"));
            return false;
        }
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & ~Owner) == 0) return true;
        tell(new Finding("key", file, FindingLevel.Fail, "others may read it", "chmod 600 it"));
        return false;
    }
}
