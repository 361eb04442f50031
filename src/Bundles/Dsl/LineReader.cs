// LineReader: builds a bundle's tree from a `bundle` line's fields; remembers the first fault.
using System.Collections.Immutable;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Dsl;

/// <summary>Builds trees from the fields of a line. Names are taken as they stand: the caller
/// prints and parses the tree.</summary>
internal sealed class LineReader
{
    private string path = "$";

    /// <summary>The first fault: a field that is missing or malformed.</summary>
    public LineFault? Fault { get; private set; }

    public Bundle Bundle(BundleLine line) => new(
        Name(line.Name, "name"),
        List(line.Chains, "chains", c => new ChainDeclaration(Name(c.Name, "name"), c.Chain)),
        List(line.Assets, "assets", a => new AssetDeclaration(
            Name(a.Name, "name"), Name(a.On, "on"), a.Asset, a.Decimals)),
        List(line.Pools, "pools", p => new PoolDeclaration(
            Name(p.Name, "name"), Name(p.On, "on"), p.Pool, Name(p.Family, "family"),
            Percent.OfPips(p.FeePips))),
        List(line.Contracts, "contracts", c => new ContractDeclaration(
            Role(c.Role), Name(c.Name, "name"), Name(c.On, "on"), c.Account,
            c.FeePercent is null ? null : Share(c.FeePercent, "feePercent"))),
        line.Limits is { } limits ? At("limits", () => Limits(limits)) : null,
        List(line.Blocks, "blocks", Block));

    private Limits Limits(BundleLimits limits) => new(
        limits.Net is { } net ? Amount(net, "net") : null,
        limits.TtlMs is { } ttl ? Time(ttl, "ttlMs") : null,
        List(limits.Gas, "gas", g => new GasLimit(Name(g.On, "on"), g.Units, g.PriceWei)))
    {
        FoundSeconds = Instant(limits.FoundS),
        Expected = limits.Expected is { } expected ? Amount(expected, "expected") : null,
    };

    private Block Block(BundleBlock block)
    {
        switch (block.Block)
        {
            case "tx":
                return new TransactionBlock(Name(block.On, "on"), Steps(block.Body, "body"));
            case "htlb":
                return new SettledBlock(
                    Certificate(block.Cert), Time(block.EscapeMs, "escapeMs"),
                    Legs(block.Legs), Steps(block.Commit, "commit"),
                    Steps(block.Abort, "abort"));
            case "inventory":
                return new InventoryBlock(Legs(block.Legs));
            case "bridged":
                return new BridgedBlock(
                    Legs(block.Legs), Steps(block.Compensate, "compensate"));
            case "par":
                return new ParallelBlock(List(block.Branches, "branches",
                    branch => new BlockBranch(List(branch.Blocks, "blocks", Block))));
            default:
                Refuse("block", $"there is no block '{block.Block}'");
                return new InventoryBlock([]);
        }
    }

    private SyntaxList<Leg> Legs(ImmutableArray<BundleLeg>? legs) => List(legs, "legs", leg =>
        new Leg(
            Name(leg.Name, "name"),
            Name(leg.On, "on"),
            leg.Bond is { } bond ? Amount(bond, "bond") : null,
            Steps(leg.Body, "body"),
            leg.Failed is { } failed ? Steps(failed, "failed") : null));

    private SyntaxList<Statement> Steps(ImmutableArray<BundleStep>? steps, string field) =>
        List(steps, field, Step);

    private Statement Step(BundleStep s) => s.Op switch
    {
        "take" => new TakeStatement(Out(s), Amount(s.Amount, "amount"), Name(s.From, "from")),
        "lend" => new LendStatement(Out(s), Amount(s.Amount, "amount"), Name(s.From, "from")),
        "flash" => new FlashStatement(Out(s), Amount(s.Amount, "amount"), Name(s.From, "from")),
        "swap" => new SwapStatement(Out(s), In(s), Asset(s.Asset), Venue(s), Minimum(s.Min)),
        "swap-back" => new SwapBackStatement(
            In(s), Asset(s.Asset), Venue(s), Quantity(s.Min, "min")),
        "bridge" => new BridgeStatement(
            Out(s), In(s), Name(s.To, "to"), Name(s.Via, "via"), Minimum(s.Min)),
        "escrow" => new EscrowStatement(
            In(s), Name(s.Debt, "debt"), Share(s.LtvPercent, "ltvPercent")),
        "repay" => new RepayStatement(Name(s.Debt, "debt"), In(s)),
        "keep" => new KeepStatement(In(s), Optional(s.To, "to")),
        "pay" => new PayStatement(
            s.Amount is null ? Optional(s.In, "in") : In(s),
            s.Amount is null ? null : Amount(s.Amount, "amount"),
            Name(s.To, "to")),
        "novate" => new NovateStatement(Name(s.Leg, "leg")),
        "unwind" => new UnwindStatement(Name(s.Leg, "leg"), Minimum(s.Min)),
        "shortfall" => new ShortfallStatement(Optional(s.From, "from")),
        "hold" => new HoldStatement(In(s), Amount(s.Amount, "amount"), Time(s.ForMs, "forMs")),
        "hedge" => new HedgeStatement(In(s), Venue(s), Share(s.LossPercent, "lossPercent")),
        "par" => new ParallelStatement(List(s.Branches, "branches",
            branch => new StatementBranch(Steps(branch.Body, "body")))),
        _ => Refused(s.Op),
    };

