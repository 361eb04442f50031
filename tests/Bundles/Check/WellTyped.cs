// WellTyped: random well-typed bundles of every scope, by a walk that keeps all it opens closed.
using CsCheck;
using Lockstep.Bundles.Dsl;

namespace Lockstep.Tests.Bundles.Check;

using static Lockstep.Tests.Bundles.Check.CheckerGen;

/// <summary>Builds one bundle from a list of picks, over the declarations of
/// <see cref="CheckerGen"/>. Amounts are whole tokens; what a swap brings is promised to be
/// <see cref="Promised"/>, which is more than all debts together.</summary>
internal sealed class WellTyped
{
    public const ulong Promised = 5_000;

    private const int Large = 90;

    private readonly int[] picks;
    private readonly HashSet<string> chainsUsed = [];
    private HashSet<string> busy = [];
    private HashSet<string> touched = [];
    private int at, names;

    private WellTyped(int[] picks) => this.picks = picks;

    private sealed record Open(string Name, char Asset, ulong Low, bool IsExact);

    /// <summary>One block of each kind, and several together.</summary>
    public static Gen<Bundle> Transaction { get; } = Of(0);

    public static Gen<Bundle> Inventory { get; } = Of(1);

    public static Gen<Bundle> Settled { get; } = Of(2);

    public static Gen<Bundle> Bridged { get; } = Of(3);

    public static Gen<Bundle> Several { get; } = Of(null);

    public static Gen<Bundle> Any { get; } =
        Gen.OneOf(Transaction, Inventory, Settled, Bridged, Several);

    private static Gen<Bundle> Of(int? kind) => Gen.Int[0, 9_999].Array[6, 60].Select(picks =>
    {
        WellTyped walk = new(picks);
        Block[] blocks = kind is { } one ? [walk.Block(one)] : walk.Blocks(0);
        return Declared([.. blocks]) with { Limits = walk.Limits() };
    });

    private int Pick(int count) => (picks[at++ % picks.Length] + (at / picks.Length)) % count;

    private T PickOf<T>(IReadOnlyList<T> items) => items[Pick(items.Count)];

    private Limits? Limits() => Pick(3) == 0 ? null : new Limits(
        null, new Duration(90_000),
        [
            .. chainsUsed.Order().Take(Pick(3))
                .Select(chain => new GasLimit(N(chain), 900_000_000, 5)),
        ]);

    /// <summary>A few blocks, and fewer as the bundle grows.</summary>
    private Block[] Blocks(int depth) => [.. Enumerable.Range(0, at < Large ? 1 + Pick(3) : 1)
        .Select(_ => at < Large && depth < 2 && Pick(4) == 0
            ? new ParallelBlock([.. SideBySide(2, _ => new BlockBranch([.. Blocks(depth + 1)]))])
            : Block(at < Large ? Pick(4) : 0))];

    private Block Block(int kind) => kind switch
    {
        0 => TransactionBlock(),
        1 => new InventoryBlock([.. SideBySide(1 + Pick(3), InventoryLeg)]),
        2 => SettledBlock(),
        _ => BridgedBlock(),
    };

    /// <summary>Branches that keep off each other's pools.</summary>
    private List<T> SideBySide<T>(int count, Func<int, T> branch)
    {
        (HashSet<string> outerBusy, HashSet<string> outer) = (busy, touched);
        HashSet<string> all = [];
        List<T> made = [];
        for (int i = 0; i < count; i++)
        {
            (busy, touched) = ([.. outerBusy, .. all], []);
            made.Add(branch(i));
            all.UnionWith(touched);
        }
        outer.UnionWith(all);
        (busy, touched) = (outerBusy, outer);
        return made;
    }

    private string Chain()
    {
        string chain = PickOf(Chains).Name;
        chainsUsed.Add(chain);
        return chain;
    }

    private Name Fresh() => N($"w{names++}");

    private TransactionBlock TransactionBlock()
    {
        string chain = Chain();
        List<Statement> body = [];
        List<Open> open = [];
        Flow(body, open, chain, 2 + Pick(5));
        End(body, open);
        return new TransactionBlock(N(chain), [.. body]);
    }

    private Leg InventoryLeg(int i)
    {
        string chain = Chain();
        List<Statement> body = [];
        List<Open> open = [];
        Flow(body, open, chain, 1 + Pick(4));
        HashSet<char> taken =
            [.. Steps(body).OfType<TakeStatement>().Select(t => t.Amount.Asset.Symbol.Text[0])];
        List<Open> results = [.. open.Where(wire => !taken.Contains(wire.Asset))];
        EndKept(body, open);
        return new Leg(N($"leg{i}"), N(chain), null, [.. body],
            [.. results.SelectMany(wire => Remedies(wire, taken.First()))]);
    }

