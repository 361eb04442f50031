// RuleLawTests: every rule, alone and with the others, keeps the meaning and never raises the gas.
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Gas;
using Lockstep.Bundles.Gas.Rules;
using Lockstep.Model;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Bundles.Gas;

public sealed class RuleLawTests
{
    private const string Together = "together";
    private static readonly GasModel Model = PlanGen.Model;

    public static TheoryData<string> Rules =>
        [Together, .. PlanRule.All.Select(rule => rule.Name)];

    private static Plan Rewrite(string rule, Plan plan) => Optimizer.Optimize(
        plan, Model, [.. PlanRule.All.Where(one => rule == Together || one.Name == rule)]).After;

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_NeverRaisesGas(string rule) => PlanGen.Any.Sample(plan =>
    {
        Plan after = Rewrite(rule, plan);
        foreach (ChainId chain in new[] { PlanGen.Near, PlanGen.Far })
        {
            ulong Gas(Plan one) => Model.ByChain(one, _ => true).GetValueOrDefault(chain);
            Assert.True(Gas(after) <= Gas(plan));
        }
    }, iter: 300);

    /// <summary>Who has more or less of what stays, to the unit and the unknown. Only the fees of
    /// lenders may fall, and then the executor keeps exactly what they no longer get.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_KeepsNetFlows(string rule) => PlanGen.Any.Sample(plan =>
    {
        Plan after = Rewrite(rule, plan);
        var before = plan.NetFlows();
        var now = after.NetFlows();
        string[] lenders = ["cheap", "dear", "other"];
        bool mayMove = rule is Together or "flash-source";
        foreach (Account account in before.Keys.Union(now.Keys))
        {
            SymbolicAmount change = now.GetValueOrDefault(account, SymbolicAmount.Zero)
                - before.GetValueOrDefault(account, SymbolicAmount.Zero);
            if (change.IsZero) continue;
            Assert.True(mayMove && change.Terms.IsEmpty);
            if (account.Party == PlanStep.Executor) Assert.True(change.Constant.Sign > 0);
            else Assert.Contains(account.Party, lenders);
        }
    }, iter: 300);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_LeavesNoDebtOpen(string rule) => PlanGen.Any.Sample(plan =>
    {
        Assert.Empty(plan.OpenDebts());
        Assert.Empty(Rewrite(rule, plan).OpenDebts());
    }, iter: 300);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_IsIdempotent(string rule) => PlanGen.Any.Sample(plan =>
    {
        Plan once = Rewrite(rule, plan);
        Assert.Same(once, Rewrite(rule, once));
    }, iter: 300);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_IsDeterministic(string rule) => PlanGen.Any.Sample(plan =>
        Assert.Equal(Text(Rewrite(rule, plan)), Text(Rewrite(rule, plan))), iter: 100);

    /// <summary>Runs both plans on a ledger of allowances: no pull goes without.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_LeavesEveryPullApproved(string rule) => PlanGen.Any.Sample(plan =>
    {
        Assert.Equal("", Uncovered(plan));
        Assert.Equal("", Uncovered(Rewrite(rule, plan)));
    }, iter: 300);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_KeepsDependenciesAhead(string rule) => PlanGen.Any.Sample(plan =>
    {
        HashSet<string> seen = [];
        foreach (PlanTransaction one in Rewrite(rule, plan).Transactions)
        {
            Assert.All(one.After, id => Assert.Contains(id, seen));
            Assert.NotEmpty(one.Steps);
            Assert.True(seen.Add(one.Id));
        }
    }, iter: 300);

    /// <summary>Calls that touch the same state on one chain stay in their order.</summary>
    [Theory]
    [InlineData("side-by-side")]
    [InlineData("gather")]
    [InlineData("merge-transactions")]
    public void Rule_KeepsConflictsInOrder(string rule) => PlanGen.Any.Sample(plan =>
    {
        Plan after = Rewrite(rule, plan);
        PlanStep[] was = [.. plan.Transactions.SelectMany(one => one.Steps)];
        var place = new Dictionary<PlanStep, (int Transaction, int Call)>(
            ReferenceEqualityComparer.Instance);
        for (int t = 0; t < after.Transactions.Length; t++)
            for (int c = 0; c < after.Transactions[t].Steps.Length; c++)
                place.Add(after.Transactions[t].Steps[c], (t, c));
        var before = after.Before();
        for (int i = 0; i < was.Length; i++)
        {
            for (int j = i + 1; j < was.Length; j++)
            {
                if (was[i].Asset.Chain != was[j].Asset.Chain
                    || was[i].Footprint().Conflict(was[j].Footprint()) is null) continue;
                var (first, second) = (place[was[i]], place[was[j]]);
                Assert.True(first.Transaction == second.Transaction
                    ? first.Call < second.Call
                    : before[second.Transaction].Contains(first.Transaction));
            }
        }
    }, iter: 150);

    /// <summary>Long before the bound: what one rule makes possible, another takes up, and no
    /// chain of rules is longer than there are rules.</summary>
    [Fact]
    public void Optimizer_ComesToRest() => PlanGen.Any.Sample(plan => Assert.All(
        Optimizer.Optimize(plan, Model).Effects,
        one => Assert.True(one.Changes < Optimizer.MaxRounds / 2)), iter: 500);

    [Fact]
    public void Optimizer_ReportAddsUp() => PlanGen.Any.Sample(plan =>
    {
        Optimized done = Optimizer.Optimize(plan, Model);
        ulong saved = 0;
        foreach (RuleEffect one in done.Effects) saved += one.GasSaved;
        Assert.Equal(Model.Total(plan) - Model.Total(done.After), saved);
        Assert.Equal(
            (long)Model.LatencyMs(plan) - (long)Model.LatencyMs(done.After),
            done.Effects.Sum(one => one.MsSaved));
    }, iter: 300);

    [Fact]
    public void NetFlows_SumToNothing() => PlanGen.Any.Sample(plan =>
    {
        foreach (var asset in plan.NetFlows().GroupBy(one => one.Key.Asset))
        {
            Assert.True(asset.Aggregate(
                SymbolicAmount.Zero, (sum, one) => sum + one.Value).IsZero);
        }
    }, iter: 200);

    /// <summary>The first pull without an allowance, or nothing.</summary>
    private static string Uncovered(Plan plan)
    {
        Dictionary<(AssetId, AccountId?), SymbolicAmount> allowed = [];
        HashSet<(AssetId, AccountId?)> unlimited = [];
        foreach (StandingAllowance one in PlanGen.Table.Allowances)
        {
            allowed[(one.Asset, one.Spender)] = SymbolicAmount.Known(one.Amount);
            if (one.Amount == UInt256.MaxValue) unlimited.Add((one.Asset, one.Spender));
        }
        foreach (PlanStep step in plan.Transactions.SelectMany(one => one.Steps))
        {
            var key = (step.Asset, step.Contract);
            if (step.Kind is StepKind.Approve)
            {
                allowed[key] = step.Amount;
                unlimited.Remove(key);
            }
            else if (step.Pulls && !unlimited.Contains(key))
            {
                SymbolicAmount left =
                    allowed.GetValueOrDefault(key, SymbolicAmount.Zero) - step.Amount;
                bool short_ = left.Constant.Sign < 0
                    || left.Terms.Values.Any(count => count < BigInteger.Zero);
                if (short_) return $"{step.Kind} {step.Amount} of {step.Asset} by {step.Party}";
                allowed[key] = left;
            }
        }
        return "";
    }

    private static string Text(Plan plan) => string.Join('\n', plan.Transactions.Select(one =>
        $"{one.Id} {one.Chain} after {string.Join(',', one.After)}: "
        + string.Join("; ", one.Steps.Select(s => $"{s.Kind} {s.Party} {s.Amount}"))));
}
