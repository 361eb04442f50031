// BundleMachine: runs a bundle as it is written, statement by statement; no plan comes into it.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Tests.Bundles.Check;

namespace Lockstep.Tests.Bundles.Gas;

/// <summary>What docs/language.md says a bundle does, on a <see cref="World"/>: the meaning that
/// plans have to keep.</summary>
internal sealed class BundleMachine(Bundle bundle)
{
    private readonly World world = new();
    private Dictionary<string, (string Asset, BigInteger Amount)> wires = [];
    private readonly Dictionary<string, (string Lender, BigInteger Owed)> debts = [];
    private readonly List<Action> outcomes = [];

    /// <summary>Fees of the lenders of <see cref="CheckerGen"/>, by contract, in pips.</summary>
    public static Dictionary<string, int> Lenders { get; } = CheckerGen.Declared([]).Contracts
        .Where(one => one.Role == ContractRole.Lender)
        .ToDictionary(one => $"{one.Account}", one => one.Name.Text switch
        {
            "flashes" => 500,
            "pAB" => 900,
            _ => 0,
        });

    public static World Run(Bundle bundle, bool commits)
    {
        BundleMachine machine = new(bundle);
        foreach (Block block in bundle.Blocks) machine.Block(block, commits);
        machine.world.Phase = commits ? "commit" : "abort";
        foreach (Action outcome in machine.outcomes) outcome();
        return machine.world;
    }

    private void Block(Block block, bool commits)
    {
        wires = [];
        switch (block)
        {
            case TransactionBlock one: Body(one.Body, one.Chain); break;
            case InventoryBlock one: foreach (Leg leg in one.Legs) Body(leg.Body, leg.Chain); break;
            case BridgedBlock one: foreach (Leg leg in one.Legs) Body(leg.Body, leg.Chain); break;
            case SettledBlock one: foreach (Leg leg in one.Legs) Lock(one, leg, commits); break;
            case ParallelBlock one:
                foreach (BlockBranch branch in one.Branches)
                    foreach (Block inner in branch.Blocks) Block(inner, commits);
                break;
        }
    }

    private void Body(SyntaxList<Statement> body, Name on)
    {
        foreach (Statement step in WellTyped.Steps(body)) Step(step, on);
    }

    private void Step(Statement step, Name on)
    {
        switch (step)
        {
            case TakeStatement one:
                Bring(one.Result, one.Amount, one.From, on,
                    [ContractRole.Vault, ContractRole.Account]);
                break;
            case LendStatement one:
                Bring(one.Result, one.Amount, one.From, on, [ContractRole.Vault]);
                break;
            case FlashStatement one:
                BigInteger lent =
                    Bring(one.Result, one.Amount, one.From, on, [ContractRole.Lender]);
                string lender = Contract(one.From, on, ContractRole.Lender);
                debts[one.Result.Text] = (lender, lent + World.Fee(lent, Lenders[lender]));
                break;
            case SwapStatement one:
                (string asset, BigInteger amount) = wires[one.Input.Text];
                string pool = Pool(one.Via, on, asset, Asset(one.To.Symbol, on));
                world.Move(World.Executor, pool, asset, amount);
                BigInteger brought = world.Quote(pool, amount);
                world.Move(pool, World.Executor, Asset(one.To.Symbol, on), brought);
                wires[one.Result.Text] = (Asset(one.To.Symbol, on), brought);
                break;
            case BridgeStatement one:
                (string left, BigInteger much) = wires[one.Input.Text];
                Name symbol = bundle.Assets.First(a => $"{a.Asset}" == left).Symbol;
                string bridge = Contract(one.Via, on, ContractRole.Bridge);
                world.Move(World.Executor, bridge, left, much);
                world.Move(bridge, World.Executor, Asset(symbol, one.To), much);
                wires[one.Result.Text] = (Asset(symbol, one.To), much);
                break;
            case RepayStatement one:
                (string to, BigInteger owed) = debts[one.Debt.Text];
                Pay(one.From, to, owed);
                break;
            case KeepStatement { To: { } keeper } one:
                Pay(one.Input,
                    Contract(keeper, on, ContractRole.Vault, ContractRole.Account), null);
                break;
            case PayStatement one:
                Pay(one.Input!, Contract(one.To, on, ContractRole.Account, ContractRole.Vault),
                    one.Amount is { } part ? Units(part, on) : null);
                break;
        }
    }

