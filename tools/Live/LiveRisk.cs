// LiveRisk: the risk gate of an evm.toml: bounds read, kill switch seen, journals replayed.
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Live;

/// <summary>The gate that everything live passes.</summary>
public static class LiveRisk
{
    /// <summary>Opens it.</summary>
    /// <param name="settings">Names the file of bounds and the kill switch.</param>
    /// <param name="prices">What requests are valued at; takes prices while it is in use.</param>
    /// <param name="journals">The journals of all runners.</param>
    /// <exception cref="RefusedException">The file is not named, missing or wrong, the kill
    /// switch could not be seen, or a journal can't be relied on.</exception>
    public static RiskHost Open(
        EvmSettings settings, ReferencePrices prices,
        params IEnumerable<SettlementJournal> journals)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(prices);
        if (settings.Live.RiskPath is not { } file)
            throw new RefusedException("[live] risk names no file, so nothing may be put at risk "
                + $"and nothing is sent; {RiskFile.DefaultPath} is an example of one");
        if (settings.Live.KillPath is not { } kill)
            throw new RefusedException("[live] killFile names no file, so nothing could stop what "
                + "is sent; name one that is not there, and make it to stop");
        // A file that is not seen for want of its folder would stop nothing.
        if (!Directory.Exists(Path.GetDirectoryName(kill)))
            throw new RefusedException($"[live] killFile: {kill} has no folder to be made in");
        RiskSettings risk = RiskFile.Read(file);
        try
        {
            return RiskHost.Start(
                risk.Limits, risk.Mode, prices.WorthCeiling, () => Path.Exists(kill), journals);
        }
        catch (Exception e) when (e is JournalException or FormatException)
        {
            throw new RefusedException(e.Message);
        }
    }

    /// <summary>Reads the file of bounds and lists anew. A wrong one changes nothing.</summary>
    /// <param name="settings">Names the file.</param>
    /// <param name="gate">Gets them; null where none is open: then the file is only looked at.
    /// </param>
    /// <exception cref="RefusedException">The file is missing or wrong: the old bounds stay.
    /// </exception>
    public static void Reload(EvmSettings settings, RiskHost? gate)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Live.RiskPath is not { } file) return;
        RiskSettings changed = RiskFile.Read(file);
        gate?.Change(changed.Limits, changed.Mode);
    }

    /// <summary>The same on a signal, for a tool: what came of it is said.</summary>
    public static void Reload(EvmSettings settings, RiskHost gate, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        try
        {
            Reload(settings, gate);
            say("the bounds were read anew");
        }
        catch (Exception e) when (e is RefusedException or ArgumentException or IOException)
        {
            say($"the bounds stay as they were: {e.Message}");
        }
    }

    /// <summary>What stands against new bundles, in words; null where nothing does.</summary>
    public static string? Words(RiskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.IsKilled ? "the kill switch is on: nothing new is run or locked"
            : state.Tripped > state.Chosen ? $"{state.Tripped} ({state.TrippedBy.Code()}): "
                + "executor --live --resume takes that back"
            : state.Chosen > RiskMode.Active ? $"{state.Chosen}, as the file of bounds has it"
            : null;
    }
}
