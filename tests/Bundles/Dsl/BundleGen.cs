// BundleGen: any bundle the language can say, with corner numbers; for the laws of the language.
using CsCheck;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tests.Numerics;

namespace Lockstep.Tests.Bundles.Dsl;

internal static class BundleGen
{
    private static readonly Gen<Name> Name = Gen.Frequency(
        (3, Gen.OneOf("u", "w", "p", "base", "USDC", "vault.usdc", "constant-product", "_1INCH")),
        (1, Gen.OneOf("abzAZ_059".ToCharArray()).Array[1, 8].Select(c => "n" + new string(c))))
        .Select(text => new Name(text));

    private static readonly Gen<ChainId> Chain =
        Gen.OneOf("eip155:1", "eip155:8453", "cosmos:osmosis-1").Select(ChainId.Parse);

    private static readonly Gen<string> Address =
        Gen.OneOf("0123456789abcdef".ToCharArray()).Array[40].Select(c => "0x" + new string(c));

    private static readonly Gen<ExactDecimal> Number = Gen.Frequency(
        (3, Gen.Select(Gen.Int[0, 9_999_999], Gen.Int[0, 6], (n, scale) =>
            ExactDecimal.Of((UInt256)n, scale))),
        (1, Gen.Select(Corners.Any, Gen.Int[0, ExactDecimal.MaxScale], ExactDecimal.Of)));

    private static readonly Gen<Quantity> Quantity = Gen.Frequency(
        (2, Number.Select(value => new Quantity(value, IsBaseUnits: false))),
        (1, Corners.Any.Select(n => new Quantity(ExactDecimal.Of(n), IsBaseUnits: true))));

    private static readonly Gen<AssetRef> Asset =
        Gen.Select(Name, Name.Null(), (symbol, chain) => new AssetRef(symbol, chain));

    private static readonly Gen<Amount> Amount =
        Gen.Select(Quantity, Asset, (quantity, asset) => new Amount(quantity, asset));

    private static readonly Gen<Percent> Percent = Number.Select(value => new Percent(value));

    private static readonly Gen<Duration> Duration = Gen.Frequency(
        (2, Gen.Select(Gen.Long[0, 400], Gen.OneOf(1L, 1000, 60_000, 3_600_000, 86_400_000),
            (n, unit) => new Duration(n * unit))),
        (1, Gen.Long[0, Lockstep.Bundles.Dsl.Duration.MaxMilliseconds]
            .Select(ms => new Duration(ms))));

    private static readonly Gen<VenueRef> Venue =
        Gen.Select(Name, Percent.Null(), (name, fee) => new VenueRef(name, fee));

    private static readonly Gen<Statement> Loan = Gen.Select(
        Name, Amount, Name, Gen.Int[0, 2], (result, amount, from, kind) => (Statement)(kind switch
        {
            0 => new TakeStatement(result, amount, from),
            1 => new LendStatement(result, amount, from),
            _ => new FlashStatement(result, amount, from),
        }));

    private static readonly Gen<Statement> Pay = Gen.Select(
        Name.Null(), Amount.Null(), Name, (input, amount, to) =>
            (Statement)new PayStatement(input, input is null ? null : amount, to));

    private static readonly Gen<Statement> Simple = Gen.OneOf(
        Loan,
        Pay,
        Gen.Select(Name, Name, Asset, Venue, Quantity.Null(), (result, input, to, via, min) =>
            (Statement)new SwapStatement(result, input, to, via, min)),
        Gen.Select(Name, Name, Name, Name, Quantity.Null(), (result, input, to, via, min) =>
            (Statement)new BridgeStatement(result, input, to, via, min)),
        Gen.Select(Name, Name, Percent, (input, debt, ltv) =>
            (Statement)new EscrowStatement(input, debt, ltv)),
        Gen.Select(Name, Name, (debt, from) => (Statement)new RepayStatement(debt, from)),
        Gen.Select(Name, Name.Null(), (input, to) => (Statement)new KeepStatement(input, to)));

    private static Gen<SyntaxList<Statement>> Flow(int depth)
    {
        Gen<Statement> one = depth == 0 ? Simple : Gen.Frequency(
            (6, Simple),
            (1, List(Flow(depth - 1).Select(body => new StatementBranch(body)), 2, 3)
                .Select(branches => (Statement)new ParallelStatement(branches))));
        return List(one, 0, 4);
    }

    private static readonly Gen<Statement> Outcome = Gen.OneOf(
        Pay,
        Name.Select(leg => (Statement)new NovateStatement(leg)),
        Gen.Select(Name, Quantity.Null(), (leg, min) => (Statement)new UnwindStatement(leg, min)),
        Name.Null().Select(from => (Statement)new ShortfallStatement(from)));

    private static readonly Gen<Statement> Remedy = Gen.OneOf(
        Gen.Select(Name, Asset, Venue, Quantity, (input, to, via, min) =>
            (Statement)new SwapBackStatement(input, to, via, min)),
        Gen.Select(Name, Amount, Duration, (input, max, longest) =>
            (Statement)new HoldStatement(input, max, longest)),
        Gen.Select(Name, Venue, Percent, (input, via, loss) =>
            (Statement)new HedgeStatement(input, via, loss)));

