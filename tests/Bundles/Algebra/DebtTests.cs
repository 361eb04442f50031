// DebtTests: a debt stays in its scope, loans straighten, and only I -> I is a whole bundle.
using CsCheck;
using Lockstep.Bundles.Algebra;
using Lockstep.Model;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Bundles.Algebra;

using static Lockstep.Tests.Bundles.Algebra.DiagramGen;

public sealed class DebtTests
{
    private static readonly Transaction Here = Txs[0], Later = Txs[1], There = Txs[2];
    private static readonly AssetId Usdc = Asset(Chains[0], 0), Weth = Asset(Chains[0], 1);
    private static readonly AssetId Far = Asset(Chains[1], 0);

    /// <summary>Any kind of step, any transaction, any asset: a tx debt that is not at home is
    /// refused, and the reason tells a chain from a transaction.</summary>
    [Fact]
    public void TxDebt_AwayFromHome_IsAlwaysRefused() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3], Tapes).Sample((home, at, kind, a) =>
        {
            Tape tape = new(a);
            Scope scope = Scope.Tx(Txs[home]);
            AssetId asset = Asset(Txs[home].Chain, tape.Next(2));
            Wire debt = Wire.Debt(asset, scope).Value;
            Effect effect = DrawEffect(tape, Txs[at].Chain);
            Attempt<Box> box = kind switch
            {
                0 => Box.Act("hold", "p", Txs[at], [debt], [debt], effect),
                1 => Box.Lend("p", Txs[at], Wire.Of(asset), scope, effect),
                2 => Box.Repay("p", Txs[at], [Wire.Of(asset)], debt, [], effect),
                _ => Box.Cross(
                    "go", "p", Txs[at], [debt], [debt, Wire.Of(Assets[(at < 2 ? 2 : 0)])], effect),
            };
            bool sameChain = Txs[home].Chain == Txs[at].Chain;
            if (home == at && kind < 3)
                Assert.Null(box.Refusal);
            else if (kind is 1 or 2 && !sameChain)
                Assert.Contains(box.Refusal!.Fault,
                    new[] { Fault.TxDebtCrossesChain, Fault.ForeignChain });
            else if (sameChain && kind < 3)
                Assert.Equal(Fault.TxDebtLeavesTransaction, box.Refusal?.Fault);
            else
                Assert.Equal(Fault.TxDebtCrossesChain, box.Refusal?.Fault);
        }, iter: 1000);

    /// <summary>Nor by plugging: the scope is part of the type.</summary>
    [Fact]
    public void TxDebt_PluggedElsewhere_IsAlwaysRefused() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3]).Sample((from, to) =>
        {
            Wire Debt(int tx) => Wire.Debt(Asset(Txs[tx].Chain, 0), Scope.Tx(Txs[tx])).Value;
            Refusal? why = Diagram.Identity(Debt(from)).Then(Diagram.Identity(Debt(to))).Refusal;
            Fault? expected = from == to ? null
                : Txs[from].Chain == Txs[to].Chain ? Fault.TxDebtLeavesTransaction
                : Fault.TxDebtCrossesChain;
            Assert.Equal(expected, why?.Fault);
            if (why is not null)
                Assert.Contains("use an htlb scope", why.Words, StringComparison.Ordinal);
        });

    [Fact]
    public void TxDebt_OfAnotherChainsAsset_IsRefused()
    {
        Refusal? why = Wire.Debt(Far, Scope.Tx(Here)).Refusal;
        Assert.Equal(Fault.TxDebtCrossesChain, why?.Fault);
        Assert.Contains("flash loan ends on its own chain", why!.Words, StringComparison.Ordinal);
        Assert.Null(Wire.Debt(Far, Scope.Across(ScopeKind.Htlb, "b")).Refusal);
    }

    /// <summary>The debt stays at home and only the money travels: every type fits, and the
    /// transaction would have to wait for the bridge.</summary>
    [Fact]
    public void FlashLoan_WhenItsMoneyTravels_TearsTheTransaction()
    {
        Wire near = Wire.Of(Usdc, 100), far = Wire.Of(Far, 100);
        Diagram lend =
            Diagram.Of(Box.Lend("vault", Here, near, Scope.Tx(Here), Effect.None).Value);
        Diagram debt = Diagram.Identity(lend.Outputs[1]);
        Diagram go = Diagram.Of(Box.Cross("go", "b", Here, [near], [far], Effect.None).Value);
        Diagram back = Diagram.Of(Box.Cross("back", "b", There, [far], [near], Effect.None).Value);
        Diagram repay = Diagram.Of(
            Box.Repay("vault", Here, [near], lend.Outputs[1], [], Effect.None).Value);
        Diagram trip = go.Then(back).Value.Beside(debt).Value;
        Refusal[] why = [.. Closing.Check(lend.Then(trip).Value.Then(repay).Value)];
        Assert.Equal(
            [Fault.TransactionSplit, Fault.TransactionSplit], why.Select(one => one.Fault));
        Assert.Contains(why, one => one.Words.StartsWith($"{Here} ", StringComparison.Ordinal));
        Assert.Empty(Closing.Check(lend.Then(repay).Value));
    }

    /// <summary>What waits for a torn transaction is not torn itself.</summary>
    [Fact]
    public void Closing_WhenTransactionsTakeTurnsOnAPool_NamesThem()
    {
        Effect writes = new(new Footprint([], [Resource.Pool(PoolId.Parse($"{Chains[0]}:0x1"))]));
        Diagram In(Transaction at) =>
            Diagram.Of(Box.Act("a", "p", at, [], [], writes).Value);
        Transaction third = new(Chains[0], "t9");
        Diagram turns = In(Here).Then(In(Later)).Value;
        Assert.Empty(Closing.Check(turns.Then(In(third)).Value));
        turns = turns.Then(In(Here)).Value.Then(In(third)).Value;
        Assert.Equal(
            [Here.ToString(), Later.ToString()],
            Closing.Check(turns).Select(why => why.Words.Split(' ')[0]).Order());
    }

    /// <summary>(lend (x) id) ; (id (x) repay) = id: in the ledger always, in gas never dearer.
    /// </summary>
    [Fact]
    public void Snake_IsTheWire() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        Wire wire = Wire.Of(Usdc, (UInt256)(ulong)(1 + tape.Next(9)));
        Diagram snake = Bend(tape, wire);
        Diagram id = Diagram.Identity(wire);
        Assert.True(Snake.Straighten(snake).SameAs(id));
        Assert.Equal(Ledger.Of(id).ToString(), Ledger.Of(snake).ToString());
    }, iter: 500);

    /// <summary>Anywhere inside a diagram: f;(snake (x) id);g straightens to f;g.</summary>
    [Fact]
    public void Snake_InsideADiagramStraightens() => Gen.Select(Tapes, Tapes).Sample((a, b) =>
    {
        Tape tape = new(a);
        Wire wire = Wire.Of(Usdc, 7);
        Diagram f = Draw(tape, [wire, .. Wires(tape)], loans: false);
        int at = f.Outputs.ToList().FindIndex(one => one == wire);
        if (at < 0) return;
        Diagram g = Draw(new Tape(b), f.Outputs, loans: false);
        Diagram bent = Diagram.Identity(f.Outputs[..at])
            .Beside(Bend(tape, wire)).Value.Beside(Diagram.Identity(f.Outputs[(at + 1)..])).Value;
        Diagram straight = f.Then(g).Value;
        Diagram longer = f.Then(bent).Value.Then(g).Value;
        Assert.True(Snake.Straighten(longer).SameAs(straight));
        Assert.Equal(Ledger.Of(straight).ToString(), Ledger.Of(longer).ToString());
        foreach (var (chain, gas) in straight.Gas(GasSchedule.Berlin))
            Assert.True(gas <= longer.Gas(GasSchedule.Berlin)[chain]);
    }, iter: 1000);

    [Fact]
    public void Straighten_KeepsTypeAndLedger() => Tapes.Sample(a =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, Wires(tape));
        Diagram g = Snake.Straighten(f);
        Assert.Equal([.. f.Inputs], g.Inputs.ToArray());
        Assert.Equal([.. f.Outputs], g.Outputs.ToArray());
        Assert.Equal(Ledger.Of(f).ToString(), Ledger.Of(g).ToString());
    }, iter: 1000);

    [Fact]
    public void Straighten_RespectsEquality() => Gen.Select(Tapes, Tapes).Sample((a, b) =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, [Wire.Of(Usdc, 1), Wire.Of(Usdc, 2), .. Wires(tape)]);
        Diagram g = Rewriting.Walk(new Tape(b), f);
        Assert.True(Snake.Straighten(f).SameAs(Snake.Straighten(g)));
    }, iter: 1000);

    /// <summary>Two loans that repay each other: one is needed, which one is a choice.</summary>
    [Fact]
    public void Straighten_OfTwoLoops_LeavesOneOfTwo()
    {
        Wire w = Wire.Of(Usdc, 7);
        Box Lend(string vault) =>
            Box.Lend(vault, Here, w, Scope.Tx(Here), Effect.None).Value;
        Box Repay(string vault) =>
            Box.Repay(vault, Here, [w], Lend(vault).Outputs[1], [], Effect.None).Value;
        Box Act(string name) => Box.Act(name, "p", Here, [w], [w], Effect.None).Value;
        Diagram Left(string vault, string first, string second) => Diagram.Assemble(
            [], [Lend(vault), Act(first), Act(second), Repay(vault)],
            [[], [new(0, 0)], [new(1, 0)], [new(2, 0), new(0, 1)]], []).Value;
        Diagram both = Diagram.Assemble(
            [], [Lend("a"), Lend("b"), Act("f"), Act("g"), Repay("a"), Repay("b")],
            [[], [], [new(0, 0)], [new(1, 0)],
                [new(3, 0), new(0, 1)], [new(2, 0), new(1, 1)]], []).Value;
        Diagram exchanged = Rewriting.Exchange(Parts.Of(both), 4).Join().Value;
        Diagram one = Snake.Straighten(both);
        Assert.True(one.SameAs(Snake.Straighten(exchanged)));
        Assert.False(Left("a", "f", "g").SameAs(Left("b", "g", "f")));
        Assert.True(one.SameAs(Left("a", "f", "g")) != one.SameAs(Left("b", "g", "f")));
    }

    /// <summary>A loan that earns its own repayment is needed; with a fee it is not even.</summary>
    [Fact]
    public void FlashLoan_WhenNeeded_StaysBent()
    {
        Diagram flash = Flash(earned: 100, repaid: 100);
        Assert.Same(flash, Snake.Straighten(flash));
        Assert.Empty(Closing.Check(flash));
    }

    /// <summary>Taking from one vault and giving to another moves money, and paying a fee does:
    /// neither is a bare wire.</summary>
    [Fact]
    public void Snake_WhenLedgersWouldChange_StaysBent()
    {
        Wire w = Wire.Of(Usdc, 7), more = Wire.Of(Usdc, 8);
        Box lend = Box.Lend("vault", Here, w, Scope.Tx(Here), Effect.None).Value;
        int Steps(string lender, Wire paid) => Snake.Straighten(Diagram.Assemble(
            [paid], [lend, Box.Repay(lender, Here, [paid], lend.Outputs[1], [], Effect.None).Value],
            [[], [new(-1, 0), new(0, 1)]], [new(0, 0)]).Value).Steps.Length;
        Assert.Equal(0, Steps("vault", w));
        Assert.Equal(2, Steps("vault", more));
        Assert.Equal(2, Steps("other", w));
    }

    [Fact]
    public void Credit_WhenStraightened_CanCostTime()
    {
        Wire wire = Wire.Of(Usdc, 7);
        Diagram Wait(string name) => Diagram.Of(Box.Act(
            name, "p", Here, [wire], [wire], new Effect(Footprint.Empty, 0, 100)).Value);
        Diagram bent = Wait("before")
            .Then(Bend(new Tape([]), wire)).Value.Then(Wait("after")).Value;
        Assert.Equal(100UL, bent.LatencyMs());
        Assert.Equal(200UL, Snake.Straighten(bent).LatencyMs());
    }

    [Fact]
    public void Repay_WhenTooLittle_IsRefused()
    {
        Wire debt = Wire.Debt(Usdc, Scope.Tx(Here), 100).Value;
        Attempt<Box> Repay(params Wire[] paid) =>
            Box.Repay("vault", Here, paid, debt, [], Effect.None);
        Assert.Equal(Fault.Underpaid, Repay(Wire.Of(Usdc, 99)).Refusal?.Fault);
        Assert.Equal(Fault.Underpaid, Repay(Wire.Of(Weth, 100)).Refusal?.Fault);
        Assert.Equal(Fault.Underpaid, Repay().Refusal?.Fault);
        Assert.Null(Repay(Wire.Of(Usdc, 100)).Refusal);
        // Unknown when the step was made, known once it is plugged: the closing check sees it.
        Refusal why = Assert.Single(Closing.Check(Flash(earned: 99, repaid: null)));
        Assert.Equal(Fault.Underpaid, why.Fault);
    }

    [Fact]
    public void Acts_NeitherMakeNorEraseDebts()
    {
        Wire debt = Wire.Debt(Usdc, Scope.Across(ScopeKind.Htlb, "b"), 5).Value;
        Fault? Act(Wire[] from, Wire[] to) =>
            Box.Act("a", "p", Here, from, to, Effect.None).Refusal?.Fault;
        Assert.Equal(Fault.DebtMade, Act([], [debt]));
        Assert.Equal(Fault.DebtMade, Act([debt], [debt, debt]));
        Assert.Equal(Fault.DebtErased, Act([debt], []));
        Assert.Null(Act([debt], [debt]));
        Assert.Equal(Fault.DebtLent, Box.Lend(
            "v", Here, debt, Scope.Across(ScopeKind.Htlb, "b"), Effect.None).Refusal?.Fault);
        Assert.Equal(Fault.ForeignChain, Act([Wire.Of(Far)], []));
        Assert.Equal(Fault.NothingCrosses, Box.Cross(
            "x", "p", Here, [Wire.Of(Usdc)], [Wire.Of(Usdc)], Effect.None).Refusal?.Fault);
    }

    /// <summary>Two vaults, two chains: each leg's debt is paid in kind by what was bought.
    /// </summary>
    [Fact]
    public void SettledBundle_WhenNovated_Closes()
    {
        Scope htlb = Scope.Across(ScopeKind.Htlb, "spread");
        Diagram Leg(Transaction at, Wire lent, Wire bought)
        {
            Diagram lend = Diagram.Of(Box.Lend("vault", at, lent, htlb, Effect.None).Value);
            Diagram swap =
                Diagram.Of(Box.Act("swap", "pool", at, [lent], [bought], Effect.None).Value);
            Transaction commit = at with { Name = "commit" };
            Diagram novate = Diagram.Of(
                Box.Repay("vault", commit, [bought], lend.Outputs[1], [], Effect.None).Value);
            Diagram debt = Diagram.Identity(lend.Outputs[1]);
            return lend.Then(swap.Beside(debt).Value).Value.Then(novate).Value;
        }
        Diagram bundle = Leg(Here, Wire.Of(Usdc, 250), Wire.Of(Weth, 10))
            .Parallel(Leg(There, Wire.Of(Far, 9), Wire.Of(Asset(Chains[1], 1), 255))).Value;
        Assert.Empty(Closing.Check(bundle));
        Assert.Equal(-250, (int)Ledger.Of(bundle).Gain("vault", Usdc).Known);
    }

    [Fact]
    public void Closing_WhenEndsAreLoose_NamesEachOfThem()
    {
        Wire lent = Wire.Of(Usdc, 1);
        Diagram lend =
            Diagram.Of(Box.Lend("v", Here, lent, Scope.Tx(Here), Effect.None).Value);
        Assert.Equal(
            [Fault.WireDropped, Fault.DebtOpen], Closing.Check(lend).Select(why => why.Fault));
        Assert.Equal(
            [Fault.WireDropped, Fault.WireDropped],
            Closing.Check(Diagram.Identity(lent)).Select(why => why.Fault));
        Assert.Empty(Closing.Check(Diagram.Nothing));
    }

    /// <summary>wire -> wire by way of a loan: what comes out was borrowed, what goes in repays.
    /// </summary>
    private static Diagram Bend(Tape tape, Wire wire)
    {
        Diagram lend = Diagram.Of(Box.Lend(
            "vault", Here, wire, Scope.Tx(Here), DrawEffect(tape, Here.Chain)).Value);
        Wire debt = lend.Outputs[1];
        Diagram repay = Diagram.Of(Box.Repay(
            "vault", Here, [wire], debt, [], DrawEffect(tape, Here.Chain)).Value);
        Diagram id = Diagram.Identity(wire);
        return lend.Beside(id).Value
            .Then(id.Beside(Diagram.Swap([debt], [wire])).Value).Value
            .Then(id.Beside(repay).Value).Value;
    }

    private static Diagram Flash(UInt256 earned, UInt256? repaid)
    {
        Wire lent = Wire.Of(Usdc, 100), weth = Wire.Of(Weth), back = Wire.Of(Usdc, earned);
        Diagram lend =
            Diagram.Of(Box.Lend("vault", Here, lent, Scope.Tx(Here), Effect.None).Value);
        Wire debt = lend.Outputs[1];
        Diagram trade = Diagram.Of(Box.Act("sell", "p1", Here, [lent], [weth], Effect.None).Value)
            .Then(Diagram.Of(Box.Act("buy", "p2", Here, [weth], [back], Effect.None).Value)).Value;
        Diagram repay = Diagram.Of(Box.Repay(
            "vault", Here, [Wire.Of(Usdc, repaid)], debt, [], Effect.None).Value);
        return lend.Then(trade.Beside(Diagram.Identity(debt)).Value).Value.Then(repay).Value;
    }
}
