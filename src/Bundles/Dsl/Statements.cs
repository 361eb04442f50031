// Statements: the steps inside a scope, as wires go in and come out; each wire is used once.
namespace Lockstep.Bundles.Dsl;

/// <summary>A step. A <b>wire</b> is an amount of one asset under a name, used exactly once.
/// </summary>
public abstract record Statement : Syntax
{
    private protected Statement() { }
}

/// <summary>A step that makes a wire: <c>w &lt;- ...</c>.</summary>
/// <param name="Result">The new wire.</param>
public abstract record SourceStatement(Name Result) : Statement;

/// <summary><c>u &lt;- take 250_000 USDC from house</c>: own funds out of a vault; no debt.
/// </summary>
/// <param name="Result">The wire.</param>
/// <param name="Amount">How much of what.</param>
/// <param name="From">The vault.</param>
public sealed record TakeStatement(Name Result, Amount Amount, Name From)
    : SourceStatement(Result);

/// <summary><c>u &lt;- lend 250_000 USDC from lp</c>: a vault's loan for the settled block; opens
/// <c>debt(u)</c>.</summary>
/// <param name="Result">The wire, and the name of the debt.</param>
/// <param name="Amount">How much of what.</param>
/// <param name="From">The vault.</param>
public sealed record LendStatement(Name Result, Amount Amount, Name From)
    : SourceStatement(Result);

/// <summary><c>u &lt;- flash 100_000 USDC from balancer</c>: a loan for this transaction; opens
/// <c>debt(u)</c>.</summary>
/// <param name="Result">The wire, and the name of the debt.</param>
/// <param name="Amount">How much of what.</param>
/// <param name="From">The lender.</param>
public sealed record FlashStatement(Name Result, Amount Amount, Name From)
    : SourceStatement(Result);

/// <summary><c>w &lt;- swap u -> WETH via univ3(0.05%) min 99.62</c></summary>
/// <param name="Result">The wire that comes out.</param>
/// <param name="Input">The wire that goes in.</param>
/// <param name="To">The asset that comes out.</param>
/// <param name="Via">The pool.</param>
/// <param name="Min">The least that may come out, of <paramref name="To"/>; or null.</param>
public sealed record SwapStatement(
    Name Result, Name Input, AssetRef To, VenueRef Via, Quantity? Min) : SourceStatement(Result);

/// <summary><c>a &lt;- bridge w -> arbitrum via across min 9.9</c>: the same asset on another
/// chain, later.</summary>
/// <param name="Result">The wire on the other chain.</param>
/// <param name="Input">The wire that leaves.</param>
/// <param name="To">The chain it goes to.</param>
/// <param name="Via">The bridge.</param>
/// <param name="Min">The least that may arrive; or null.</param>
public sealed record BridgeStatement(
    Name Result, Name Input, Name To, Name Via, Quantity? Min) : SourceStatement(Result);

/// <summary><c>escrow w backing debt(u) ltv &lt;= 101%</c>: locks a wire until the block settles.
/// </summary>
/// <param name="Input">The wire.</param>
/// <param name="Debt">The debt it backs, by the wire the loan made.</param>
/// <param name="MaxLtv">The most the debt may be worth, as a share of what is locked.</param>
public sealed record EscrowStatement(Name Input, Name Debt, Percent MaxLtv) : Statement;

/// <summary><c>repay u from w</c>: pays the debt of <c>u</c> with its fee out of wire
/// <c>w</c>; what is left stays on <c>w</c>.</summary>
/// <param name="Debt">The debt, by the wire the loan made.</param>
/// <param name="From">The wire that pays.</param>
public sealed record RepayStatement(Name Debt, Name From) : Statement;

/// <summary><c>keep w</c> or <c>keep w to house</c>: the wire ends in own funds.</summary>
/// <param name="Input">The wire.</param>
/// <param name="To">The vault or account, or null for the sender's own.</param>
public sealed record KeepStatement(Name Input, Name? To) : Statement;

/// <summary><c>pay surplus to searcher</c>, <c>pay w to builder</c>, or
/// <c>pay 5 USDC from w to builder</c>, where the rest stays on <c>w</c>.</summary>
/// <param name="Input">The wire; null for the surplus of the settled block.</param>
/// <param name="Amount">How much of the wire, or null for all of it.</param>
/// <param name="To">Who is paid.</param>
public sealed record PayStatement(Name? Input, Amount? Amount, Name To) : Statement;

/// <summary><c>novate buy</c>: the vault takes a leg's escrow for its debt, at the executed price.
/// </summary>
/// <param name="Leg">The leg.</param>
public sealed record NovateStatement(Name Leg) : Statement;

/// <summary><c>unwind buy</c> or <c>unwind buy min 249_000</c>: a leg's escrow is swapped back to
/// repay its debt.</summary>
/// <param name="Leg">The leg.</param>
/// <param name="Min">The least the swap back may bring, of the asset that is owed; or null.</param>
public sealed record UnwindStatement(Name Leg, Quantity? Min) : Statement;

/// <summary><c>shortfall from bond</c> or <c>shortfall from house</c>: who pays what an unwind
/// leaves owing.</summary>
/// <param name="From">The vault or account; null for the bonds of the legs.</param>
public sealed record ShortfallStatement(Name? From) : Statement;

/// <summary><c>swap back w -> USDC via p min 35_990</c>: undo a leg, with a bound.</summary>
/// <param name="Input">The wire.</param>
/// <param name="To">The asset to come back to.</param>
/// <param name="Via">The pool.</param>
/// <param name="Min">The least that may come out, of <paramref name="To"/>.</param>
public sealed record SwapBackStatement(
    Name Input, AssetRef To, VenueRef Via, Quantity Min) : Statement;

/// <summary><c>hold w &lt;= 40_000 USDT for 10m</c>: keep the position, within limits.</summary>
/// <param name="Input">The wire.</param>
/// <param name="Max">The most that may be held this way, all bundles together.</param>
/// <param name="Longest">How long.</param>
public sealed record HoldStatement(Name Input, Amount Max, Duration Longest) : Statement;

/// <summary><c>hedge w via perp.eth loss &lt;= 0.5%</c>: neutralise the position elsewhere.
/// </summary>
/// <param name="Input">The wire.</param>
/// <param name="Via">The venue.</param>
/// <param name="MaxLoss">The most it may cost, as a share of the wire.</param>
public sealed record HedgeStatement(Name Input, VenueRef Via, Percent MaxLoss) : Statement;

/// <summary><c>par { ... } { ... }</c> among statements: branches whose order does not matter.
/// </summary>
/// <param name="Branches">At least two.</param>
public sealed record ParallelStatement(SyntaxList<StatementBranch> Branches) : Statement;

/// <summary>One branch of a <see cref="ParallelStatement"/>.</summary>
/// <param name="Body">Its statements, in order.</param>
public sealed record StatementBranch(SyntaxList<Statement> Body) : Syntax;
