// Benchmark: what is timed, what it is timed against, and how many operations one call makes.
namespace Lockstep.Bench.Harness;

/// <summary>A case by name; its inputs are made when it is run.</summary>
/// <param name="Name">Area and subject, as in <c>uint256.add</c>.</param>
/// <param name="Build">Makes the inputs; throws <see cref="SkipException"/> when it can't run here.
/// </param>
public sealed record BenchCase(string Name, Func<BenchSetting, Benchmark> Build);

/// <summary>What a case may know of the run.</summary>
/// <param name="Root">The repository's folder.</param>
/// <param name="Quick">True when seconds count more than digits.</param>
public sealed record BenchSetting(string Root, bool Quick);

/// <summary>A subject and, where there is one, its peer: another way to the same results.</summary>
/// <param name="Per">What one operation is: "quote", "line".</param>
/// <param name="OpsPerCall">Operations one call makes, subject and peer alike.</param>
/// <param name="Subject">Our code over the whole input.</param>
public sealed record Benchmark(string Per, long OpsPerCall, Action Subject)
{
    /// <summary>What the peer is, or empty.</summary>
    public string PeerName { get; init; } = "";

    /// <summary>The peer over the same input, or null.</summary>
    public Action? Peer { get; init; }

    /// <summary>Says how the results of one call each differ; null when they agree. A benchmark
    /// whose sides disagree is not timed.</summary>
    public Func<string?>? Difference { get; init; }

    /// <summary>Words beside the row, from the median nanoseconds of an operation.</summary>
    public Func<double, string>? Note { get; init; }

    /// <summary>True to end each sample after one call, for subjects that note their own times.
    /// </summary>
    public bool Slow { get; init; }

    /// <summary>True when another process does the work: its bytes can't be counted here.</summary>
    public bool Elsewhere { get; init; }
}

/// <summary>A case can't run here; the message says what is missing.</summary>
public sealed class SkipException(string message) : Exception(message);

/// <summary>A case must not be timed, or the run was asked for something it can't do.</summary>
public sealed class BenchException(string message) : Exception(message);
