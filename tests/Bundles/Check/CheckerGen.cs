// CheckerGen: random well-typed bundles over made chains, and ways to spoil one.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Tests.Bundles.Check;

/// <summary>Every chain but <c>bare</c> has assets A to D, two pools a pair, and every contract.
/// </summary>
internal static class CheckerGen
{
    public const string Assets = "ABCD";

    public static readonly (string Name, string Id)[] Chains =
        [("one", "eip155:1"), ("two", "eip155:2"), ("three", "eip155:3")];

    public static CheckPolicy Policy { get; } = CheckPolicy.Of(new TimelocksTable(
        Chains.Select((chain, i) => new ChainTiming(ChainId.Parse(chain.Id), FinalityTier.Final,
            100 * (i + 1), 10, 30, 300, 7000 * (i + 1), 60,
            ImmutableSortedDictionary<string, Provenance>.Empty)))) with
    {
        Pools = Declared([]).Pools.ToImmutableDictionary(pool => pool.Pool, pool =>
        {
            string chain = Chains.First(c => c.Name == pool.On.Text).Id;
            return new PoolPair(Asset(chain, pool.Name.Text[1]), Asset(chain, pool.Name.Text[2]));
        }),
    };

    /// <summary>A way through pools: two to four different assets.</summary>
    private static readonly Gen<string> Route = Gen.Select(
        Gen.Int[2, 4], Gen.Shuffle(Assets.ToCharArray()),
        (length, order) => new string(order, 0, length));

    public static Gen<Bundle> Transaction { get; } = Gen.Select(Route, Gen.Bool, Gen.Int[0, 2],
        (route, flash, chain) =>
        {
            List<Statement> body = [Source(flash ? 'f' : 't', route[0])];
            body.AddRange(Swaps(route, 'p'));
            body.Add(Swap(route.Length - 1, route[^1], route[0], 'q'));
            string last = $"w{route.Length}";
            if (flash) body.Add(new RepayStatement(N("w0"), N(last)));
            body.Add(new KeepStatement(N(last), null));
            return Declared([new TransactionBlock(N(Chains[chain].Name), [.. body])]);
        });

    private static readonly Gen<(string Route, int Chain)[]> Legs =
        Gen.Select(Route, Gen.Int[0, 2]).Array[2, 4];

    public static Gen<Bundle> Inventory { get; } = Legs.Select(legs => Declared([
        new InventoryBlock([.. legs.Select((leg, i) =>
        {
            // A pool of its own for every leg, so that any may share a chain.
            Name last = N($"w{leg.Route.Length - 1}");
            return new Leg(N($"leg{i}"), N(Chains[i % 3].Name), null,
                [Source('t', leg.Route[0]), .. Swaps(leg.Route, i < 3 ? 'p' : 'q'),
                    new KeepStatement(last, N("house"))],
                [new SwapBackStatement(last, new AssetRef(N($"{leg.Route[0]}"), null),
                    Via(leg.Route[0], leg.Route[^1], 'p'), Q(90)),
                    new HoldStatement(last, Much(1000, leg.Route[^1]), new Duration(1000))]);
        })]),
    ]));

    public static Gen<Bundle> Settled { get; } = Legs.Select(legs => Declared([
        new SettledBlock(new Certificate(N("ops"), 3, 4), new Duration(48 * 3_600_000),
            [.. legs.Select((leg, i) => new Leg(
                N($"leg{i}"), N(Chains[i % 3].Name), Much(10, leg.Route[0]),
                [Source('l', leg.Route[0]), .. Swaps(leg.Route, i < 3 ? 'p' : 'q'),
                    new EscrowStatement(N($"w{leg.Route.Length - 1}"), N("w0"),
                        new Percent(ExactDecimal.Of(101)))],
                null))],
            [.. legs.Select((_, i) => new NovateStatement(N($"leg{i}"))),
                new PayStatement(null, null, N("me"))],
            [.. legs.Select((_, i) => new UnwindStatement(N($"leg{i}"), Q(95))),
                new ShortfallStatement(null)]),
    ]));

    public static Gen<Bundle> Any { get; } = Gen.OneOf(Transaction, Inventory, Settled);