    private IEnumerable<Statement> Remedies(Open wire, char back)
    {
        int pick = Pick(5);
        if (pick < 3)
            yield return new SwapBackStatement(
                N(wire.Name), Ref(back), Via(wire.Asset, back, 'q'), Q(7));
        if (pick == 3)
            yield return new HedgeStatement(
                N(wire.Name), new VenueRef(N("perp"), null), new Percent(ExactDecimal.Of(1)));
        if (pick is 0 or 4)
            yield return new HoldStatement(
                N(wire.Name), Much(9_000, wire.Asset), new Duration(1_000));
    }

    private SettledBlock SettledBlock()
    {
        List<Leg> legs = SideBySide(2 + Pick(2), LockingLeg);
        List<Statement> commit = [.. legs.Select(leg => new NovateStatement(leg.Name))];
        commit.Insert(Pick(commit.Count + 1), new PayStatement(null, null, N("me")));
        List<Statement> abort =
            [.. legs.Select(leg => new UnwindStatement(leg.Name, Pick(3) == 0 ? null : Q(95)))];
        abort.Insert(Pick(abort.Count + 1),
            new ShortfallStatement(Pick(3) == 0 ? N("bank") : null));
        return new SettledBlock(new Certificate(N("ops"), 3, 4), new Duration(48 * 3_600_000),
            [.. legs], [.. commit], [.. abort]);
    }

    private Leg LockingLeg(int i)
    {
        string chain = Chain();
        List<Statement> body = [];
        List<Open> open = [];
        if (Pick(4) == 0) Borrow(body, "free", direct: true);
        int loans = 1 + Pick(2);
        List<string> debts = [];
        char owed = 'A';
        for (int k = 0; k < loans; k++)
        {
            Name loan = Fresh();
            owed = PickOf(Assets.ToArray());
            body.Add(new LendStatement(loan, Much(100, owed), N(Pick(2) == 0 ? "house" : "bank")));
            debts.Add(loan.Text);
            open.Add(new Open(loan.Text, owed, 100, true));
        }
        for (int k = Pick(3); k > 0; k--) Swap(body, open, chain);
        for (int k = 0; k < loans; k++)
            body.Add(new EscrowStatement(N(open[k].Name), N(debts[k]),
                new Percent(ExactDecimal.Of(101))));
        return new Leg(N($"leg{i}"), N(chain), Much(10, owed), [.. body], null);
    }

    private BridgedBlock BridgedBlock()
    {
        int count = 2 + Pick(2);
        int first = Pick(3);
        List<Leg> legs = [];
        List<Open> open = [];
        List<Open> arrivals = [];
        for (int i = 0; i < count; i++)
        {
            string chain = Chains[(first + i) % 3].Name;
            chainsUsed.Add(chain);
            List<Statement> body = [];
            Flow(body, open, chain, 1 + Pick(3));
            if (i + 1 < count)
            {
                Open left = PickOf(open);
                open.Remove(left);
                Name arrived = Fresh();
                ulong low = Math.Min(left.Low, 50);
                body.Add(new BridgeStatement(arrived, N(left.Name),
                    N(Chains[(first + i + 1) % 3].Name), N("across"), Q(low)));
                EndKept(body, open);
                open = [new Open(arrived.Text, left.Asset, low, false)];
                arrivals.Add(open[0]);
            }
            else
            {
                EndKept(body, open);
            }
            legs.Add(new Leg(N($"leg{i}"), N(chain), null, [.. body], null));
        }
        return new BridgedBlock([.. legs],
        [
            .. arrivals.SelectMany(
                (wire, i) => Compensation(wire, Chains[(first + i + 1) % 3].Name)),
        ]);
    }

    private IEnumerable<Statement> Compensation(Open wire, string chain)
    {
        char other = PickOf(Assets.Where(asset => asset != wire.Asset).ToArray());
        string pool = $"{chain} {Via(wire.Asset, other, 'q').Name}";
        switch (Pick(4))
        {
            case 2 when busy.Contains(pool):
            case 0:
                yield return new HoldStatement(
                    N(wire.Name), Much(9_000, wire.Asset), new Duration(1_000));
                yield return new KeepStatement(N(wire.Name), N("house"));
                break;
            case 1:
                yield return new SwapBackStatement(
                    N(wire.Name), Ref(other), Via(wire.Asset, other, 'p'), Q(7));
                break;
            case 2:
                touched.Add(pool);
                Name swapped = Fresh();
                yield return new SwapStatement(
                    swapped, N(wire.Name), Ref(other), Via(wire.Asset, other, 'q'), Q(7));
                yield return new KeepStatement(swapped, N("bank"));
                break;
            default:
                yield return new PayStatement(N(wire.Name), null, N("me"));
                break;
        }
    }

