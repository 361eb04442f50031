// RuleExampleTests: for each rule a plan where it fires, and one where its side condition stops it.
using System.Collections.Immutable;
using Lockstep.Bundles.Gas;
using Lockstep.Bundles.Gas.Rules;
using Lockstep.Model;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Bundles.Gas.PlanGen;

namespace Lockstep.Tests.Bundles.Gas;

public sealed class RuleExampleTests
{
    private static readonly GasModel Model = PlanGen.Model;

    private static Plan Of(params PlanTransaction[] all) => new("example", [.. all]);

    private static Plan Rewrite(string rule, Plan plan) => Optimizer.Optimize(
        plan, Model, [PlanRule.All.Single(one => one.Name == rule)]).After;

    private static void Stops(string rule, Plan plan) => Assert.Same(plan, Rewrite(rule, plan));

    private static PlanStep Take(int asset, ulong units) =>
        Call(StepKind.Take, Near, asset, "house", Known(units));

    private static PlanStep Give(int asset, ulong units) =>
        Call(StepKind.Transfer, Near, asset, "house", Known(units));

    [Fact]
    public void Merge_WhenTwoNeighboursShareAScope_SavesTheIntrinsicGasLessTheLoop()
    {
        Plan plan = Of(
            Transaction("t1", Near, "s", Swap(Near, 5, "pool1", Known(7), "w")[0]),
            Transaction("t2", Near, "s", Swap(Near, 5, "pool1", Known(7), "w")[1]));
        Plan after = Rewrite("merge-transactions", plan);
        Assert.Single(after.Transactions);
        // What both touch is cold once: the token, and the allowance.
        ulong shared = Fork.ColdAccount + Fork.ColdSlot - 2 * Fork.Warm;
        Assert.Equal(
            Fork.Intrinsic + shared - 2 * Table.BatchCall,
            Model.Total(plan) - Model.Total(after));
    }

    [Fact]
    public void Merge_WhenTheScopeWantsNoCommonFate_LeavesBoth() => Stops(
        "merge-transactions",
        Of(Transaction("t1", Near, "apart", Take(0, 1)), Transaction("t2", Near, "apart",
            Take(0, 1))));

    [Fact]
    public void Merge_WhenScopesChainsOrDeadlinesDiffer_LeavesBoth()
    {
        PlanTransaction first = Transaction("t1", Near, "s", Take(0, 1));
        PlanTransaction second = first with { Id = "t2" };
        Stops("merge-transactions", Of(first, Transaction("t2", Near, "r", Take(0, 1))));
        Stops("merge-transactions", Of(first, Transaction("t2", Far, "s",
            Call(StepKind.Take, Far, 0, "house", Known(1)))));
        Stops("merge-transactions",
            Of(first, second with { Deadline = new(5, DeadlineFrom.Bundle) }));
    }

    [Fact]
    public void Merge_WhenItWouldDelayAnother_LeavesBoth()
    {
        // t2 waits for t0 alone; merged with t1 it would hold up t3, which waits for t1.
        PlanTransaction slow = Transaction("t0", Far, "f", Call(
            StepKind.Bridge, Far, 0, "pool1", Known(1)));
        PlanTransaction first = Transaction("t1", Near, "s", Take(0, 1));
        PlanTransaction second = Transaction("t2", Near, "s", Take(0, 1)) with { Needs = ["t0"] };
        PlanTransaction third = Transaction("t3", Near, "r", Take(1, 1)) with { Needs = ["t1"] };
        Stops("merge-transactions", Of(slow, first, second, third));
    }

    private static PlanStep Bank() => Call(StepKind.Take, Near, 1, "bank", Known(1));

    [Fact]
    public void Gather_WhenWhatIsPassedCommutes_BringsThemTogether()
    {
        Plan plan = Of(
            Transaction("t1", Near, "s", Take(0, 1)),
            Transaction("t2", Near, "r", Bank()),
            Transaction("t3", Near, "s", Take(0, 1)));
        Assert.Equal(["t1", "t3", "t2"],
            Rewrite("gather", plan).Transactions.Select(one => one.Id));
    }

