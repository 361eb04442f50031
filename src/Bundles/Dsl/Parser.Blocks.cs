// Parser.Blocks: transactions, settled, inventory and bridged blocks, their legs, and parallels.
namespace Lockstep.Bundles.Dsl;

public sealed partial class Parser
{
    private static readonly HashSet<string> BlockStarters = [.. Words.Blocks];
    private static readonly HashSet<string> FlowStarters = [.. Words.Flow];
    private static readonly HashSet<string> OutcomeStarters = [.. Words.Outcome];
    private static readonly HashSet<string> RemedyStarters = [.. Words.Remedy];
    private static readonly HashSet<string> LegStarters = [.. Words.Flow, "failed"];
    private static readonly HashSet<string> SettledStarters = ["leg", "commit", "abort"];
    private static readonly HashSet<string> InventoryStarters = ["leg"];
    private static readonly HashSet<string> BridgedStarters = ["leg", "compensate"];
    private static readonly HashSet<string> CompensateStarters =
        [.. Words.Flow, .. Words.Remedy];

    private Block? ParseBlock(HashSet<string> starters)
    {
        Token start = Now;
        if (Accept("atomic"))
        {
            if (Now.Is("tx")) return ParseTransaction(start);
            if (Now.Is("htlb")) return ParseSettled(start);
            FailExpected("'tx' or 'htlb'",
                "one transaction: atomic tx on CHAIN; several chains: atomic htlb(...)");
            Body<Syntax>(start, [], () => { SkipItems(); return null; });
            return null;
        }
        if (Accept("inventory")) return ParseInventory(start);
        if (Accept("bridged")) return ParseBridged(start);
        if (Accept("par"))
        {
            var branches = ParseBranches(start, branch => new BlockBranch(
                Body(branch, BlockStarters, () => ParseBlock(BlockStarters))));
            return new ParallelBlock(branches) { Span = From(start) };
        }
        FailItem("block", starters);
        return null;
    }

    /// <summary>Passes over the insides of a block whose kind is not known.</summary>
    private void SkipItems()
    {
        while (Now.Kind is not (TokenKind.RightBrace or TokenKind.End) && !Now.Is("bundle"))
        {
            if (Now.Kind == TokenKind.LeftBrace) SkipGroup();
            else at++;
        }
    }

    /// <summary>Braces side by side; a branch's span is from brace to brace.</summary>
    private SyntaxList<T> ParseBranches<T>(Token start, Func<Token, T> branch) where T : Syntax
    {
        List<T> branches = [];
        do
        {
            Token brace = Now;
            T one = branch(start);
            branches.Add(WithSpan(one, From(brace)));
        }
        while (!failed && Now.Kind == TokenKind.LeftBrace);
        if (branches.Count < 2)
            Complain(DiagnosticCode.MissingPart, start.Span, "'par' has one branch",
                "side by side stand at least two: par { ... } { ... }");
        return [.. branches];
    }

    private static T WithSpan<T>(T node, SourceSpan span) where T : Syntax =>
        (T)(node with { Span = span });

    private TransactionBlock ParseTransaction(Token start)
    {
        Token tx = Now;
        at++;
        Name chain = ParseOn();
        return new TransactionBlock(chain, Statements(tx, FlowStarters)) { Span = From(start) };
    }

    private SettledBlock ParseSettled(Token start)
    {
        Token htlb = Now;
        at++;
        (Certificate certificate, Duration escape) = ParseTerms(htlb);
        List<Leg> legs = [];
        SyntaxList<Statement>? commit = null;
        SyntaxList<Statement>? abort = null;
        bool commitSeen = false;
        bool abortSeen = false;
        Body<Syntax>(htlb, SettledStarters, () =>
        {
            Token item = Now;
            if (Now.Is("leg")) legs.Add(ParseLeg(canBond: true, canFail: false));
            else if (Accept("commit"))
            {
                Once(ref commitSeen, item);
                commit = Statements(item, OutcomeStarters);
            }
            else if (Accept("abort"))
            {
                Once(ref abortSeen, item);
                abort = Statements(item, OutcomeStarters);
            }
            else FailItem("part", SettledStarters);
            return null;
        });
        Need(legs.Count > 0, htlb, "leg");
        Need(commitSeen, htlb, "commit { ... }");
        Need(abortSeen, htlb, "abort { ... }");
        return new SettledBlock(certificate, escape, [.. legs], commit ?? [], abort ?? [])
        {
            Span = From(start),
        };
    }

    private void Need(bool there, Token block, string part)
    {
        if (!there)
            Complain(DiagnosticCode.MissingPart, block.Span, $"'{block.Text}' has no {part}",
                "add it: without it nothing says what happens then");
    }

