// RoutingResult: prices, flows, value and the bound that certifies it; base units and values.
namespace Lockstep.Detection.Routing;

/// <summary>
/// A view of what the last solve found, in base units of the tokens and in reference value. Flows
/// are to the trader: above zero comes out of a pool, below zero goes in.
/// </summary>
public sealed class RoutingResult
{
    private readonly RoutingSolver _solver;

    internal RoutingResult(RoutingSolver solver) => _solver = solver;

    /// <summary>No feasible flow of the searched pools is worth more, before gas.</summary>
    public double Bound { get; private set; }

    /// <summary>Reference value of the flow, which is feasible.</summary>
    public double Value { get; internal set; }

    /// <summary>(bound - value) / bound at the solve without gas; 0 when both are 0.</summary>
    public double RelativeGap { get; private set; }

    /// <summary>No feasible flow is worth more after its gas.</summary>
    public double GasBound { get; private set; }

    /// <summary>Value after the gas of the pools used; the loss is at most the bound less this.
    /// </summary>
    public double NetValue { get; private set; }

    /// <summary>Pools dropped for not earning their gas.</summary>
    public int Dropped { get; internal set; }

    /// <summary>Evaluations of all pools the solve took.</summary>
    public long Evaluations { get; internal set; }

    /// <summary>Times the repair's forest was grown anew.</summary>
    public int Growths { get; private set; }

    /// <summary>The token's shadow price, value of a base unit; 0 when nothing leads to it.
    /// </summary>
    public double Price(int token)
    {
        double root = _solver.Descent.Measured[_solver.Layout.RowOf[token]];
        return root * root * _solver.Unit(token);
    }

    /// <summary>Net flow of the pool's first token, base units.</summary>
    public double FlowA(int pool) => Flow(_solver.FlowA, pool, _solver.TokensOf(pool).A);

    /// <summary>Net flow of the pool's second token, base units.</summary>
    public double FlowB(int pool) => Flow(_solver.FlowB, pool, _solver.TokensOf(pool).B);

    /// <summary>Why a pool takes no part, or <see cref="RouteFault.None"/>.</summary>
    public RouteFault FaultOf(int pool) => _solver.Fault(pool);

    /// <summary>Adds up the flows by token, base units; spans as long as there are tokens.
    /// </summary>
    /// <param name="net">Receives the net flow.</param>
    /// <param name="gross">Receives the sum of the flows' sizes.</param>
    public void SumFlows(Span<double> net, Span<double> gross)
    {
        net.Clear();
        gross.Clear();
        for (int pool = 0; pool < _solver.PoolCount; pool++)
        {
            (int a, int b) = _solver.TokensOf(pool);
            double flowA = FlowA(pool), flowB = FlowB(pool);
            net[a] += flowA;
            net[b] += flowB;
            gross[a] += Math.Abs(flowA);
            gross[b] += Math.Abs(flowB);
        }
    }

    internal void Take(double bound, double value, int growths)
    {
        // Beyond the bound it is by rounding only.
        (Bound, Value, Growths) = (bound, Math.Min(value, bound), growths);
        RelativeGap = bound > 0 ? (bound - Value) / bound : 0;
    }

    internal void TakeGas(double bound, double net) => (GasBound, NetValue) = (bound, net);

    private double Flow(Column<double> flows, int pool, int token)
    {
        double flow = flows[_solver.Layout.SlotOf[pool]];
        return flow == 0 ? 0 : flow / _solver.Unit(token);
    }
}