    private static Gen<SyntaxList<Leg>> Legs(bool canBond, bool canFail) => List(
        Gen.Select(Name, Name, Amount.Null(), Flow(1), List(Remedy, 0, 2),
            (name, chain, bond, body, failed) => new Leg(
                name, chain, canBond ? bond : null, body, canFail ? failed : null)), 1, 3);

    private static readonly Gen<Certificate> Certificate = Gen.Select(
        Name, Gen.Int[1, 1000], Gen.Int[1, 1000], (committee, a, b) =>
            new Certificate(committee, Math.Min(a, b), Math.Max(a, b)));

    private static Gen<SyntaxList<Block>> Blocks(int depth)
    {
        Gen<Block> simple = Gen.OneOf(
            Gen.Select(Name, Flow(2), (chain, body) => (Block)new TransactionBlock(chain, body)),
            Gen.Select(Certificate, Duration, Legs(canBond: true, canFail: false),
                List(Outcome, 0, 3), List(Outcome, 0, 3),
                (certificate, escape, legs, commit, abort) =>
                    (Block)new SettledBlock(certificate, escape, legs, commit, abort)),
            Legs(canBond: false, canFail: true).Select(legs => (Block)new InventoryBlock(legs)),
            Gen.Select(Legs(canBond: false, canFail: false),
                List(Gen.OneOf(Simple, Remedy), 0, 3),
                (legs, compensate) => (Block)new BridgedBlock(legs, compensate)));
        Gen<Block> one = depth == 0 ? simple : Gen.Frequency(
            (6, simple),
            (1, List(Blocks(depth - 1).Select(blocks => new BlockBranch(blocks)), 2, 3)
                .Select(branches => (Block)new ParallelBlock(branches))));
        return List(one, 0, 2);
    }

    private static readonly Gen<AssetDeclaration> AssetLine = Gen.Select(
        Name, Name, Chain, Address, Gen.Int[0, 36], (symbol, on, chain, address, decimals) =>
            new AssetDeclaration(symbol, on, AssetId.Erc20(chain, address), decimals));

    private static readonly Gen<PoolDeclaration> PoolLine = Gen.Select(
        Name, Name, Chain, Address, Name, Gen.UInt[0, 999_999],
        (name, on, chain, address, family, fee) => new PoolDeclaration(
            name, on, PoolId.Parse($"{chain}:{address}"), family,
            Lockstep.Bundles.Dsl.Percent.OfPips(fee)));

    private static readonly Gen<ContractDeclaration> ContractLine = Gen.Select(
        Gen.Enum<ContractRole>(), Name, Name, Chain, Address, Percent.Null(),
        (role, name, on, chain, address, fee) => new ContractDeclaration(
            role, name, on, AccountId.Parse($"{chain}:{address}"), fee));

    private static readonly Gen<Limits> Limits = Gen.Select(
        Amount.Null(), Duration.Null(),
        List(Gen.Select(Name, Gen.OneOf(Gen.ULong, Gen.ULong[0, 90].Select(n => n * 100_000)),
            Corners.Any, (chain, units, price) => new GasLimit(chain, units, price)), 0, 2),
        Gen.Long[0, Lockstep.Bundles.Dsl.Limits.MaxFoundSeconds].Nullable(), Amount.Null(),
        (net, ttl, gas, found, expected) => new Limits(net, ttl, gas)
        {
            FoundSeconds = found, Expected = expected,
        });

    /// <summary>Any bundle.</summary>
    internal static readonly Gen<Bundle> Any = Gen.Select(
        Gen.Select(Name, Limits.Null()),
        List(Gen.Select(Name, Chain, (name, id) => new ChainDeclaration(name, id)), 0, 2),
        List(AssetLine, 0, 2), List(PoolLine, 0, 2), List(ContractLine, 0, 2), Blocks(1),
        (head, chains, assets, pools, contracts, blocks) => new Bundle(
            head.Item1, chains, assets, pools, contracts, head.Item2, blocks));

    /// <summary>A bundle's text with comments, blank lines and semicolons put where the language
    /// takes them, in the measure of the seeds.</summary>
    internal static string Unkempt(string text, int[] seeds)
    {
        string[] trivia = [" ", "  ", "\n", "\n\n\n", " # why\n", "\n  # so\n", "\n# a\n\n# b\n"];
        string[] words = text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> parts = words.Select((word, i) =>
            word + (word is "}" && i + 1 < words.Length && words[i + 1] is not "{"
                && seeds[i % seeds.Length] % 3 == 0 ? ";" : "")
            + trivia[seeds[(i * 7 + word.Length) % seeds.Length] % trivia.Length]);
        return string.Concat(parts);
    }

    private static Gen<SyntaxList<T>> List<T>(Gen<T> item, int least, int most) =>
        item.Array[least, most].Select(items => SyntaxList.Create<T>(items));
}
