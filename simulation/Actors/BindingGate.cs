// BindingGate: a risk gate whose bounds bind: few bundles at a time, breakers that trip, a switch.
using System.Numerics;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Actors;

/// <summary>The bounds of one run, and its kill switch. An operator looks now and then, and takes
/// back what tripped. Without the fault it is as wide as <see cref="WideGate"/>.</summary>
public sealed class BindingGate
{
    private const long MicroUsdPerEther = 2_500_000_000, Thousand = 1_000_000_000;
    private static readonly BigInteger WeiPerEther = BigInteger.Pow(10, 18);

    private readonly string usd;

    public BindingGate(World world)
    {
        usd = world.Realms[0].Usd.ToLowerHex();
        Limits = WideGate.Limits;
        Prng random = world.Stream("limits");
        // What is denied tests nothing else: in two worlds of three only the switch is used.
        if (!world.Scenario.Has(Faults.Limits) || !random.Chance(333_333)) return;
        // A leg asks for some 14,000 dollars: mostly its gas, at the cap.
        Limits = WideGate.Limits with
        {
            OpenBundles = random.Between(4, 12),
            TotalMicroUsd = random.Between(110, 600) * Thousand,
            OtherChainMicroUsd = random.Between(80, 300) * Thousand,
            ReduceDrawdownMicroUsd = random.Between(400, 2000) * Thousand,
            HaltDrawdownMicroUsd = random.Between(2000, 4000) * Thousand,
            FailureWindow = 10,
            ReduceFailures = random.Between(7, 10),
        };
    }

    /// <summary>The bounds.</summary>
    public RiskLimits Limits { get; }

    /// <summary>Whether the kill switch is on.</summary>
    public bool IsKilled { get; set; }

    /// <summary>What an amount is worth, rounded up.</summary>
    public long? Worth(AssetId asset, BigInteger units)
    {
        BigInteger micro = asset.ToString().EndsWith(usd, StringComparison.Ordinal) ? units
            : ((units * MicroUsdPerEther) + WeiPerEther - 1) / WeiPerEther;
        return micro <= long.MaxValue ? (long)micro : null;
    }

    /// <summary>The gate as a journal left it.</summary>
    public RiskHost Start(SettlementJournal journal) =>
        RiskHost.Start(Limits, RiskMode.Active, Worth, () => IsKilled, journal);
}
