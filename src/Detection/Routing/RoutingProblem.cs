// RoutingProblem: tokens with reference values, pools and links as told, unjudged; base units.
namespace Lockstep.Detection.Routing;

/// <summary>
/// What the search is over: maximise the sum over tokens of reference value times net flow, no
/// net flow below zero. Numbers are kept as given; the solver judges them and shuts bad pools out
/// with a <see cref="RouteFault"/>. Tokens and pools are numbered in order of arrival. Not for
/// several threads at once.
/// </summary>
public sealed partial class RoutingProblem
{
    /// <summary>Pips in one: a fee of 3000 pips is 0.30 %.</summary>
    public const uint PipsPerOne = 1_000_000;

    private readonly List<double> _references = [];
    private readonly List<PoolTerms> _pools = [];
    private readonly List<ConcentratedRange[]?> _ranges = [];
    private readonly List<int> _room = [];
    private readonly List<int> _touched = [];
    private readonly List<bool> _isTouched = [];

    /// <summary>Tokens so far.</summary>
    public int TokenCount => _references.Count;

    /// <summary>Pools and links so far.</summary>
    public int PoolCount => _pools.Count;

    /// <summary>Grows when a token or pool is added, so that a solver sees its layout is old.
    /// </summary>
    internal int Shape { get; private set; }

    /// <summary>Grows when a reference value changes.</summary>
    internal int Valuation { get; private set; }

    /// <summary>Whether any pool costs gas.</summary>
    internal bool HasGas { get; private set; }