    [Fact]
    public void Gather_WhenWhatIsPassedConflictsOrIsWaitedFor_Stops()
    {
        PlanTransaction first = Transaction("t1", Near, "s", Take(0, 1));
        PlanTransaction passed = Transaction("t2", Near, "r", Take(0, 1));
        PlanTransaction last = Transaction("t3", Near, "s", Take(0, 1));
        Stops("gather", Of(first, passed, last));
        PlanTransaction other = Transaction("t2", Near, "r", Bank());
        Stops("gather", Of(first, other, last with { Needs = ["t2"] }));
    }

    [Fact]
    public void SkipApprovals_WhenTheStandingAllowanceIsUnlimited_DropsThem()
    {
        Plan plan = Of(Transaction("t1", Near, "s", Swap(
            Near, 1, "pool1", SymbolicAmount.Unknown("x"), "w")));
        PlanStep only = Assert.Single(Rewrite("skip-approvals", plan).Transactions[0].Steps);
        Assert.Equal(StepKind.Swap, only.Kind);
    }

    [Fact]
    public void SkipApprovals_WhenTheSumIsOverTheAllowance_KeepsAll()
    {
        PlanStep[] two = [.. Swap(Near, 2, "pool2", Known(1_000), "a"),
            .. Swap(Near, 2, "pool2", Known(500), "b")];
        Assert.Equal(2, Rewrite("skip-approvals", Of(Transaction("t1", Near, "s", two)))
            .Transactions[0].Steps.Length);
        two = [.. two, .. Swap(Near, 2, "pool2", Known(1), "c")];
        Stops("skip-approvals", Of(Transaction("t1", Near, "s", two)));
        Stops("skip-approvals", Of(Transaction("t1", Near, "s", Swap(
            Near, 2, "pool2", SymbolicAmount.Unknown("x"), "w"))));
    }

    [Fact]
    public void MergeApprovals_WhenTheFirstIsUsedUpBetween_ApprovesTheSum()
    {
        Plan plan = Of(Transaction("t1", Near, "s",
            [.. Swap(Near, 5, "pool1", Known(7), "a"), .. Swap(Near, 5, "pool1", Known(4), "b")]));
        ImmutableArray<PlanStep> steps = Rewrite("merge-approvals", plan).Transactions[0].Steps;
        Assert.Equal([StepKind.Approve, StepKind.Swap, StepKind.Swap], steps.Select(s => s.Kind));
        Assert.Equal(Known(11), steps[0].Amount);
    }

    [Fact]
    public void MergeApprovals_WhenTheSecondIsUnknownOrTheFirstNotUsedUp_KeepsBoth()
    {
        Stops("merge-approvals", Of(Transaction("t1", Near, "s",
            [.. Swap(Near, 5, "pool1", Known(7), "a"),
                .. Swap(Near, 5, "pool1", SymbolicAmount.Unknown("x"), "b")])));
        Stops("merge-approvals", Of(Transaction("t1", Near, "s",
            [Swap(Near, 5, "pool1", Known(7), "a")[0], .. Swap(Near, 5, "pool1", Known(4), "b")])));
    }

    /// <summary>A lender and a pool of one name, and one pool under two names.</summary>
    [Fact]
    public void Rules_TellContractsApartByContract()
    {
        PlanStep[] first = Swap(Near, 5, "pool1", Known(7), "a");
        PlanStep[] second = [.. Swap(Near, 5, "pool1", Known(4), "b").Select(step =>
            step with { Contract = PlanGen.Contract(Near, "another") })];
        Stops("merge-approvals", Of(Transaction("t1", Near, "s", [.. first, .. second])));
        PlanStep[] alias = [.. Swap(Near, 7, "pool1", Known(4), "b").Select(step =>
            step with { Party = "alias" })];
        Stops("side-by-side", Of(Transaction("t1", Near, "s", first[1]),
            Transaction("t2", Near, "r", alias[1]) with { Follows = ["t1"] }));
    }

    [Fact]
    public void FlashSource_WhenAnotherIsCheaper_SavesExactlyTheFee()
    {
        // 5 basis points of 999 are 0.4995: one unit, rounded up.
        Plan plan = Of(Transaction("t1", Near, "s", Loan(Near, "dear", true, 999, 500, "u")));
        Plan after = Rewrite("flash-source", plan);
        Assert.Equal((UInt256)1, PlanJson.FlashFees(plan)[Asset(Near, 0)]);
        Assert.Equal(UInt256.Zero, PlanJson.FlashFees(after)[Asset(Near, 0)]);
        Assert.Equal([StepKind.Flash, StepKind.Repay],
            after.Transactions[0].Steps.Select(step => step.Kind));
    }

