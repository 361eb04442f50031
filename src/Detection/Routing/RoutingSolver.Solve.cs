// RoutingSolver.Solve: descends, repairs, certifies; drops what does not earn its gas, and again.
namespace Lockstep.Detection.Routing;

public sealed unsafe partial class RoutingSolver
{
    private const int Stride = 8;
    private const int FirstWarmCheck = 2;
    private const int WarmStride = 4;
    private const int WarmChecks = 4;
    private const int RegrowAfter = 24;

    private readonly List<int> _dropped = [];
    private readonly List<int> _changed = [];
    private bool[] _isDropped = [];
    private Column<double> _flowA;
    private Column<double> _flowB;
    private Column<double> _bestA;
    private Column<double> _bestB;

    /// <summary>Net flow of A to the trader by slot, at unit prices.</summary>
    internal Column<double> FlowA => _bestA;

    /// <summary>The same of B.</summary>
    internal Column<double> FlowB => _bestB;

    /// <summary>Solves the problem as it is now.</summary>
    /// <returns><see cref="Result"/>.</returns>
    public RoutingResult Solve()
    {
        Refresh();
        long before = _descent.Evaluations;
        SolveOpen();
        (_bestA, _flowA) = (_flowA, _bestA);
        (_bestB, _flowB) = (_flowB, _bestB);
        Result.Take(_bound, _value, _growths);
        ForGas();
        Result.Evaluations = _descent.Evaluations - before;
        _warm = true;
        return Result;
    }

    private const int NewtonSteps = 30;
    // A second-order step costs tens of evaluations: small problems can afford it early.
    private const int SmallPools = 2000;

    private bool IsSmall => _problem.PoolCount <= SmallPools;

    private int NewtonFrom => IsSmall ? 24 : 160;

    private double _bound;
    private double _value;
    private int _growths;
    private int _grownAt;

    /// <summary>Solves over the pools that are open, to the gap asked for; the best flow is in
    /// <see cref="_flowA"/> and <see cref="_flowB"/>, and worth <see cref="_value"/>.</summary>
    private void SolveOpen()
    {
        _value = double.NegativeInfinity;
        Descend();
        Keep();
    }

    /// <summary>A repair falls to nothing where its root can't pay: a later one may be worse than
    /// an earlier one, and a solve that ends uncertified must not end with it.</summary>
    private void Keep()
    {
        if (_repair.Value <= _value) return;
        _repair.Emit(_flowA, _flowB);
        _value = _repair.Value;
    }

    private void Descend()
    {
        (_bound, _growths, _grownAt) = (double.PositiveInfinity, 0, int.MinValue / 2);
        _nearStrides = 0;
        int nextCheck = _warm ? FirstWarmCheck : Stride, left = WarmChecks;
        double before = double.PositiveInfinity, fell = before;
        for (int round = 1; ; round++)
        {
            bool last = round >= _limits.MaxEvaluations, check = last || round >= nextCheck;
            _descent.Step(keep: check);
            if (check || IsSmall) _bound = Math.Min(_bound, _descent.Bound);
            if (round % Stride == 0 && !_warm)
            {
                fell = before - _descent.Value;
                if (!IsFlat(fell)) nextCheck = Math.Max(nextCheck, round + Stride);
                before = _descent.Value;
                if (_descent.Bound - _descent.Value > Allowed / 4)
                    _layout.Curved.Stiffen();
            }
            if (!last && round < nextCheck) continue;
            double gap = Check(round);
            if (last || gap <= Allowed) return;
            if (IsSmall || round >= NewtonFrom) Keep();
            if (round >= NewtonFrom && (IsSmall || fell < StallShare * gap))
            {
                for (int step = 0; step < NewtonSteps && _newton.Run(); step++)
                {
                    _bound = Math.Min(_bound, _descent.Bound);
                    _repair.Run();
                    if (_bound - _repair.Value > Allowed)
                    {
                        RepairAnew();
                    }
                    if (_bound - _repair.Value <= Allowed) return;
                }
                before = _descent.Value;
                if (_descent.Bound - _descent.Value > Allowed / 4)
                    _layout.Curved.Stiffen();
            }
            bool far = gap > FarGap * Allowed;
            if (_warm && --left <= 0) _warm = false;
            nextCheck = round + (_warm ? WarmStride : far ? 2 * Stride : Stride);
        }
    }

    private const double Flat = 3e-3;
    private const double FlatShare = 0.04;
    private const double NearShare = 0.4;
    private const int MostNearStrides = 4;
    private int _nearStrides;

    /// <summary>Cold prices are not worth a repair while the dual still falls fast. On large
    /// problems a forest costs as much as several strides, and one grown early has to be grown
    /// again: it waits until a stride brings a small part of the gap allowed, but not for ever.
    /// </summary>
    private bool IsFlat(double fell) => IsSmall
        ? fell <= Flat * _descent.Value
        : fell <= NearShare * Allowed
            && (fell <= FlatShare * Allowed || ++_nearStrides > MostNearStrides);

