// LoweringTests: every example of the repository becomes a sound plan, and a better one.
using System.Text;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Model.Lines;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Bundles.Gas;

public sealed class LoweringTests
{
    private static readonly GasModel Model = new(GasFile.Parse(
        File.ReadAllText(Path.Combine(SourceTree.Root, GasFile.DefaultPath)), "gas.toml"));

    public static TheoryData<string> Examples =>
    [
        .. Directory.GetFiles(Path.Combine(SourceTree.Root, "examples"), "*.bundle")
            .Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_BecomesASoundPlanWithLessGas(string file)
    {
        foreach (Bundle bundle in Read(file))
        {
            Plan? plan = Lowering.Lower(bundle, Model.Table, out LoweringFault? fault);
            Assert.True(plan is not null, fault?.Words);
            Optimized done = Optimizer.Optimize(plan, Model);
            Assert.Empty(plan.OpenDebts());
            Assert.Empty(done.After.OpenDebts());
            Assert.Equal(plan.NetFlows(), done.After.NetFlows());
            Assert.True(Model.Total(done.After) < Model.Total(plan));
            Assert.True(Model.LatencyMs(done.After) <= Model.LatencyMs(plan));
            Assert.Same(done.After, Optimizer.Optimize(done.After, Model).After);
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_SaysTheSameAsALine(string file)
    {
        foreach (Bundle bundle in Read(file))
        {
            Plan plan = Lowering.Lower(bundle, Model.Table, out _)!;
            PlanLine line = PlanJson.ToLine(bundle, Optimizer.Optimize(plan, Model), Model);
            System.Buffers.ArrayBufferWriter<byte> text = new();
            LineCodec.Write(line, text);
            Line? read = LineCodec.Read(text.WrittenSpan[..^1], out LineFault fault);
            Assert.True(read is PlanLine { Extra: null }, fault.Message);
            System.Buffers.ArrayBufferWriter<byte> again = new();
            LineCodec.Write(read, again);
            Assert.Equal(
                Encoding.UTF8.GetString(text.WrittenSpan),
                Encoding.UTF8.GetString(again.WrittenSpan));
        }
    }

    /// <summary>A settled leg is one transaction from lock to escrow, and commits wait for every
    /// lock.</summary>
    [Fact]
    public void Settled_WhenOptimised_LocksInOneTransactionALeg()
    {
        Bundle bundle = Assert.Single(Read("two_chain_settled.bundle"));
        Plan plan = Optimizer.Optimize(
            Lowering.Lower(bundle, Model.Table, out _)!, Model).After;
        PlanTransaction[] locks =
            [.. plan.Transactions.Where(one => one.Scope.Phase is PlanPhase.Run)];
        Assert.Equal(2, locks.Length);
        Assert.All(locks, one => Assert.Contains(one.Steps, s => s.Kind is StepKind.Escrow));
        Assert.All(
            plan.Transactions.Where(one => one.Scope.Phase is PlanPhase.Commit),
            one => Assert.All(locks, lockOf => Assert.Contains(lockOf.Id, one.After)));
    }

    [Theory]
    [InlineData("eip155:8453", "eip155:424242", "add a [[chain]]")]
    [InlineData("lender balancer on base", "lender balancer2 on base", "no lender balancer")]
    [InlineData("repay u from w", "repay u from nothing", "wire nothing")]
    [InlineData("repay u from w", "repay m from w", "no loan m")]
    [InlineData("64_157_437_997_340_400 units", "0.0000000000000000001", "decimals")]
    public void Fault_WhenTheBundleIsWrong_SaysWhat(string was, string now, string words)
    {
        string text = File.ReadAllText(
            Path.Combine(SourceTree.Root, "examples", "single_chain_flash.bundle"));
        Assert.Contains(was, text);
        Bundle bundle = Assert.Single(Parser.Parse(text.Replace(was, now)).Bundles);
        Assert.Null(Lowering.Lower(bundle, Model.Table, out LoweringFault? fault));
        Assert.Contains(words, fault!.Words);
    }

    private static IReadOnlyList<Bundle> Read(string file)
    {
        ParsedBundles parsed = Parser.Parse(
            File.ReadAllText(Path.Combine(SourceTree.Root, "examples", file)));
        Assert.True(parsed.IsClean);
        // One that leaves a bridge open has no plan before somebody chooses.
        return [.. parsed.Bundles.Where(one => !Lowering.LeavesBridgesOpen(one))];
    }
}