    /// <summary><c>(cert: ops(3 of 4), escape: 48h)</c>, in either order.</summary>
    private (Certificate Certificate, Duration Escape) ParseTerms(Token htlb)
    {
        Certificate? certificate = null;
        Duration? escape = null;
        bool certSeen = false;
        bool escapeSeen = false;
        Expect(TokenKind.LeftParen, "(", "who decides: htlb(cert: ops(3 of 4), escape: 48h)");
        do
        {
            Token term = Now;
            if (Accept("cert"))
            {
                Once(ref certSeen, term);
                Expect(TokenKind.Colon, ":", "cert: ops(3 of 4)");
                certificate = ParseCertificate();
            }
            else if (Accept("escape"))
            {
                Once(ref escapeSeen, term);
                Expect(TokenKind.Colon, ":", "escape: 48h");
                escape = ParseDuration("the escape");
            }
            else FailExpected("'cert' or 'escape'", "htlb(cert: ops(3 of 4), escape: 48h)");
        }
        while (Accept(TokenKind.Comma));
        Expect(TokenKind.RightParen, ")", "close the terms of the block");
        Need(certSeen, htlb, "cert: COMMITTEE(M of N)");
        Need(escapeSeen, htlb, "escape: DURATION");
        return (certificate ?? new Certificate(NoName, 1, 1), escape ?? new Duration(0));
    }

    private Certificate ParseCertificate()
    {
        Token start = Now;
        Name committee = ParseName("the committee's name");
        Expect(TokenKind.LeftParen, "(", "how many sign: ops(3 of 4)");
        Token count = Now;
        int threshold = ParseCount("the signers", Certificate.MaxMembers);
        Expect("of", "how many there are: ops(3 of 4)");
        int members = ParseCount("the members", Certificate.MaxMembers);
        if (!failed && (threshold < 1 || threshold > members))
            Complain(DiagnosticCode.ImpossibleThreshold, count.Span,
                $"{threshold} of {members} can not be what signs",
                "at least one signs, and no more than there are");
        Expect(TokenKind.RightParen, ")", "close the committee's numbers");
        return new Certificate(committee, threshold, members) { Span = From(start) };
    }

    private InventoryBlock ParseInventory(Token start)
    {
        SyntaxList<Leg> legs = Body(start, InventoryStarters,
            () => ParseLegOrFail(InventoryStarters, canFail: true));
        Need(legs.Count > 0, start, "leg");
        return new InventoryBlock(legs) { Span = From(start) };
    }

    private BridgedBlock ParseBridged(Token start)
    {
        SyntaxList<Statement> compensate = [];
        bool seen = false;
        SyntaxList<Leg> legs = Body(start, BridgedStarters, () =>
        {
            Token item = Now;
            if (!Accept("compensate")) return ParseLegOrFail(BridgedStarters, canFail: false);
            Once(ref seen, item);
            compensate = Statements(item, CompensateStarters);
            return null;
        });
        Need(legs.Count > 0, start, "leg");
        Need(seen, start, "compensate { ... }");
        return new BridgedBlock(legs, compensate) { Span = From(start) };
    }

    private Leg? ParseLegOrFail(HashSet<string> starters, bool canFail)
    {
        if (Now.Is("leg")) return ParseLeg(canBond: false, canFail);
        FailItem("part", starters);
        return null;
    }

    private Leg ParseLeg(bool canBond, bool canFail)
    {
        Token start = Now;
        at++;
        Name name = ParseName("the leg's name");
        Name chain = ParseOn();
        Token clause = Now;
        Amount? bond = Accept("bond") ? ParseAmount("the bond") : null;
        if (bond is not null && !canBond)
            ComplainClause(clause, "an htlb's leg posts a bond; own funds need none");
        SyntaxList<Statement>? plan = null;
        bool seen = false;
        SyntaxList<Statement> body = Body(start, LegStarters, () =>
        {
            Token item = Now;
            if (!Accept("failed")) return ParseStatement(LegStarters);
            Once(ref seen, item);
            if (!canFail) ComplainClause(item, "an inventory leg has a plan for failure");
            plan = Statements(item, RemedyStarters);
            return null;
        });
        if (canFail) Need(seen, start, "failed { ... }");
        return new Leg(name, chain, bond, body, plan) { Span = From(start) };
    }

    private void ComplainClause(Token clause, string hint) =>
        Complain(DiagnosticCode.MisplacedClause, clause.Span,
            $"'{clause.Text}' is no part of this kind of leg", hint);

    private SyntaxList<Statement> Statements(Token header, HashSet<string> starters) =>
        Body(header, starters, () => ParseStatement(starters));
}