    /// <summary>Some steps of own funds and flash loans; every loan is repaid.</summary>
    private void Flow(List<Statement> body, List<Open> open, string chain, int steps)
    {
        Take(body, open, PickOf(Assets.ToArray()));
        for (int i = 0; i < steps; i++)
        {
            switch (Pick(8))
            {
                case 0:
                    Take(body, open, PickOf(Assets.ToArray()));
                    break;
                case 1:
                    Borrow(body, PickOf(["flashes", "free", "pAB"]), direct: false, open, chain);
                    break;
                case 2:
                    PayPart(body, open);
                    break;
                case 3 when open.Count > 1:
                    Parallel(body, open, chain);
                    break;
                default:
                    Swap(body, open, chain);
                    break;
            }
        }
    }

    private void Take(List<Statement> body, List<Open> open, char asset)
    {
        Name wire = Fresh();
        ulong much = 50 + (ulong)Pick(100);
        body.Add(new TakeStatement(wire, Much(much, asset), N(PickOf(["house", "bank", "me"]))));
        open.Add(new Open(wire.Text, asset, much, true));
    }

    private void Borrow(
        List<Statement> body, string lender, bool direct, List<Open>? open = null,
        string chain = "")
    {
        Name loan = Fresh();
        char asset = PickOf(Assets.ToArray());
        ulong much = 50 + (ulong)Pick(100);
        body.Add(new FlashStatement(loan, Much(much, asset), N(lender)));
        if (direct || open is null || (lender == "free" && Pick(2) == 0))
        {
            body.Add(new RepayStatement(loan, loan));
            return;
        }
        open.Add(new Open(loan.Text, asset, much, true));
        for (int i = Pick(3); i > 0; i--) Swap(body, open, chain);
        if (!open.Any(wire => wire.Asset == asset && wire.Low > much + 1)) Fund(body, open, asset);
        int payer = open.FindIndex(wire => wire.Asset == asset && wire.Low > much + 1);
        body.Add(new RepayStatement(loan, N(open[payer].Name)));
        open[payer] = open[payer] with { Low = open[payer].Low - much - 1 };
    }

    private void Fund(List<Statement> body, List<Open> open, char asset)
    {
        Name wire = Fresh();
        body.Add(new TakeStatement(wire, Much(500, asset), N("house")));
        open.Add(new Open(wire.Text, asset, 500, true));
    }

    private void PayPart(List<Statement> body, List<Open> open)
    {
        int i = Pick(open.Count);
        if (open[i].Low < 3) return;
        Name to = N(PickOf(["me", "house"]));
        body.Add(new PayStatement(N(open[i].Name), Much(1, open[i].Asset), to));
        open[i] = open[i] with { Low = open[i].Low - 1 };
    }

    private void Parallel(List<Statement> body, List<Open> open, string chain)
    {
        List<Open>[] parts = [open[..1], open[1..]];
        open.Clear();
        List<StatementBranch> branches = SideBySide(2, i =>
        {
            List<Statement> steps = [];
            for (int k = 1 + Pick(2); k > 0; k--) Swap(steps, parts[i], chain);
            open.AddRange(parts[i]);
            return new StatementBranch([.. steps]);
        });
        body.Add(new ParallelStatement([.. branches]));
    }

    private void Swap(List<Statement> body, List<Open> open, string chain)
    {
        int i = Pick(open.Count);
        Open from = open[i];
        char to = PickOf(Assets.Where(asset => asset != from.Asset).ToArray());
        char set = PickOf(['p', 'q', 'z', 'v']);
        string pair = from.Asset < to ? $"{from.Asset}{to}" : $"{to}{from.Asset}";
        if (set == 'z' && pair != "AB") set = 'p';
        string pool = $"{chain} {(set == 'z' ? 'p' : set)}{pair}";
        if (busy.Contains(pool)) return;
        touched.Add(pool);
        Name result = Fresh();
        VenueRef via = set == 'v'
            ? new VenueRef(N("univ3"), Percent.OfPips(500))
            : Via(from.Asset, to, set);
        body.Add(new SwapStatement(result, N(from.Name), Ref(to), via, Q(Promised)));
        open[i] = new Open(result.Text, to, Promised, false);
    }

    private void End(List<Statement> body, List<Open> open)
    {
        foreach (Open wire in open)
            body.Add(Pick(4) == 0
                ? new PayStatement(N(wire.Name), null, N("me"))
                : Kept(wire));
    }

    private void EndKept(List<Statement> body, List<Open> open)
    {
        foreach (Open wire in open) body.Add(Kept(wire));
    }

    private KeepStatement Kept(Open wire) =>
        new(N(wire.Name), Pick(2) == 0 ? null : N(PickOf(["house", "bank"])));

    /// <summary>All steps of a flow, those of its branches in place.</summary>
    public static IEnumerable<Statement> Steps(IEnumerable<Statement> body) =>
        body.SelectMany(step => step is ParallelStatement par
            ? par.Branches.SelectMany(branch => Steps(branch.Body))
            : [step]);

    private static AssetRef Ref(char asset) => new(N($"{asset}"), null);

    private static VenueRef Via(char x, char y, char set) =>
        new(N(x < y ? $"{set}{x}{y}" : $"{set}{y}{x}"), null);
}