    internal ReadOnlySpan<int> Touched =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_touched);

    internal ReadOnlySpan<PoolTerms> Pools =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pools);

    internal ReadOnlySpan<double> References =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_references);

    /// <summary>Adds a token.</summary>
    /// <param name="referenceValue">
    /// Value of one base unit. Zero, and all that is no number between 1e-60 and 1e60, says that
    /// the token is worth nothing at the end and can only be passed through.
    /// </param>
    /// <returns>Its number.</returns>
    public int AddToken(double referenceValue)
    {
        _references.Add(Reference(referenceValue));
        Shape++;
        return _references.Count - 1;
    }

    /// <summary>Changes a token's reference value; see <see cref="AddToken"/>.</summary>
    public void SetReference(int token, double referenceValue)
    {
        double value = Reference(referenceValue);
        if (_references[token].Equals(value)) return;
        _references[token] = value;
        Valuation++;
    }

    /// <summary>Adds a constant-product pool.</summary>
    /// <param name="tokenA">One token.</param>
    /// <param name="tokenB">The other.</param>
    /// <param name="reserveA">Base units of the first.</param>
    /// <param name="reserveB">Base units of the second.</param>
    /// <param name="feePips">Fee on the input, millionths.</param>
    /// <param name="gasValue">What using the pool at all costs, in reference value.</param>
    /// <returns>Its number.</returns>
    public int AddProduct(
        int tokenA, int tokenB, double reserveA, double reserveB, uint feePips,
        double gasValue = 0) =>
        Add(new PoolTerms(PoolKind.Product, tokenA, tokenB, feePips, gasValue, reserveA, reserveB));

    /// <summary>Adds a pool that keeps A^weightA B^weightB; see <see cref="AddProduct"/>.
    /// </summary>
    public int AddWeighted(
        int tokenA, int tokenB, double reserveA, double reserveB, double weightA, double weightB,
        uint feePips, double gasValue = 0) =>
        Add(new PoolTerms(
            PoolKind.Weighted, tokenA, tokenB, feePips, gasValue, reserveA, reserveB, weightA,
            weightB));

    /// <summary>Adds a Solidly stable pool; see <see cref="AddProduct"/>.</summary>
    /// <param name="unitA">Base units of a whole first token, 10^decimals.</param>
    /// <param name="unitB">The same of the second.</param>
    public int AddStable(
        int tokenA, int tokenB, double reserveA, double reserveB, double unitA, double unitB,
        uint feePips, double gasValue = 0) =>
        Add(new PoolTerms(
            PoolKind.Stable, tokenA, tokenB, feePips, gasValue, reserveA, reserveB, unitA, unitB));

    /// <summary>Adds a concentrated pool.</summary>
    /// <param name="tokenA">token0.</param>
    /// <param name="tokenB">token1.</param>
    /// <param name="sqrtPrice">Root of token1 for token0, base units.</param>
    /// <param name="ranges">Rising; gaps hold nothing. Kept, not copied.</param>
    /// <param name="feePips">Fee on the input, millionths.</param>
    /// <param name="gasValue">What using the pool at all costs, in reference value.</param>
    /// <returns>Its number.</returns>
    public int AddConcentrated(
        int tokenA, int tokenB, double sqrtPrice, ConcentratedRange[] ranges, uint feePips,
        double gasValue = 0)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        return Add(
            new PoolTerms(
                PoolKind.Concentrated, tokenA, tokenB, feePips, gasValue, sqrtPrice,
                LiquidityAt(ranges, sqrtPrice)),
            ranges);
    }

    /// <summary>
    /// Adds a one-way link that gives a fixed rate up to a cap: a bridge, or the step between two
    /// chains' forms of one asset.
    /// </summary>
    /// <param name="tokenIn">What goes in.</param>
    /// <param name="tokenOut">What comes out.</param>
    /// <param name="rate">Base units out for one in, before the fee.</param>
    /// <param name="cap">Most base units in.</param>
    /// <param name="feePips">Fee on the input, millionths: bridge, rebalancing, time risk.</param>
    /// <param name="gasValue">What using it at all costs, in reference value.</param>
    /// <returns>Its number.</returns>
    public int AddLink(
        int tokenIn, int tokenOut, double rate, double cap, uint feePips, double gasValue = 0) =>
        Add(new PoolTerms(PoolKind.Link, tokenIn, tokenOut, feePips, gasValue, rate, cap));

    /// <summary>Changes the price of a concentrated pool; its ranges stay.</summary>
    /// <exception cref="ArgumentException">The pool is another kind.</exception>
    public void SetPrice(int pool, double sqrtPrice)
    {
        PoolTerms terms = _pools[pool];
        if (terms.Kind != PoolKind.Concentrated)
            throw new ArgumentException($"pool {pool} is not concentrated", nameof(pool));
        double liquidity = LiquidityAt(_ranges[pool]!, sqrtPrice);
        _pools[pool] = terms with { P0 = sqrtPrice, P1 = liquidity };
        Touch(pool);
    }

    /// <summary>Changes price and ranges of a concentrated pool; more ranges than it ever had make
    /// the next solve start cold.</summary>
    /// <exception cref="ArgumentException">The pool is another kind.</exception>
    public void SetRanges(int pool, double sqrtPrice, ConcentratedRange[] ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        _ranges[pool] = ranges;
        if (ranges.Length > _room[pool]) Shape++;
        _room[pool] = Math.Max(_room[pool], ranges.Length);
        SetPrice(pool, sqrtPrice);
    }

    /// <summary>Changes the cap of a link.</summary>
    /// <exception cref="ArgumentException">The pool is no link.</exception>
    public void SetCap(int pool, double cap)
    {
        PoolTerms terms = _pools[pool];
        if (terms.Kind != PoolKind.Link)
            throw new ArgumentException($"pool {pool} is no link", nameof(pool));
        _pools[pool] = terms with { P1 = cap };
        Touch(pool);
    }

    /// <summary>Changes what using a pool costs, in reference value.</summary>
    public void SetGas(int pool, double gasValue)
    {
        if (_pools[pool].GasValue.Equals(gasValue)) return;
        _pools[pool] = _pools[pool] with { GasValue = gasValue };
        HasGas |= gasValue > 0;
        Touch(pool);
    }

    internal ConcentratedRange[] Ranges(int pool) => _ranges[pool] ?? [];

    /// <summary>Most ranges a pool ever had: what a layout has to have room for.</summary>
    internal int Room(int pool) => _room[pool];

    private static double LiquidityAt(ConcentratedRange[] ranges, double sqrtPrice)
    {
        foreach (ConcentratedRange range in ranges)
            if (sqrtPrice >= range.From && sqrtPrice < range.To) return range.Liquidity;
        return 0;
    }

    /// <summary>Changes the reserves of a pool that has them.</summary>
    /// <exception cref="ArgumentException">The pool is concentrated, or a link.</exception>
    public void SetReserves(int pool, double reserveA, double reserveB)
    {
        PoolTerms terms = _pools[pool];
        if (terms.Kind is PoolKind.Concentrated or PoolKind.Link)
            throw new ArgumentException($"pool {pool} has no reserves", nameof(pool));
        _pools[pool] = terms with { P0 = reserveA, P1 = reserveB };
        Touch(pool);
    }

    /// <summary>Adds a pool as another problem tells it, with tokens of this one.</summary>
    internal int Copy(PoolTerms terms, ConcentratedRange[] ranges) => Add(terms, ranges);

    /// <summary>Takes a pool's state from another problem; its tokens stay.</summary>
    internal void Retell(int pool, PoolTerms terms)
    {
        PoolTerms own = _pools[pool];
        _pools[pool] = terms with { TokenA = own.TokenA, TokenB = own.TokenB };
        Touch(pool);
    }

    /// <summary>Forgets what was touched: a solver has seen it.</summary>
    internal void Settle()
    {
        foreach (int pool in _touched) _isTouched[pool] = false;
        _touched.Clear();
    }

    private static double Reference(double value) =>
        value is > TokenScale.LeastUnit and < 1 / TokenScale.LeastUnit ? value : 0;

    private void Touch(int pool)
    {
        if (_isTouched[pool]) return;
        _isTouched[pool] = true;
        _touched.Add(pool);
    }

    private int Add(PoolTerms terms, ConcentratedRange[]? ranges = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(terms.TokenA);
        ArgumentOutOfRangeException.ThrowIfNegative(terms.TokenB);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(terms.TokenA, TokenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(terms.TokenB, TokenCount);
        _pools.Add(terms);
        HasGas |= terms.GasValue > 0;
        _ranges.Add(ranges);
        _room.Add(ranges?.Length ?? 0);
        _isTouched.Add(false);
        if (_touched.Capacity < _pools.Capacity) _touched.Capacity = _pools.Capacity;
        Shape++;
        return _pools.Count - 1;
    }
}

/// <summary>The curve a pool trades on.</summary>
internal enum PoolKind : byte
{
    Product,
    Concentrated,
    Weighted,
    Stable,
    Link,
}

/// <summary>One pool as told. What P0 to P3 are depends on the kind.</summary>
internal readonly record struct PoolTerms(
    PoolKind Kind, int TokenA, int TokenB, uint FeePips, double GasValue, double P0, double P1,
    double P2 = 0, double P3 = 0);

/// <summary>A stretch of square-root prices (token1 for token0) with one liquidity.</summary>
/// <param name="From">Where it starts, above zero.</param>
/// <param name="To">Where it ends, above From.</param>
/// <param name="Liquidity">At least zero.</param>
public readonly record struct ConcentratedRange(double From, double To, double Liquidity);