    private const double FarGap = 8;

    // On large problems steps of first order go on while a hundred strides would close the gap.
    private const double StallShare = 0.01;

    private double Allowed => Math.Max(_limits.RelativeGap * _bound, _limits.AbsoluteGap);

    /// <summary>Repairs at the measured point; with a new forest where the old one won't do.
    /// </summary>
    private double Check(int round)
    {
        bool fresh = _forestIsOld || (!_warm && _growths == 0);
        if (!fresh)
        {
            _repair.Run();
            // A few steps more cost less than a new forest.
            bool wait = _warm && round <= FirstWarmCheck;
            if (_bound - _repair.Value <= Allowed || wait || round - _grownAt < RegrowAfter)
                return _bound - _repair.Value;
        }
        _forestIsOld = false;
        (_growths, _grownAt) = (_growths + 1, round);
        RepairAnew();
        return _bound - _repair.Value;
    }

    /// <summary>Repairs over a new forest; where debts are stuck in it, without their pools.
    /// </summary>
    private void RepairAnew()
    {
        _repair.Regrow();
        _repair.Run();
        if (!_repair.IsStuck || _bound - _repair.Value <= Allowed) return;
        Keep();
        _repair.Mend(_bound - Allowed);
    }

    /// <summary>
    /// With fixed gas the dual is the sum of what pools are worth beyond their gas, at any prices
    /// an upper bound. Pools worth less are dropped and the rest solved again; the best seen
    /// counts.
    /// </summary>
    private void ForGas()
    {
        Result.TakeGas(GasBound(out bool any), NetOfGas(_bestA));
        for (int round = 0; any && round < _limits.MaxGasRounds && DropPoor(); round++)
        {
            Remeasure();
            SolveOpen();
            double bound = Math.Min(Result.GasBound, GasBound(out _)), net = NetOfGas(_flowA);
            if (net > Result.NetValue)
            {
                (_bestA, _flowA) = (_flowA, _bestA);
                (_bestB, _flowB) = (_flowB, _bestB);
                Result.Value = _value;
            }
            Result.TakeGas(bound, Math.Max(net, Result.NetValue));
        }
        Result.Dropped = _dropped.Count;
        if (Result.NetValue >= 0) return;
        // Not trading is a trade, too.
        _bestA.Span.Clear();
        _bestB.Span.Clear();
        Result.Value = 0;
        Result.TakeGas(Result.GasBound, 0);
    }

    private double GasBound(out bool any)
    {
        any = _problem.HasGas;
        if (!any) return _bound;
        double bound = 0;
        ReadOnlySpan<PoolTerms> pools = _problem.Pools;
        for (int slot = 0; slot < pools.Length; slot++)
        {
            int pool = _layout.PoolOf[slot];
            if (_faults[pool] != RouteFault.None) continue;
            bound += Math.Max(WorthOf(slot, pool) - pools[pool].GasValue, 0);
        }
        return bound;
    }

    /// <summary>What a pool is worth at the measured prices, dropped or not.</summary>
    private double WorthOf(int slot, int pool)
    {
        double* z = _descent.Measured.At;
        int curved = slot - _layout.Edges.PoolCount;
        if (curved >= 0) return _layout.Curved.WorthAt(curved, z);
        ref readonly PoolTerms terms = ref _problem.Pools[pool];
        double u = Math.Sqrt(terms.P0 * _unit[terms.TokenA]) * z[_layout.Edges.TokenA.At[slot]];
        double v = Math.Sqrt(terms.P1 * _unit[terms.TokenB]) * z[_layout.Edges.TokenB.At[slot]];
        double s = _layout.Edges.Spread.At[_layout.Edges.Fee.At[slot]];
        double hinge = Math.Max(Math.Max(v - (s * u), u - (s * v)), 0);
        return hinge * hinge;
    }

    private double NetOfGas(Column<double> flowA)
    {
        double net = _value;
        if (!_problem.HasGas) return net;
        ReadOnlySpan<PoolTerms> pools = _problem.Pools;
        for (int slot = 0; slot < pools.Length; slot++)
            if (flowA.At[slot] != 0) net -= pools[_layout.PoolOf[slot]].GasValue;
        return net;
    }

    private bool DropPoor()
    {
        int before = _dropped.Count;
        ReadOnlySpan<PoolTerms> pools = _problem.Pools;
        for (int slot = 0; slot < pools.Length; slot++)
        {
            int pool = _layout.PoolOf[slot];
            if (!(pools[pool].GasValue > 0) || _faults[pool] != RouteFault.None) continue;
            if (WorthOf(slot, pool) >= pools[pool].GasValue || _isDropped[pool]) continue;
            _isDropped[pool] = true;
            _dropped.Add(pool);
            Close(slot);
        }
        return _dropped.Count > before;
    }
}
