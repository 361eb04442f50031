// Streams: what the streams of a log are called, so that whoever writes and reads them agrees.
namespace Lockstep.Recording;

/// <summary>The names. A stage has a stream of what went in, in the order in which it took it, and
/// one of what came out.</summary>
public static class Streams
{
    /// <summary>The <c>run</c> lines: a process begins, with this program and this configuration.
    /// </summary>
    public const string Run = "run";

    /// <summary>What the aggregator was told that no detector of this log said: outcomes, its
    /// <c>tick</c>s; in a log without detectors, their lines too.</summary>
    public const string AggregatorIn = "aggregator.in";

    /// <summary>What the aggregator said: trades, tokens, quarantines.</summary>
    public const string AggregatorOut = "aggregator.out";

    /// <summary>The <c>bundle</c> lines.</summary>
    public const string Bundles = "bundle.out";

    /// <summary>The <c>plan</c> lines.</summary>
    public const string Plans = "plan.out";

    /// <summary>The <c>outcome</c> lines, as execution told them.</summary>
    public const string Outcomes = "outcome.out";

    private const string Detector = "detector/";
    private const string Feed = "feed/";
    private const string Rpc = ".rpc";
    private const string In = ".in";
    private const string Out = ".out";

    /// <summary>What the detector of a cluster was told: market lines and its <c>tick</c>s.
    /// </summary>
    public static string DetectorIn(string cluster) => Detector + cluster + In;

    /// <summary>What the detector of a cluster said.</summary>
    public static string DetectorOut(string cluster) => Detector + cluster + Out;

    /// <summary>What the nodes of a chain gave its feed, and which slot took what of its news: each
    /// record a <see cref="PackedText"/> or a part of one.</summary>
    /// <param name="chain">Its CAIP-2 name.</param>
    public static string FeedOf(string chain) => Feed + chain + Rpc;

    /// <summary>Whether a stream is what a feed was given.</summary>
    public static bool IsFeed(string stream) =>
        stream.StartsWith(Feed, StringComparison.Ordinal);

    /// <summary>Whether a stream is what a stage decided.</summary>
    public static bool IsDecision(string stream) =>
        stream.EndsWith(Out, StringComparison.Ordinal);

    /// <summary>Whether a stream is a detector's.</summary>
    public static bool IsDetectors(string stream) =>
        stream.StartsWith(Detector, StringComparison.Ordinal);

    /// <summary>The cluster of a detector's input stream, or null of another stream.</summary>
    public static string? ClusterOfInput(string stream) =>
        stream.StartsWith(Detector, StringComparison.Ordinal)
        && stream.EndsWith(In, StringComparison.Ordinal)
            ? stream[Detector.Length..^In.Length] : null;
}
