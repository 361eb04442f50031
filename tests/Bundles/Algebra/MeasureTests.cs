// MeasureTests: the ledger is a functor in double entry; gas is lax; latency is the longest path.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Algebra;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Bundles.Algebra;

using static Lockstep.Tests.Bundles.Algebra.DiagramGen;

public sealed class MeasureTests
{
    private static readonly GasSchedule Berlin = GasSchedule.Berlin;

    [Fact]
    public void Ledger_IsAFunctor() => Pairs.Sample((f, g, fg, both) =>
    {
        string sum = Ledger.Of(f).Plus(Ledger.Of(g)).ToString();
        Assert.Equal(sum, Ledger.Of(fg).ToString());
        Assert.Equal(sum, Ledger.Of(both).ToString());
    }, iter: 1000);

    /// <summary>Over all parties and the boundary every asset sums to zero.</summary>
    [Fact]
    public void Ledger_BalancesInEveryAsset() => Pairs.Sample((_, _, fg, _) =>
    {
        var boundary = Ledger.Boundary(fg);
        foreach (AssetId asset in Assets)
        {
            Position sum = boundary.GetValueOrDefault(asset);
            foreach (var gain in Ledger.Of(fg).Gains.Where(one => one.Asset == asset))
                sum += gain.Gain;
            Assert.Equal(default, sum);
        }
    }, iter: 1000);

    [Fact]
    public void Ledger_WhenALoanIsRepaidWithAFee_KeepsTheFee()
    {
        Wire lent = Wire.Of(Assets[0], 100), paid = Wire.Of(Assets[0], 103);
        Scope tx = Scope.Tx(Txs[0]);
        Diagram lend = Diagram.Of(Box.Lend("vault", Txs[0], lent, tx, Effect.None).Value);
        Wire debt = lend.Outputs[1];
        Diagram earn =
            Diagram.Of(Box.Act("swap", "pool", Txs[0], [lent], [paid], Effect.None).Value);
        Diagram repay =
            Diagram.Of(Box.Repay("vault", Txs[0], [paid], debt, [], Effect.None).Value);
        Ledger ledger = Ledger.Of(lend
            .Then(earn.Beside(Diagram.Identity(debt)).Value).Value.Then(repay).Value);
        Assert.Equal(default, Ledger.Of(lend).Gain("vault", Assets[0]));
        Assert.Equal(new Position(new BigInteger(3), 0), ledger.Gain("vault", Assets[0]));
        Assert.Equal(new Position(new BigInteger(-3), 0), ledger.Gain("pool", Assets[0]));
    }

    [Fact]
    public void Gas_IsLax() => Pairs.Sample((f, g, fg, both) =>
    {
        bool apart = !f.Steps.Select(p => p.Box.At).Intersect(g.Steps.Select(p => p.Box.At)).Any();
        foreach (ChainId chain in Chains)
        {
            ulong sum = Gas(f, chain) + Gas(g, chain);
            Assert.Equal(Gas(fg, chain), Gas(both, chain));
            Assert.True(apart ? Gas(fg, chain) == sum : Gas(fg, chain) <= sum);
            Assert.True(Gas(fg, chain) >= Math.Max(Gas(f, chain), Gas(g, chain)));
        }
    }, iter: 1000);

    [Fact]
    public void Gas_WhenATransactionIsShared_SavesAtLeastItsIntrinsic()
    {
        Diagram one = Diagram.Of(Box.Act("a", "p", Txs[0], [], [], Effect.None).Value);
        Diagram same = Diagram.Of(Box.Act("b", "p", Txs[0], [], [], Effect.None).Value);
        Diagram other = Diagram.Of(Box.Act("b", "p", Txs[1], [], [], Effect.None).Value);
        Assert.Equal(Berlin.Intrinsic, Gas(one.Beside(same).Value, Chains[0]));
        Assert.Equal(2 * Berlin.Intrinsic, Gas(one.Beside(other).Value, Chains[0]));
    }

    /// <summary>The oracle runs the steps and keeps the set of warm resources, as the EVM does.
    /// </summary>
    [Fact]
    public void Gas_IsWhatRunningWithAWarmSetCosts() => Pairs.Sample((_, _, fg, _) =>
    {
        Dictionary<ChainId, ulong> gas = [];
        HashSet<Transaction> begun = [];
        HashSet<(Transaction, Resource)> warm = [];
        foreach (Box box in fg.Steps.Select(placed => placed.Box))
        {
            ulong cost = box.Effect.WarmGas + (begun.Add(box.At) ? 21_000UL : 0);
            foreach (Resource r in box.Effect.Footprint.All.Where(r => warm.Add((box.At, r))))
                cost += r.Kind is ResourceKind.Pool ? 2_600UL - 100 : 2_100UL - 100;
            gas[box.At.Chain] = gas.GetValueOrDefault(box.At.Chain) + cost;
        }
        Assert.Equal(gas.ToImmutableSortedDictionary(), fg.Gas(Berlin));
    }, iter: 1000);

    [Fact]
    public void Latency_IsAtMostTheSumAndSideBySideTheMaximum() =>
        Pairs.Sample((f, g, fg, both) =>
        {
            ulong max = Math.Max(f.LatencyMs(), g.LatencyMs());
            Assert.InRange(fg.LatencyMs(), max, f.LatencyMs() + g.LatencyMs());
            if (f.Parallel(g).Refusal is null) Assert.Equal(max, both.LatencyMs());
            else Assert.InRange(both.LatencyMs(), max, f.LatencyMs() + g.LatencyMs());
        }, iter: 1000);

    /// <summary>Where all of g waits for all of f, `;` is the sum.</summary>
    [Fact]
    public void Latency_OfAChainIsTheSum() =>
        Gen.Int[0, 1000].Array[1, 20].Sample(latencies =>
        {
            Wire wire = Wire.Of(Assets[0]);
            Diagram chain = Diagram.Identity(wire);
            foreach (int ms in latencies)
            {
                Effect effect = new(Footprint.Empty, 0, (ulong)ms);
                chain = chain.Then(Diagram.Of(
                    Box.Act("a", "p", Txs[0], [wire], [wire], effect).Value)).Value;
            }
            Assert.Equal((ulong)latencies.Sum(), chain.LatencyMs());
        });

    [Fact]
    public void Measures_AreInvariantUnderRewrites() => Gen.Select(Tapes, Tapes).Sample((a, b) =>
    {
        Tape tape = new(a);
        Diagram f = Draw(tape, Wires(tape));
        Diagram g = Rewriting.Walk(new Tape(b), f);
        Assert.Equal(f.Gas(Berlin), g.Gas(Berlin));
        Assert.Equal(f.LatencyMs(), g.LatencyMs());
        Assert.Equal(Ledger.Of(f).ToString(), Ledger.Of(g).ToString());
    }, iter: 1000);

    private static ulong Gas(Diagram d, ChainId chain) => d.Gas(Berlin).GetValueOrDefault(chain);

    /// <summary>f, g that fits behind it, f;g and f (x) g.</summary>
    private static Gen<(Diagram, Diagram, Diagram, Diagram)> Pairs { get; } =
        Gen.Select(Tapes, Tapes, (a, b) =>
        {
            Tape tape = new(a);
            Diagram f = Draw(tape, Wires(tape));
            Diagram g = Draw(new Tape(b), f.Outputs);
            return (f, g, f.Then(g).Value, f.Beside(g).Value);
        });
}
