// Parser.Statements: one statement at a time, each known by its first word.
namespace Lockstep.Bundles.Dsl;

public sealed partial class Parser
{
    private Statement? ParseStatement(HashSet<string> starters)
    {
        Token start = Now;
        Name? result = null;
        if (Peek.Kind == TokenKind.Makes)
        {
            result = ParseName("the wire's name");
            if (!failed) at++;
        }
        else if (Now.Kind == TokenKind.Name && Peek.Kind == TokenKind.Equals)
        {
            at++;
            FailExpected("'<-'", "a wire is made with '<-': w <- swap u -> WETH via p");
        }
        if (failed) return null;
        Token verb = Now;
        if (verb.Kind != TokenKind.Word || !IsVerb(verb.Text))
        {
            FailItem("statement", starters);
            return null;
        }
        CheckPlace(verb, starters);
        if (result is not null && !MakesWire(verb))
            Complain(DiagnosticCode.UnwantedResult, result.Span,
                $"'{Verb(verb)}' makes no wire, so '{Short(result.Text)}' names nothing",
                "leave out the name and '<-'");
        if (result is null && MakesWire(verb))
            Complain(DiagnosticCode.UnnamedResult, verb.Span,
                $"'{verb.Text}' makes a wire, and it has no name",
                $"name it: w <- {verb.Text} ...");
        at++;
        return ParseAfterVerb(start, verb, result ?? NoName);
    }

    private static bool IsVerb(string word) =>
        FlowStarters.Contains(word) || OutcomeStarters.Contains(word)
        || RemedyStarters.Contains(word);

    private bool IsSwapBack(Token verb) => verb.Is("swap") && Peek.Is("back");

    private string Verb(Token verb) => IsSwapBack(verb) ? "swap back" : verb.Text;

    private bool MakesWire(Token verb) =>
        verb.Text is "take" or "lend" or "flash" or "bridge"
        || (verb.Is("swap") && !IsSwapBack(verb));

    /// <summary>Is the verb one of this block? A swap stands in flows, a swap back in remedies.
    /// </summary>
    private void CheckPlace(Token verb, HashSet<string> starters)
    {
        bool back = IsSwapBack(verb);
        bool known = starters.Contains(verb.Text)
            && (!verb.Is("swap") || starters.Contains(back ? "hold" : "take"));
        if (known) return;
        string list = string.Join(", ", starters);
        Complain(DiagnosticCode.MisplacedWord, verb.Span,
            $"'{Verb(verb)}' does not belong here",
            verb.Is("swap") && starters.Contains("hold")
                ? "a remedy swaps back, with a bound: swap back w -> USDC via p min 1"
                : $"here stands one of {list}");
    }

    private Statement? ParseAfterVerb(Token start, Token verb, Name result) => verb.Text switch
    {
        "take" => ParseLoan(start, (amount, from) => new TakeStatement(result, amount, from)),
        "lend" => ParseLoan(start, (amount, from) => new LendStatement(result, amount, from)),
        "flash" => ParseLoan(start, (amount, from) => new FlashStatement(result, amount, from)),
        "swap" => Accept("back") ? ParseSwapBack(start) : ParseSwap(start, result),
        "bridge" => ParseBridge(start, result),
        "escrow" => ParseEscrow(start),
        "repay" => ParseRepay(start),
        "keep" => ParseKeep(start),
        "pay" => ParsePay(start),
        "novate" => new NovateStatement(ParseName("the leg's name")) { Span = From(start) },
        "unwind" => ParseUnwind(start),
        "shortfall" => ParseShortfall(start),
        "hold" => ParseHold(start),
        "hedge" => ParseHedge(start),
        _ => ParseParallel(start),
    };

    private Statement ParseLoan(Token start, Func<Amount, Name, Statement> make)
    {
        Amount amount = ParseAmount("how much");
        Expect("from", "say whose it is: 250_000 USDC from house");
        return WithSpan(make(amount, ParseName("a vault or lender")), From(start));
    }

    private SwapStatement ParseSwap(Token start, Name result)
    {
        (Name input, AssetRef to, VenueRef via) = ParseSwapHead("w <- swap u -> WETH via p");
        Quantity? min = ParseOptionalMinimum();
        return new SwapStatement(result, input, to, via, min) { Span = From(start) };
    }

    private SwapBackStatement ParseSwapBack(Token start)
    {
        (Name input, AssetRef to, VenueRef via) = ParseSwapHead("swap back w -> USDC via p min 1");
        Expect("min", "swapping back needs a bound: min 35_990");
        Quantity min = ParseMinimum();
        return new SwapBackStatement(input, to, via, min) { Span = From(start) };
    }

