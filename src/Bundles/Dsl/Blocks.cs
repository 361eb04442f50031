// Blocks: the scopes of a bundle: one transaction, settled, inventory and bridged legs, parallels.
namespace Lockstep.Bundles.Dsl;

/// <summary>A scope: what happens together, and what is promised when it stops half-way.</summary>
public abstract record Block : Syntax
{
    private protected Block() { }
}

/// <summary><c>atomic tx on base { ... }</c>: one transaction, undone by the chain when any
/// statement fails.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Body">The statements, in order.</param>
public sealed record TransactionBlock(Name Chain, SyntaxList<Statement> Body) : Block;

/// <summary><c>atomic htlb(cert: ops(3 of 4), escape: 48h) { leg ...; commit { } abort { } }</c>:
/// legs that lock on their chains and are settled together by a certificate.</summary>
/// <param name="Certificate">Who decides.</param>
/// <param name="Escape">How long after its lock a leg can unwind without a certificate.</param>
/// <param name="Legs">The legs, locked side by side.</param>
/// <param name="Commit">What happens when the certificate says COMMIT.</param>
/// <param name="Abort">What happens when it says ABORT, or at the escape.</param>
public sealed record SettledBlock(
    Certificate Certificate,
    Duration Escape,
    SyntaxList<Leg> Legs,
    SyntaxList<Statement> Commit,
    SyntaxList<Statement> Abort) : Block;

/// <summary><c>inventory { leg ... }</c>: legs sent at once from own funds; each can fail alone,
/// and carries the plan for that.</summary>
/// <param name="Legs">The legs, sent side by side.</param>
public sealed record InventoryBlock(SyntaxList<Leg> Legs) : Block;

/// <summary><c>bridged { leg ... compensate { ... } }</c>: legs one after the other, each on what a
/// bridge brought; wires pass from leg to leg.</summary>
/// <param name="Legs">The legs, in order.</param>
/// <param name="Compensate">What to do with what is held when a transfer or a later leg fails.
/// </param>
public sealed record BridgedBlock(
    SyntaxList<Leg> Legs, SyntaxList<Statement> Compensate) : Block;

/// <summary><c>par { ... } { ... }</c> among blocks: branches that do not wait for each other.
/// </summary>
/// <param name="Branches">At least two.</param>
public sealed record ParallelBlock(SyntaxList<BlockBranch> Branches) : Block;

/// <summary>One branch of a <see cref="ParallelBlock"/>.</summary>
/// <param name="Blocks">Its blocks, in order.</param>
public sealed record BlockBranch(SyntaxList<Block> Blocks) : Syntax;

/// <summary><c>ops(3 of 4)</c>: whose signatures make a certificate.</summary>
/// <param name="Committee">The committee's name.</param>
/// <param name="Threshold">How many have to sign, 1 to <see cref="Members"/>.</param>
/// <param name="Members">How many there are, at most <see cref="MaxMembers"/>.</param>
public sealed record Certificate(Name Committee, int Threshold, int Members) : Syntax
{
    /// <summary>The largest committee.</summary>
    public const int MaxMembers = 1000;
}

/// <summary><c>leg buy on base bond 1_750 USDC { ... failed { ... } }</c>: what a block does on one
/// chain, in one transaction.</summary>
/// <param name="Name">The leg's name.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Bond">What is posted against this leg's failure; settled legs only, else null.
/// </param>
/// <param name="Body">The statements, in order.</param>
/// <param name="Failed">What becomes of this leg's result when it landed and another leg did not,
/// in order of preference; inventory legs only, else null.</param>
public sealed record Leg(
    Name Name,
    Name Chain,
    Amount? Bond,
    SyntaxList<Statement> Body,
    SyntaxList<Statement>? Failed) : Syntax;
