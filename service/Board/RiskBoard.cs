// RiskBoard: the risk gate's state against its bounds, and what is not well, as the page shows it.
using Lockstep.Execution.Risk;
using Lockstep.Service.Stages;

namespace Lockstep.Service.Board;

/// <summary>The gate in words.</summary>
internal static class RiskBoard
{
    /// <summary>The words; null where there is no gate.</summary>
    public static RiskWords? Words(RiskHost? host)
    {
        if (host is null) return null;
        RiskState state = host.State;
        RiskLimits limits = host.Limits;
        string? why = state.IsKilled ? "the kill switch is on"
            : state.Tripped > state.Chosen ? $"a breaker tripped: {state.TrippedBy.Code()}"
            : state.Chosen > RiskMode.Active ? "the file of bounds says so"
            : null;
        Int128 atRisk = state.Open.Values.SelectMany(one => one.Items)
            .Aggregate((Int128)0, (sum, item) => sum + (item.MicroUsd ?? 0));
        Int128 down = state.PeakMicroUsd - state.RealisedMicroUsd;
        List<LimitWords> rows =
        [
            new("at risk", Sat(atRisk), limits.TotalMicroUsd, "usd"),
            new("open bundles", state.Open.Count, limits.OpenBundles, "count"),
            new("below the peak", Sat(down), limits.HaltDrawdownMicroUsd, "usd"),
            new($"failures of the last {state.Failures.Length}", state.Failures.Count(one => one),
                limits.ReduceFailures, "count"),
        ];
        foreach (var chain in state.Open.Values.SelectMany(one => one.Items)
            .GroupBy(item => item.Asset.Chain).OrderBy(one => one.Key.ToString()))
            rows.Add(new LimitWords(
                "on " + chain.Key,
                Sat(chain.Aggregate((Int128)0, (sum, item) => sum + (item.MicroUsd ?? 0))),
                limits.ChainMicroUsd.GetValueOrDefault(chain.Key, limits.OtherChainMicroUsd),
                "usd"));
        return new RiskWords(Mode(state.Mode), why, rows);
    }

    private static string Mode(RiskMode mode) => mode switch
    {
        RiskMode.Active => "active",
        RiskMode.Reducing => "reducing",
        _ => "halted",
    };

    private static long Sat(Int128 sum) => long.CreateSaturating(sum);
}

/// <summary>What is not well.</summary>
internal static class Health
{
    /// <summary>A stage that says nothing for longer is stuck.</summary>
    public static TimeSpan MostSilence { get; } = TimeSpan.FromSeconds(30);

    /// <summary>It in words; empty where all is well.</summary>
    public static IReadOnlyList<string> Of(
        IReadOnlyList<Stage> stages, IReadOnlyList<FeedWords> feeds, bool isPaused,
        RiskWords? risk, string? reload, IReadOnlyList<SignerWords> signers)
    {
        List<string> why = [];
        foreach (Stage one in stages)
            if (one.State is StageState.Waiting)
                why.Add($"{one.Name} is down: {one.Fault}");
            else if (one.State is StageState.Starting)
                why.Add($"{one.Name} is starting");
            else if (one.State is StageState.Running && one.Silence > MostSilence)
                why.Add($"{one.Name} has said nothing for {one.Silence.TotalSeconds:F0} s");
        foreach (FeedWords one in feeds)
            if (one.IsStale) why.Add($"{one.Name}: its newest block is {one.AgeMs / 1000} s old");
        if (risk is { Mode: not "active" }) why.Add($"risk: {risk.Mode}: {risk.Why}");
        if (isPaused) why.Add("paused by an operator");
        foreach (SignerWords one in signers)
            if (!one.Answers) why.Add($"signer {one.Name} does not answer");
        if (reload is not null) why.Add($"settings were not read anew: {reload}");
        return why;
    }

    /// <summary>A stage for the page.</summary>
    public static StageWords Words(this Stage stage)
    {
        (double p50, double p99) = stage.Latency;
        return new StageWords(
            stage.Name, stage.State.ToString().ToLowerInvariant(), stage.Waits(), stage.MostWaits,
            stage.GreatestWait, stage.Dropped(), p50, p99, stage.Restarts, stage.Fault,
            (long)stage.Silence.TotalMilliseconds);
    }
}