    /// <summary>A settled leg: bond and escrow go to the lock, the outcome says who gets them.
    /// </summary>
    private void Lock(SettledBlock block, Leg leg, bool commits)
    {
        wires = [];
        string bondAsset = Asset(leg.Bond!.Asset.Symbol, leg.Chain);
        BigInteger bond = Units(leg.Bond, leg.Chain);
        world.Move(World.Executor, "lock", bondAsset, bond);
        Body(leg.Body, leg.Chain);
        bool first = true;
        List<Action> paid = [];
        foreach (EscrowStatement escrow in leg.Body.OfType<EscrowStatement>())
        {
            (string asset, BigInteger amount) = wires[escrow.Input.Text];
            world.Move(World.Executor, "lock", asset, amount);
            LendStatement loan =
                leg.Body.OfType<LendStatement>().First(one => one.Result.Text == escrow.Debt.Text);
            string vault = Contract(loan.From, leg.Chain, ContractRole.Vault);
            string owed = Asset(loan.Amount.Asset.Symbol, leg.Chain);
            if (commits) outcomes.Add(Commit(first));
            else outcomes.Add(Unwind);
            if (first && !commits)
            {
                bool bondPays = block.Abort.OfType<ShortfallStatement>().Single().From is null;
                paid.Add(() => world.Move(
                    bondPays ? "lock" : Contract(N("bank"), leg.Chain, ContractRole.Vault), vault,
                    bondPays ? bondAsset : owed, 3));
                paid.Add(() => world.Move(
                    "lock", World.Executor, bondAsset, bondPays ? bond - 3 : bond));
            }
            first = false;

            Action Commit(bool paysSurplus) => () =>
            {
                BigInteger surplus = paysSurplus ? 3 : 0;
                world.Move("lock", vault, asset, amount - surplus);
                string searcher = Contract(N("me"), leg.Chain, ContractRole.Account);
                world.Move("lock", searcher, asset, surplus);
            };
            void Unwind()
            {
                world.Move("lock", "market", asset, amount);
                world.Move("market", vault, owed, World.Market(amount));
            }
        }
        if (commits) paid.Add(() => world.Move("lock", World.Executor, bondAsset, bond));
        outcomes.AddRange(paid);
    }

    private void Pay(Name wire, string to, BigInteger? part)
    {
        (string asset, BigInteger amount) = wires[wire.Text];
        BigInteger paid = part ?? amount;
        world.Move(World.Executor, to, asset, paid);
        wires[wire.Text] = (asset, amount - paid);
    }

    private BigInteger Bring(Name result, Amount amount, Name from, Name on, ContractRole[] roles)
    {
        (string asset, BigInteger units) = (Asset(amount.Asset.Symbol, on), Units(amount, on));
        world.Move(Contract(from, on, roles), World.Executor, asset, units);
        wires[result.Text] = (asset, units);
        return units;
    }

    private static Name N(string name) => new(name);

    private string Asset(Name symbol, Name on) =>
        $"{bundle.Assets.First(one => one.Symbol == symbol && one.On == on).Asset}";

    private BigInteger Units(Amount amount, Name on) =>
        BigInteger.Parse($"{amount.Quantity.Value.Mantissa}") * BigInteger.Pow(10,
            bundle.Assets.First(a => a.Symbol == amount.Asset.Symbol && a.On == on).Decimals);

    private string Contract(Name name, Name on, params ContractRole[] roles) => $"{roles
        .SelectMany(role => bundle.Contracts.Where(one =>
            one.Role == role && one.Name == name && one.On == on))
        .First().Account}";

    private string Pool(VenueRef via, Name on, string x, string y)
    {
        if (via.FeeTier is null)
            return $"{bundle.Pools.First(one => one.Name == via.Name && one.On == on).Pool}";
        string[] pair = [.. new[] { x, y }
            .Select(id => bundle.Assets.First(one => $"{one.Asset}" == id).Symbol.Text).Order()];
        string chain = $"{bundle.Chains.First(one => one.Name == on).Chain}";
        return $"{chain}:{via.Name}-{via.FeeTier.Value}%-{pair[0]}-{pair[1]}";
    }
}
