// PlanLawTests: bundles by the thousand: plans keep what they mean, and rewriting never costs gas.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tests.Bundles.Check;
using Xunit;

namespace Lockstep.Tests.Bundles.Gas;

public sealed class PlanLawTests
{
    private static readonly Gen<(Bundle Bundle, int[] Picks)> Bundles =
        Gen.Select(WellTyped.Any, Gen.Int[0, 99].Array[1, 20]);

    private static GasModel Model { get; } = new(Made());

    /// <summary>Every plan does what its bundle says, and every rewritten plan too, in whatever
    /// order its dependencies allow: each party of each chain gains and loses the same to the unit,
    /// no call reverts, no debt stays, nothing stays locked. Only lenders' fees may fall, and the
    /// executor has what they no longer get.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plan_MeansWhatItsBundleSays(bool commits) => Bundles.Sample(made =>
    {
        PlanPhase outcome = commits ? PlanPhase.Commit : PlanPhase.Abort;
        World said = BundleMachine.Run(made.Bundle, commits);
        Plan naive = Lowered(made.Bundle);
        Assert.Equal(Locked(said), Locked(PlanMachine.Run(naive, Model.Table, outcome)));
        Plan better = Optimizer.Optimize(naive, Model).After;
        SameButFees(said, PlanMachine.Run(better, Model.Table, outcome));
        SameButFees(said, PlanMachine.Run(better, Model.Table, outcome, made.Picks));
    }, iter: 200);

    [Fact]
    public void Plan_WhenRewritten_NeverCostsMoreOnAnyChain() => WellTyped.Any.Sample(bundle =>
    {
        Plan naive = Lowered(bundle);
        Plan better = Optimizer.Optimize(naive, Model).After;
        foreach (Func<PlanPhase, bool> phases in new Func<PlanPhase, bool>[]
        {
            phase => phase is PlanPhase.Run or PlanPhase.Commit,
            phase => phase is PlanPhase.Abort or PlanPhase.Failed,
        })
        {
            var after = Model.ByChain(better, phases);
            foreach ((ChainId chain, ulong gas) in Model.ByChain(naive, phases))
                Assert.True(after.GetValueOrDefault(chain) <= gas);
        }
        Assert.True(Model.LatencyMs(better) <= Model.LatencyMs(naive));
        Assert.Same(better, Optimizer.Optimize(better, Model).After);
    }, iter: 200);

    /// <summary>Every call keeps the deadline that it has in the naive plan.</summary>
    [Fact]
    public void Plan_WhenRewritten_KeepsDeadlines() => WellTyped.Any.Sample(bundle =>
    {
        Plan naive = Lowered(bundle);
        Plan better = Optimizer.Optimize(naive, Model).After;
        var by = naive.Transactions.ToLookup(one => one.Scope, one => one.Deadline);
        foreach (PlanTransaction one in better.Transactions)
            Assert.All(by[one.Scope], deadline => Assert.Equal(deadline, one.Deadline));
    }, iter: 200);

    /// <summary>What follows a failure means the same before and after, each alternative alone.
    /// </summary>
    [Fact]
    public void Remedy_MeansTheSameWhenRewritten() =>
        Gen.OneOf(WellTyped.Inventory, WellTyped.Bridged).Sample(bundle =>
        {
            Plan naive = Lowered(bundle);
            Plan better = Optimizer.Optimize(naive, Model).After;
            foreach (string scope in naive.Transactions
                .Where(one => one.Scope.Phase is PlanPhase.Failed)
                .Select(one => one.Scope.Name).Distinct())
            {
                Assert.Equal(
                    PlanMachine.Alone(naive, Model.Table, scope).Text(),
                    PlanMachine.Alone(better, Model.Table, scope).Text());
            }
        }, iter: 200);

    private static Plan Lowered(Bundle bundle)
    {
        Plan? plan = Lowering.Lower(bundle, Model.Table, out LoweringFault? fault);
        Assert.True(plan is not null, fault?.Words);
        return plan;
    }

    /// <summary>The flows, with all escrows and bonds as one lock.</summary>
    private static SortedDictionary<string, BigInteger> Locked(World world)
    {
        SortedDictionary<string, BigInteger> merged = new(StringComparer.Ordinal);
        foreach ((string account, BigInteger sum) in world.Flows)
        {
            string[] parts = account.Split(' ');
            if (parts[1].StartsWith("escrow.", StringComparison.Ordinal)
                || parts[1].StartsWith("bond.", StringComparison.Ordinal)) parts[1] = "lock";
            string key = string.Join(' ', parts);
            BigInteger total = merged.GetValueOrDefault(key) + sum;
            if (total.IsZero) merged.Remove(key);
            else merged[key] = total;
        }
        return merged;
    }

    private static void SameButFees(World said, World done)
    {
        var (was, now) = (Locked(said), Locked(done));
        Dictionary<string, BigInteger> spared = [];
        foreach (string account in was.Keys.Union(now.Keys))
        {
            string[] parts = account.Split(' ');
            BigInteger change = now.GetValueOrDefault(account) - was.GetValueOrDefault(account);
            bool pays = parts[1] == World.Executor || BundleMachine.Lenders.ContainsKey(parts[1]);
            if (!pays) Assert.True(change.IsZero, $"{account}: {change}");
            if (parts[1] == World.Executor) Assert.True(change.Sign >= 0, $"{account}: {change}");
            string left = $"{parts[0]} {parts[2]}";
            spared[left] = spared.GetValueOrDefault(left) + change;
        }
        Assert.All(spared.Values, sum => Assert.True(sum.IsZero));
    }

    /// <summary>Three chains, of which the first has room for access lists; a dear and a free
    /// lender on each; standing allowances on the first.</summary>
    private static GasTable Made()
    {
        Bundle declared = CheckerGen.Declared([]);
        ChainId[] chains = [.. CheckerGen.Chains.Select(one => ChainId.Parse(one.Id))];
        AccountId Pool(string name) => AccountId.Parse(
            $"{declared.Pools.First(one => one.Name.Text == name && one.On.Text == "one").Pool}");
        AssetId Asset(char symbol) => CheckerGen.Asset(CheckerGen.Chains[0].Id, symbol);
        return PlanGen.Table with
        {
            Chains = [.. chains.Select((chain, i) =>
                new ChainGas(chain, PlanGen.Fork, 1_000, 40_000, i == 0 ? 0UL : 16))],
            FlashSources = [.. declared.Contracts
                .Where(one => one.Role == ContractRole.Lender && one.Name.Text != "pAB")
                .Select(one => new FlashSource(
                    one.Name.Text, one.Name.Text == "free" ? "cheap" : "dear", one.Account,
                    one.Name.Text == "free" ? 0U : 500U, one.Name.Text != "free",
                    [.. declared.Assets.Where(a => a.On == one.On && a.Symbol.Text != "D")
                        .Select(a => a.Asset)]))],
            Allowances =
            [
                new(Asset('A'), Pool("pAB"), UInt256.MaxValue),
                new(Asset('B'), Pool("pAB"), 120_000_000),
                new(Asset('A'), Pool("qAC"), 100),
            ],
        };
    }
}
