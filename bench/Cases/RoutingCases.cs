// RoutingCases: the global optimum cold and warm to a certified 1e-3, single passes, and peers.
using Lockstep.Bench.Harness;
using Lockstep.Bench.Peers;
using Lockstep.Detection.Routing;

namespace Lockstep.Bench.Cases;

/// <summary>The cases of routing; names begin with "detection.route".</summary>
public static class RoutingCases
{
    /// <summary>Where a set of one's own is read from; see RoutingGraphs.Read.</summary>
    private const string FileVariable = "LOCKSTEP_BENCH_POOLS";

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("detection.route-cold-10k", _ => Cold(RoutingGraphs.Synthetic(10_000))),
        new("detection.route-cold-100k", _ => Cold(RoutingGraphs.Synthetic(100_000))),
        new("detection.route-cold-1m", s => Cold(Large(s))),
        new("detection.route-cold-power-law-10k", _ => Cold(RoutingGraphs.PowerLaw(10_000))),
        new("detection.route-cold-file", _ => Cold(FromFile())),
        new("detection.route-warm-10k", _ => Warm(RoutingGraphs.Synthetic(10_000))),
        new("detection.route-warm-100k", _ => Warm(RoutingGraphs.Synthetic(100_000))),
        new("detection.route-warm-1m", s => Warm(Large(s))),
        new("detection.route-evaluate-1m", s => Evaluate(Large(s))),
        new("detection.route-step-1m", s => Step(Large(s))),
    ];

    private static RoutingGraph Large(BenchSetting setting) => setting.Quick
        ? throw new SkipException("a million pools take a full run")
        : RoutingGraphs.Synthetic(1_000_000);

    private static RoutingGraph FromFile() =>
        Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } path
            ? RoutingGraphs.Read(path)
            : throw new SkipException($"{FileVariable} names no file of pools");

    /// <summary>From the references, against the restated peer until its dual is as low as the
    /// bound certified here.</summary>
    private static Benchmark Cold(RoutingGraph graph)
    {
        WorkGang gang = Gang();
        RoutingSolver solver = new(graph.Problem, new RoutingLimits(), gang);
        RoutingResult result = solver.Solve();
        PlainRouter plain = new(graph.Problem.TokenCount, graph.Pools);
        double target = result.Bound;
        (double Dual, int Evaluations) peer = default;
        return new Benchmark("pool", graph.Pools.Length, () =>
        {
            solver.Chill();
            solver.Solve();
        })
        {
            Slow = graph.Pools.Length > 200_000,
            PeerName = "CFMMRouter restated, bound only",
            Peer = graph.Pools.Length > 200_000 ? null : () => peer = plain.Solve(target, 600),
            Note = ns => Say(graph, result, ns) + (peer.Evaluations == 0 ? "" :
                $"; the peer's dual is {100 * ((peer.Dual / target) - 1):0.####} % above after "
                + $"{peer.Evaluations}"),
        };
    }

    /// <summary>Each call changes one pool in a thousand first.</summary>
    private static Benchmark Warm(RoutingGraph graph)
    {
        WorkGang gang = Gang();
        RoutingSolver solver = new(graph.Problem, new RoutingLimits(), gang);
        RoutingResult result = solver.Solve();
        Seeded random = new(17);
        return new Benchmark("pool", graph.Pools.Length, () =>
        {
            graph.Stir(random, 1000);
            solver.Solve();
        })
        {
            Note = ns => Say(graph, result, ns),
        };
    }

    private static Benchmark Evaluate(RoutingGraph graph) =>
        Pass(graph, descent => descent.Evaluate);

    /// <summary>What most rounds of a cold solve are: an evaluation in floats, and the step that it
    /// leads to.</summary>
    private static Benchmark Step(RoutingGraph graph) =>
        Pass(graph, descent => () => descent.Step(keep: false));

    private static Benchmark Pass(RoutingGraph graph, Func<DualDescent, Action> pass)
    {
        WorkGang gang = Gang();
        RoutingSolver solver = new(graph.Problem, new RoutingLimits(), gang);
        return new Benchmark("pool", graph.Pools.Length, pass(solver.Descent))
        {
            Note = ns => $"{Table.Time(ns * graph.Pools.Length)} on {gang.Size} threads",
        };
    }

    private static string Say(RoutingGraph graph, RoutingResult result, double ns) =>
        $"{Table.Time(ns * graph.Pools.Length)} to a gap of {result.RelativeGap:E1}, "
        + $"{result.Evaluations} evaluations, value {result.Value:0.00} of {result.Bound:0.00}";

    private static WorkGang Gang() => new(Math.Min(4, Environment.ProcessorCount));
}
