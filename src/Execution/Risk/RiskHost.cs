// RiskHost: keeps the gate's state for all runners of a process, as the journals have it.
using System.Collections.Immutable;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Execution.Risk;

/// <summary>The gate with its state. Runners of several tasks ask it; they take turns.</summary>
public sealed class RiskHost
{
    private readonly Lock turn = new();
    private RiskLimits limits;
    private readonly Func<bool> isKilled;
    private RiskState state;

    private RiskHost(RiskLimits limits, Worth worth, Func<bool> isKilled, RiskState state)
    {
        (this.limits, this.isKilled, this.state) = (limits, isKilled, state);
        Worth = worth;
    }

    /// <summary>Starts it where the journals left it.</summary>
    /// <param name="limits">The bounds.</param>
    /// <param name="mode">What the operator chose. An ACTIVE here takes no breaker back.</param>
    /// <param name="worth">At what prices requests are made.</param>
    /// <param name="isKilled">Looks at the kill switch; called at every decision and before each
    /// signature that adds risk.</param>
    /// <param name="journals">Everything that is run here, and nothing else.</param>
    /// <exception cref="ArgumentException">The bounds make no sense.</exception>
    /// <exception cref="JournalException">A journal can't be relied on.</exception>
    public static RiskHost Start(
        RiskLimits limits, RiskMode mode, Worth worth, Func<bool> isKilled,
        params IEnumerable<SettlementJournal> journals)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(worth);
        ArgumentNullException.ThrowIfNull(isKilled);
        if (limits.Fault is { } fault) throw new ArgumentException(fault, nameof(limits));
        RiskState state = RiskReplay.Replay(limits, RiskReplay.Rows(journals));
        return new RiskHost(limits, worth, isKilled, state with { Chosen = mode });
    }

    /// <summary>At what prices requests are made.</summary>
    public Worth Worth { get; }

    /// <summary>The state, the kill switch looked at.</summary>
    public RiskState State
    {
        get
        {
            using Lock.Scope mine = turn.EnterScope();
            return Look();
        }
    }

    /// <summary>Judges a bundle; what is admitted is open from then on. The caller journals the
    /// decision before anything else.</summary>
    /// <param name="request">The bundle.</param>
    /// <param name="permit">What its runs and locks are signed for; null where it is denied.
    /// </param>
    public RiskDecision Admit(RiskRequest request, out RiskPermit? permit)
    {
        ArgumentNullException.ThrowIfNull(request);
        using Lock.Scope mine = turn.EnterScope();
        state = RiskGate.Judge(Look(), limits, request, out RiskDecision decision);
        permit = decision.IsAdmitted ? RiskPermit.Of(this, request.Bundle) : null;
        return decision;
    }

    /// <summary>A bundle is over, and the journal knows.</summary>
    /// <param name="bundle">Its id.</param>
    /// <param name="line">Its outcome; null where nothing was sent.</param>
    public void End(string bundle, OutcomeLine? line)
    {
        using Lock.Scope mine = turn.EnterScope();
        state = RiskGate.Take(state, limits, RiskReplay.Over(bundle, line));
    }

    /// <summary>An operator resumes: breakers are taken back, and the journal knows.</summary>
    /// <param name="journal">Where it is written down.</param>
    /// <param name="nowMs">UNIX milliseconds.</param>
    public void Resume(SettlementJournal journal, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(journal);
        using Lock.Scope mine = turn.EnterScope();
        RiskMode chosen = state.Chosen;
        journal.Append($"risk-resumed-{nowMs}", -1, new RiskResumed());
        state = RiskGate.Take(state, limits, new ModeChosen(RiskMode.Active)) with
        {
            Chosen = chosen,
        };
    }

    /// <summary>New bounds from here on; what was admitted under the old ones stays.</summary>
    /// <param name="changed">The bounds.</param>
    /// <param name="mode">What the operator chose. An ACTIVE here takes no breaker back.</param>
    /// <exception cref="ArgumentException">They make no sense: the old ones stay.</exception>
    public void Change(RiskLimits changed, RiskMode mode)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if (changed.Fault is { } fault) throw new ArgumentException(fault, nameof(changed));
        using Lock.Scope mine = turn.EnterScope();
        (limits, state) = (changed, state with { Chosen = mode });
    }

    /// <summary>The bounds.</summary>
    public RiskLimits Limits
    {
        get
        {
            using Lock.Scope mine = turn.EnterScope();
            return limits;
        }
    }

    /// <summary>Whether a bundle is open.</summary>
    internal bool IsOpen(string bundle)
    {
        using Lock.Scope mine = turn.EnterScope();
        return state.Open.ContainsKey(bundle);
    }

    /// <summary>Whether a bundle may add to what is at risk.</summary>
    internal bool MayGoOn(string bundle)
    {
        using Lock.Scope mine = turn.EnterScope();
        return RiskGate.MayGoOn(Look(), bundle);
    }

    private RiskState Look() =>
        state = RiskGate.Take(state, limits, new KillSwitchSeen(isKilled()));
}