    /// <summary>The bundle with its only block, or the only block's legs, changed.</summary>
    public static Bundle With(Bundle bundle, Func<Block, Block> change) =>
        bundle with { Blocks = [change(bundle.Blocks[0])] };

    public static Bundle WithLeg(Bundle bundle, int pick, Func<Leg, Leg> change) =>
        With(bundle, block => block switch
        {
            TransactionBlock tx => Transacted(
                change(new Leg(N("tx"), tx.Chain, null, tx.Body, null))),
            InventoryBlock one => one with { Legs = At(one.Legs, pick, change) },
            SettledBlock one => one with { Legs = At(one.Legs, pick, change) },
            _ => block,
        });

    private static TransactionBlock Transacted(Leg leg) => new(leg.Chain, leg.Body);

    public static SyntaxList<T> At<T>(SyntaxList<T> list, int pick, Func<T, T> change) =>
        [.. list.Select((one, i) => i == pick % list.Count ? change(one) : one)];

    public static SyntaxList<T> Without<T>(SyntaxList<T> list, int pick) =>
        [.. list.Where((_, i) => i != pick % list.Count)];

    public static Name N(string text) => new(text);

    public static Quantity Q(ulong whole) => new(ExactDecimal.Of(whole), false);

    public static Amount Much(ulong whole, char asset) =>
        new(Q(whole), new AssetRef(N($"{asset}"), null));

    private static Statement Source(char kind, char asset) => kind switch
    {
        't' => new TakeStatement(N("w0"), Much(100, asset), N("house")),
        'f' => new FlashStatement(N("w0"), Much(100, asset), N("flashes")),
        _ => new LendStatement(N("w0"), Much(100, asset), N("house")),
    };

    private static IEnumerable<Statement> Swaps(string route, char set) =>
        route.Skip(1).Select((to, i) => Swap(i, route[i], to, set));

    private static SwapStatement Swap(int i, char from, char to, char set) => new(
        N($"w{i + 1}"), N($"w{i}"), new AssetRef(N($"{to}"), null), Via(from, to, set), Q(101));

    private static VenueRef Via(char x, char y, char set) =>
        new(N(x < y ? $"{set}{x}{y}" : $"{set}{y}{x}"), null);

    public static AssetId Asset(string chain, char asset) =>
        AssetId.Parse($"{chain}/erc20:0x{new string('0', 38)}a{"0123"[asset - 'A']}");

    public static Bundle Declared(SyntaxList<Block> blocks)
    {
        List<AssetDeclaration> assets = [];
        List<PoolDeclaration> pools = [];
        List<ContractDeclaration> contracts = [];
        foreach ((string name, string id) in Chains)
        {
            int address = 16;
            foreach (char asset in Assets)
                assets.Add(new(N($"{asset}"), N(name), Asset(id, asset), 6 * (asset - 'A')));
            foreach (char set in "pq")
                foreach (char x in Assets)
                    foreach (char y in Assets.Where(y => y > x))
                        pools.Add(new(N($"{set}{x}{y}"), N(name),
                            PoolId.Parse($"{id}:0x{address++:x40}"), N("concentrated"),
                            Percent.OfPips(500)));
            (ContractRole, string, uint?)[] roles =
            [
                (ContractRole.Vault, "house", null), (ContractRole.Lender, "flashes", 500),
                (ContractRole.Committee, "ops", null), (ContractRole.Account, "me", null),
                (ContractRole.Vault, "bank", null), (ContractRole.Lender, "free", 0),
                (ContractRole.Bridge, "across", null), (ContractRole.Lender, "pAB", 900),
            ];
            foreach ((ContractRole role, string contract, uint? pips) in roles)
                contracts.Add(new(role, N(contract), N(name),
                    AccountId.Parse($"{id}:0x{address++:x40}"),
                    pips is { } fee ? Percent.OfPips(fee) : null));
            // A second name of the pool pAB.
            pools.Add(pools.First(pool => pool.Name.Text == "pAB" && pool.On.Text == name) with
            {
                Name = N("zAB"),
            });
        }
        return new Bundle(N("made"),
            [.. Chains.Append(("bare", "eip155:4")).Select(one =>
                new ChainDeclaration(N(one.Item1), ChainId.Parse(one.Item2)))],
            [.. assets], [.. pools], [.. contracts], null, blocks);
    }
}