    private (Name Input, AssetRef To, VenueRef Via) ParseSwapHead(string example)
    {
        Name input = ParseName("the wire that goes in");
        Expect(TokenKind.Into, "->", $"what it becomes: {example}");
        AssetRef to = ParseAssetRef();
        Expect("via", $"where: {example}");
        return (input, to, ParseVenue());
    }

    private VenueRef ParseVenue()
    {
        Token start = Now;
        Name name = ParseName("a pool or venue");
        Percent? fee = null;
        if (Accept(TokenKind.LeftParen))
        {
            fee = ParsePercent("the fee tier");
            Expect(TokenKind.RightParen, ")", "close the fee tier: univ3(0.05%)");
        }
        return new VenueRef(name, fee) { Span = From(start) };
    }

    private BridgeStatement ParseBridge(Token start, Name result)
    {
        Name input = ParseName("the wire that leaves");
        Expect(TokenKind.Into, "->", "where to: a <- bridge w -> arbitrum via across");
        Name to = ParseName("the chain it goes to");
        Expect("via", "which bridge: a <- bridge w -> arbitrum via across");
        Name via = ParseName("a bridge");
        Quantity? min = ParseOptionalMinimum();
        return new BridgeStatement(result, input, to, via, min) { Span = From(start) };
    }

    private EscrowStatement ParseEscrow(Token start)
    {
        const string Example = "escrow w backing debt(u) ltv <= 101%";
        Name input = ParseName("the wire that is locked");
        Expect("backing", Example);
        Expect("debt", Example);
        Expect(TokenKind.LeftParen, "(", Example);
        Name debt = ParseName("the wire the loan made");
        Expect(TokenKind.RightParen, ")", Example);
        Expect("ltv", Example);
        Expect(TokenKind.AtMost, "<=", Example);
        Percent ltv = ParsePercent("the loan to value");
        return new EscrowStatement(input, debt, ltv) { Span = From(start) };
    }

    private RepayStatement ParseRepay(Token start)
    {
        Name debt = ParseName("the wire the loan made");
        Expect("from", "which wire pays: repay u from w");
        return new RepayStatement(debt, ParseName("the wire that pays")) { Span = From(start) };
    }

    private KeepStatement ParseKeep(Token start)
    {
        Name input = ParseName("the wire to keep");
        Name? to = Accept("to") ? ParseName("a vault or account") : null;
        return new KeepStatement(input, to) { Span = From(start) };
    }

    private PayStatement ParsePay(Token start)
    {
        Amount? amount = null;
        Name? input = null;
        if (Now.Kind == TokenKind.Number)
        {
            amount = ParseAmount("how much");
            Expect("from", "out of which wire: pay 5 USDC from w to builder");
            input = ParseName("the wire that pays");
        }
        else if (!Accept("surplus"))
        {
            input = ParseName("'surplus', an amount or a wire");
        }
        Expect("to", "who is paid: pay surplus to searcher");
        return new PayStatement(input, amount, ParseName("who is paid")) { Span = From(start) };
    }

    private UnwindStatement ParseUnwind(Token start)
    {
        Name leg = ParseName("the leg's name");
        Quantity? min = ParseOptionalMinimum();
        return new UnwindStatement(leg, min) { Span = From(start) };
    }

    private ShortfallStatement ParseShortfall(Token start)
    {
        Expect("from", "who pays it: shortfall from bond");
        Name? from = Accept("bond") ? null : ParseName("'bond', a vault or an account");
        return new ShortfallStatement(from) { Span = From(start) };
    }

    private HoldStatement ParseHold(Token start)
    {
        const string Example = "hold w <= 40_000 USDT for 10m";
        Name input = ParseName("the wire to hold");
        Expect(TokenKind.AtMost, "<=", Example);
        Amount max = ParseAmount("the most to hold");
        Expect("for", Example);
        Duration longest = ParseDuration("how long it is held");
        return new HoldStatement(input, max, longest) { Span = From(start) };
    }

    private HedgeStatement ParseHedge(Token start)
    {
        const string Example = "hedge w via perp.eth loss <= 0.5%";
        Name input = ParseName("the wire to hedge");
        Expect("via", Example);
        VenueRef via = ParseVenue();
        Expect("loss", Example);
        Expect(TokenKind.AtMost, "<=", Example);
        Percent loss = ParsePercent("the loss");
        return new HedgeStatement(input, via, loss) { Span = From(start) };
    }

    private ParallelStatement ParseParallel(Token start) =>
        new(ParseBranches(start, par => new StatementBranch(Statements(par, FlowStarters))))
        {
            Span = From(start),
        };
}
