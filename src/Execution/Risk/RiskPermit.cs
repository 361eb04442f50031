// RiskPermit: the right to sign what adds risk, of one bundle that the gate admitted; unforgeable.
namespace Lockstep.Execution.Risk;

/// <summary>What a run or a lock is signed for. Nobody can make one but for a bundle that the gate
/// holds open, and it says each time anew whether the gate still lets it go on.</summary>
public sealed class RiskPermit
{
    private readonly RiskHost host;

    private RiskPermit(RiskHost host, string bundle) => (this.host, Bundle) = (host, bundle);

    /// <summary>Whose it is.</summary>
    public string Bundle { get; }

    /// <summary>Whether a run or a lock may be signed right now: the bundle is open, and nothing
    /// is halted. The kill switch is looked at.</summary>
    public bool MayAddRisk => host.MayGoOn(Bundle);

    /// <summary>What speaks against signing a run or a lock right now, in words; null where
    /// nothing does.</summary>
    public string? Objection() => MayAddRisk ? null : "the risk gate is halted";

    /// <summary>The permit of a bundle; null where the gate does not hold it open.</summary>
    public static RiskPermit? Of(RiskHost host, string bundle)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.IsOpen(bundle) ? new RiskPermit(host, bundle) : null;
    }
}
