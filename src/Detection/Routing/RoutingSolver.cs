// RoutingSolver: keeps prices warm from slot to slot and solves a problem to a certified gap.
using System.Runtime.InteropServices;

namespace Lockstep.Detection.Routing;

/// <summary>
/// The optimal net flow over all pools, by its dual (Diamandis et al. 2023): prices that every
/// pool is arbitraged against, lowered until the pools' trades cancel. One solver serves one
/// problem and keeps its prices and forest: change the problem's pools, and solve again. A solve
/// allocates nothing unless tokens or pools were added. The result has the same bits for any
/// number of threads.
/// </summary>
public sealed unsafe partial class RoutingSolver
{
    private readonly RoutingProblem _problem;
    private RoutingLimits _limits;
    private readonly WorkGang _gang;
    private RoutingLayout _layout = null!;
    private DualDescent _descent = null!;
    private PrimalRepair _repair = null!;
    private NewtonStep _newton = null!;
    private double[] _unit = [];
    private double[] _oldUnit = [];
    private double[] _next = [];
    private double[] _depth = [];
    private RouteFault[] _faults = [];
    private int _shape = -1;
    private int _valuation;
    private bool _warm;
    private bool[] _isOpen = [];

    // A pool that was shut when the forest grew is none of its: its tokens may hang on nothing.
    private bool _forestIsOld;