    [Fact]
    public void FlashSource_WhenTheLenderIsCalledOtherwise_Stays()
    {
        PlanStep call = Call(StepKind.Transfer, Near, 2, "cheap", Known(1));
        Stops("flash-source",
            Of(Transaction("t1", Near, "s", Loan(Near, "dear", true, 999, 500, "u", call))));
    }

    [Fact]
    public void FlashSource_WhenTheFeeFallsButGasRises_Stays()
    {
        GasModel dearCalls = new(Table with
        {
            Figures = [new(StepKind.Flash, "cheap", 400_000, Fork), .. Table.Figures],
        });
        Plan plan = Of(Transaction("t1", Near, "s", Loan(Near, "dear", true, 999, 500, "u")));
        Assert.Same(plan, Optimizer.Optimize(plan, dearCalls, [
            PlanRule.All.Single(one => one.Name == "flash-source")]).After);
    }

    [Fact]
    public void NetTransfers_WhenTheyOppose_LeavesTheDifference()
    {
        Plan plan = Of(Transaction("t1", Near, "s", Take(0, 100), Give(0, 30)));
        PlanStep left = Assert.Single(Rewrite("net-transfers", plan).Transactions[0].Steps);
        Assert.Equal((StepKind.Take, Known(70)), (left.Kind, left.Amount));
        Plan even = Of(
            Transaction("t1", Near, "s", Take(0, 5), Give(0, 5)),
            Transaction("t2", Near, "r", Take(1, 1)) with { Needs = ["t1"] });
        PlanTransaction only = Assert.Single(Rewrite("net-transfers", even).Transactions);
        Assert.Empty(only.Needs);
    }

    [Fact]
    public void NetTransfers_WhenACallBetweenNeedsTheFunds_KeepsBoth()
    {
        PlanStep[] swap = Swap(Near, 0, "pool1", Known(90), "w");
        Stops("net-transfers",
            Of(Transaction("t1", Near, "s", [Take(0, 100), .. swap, Give(0, 10)])));
        Stops("net-transfers", Of(Transaction("t1", Near, "s",
            Take(0, 100), Give(0, 1) with { Amount = SymbolicAmount.Unknown("x") })));
    }

    [Fact]
    public void AccessLists_WhenBytesAreFree_SaveAHundredGasAnEntry()
    {
        Plan plan = Of(Transaction("t1", Near, "s", Take(0, 1)));
        Plan after = Rewrite("access-lists", plan);
        PlanTransaction one = after.Transactions[0];
        int entries = one.ListedAccounts.Count + one.ListedSlots.Count;
        Assert.Equal(4, entries);
        Assert.Equal(100UL * (ulong)entries, Model.Total(plan) - Model.Total(after));
    }

    [Fact]
    public void AccessLists_WhenBytesCostMore_StayEmpty() => Stops(
        "access-lists",
        Of(Transaction("t1", Far, "s", Call(StepKind.Take, Far, 0, "house", Known(1)))));

    [Fact]
    public void SideBySide_WhenChainsDiffer_TakesTheLongestInsteadOfTheSum()
    {
        PlanTransaction first = Transaction("t1", Near, "s", Take(0, 1));
        PlanTransaction second = Transaction(
            "t2", Far, "f", Call(StepKind.Take, Far, 0, "house", Known(1)));
        Plan plan = Of(first, second with { Follows = ["t1"] });
        Assert.Equal(1_300UL, Model.LatencyMs(plan));
        Assert.Equal(1_000UL, Model.LatencyMs(Rewrite("side-by-side", plan)));
        Stops("side-by-side", Of(first, second with { Needs = ["t1"] }));
    }

    [Fact]
    public void SideBySide_WhenFootprintsConflict_KeepsTheOrder() => Stops(
        "side-by-side",
        Of(Transaction("t1", Near, "s", Take(0, 1)),
            Transaction("t2", Near, "r", Take(0, 1)) with { Follows = ["t1"] }));
}