    private NovateStatement Refused(string op)
    {
        Refuse("op", $"there is no step '{op}'");
        return new NovateStatement(new Name(""));
    }

    private Name Out(BundleStep step) => Name(step.Out, "out");

    private Name In(BundleStep step) => Name(step.In, "in");

    private VenueRef Venue(BundleStep step) => new(
        Name(step.Via, "via"),
        step.FeePercent is null ? null : Share(step.FeePercent, "feePercent"));

    private Name? Optional(string? text, string field) => text is null ? null : Name(text, field);

    private Name Name(string? text, string field)
    {
        if (Words.IsName(text)) return new Name(text!);
        Refuse(field, text is null ? "it is missing" : "it is no name: letters, digits and '_', "
            + "with single dots and hyphens inside, and no reserved word");
        return new Name("");
    }

    private AssetRef Asset(string? text)
    {
        string[] parts = (text ?? "").Split('@', 2);
        return new AssetRef(
            Name(parts[0], "asset"), parts.Length == 2 ? Name(parts[1], "asset") : null);
    }

    private Amount Amount(BundleAmount? amount, string field)
    {
        Quantity quantity = Quantity(amount, field);
        return new Amount(quantity, Asset(amount?.Asset));
    }

    private Quantity? Minimum(BundleAmount? min) => min is null ? null : Quantity(min, "min");

    private Quantity Quantity(BundleAmount? amount, string field)
    {
        if (amount is { Units: { } units, Whole: null })
            return new Quantity(ExactDecimal.Of(units), IsBaseUnits: true);
        if (amount is not { Whole: { } whole, Units: null })
            Refuse(field, "an amount has one of 'whole' and 'units'");
        else if (Decimal(whole) is { } value) return new Quantity(value, IsBaseUnits: false);
        else Refuse($"{field}.whole", "it is no canonical decimal, such as 0.5");
        return new Quantity(default, IsBaseUnits: false);
    }

    private static ExactDecimal? Decimal(string? text) =>
        ExactDecimal.TryParse(text, out ExactDecimal value) && value.ToString() == text
            ? value
            : null;

    private Percent Share(string? text, string field)
    {
        if (Decimal(text) is { } value) return new Percent(value);
        Refuse(field, "it is no canonical decimal, such as 0.5");
        return new Percent(default);
    }

    private Duration Time(long? ms, string field)
    {
        if (ms is >= 0 and <= Duration.MaxMilliseconds) return new Duration(ms.Value);
        Refuse(field, $"it is missing, or not from 0 to {Duration.MaxMilliseconds}");
        return new Duration(0);
    }

    private long? Instant(long? seconds)
    {
        if (seconds is null or (>= 0 and <= Dsl.Limits.MaxFoundSeconds)) return seconds;
        Refuse("foundS", $"it is not from 0 to {Dsl.Limits.MaxFoundSeconds}");
        return null;
    }

    private Certificate Certificate(BundleCertificate? cert)
    {
        if (cert is { Threshold: >= 0, Members: >= 0 })
            return new Certificate(
                Name(cert.Committee, "cert.committee"), cert.Threshold, cert.Members);
        Refuse("cert", "it is missing, or counts below zero");
        return new Certificate(new Name(""), 1, 1);
    }

    private ContractRole Role(string word)
    {
        foreach (ContractRole role in Enum.GetValues<ContractRole>())
            if (Printer.WordOf(role) == word) return role;
        Refuse("role", $"there is no role '{word}'");
        return ContractRole.Account;
    }

    private SyntaxList<T> List<TLine, T>(
        ImmutableArray<TLine> lines, string field, Func<TLine, T> read) =>
        List((ImmutableArray<TLine>?)lines, field, read);

    private SyntaxList<T> List<TLine, T>(
        ImmutableArray<TLine>? lines, string field, Func<TLine, T> read)
    {
        if (lines is not { IsDefault: false } items)
        {
            Refuse(field, "it is missing");
            return [];
        }
        List<T> made = [];
        for (int i = 0; i < items.Length; i++)
        {
            TLine item = items[i];
            if (item is null) Refuse($"{field}[{i}]", "it is null");
            else made.Add(At($"{field}[{i}]", () => read(item)));
        }
        return [.. made];
    }

    private T At<T>(string field, Func<T> read)
    {
        string outer = path;
        path = $"{outer}.{field}";
        T value = read();
        path = outer;
        return value;
    }

    private void Refuse(string field, string message) =>
        Fault ??= new LineFault($"{path}.{field}", message);
}