    /// <summary>A solver for a problem.</summary>
    public RoutingSolver(RoutingProblem problem, RoutingLimits limits, WorkGang gang)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(gang);
        (_problem, _limits, _gang) = (problem, limits, gang);
        Build();
        Result = new RoutingResult(this);
    }

    /// <summary>What the last solve found; overwritten by the next.</summary>
    public RoutingResult Result { get; }

    internal RoutingProblem Problem => _problem;

    /// <summary>See <see cref="RoutingLimits.AbsoluteGap"/>.</summary>
    internal double AbsoluteGap
    {
        get => _limits.AbsoluteGap;
        set => _limits = _limits with { AbsoluteGap = value };
    }

    internal DualDescent Descent => _descent;

    internal RoutingLayout Layout => _layout;

    internal double Unit(int token) => _unit[token];

    /// <summary>Pools and links of the problem, as last taken over.</summary>
    public int PoolCount => _faults.Length;

    internal (int A, int B) TokensOf(int pool) =>
        (_problem.Pools[pool].TokenA, _problem.Pools[pool].TokenB);

    internal RouteFault Fault(int pool) => _faults[pool];

    /// <summary>Forgets the prices: the next solve starts cold.</summary>
    public void Chill()
    {
        ToReferences();
        _warm = false;
    }

    /// <summary>
    /// Takes over what the problem was told since the last solve. <see cref="Solve"/> does so by
    /// itself; an accelerator that keeps a copy of the pools asks for it first.
    /// </summary>
    /// <returns>True when all is new, false when only <see cref="Changed"/> is.</returns>
    internal bool Absorb()
    {
        bool all = _shape != _problem.Shape || _valuation != _problem.Valuation;
        _changed.Clear();
        Refresh();
        return all;
    }

    /// <summary>Slots of pools that the last <see cref="Absorb"/> took over.</summary>
    internal ReadOnlySpan<int> Changed => CollectionsMarshal.AsSpan(_changed);

    /// <summary>
    /// Starts the next solve from these root prices by row, wherever they come from: what is
    /// certified there is certified.
    /// </summary>
    internal void StartFrom(ReadOnlySpan<double> roots)
    {
        for (int row = 0; row < _descent.Point.Length; row++)
        {
            double root = Math.Clamp(roots[row], _descent.Floor[row], 1 / LeastRoot);
            if (!double.IsNaN(root)) _descent.Point[row] = root;
        }
        _warm = true;
    }

    /// <summary>Takes over what was added: allocates, and starts cold.</summary>
    private void Build()
    {
        _layout = new RoutingLayout(_problem, _gang);
        _descent = new(_layout.Edges, _layout.Curved, _gang);
        _repair = new(_layout.Edges, _layout.Curved, _descent, _gang);
        _newton = new(_layout.Edges, _layout.Curved, _descent, _repair.Forest, _gang);
        int tokens = _problem.TokenCount, slots = _problem.PoolCount;
        (_unit, _oldUnit) = (new double[tokens], new double[tokens]);
        (_next, _depth) = (new double[tokens], new double[tokens]);
        _faults = new RouteFault[slots];
        (_flowA, _flowB) = (new(slots), new(slots));
        (_bestA, _bestB) = (new(slots), new(slots));
        (_isDropped, _isOpen) = (new bool[slots], new bool[slots]);
        _dropped.Clear();
        _dropped.EnsureCapacity(slots);
        _changed.EnsureCapacity(2 * slots);
        Revalue();
        ToReferences();
        _shape = _problem.Shape;
        _warm = false;
    }

    private void ToReferences()
    {
        _descent.Point.Span.Fill(1);
        _layout.Curved.Relax();
        _layout.Curved.LinkStiffness = CurvedPools.LeastLinkStiffness;
    }

    /// <summary>Counts all amounts anew; prices stay what they were.</summary>
    private void Revalue()
    {
        _unit.CopyTo(_oldUnit, 0);
        TokenScale.Fill(_problem.References, _problem.Pools, _unit, _next, _depth);
        for (int row = 0; row < _layout.Edges.Rows; row++)
        {
            bool real = row < _unit.Length;
            int token = real ? _layout.TokenOf[row] : 0;
            bool worth = real && _problem.References[token] > 0;
            _descent.Floor[row] = worth || !real ? 1 : LeastRoot;
            _descent.Worth[row] = worth ? 1 : 0;
            if (!real || !(_oldUnit[token] > 0) || !(_unit[token] > 0)) continue;
            double moved = _descent.Point[row] * Math.Sqrt(_oldUnit[token] / _unit[token]);
            _descent.Point[row] = Math.Clamp(moved, _descent.Floor[row], 1 / LeastRoot);
        }
        foreach (int pool in _dropped) _isDropped[pool] = false;
        _dropped.Clear();
        for (int p = 0; p < _problem.PoolCount; p++) Load(p);
        _valuation = _problem.Valuation;
        Remeasure();
    }

    // A token without a reference may be all but free.
    private const double LeastRoot = 1e-6;

    private void Load(int pool)
    {
        ref readonly PoolTerms terms = ref _problem.Pools[pool];
        double unitA = _unit[terms.TokenA], unitB = _unit[terms.TokenB];
        bool referenced = _problem.References[terms.TokenA] > 0
            && _problem.References[terms.TokenB] > 0;
        RouteFault fault = PoolJudge.Judge(terms, unitA, unitB, referenced, _limits);
        int slot = _layout.SlotOf[pool], curved = slot - _layout.Edges.PoolCount;
        if (fault == RouteFault.None && curved >= 0
            && !_layout.Curved.Set(curved, terms, _problem.Ranges(pool), unitA, unitB))
            fault = RouteFault.BadRanges;
        if (fault == RouteFault.None && !_isOpen[slot]) _forestIsOld = true;
        _faults[pool] = fault;
        _isOpen[slot] = fault == RouteFault.None;
        if (fault != RouteFault.None) Close(slot);
        else if (curved < 0)
            SetRoots(slot, Math.Sqrt(terms.P0 * unitA), Math.Sqrt(terms.P1 * unitB));
    }

    private void Close(int slot)
    {
        _isOpen[slot] = false;
        if (slot < _layout.Edges.PoolCount) SetRoots(slot, 0, 0);
        else _layout.Curved.Close(slot - _layout.Edges.PoolCount);
    }

    private void SetRoots(int slot, double rootA, double rootB)
    {
        _layout.Edges.Set(slot, rootA, rootB);
        _repair.Forest.Refresh(slot);
    }

    /// <summary>The majoriser and the links' depths, after pools have changed.</summary>
    private void Remeasure()
    {
        _descent.Remeasure();
        Deepen();
    }

    private void Deepen()
    {
        _layout.Curved.Evaluate(_descent.Point.At);
        _layout.Curved.Deepen(_descent);
        _descent.Restart();
    }

    private void Refresh()
    {
        if (_shape != _problem.Shape) Build();
        else if (_valuation != _problem.Valuation) Revalue();
        else if (_problem.Touched.Length > 0 || _dropped.Count > 0) Reload();
        else _descent.Restart();
        _problem.Settle();
    }

    private void Reload()
    {
        _changed.Clear();
        foreach (int pool in _problem.Touched) Reload(pool);
        foreach (int pool in _dropped)
        {
            _isDropped[pool] = false;
            Reload(pool);
        }
        _dropped.Clear();
        _descent.Remeasure(CollectionsMarshal.AsSpan(_changed));
        Deepen();
    }

    private void Reload(int pool)
    {
        Load(pool);
        _changed.Add(_layout.SlotOf[pool]);
    }
}
