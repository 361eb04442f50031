// RouteRules: how far the search over all pools at once goes in a slot; shares in millionths.
namespace Lockstep.Detection.Scoring;

/// <summary>What descends the dual beside the solver.</summary>
public enum RouteDevice
{
    /// <summary>Nothing: the solver is alone.</summary>
    None,

    /// <summary>CUDA where there is one, else OpenCL, else nothing.</summary>
    Best,

    /// <summary>CUDA or nothing.</summary>
    Cuda,

    /// <summary>OpenCL or nothing.</summary>
    OpenCl,

    /// <summary>The kernels on ILGPU's own threads: right, and slow; to try things out.</summary>
    Processor,
}

/// <summary>Settings of the search over all pools at once.</summary>
/// <param name="GapPpm">Stop when value and bound are this near, a share of the bound.</param>
/// <param name="MaxEvaluations">Most evaluations of all pools in one solve.</param>
/// <param name="MaxPasses">Most solves of what the trades before left.</param>
public sealed record RouteRules(uint GapPpm, int MaxEvaluations, int MaxPasses)
{
    /// <summary>What the committed configuration says.</summary>
    public static RouteRules Usual { get; } = new(1000, 2000, 1);

    /// <summary>What is to propose where solves begin; only the service hosts one.</summary>
    public RouteDevice Device { get; init; }

    /// <summary>Problems of fewer pools and links are left to the processor: a step on a device is
    /// a dozen launches, and that many pools are solved in the time of a few.</summary>
    public int DevicePools { get; init; } = 50_000;
}
