// RiskRequestsTests: a plan's request holds all its own funds and all its gas, never less.
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using CsCheck;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Execution.Risk;

public sealed class RiskRequestsTests
{
    private static readonly ChainId[] Chains =
        [.. new[] { "eip155:1", "eip155:10" }.Select(ChainId.Parse)];

    private static readonly string[] Phases = ["run", "run", "failed"];

    private static Gen<T> One<T>(params T[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);

    private static readonly Gen<PlanCall> Calls =
        from op in One("take", "flash", "swap", "transfer", "bridge")
        from chain in One(Chains)
        from units in Gen.ULong
        from isWire in Gen.Frequency((1, Gen.Const(true)), (9, Gen.Const(false)))
        select new PlanCall
        {
            Op = op,
            Party = "someone",
            Contract = AccountId.Parse($"{chain}:0x{new string('a', 40)}"),
            Asset = Token(chain),
            Gas = 1,
            Amount = isWire ? "w1" : units.ToString(CultureInfo.InvariantCulture),
        };

    private static readonly Gen<PlanLine> Plans =
        from transactions in Gen.Select(
            One(Chains), One(Phases), Calls.Array[0, 4]).Array[1, 4]
        from expected in Gen.ULong
        select new PlanLine
        {
            Name = "p",
            Expected = new PlanExpectation(Token(Chains[0]), expected),
            Transactions =
            [
                .. transactions.Select((one, i) => new PlanTransactionLine
                {
                    Id = $"t{i}",
                    Chain = one.Item1,
                    Scope = "1",
                    Phase = one.Item2,
                    After = [],
                    Gas = new PlanTransactionGas(1, 1, 1, 1),
                    Calls = [.. one.Item3],
                }),
            ],
            Gas = [],
            LatencyBeforeMs = 0,
            LatencyAfterMs = 0,
            FlashFees = [],
            Rules = [],
        };

    [Fact]
    public void Plan_HoldsEachUnitThatItTakesAndPays() => Gen.Select(Plans, Gen.UInt).Sample(
        (plan, wei) =>
        {
            RiskRequest request = Of(plan, wei, Up);
            PlanTransactionLine[] runs = [.. plan.Transactions.Where(one => one.Phase == "run")];
            PlanCall[] takes =
                [.. runs.SelectMany(one => one.Calls).Where(call => call.Op == "take")];
            Assert.Equal(takes.Length + plan.Transactions.Length, request.Items.Length);
            BigInteger units = takes.Where(call => call.Amount != "w1").Aggregate(
                plan.Transactions.Length * (BigInteger)wei,
                (sum, call) => sum + BigInteger.Parse(
                    call.Amount, CultureInfo.InvariantCulture));
            BigInteger told = request.Items.Aggregate(
                BigInteger.Zero, (sum, item) => sum + (item.MicroUsd ?? 0));
            // Never less than it is worth, and at most a millionth more for each item.
            Assert.InRange(told * Divisor - units, 0, request.Items.Length * (Divisor - 1));
            Assert.Equal(
                takes.Count(call => call.Amount == "w1"),
                request.Items.Count(item => item.MicroUsd is null));
            // A promise is never rounded up.
            Assert.Equal(
                (long)(ReferencePrices.Big(plan.Expected!.Units) / Divisor),
                request.ExpectedMicroUsd);
            Assert.Equal(
                runs.Where(run => run.Calls.Any(call => call.Op == "bridge"))
                    .Sum(run => run.Calls.Count(call => call.Op == "take")),
                request.Items.Count(item => item.Bridge == "someone"));
        });

    [Fact]
    public void Plan_WithoutAPrice_HoldsNothingThatHasOne() => Plans.Sample(plan =>
    {
        RiskRequest request = Of(plan, 7, (_, _) => null);
        Assert.All(request.Items, item => Assert.Null(item.MicroUsd));
        Assert.Equal(0, request.ExpectedMicroUsd);
    });

    [Fact]
    public void Settled_HoldsBondsAndGas() => Gen.Select(Gen.UInt, Gen.UInt).Array[1, 4].Sample(
        legs =>
    {
        RiskRequest request = RiskRequests.OfSettled(
            "b", null,
            legs.Select(leg => new SettledLegRisk(
                PoolId.Parse($"{Chains[0]}:0xaa"), Token(Chains[0]), leg.Item1, leg.Item2)),
            (_, units) => (long)units, ImmutableDictionary<ChainId, long>.Empty);
        Assert.Equal(
            legs.Aggregate(Int128.Zero, (sum, leg) => sum + leg.Item1 + leg.Item2),
            request.MicroUsd);
        Assert.Single(request.Pools);
        Assert.Equal(
            (Int128)legs.Sum(leg => (long)leg.Item2),
            request.Items.Where(item => item.Asset != Token(Chains[0])).Aggregate(
                Int128.Zero, (sum, item) => sum + item.MicroUsd!.Value));
    });

    private static readonly BigInteger Divisor = 1000;

    private static long? Up(AssetId asset, BigInteger units) =>
        (long)((units + (units.Sign > 0 ? Divisor - 1 : 0)) / Divisor);

    private static RiskRequest Of(PlanLine plan, uint wei, Worth worth) => RiskRequests.OfPlan(
        "b", plan, plan.Transactions.ToDictionary(one => one.Id, _ => (UInt256)wei), worth,
        ImmutableDictionary<ChainId, long>.Empty);

    private static AssetId Token(ChainId chain) =>
        AssetId.Erc20(chain, "0x" + new string('b', 40));
}
