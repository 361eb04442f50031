// WideGate: a risk gate with bounds that nothing here reaches, where others are what is tested.
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;

namespace Lockstep.Simulator.Actors;

/// <summary>Everything is worth a millionth of a dollar, and much may be at risk.</summary>
public static class WideGate
{
    private const long Wide = long.MaxValue / 4;

    /// <summary>The bounds.</summary>
    public static RiskLimits Limits { get; } = new()
    {
        BundleMicroUsd = Wide,
        TotalMicroUsd = Wide,
        OpenBundles = int.MaxValue,
        OtherChainMicroUsd = Wide,
        OtherAssetMicroUsd = Wide,
        OtherBridgeMicroUsd = Wide,
        ProfitMicroUsd = 0,
        ReduceDrawdownMicroUsd = Wide,
        HaltDrawdownMicroUsd = Wide,
        FailureWindow = RiskLimits.MaxWindow,
        ReduceFailures = RiskLimits.MaxWindow,
        FeedAgeMs = Wide,
    };

    /// <summary>The gate as a journal left it.</summary>
    public static RiskHost Start(SettlementJournal journal) =>
        RiskHost.Start(Limits, RiskMode.Active, (_, _) => 1, () => false, journal);
}
