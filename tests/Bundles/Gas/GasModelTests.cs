// GasModelTests: a call alone costs what was measured; together calls cost at most their sum.
using CsCheck;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Gas;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Bundles.Gas;

public sealed class GasModelTests
{
    private static readonly GasModel Model = PlanGen.Model;

    private static string Text { get; } =
        File.ReadAllText(Path.Combine(SourceTree.Root, GasFile.DefaultPath));

    private static readonly Gen<PlanTransaction> One = PlanGen.Any.Select(
        Gen.Int[0, 15], (plan, at) => plan.Transactions[at % plan.Transactions.Length]);

    [Fact]
    public void Call_AloneCostsWhatWasMeasured() => One.Sample(one =>
    {
        foreach (PlanStep step in one.Steps.Where(step => step.Kind is not StepKind.Repay))
        {
            PlanTransaction alone = one with { Steps = [step] };
            Assert.Equal(
                PlanGen.Table.Find(step.Kind, step.Of)!.TransactionGas, Model.Of(alone).Total);
        }
    }, iter: 200);

    /// <summary>The lax grading, the executor's loop apart.</summary>
    [Fact]
    public void Gas_TogetherIsAtMostTheSum() => Gen.Select(One, One).Sample((x, y) =>
    {
        PlanTransaction both = x with { Steps = [.. x.Steps, .. y.Steps], Chain = y.Chain };
        ulong Apart(PlanTransaction one) => Model.Of(one).Total - Model.Of(one).Batch;
        Assert.True(Apart(both) <= Apart(x) + Apart(y));
    }, iter: 300);

    [Fact]
    public void Gas_DoesNotDependOnTheOrderOfCalls() => One.Sample(one => Assert.Equal(
        Model.Of(one), Model.Of(one with { Steps = [.. one.Steps.Reverse()] })), iter: 200);

    [Fact]
    public void Latency_NeverExceedsTheSumOfAll() => PlanGen.Any.Sample(plan =>
    {
        ulong sum = 0;
        foreach (PlanTransaction one in plan.Transactions)
            sum += Model.LatencyMs(plan with { Transactions = [one with { Needs = [] }] });
        Assert.True(Model.LatencyMs(plan) <= sum);
    }, iter: 200);

    [Theory]
    [InlineData("op = \"approve\"", "op = \"approves\"", "call.op is wrong")]
    [InlineData("fork = \"cancun\"", "fork = \"nowhere\"", "names no [[fork]]")]
    [InlineData("coldAccount = 2_600", "coldAccount = 99", "is below warm")]
    [InlineData("pulls = true", "pulls = 1", "must be true or false")]
    [InlineData("[model]", "[models]", "there must be one [model]")]
    [InlineData("op = \"bond\"", "op = \"swap\"", "is listed twice")]
    public void File_WhenWrong_IsRefusedWithItsPlace(string was, string now, string words)
    {
        Assert.Contains(was, Text);
        RefusedException refused = Assert.Throws<RefusedException>(
            () => GasFile.Parse(Text.Replace(was, now), "gas.toml"));
        Assert.Contains("gas.toml:", refused.Message);
        Assert.Contains(words, refused.Message);
    }

    /// <summary>What a certificate waits for is F + W of the timelocks, in one figure.</summary>
    [Fact]
    public void File_FinalityIsThatOfTheTimelocks()
    {
        TimelocksTable timings = TimelocksFile.Read(
            Path.Combine(SourceTree.Root, TimelocksFile.DefaultPath));
        foreach (ChainGas chain in GasFile.Parse(Text, "gas.toml").Chains)
        {
            ChainTiming timing = timings.Find(chain.Chain, FinalityTier.Final)!;
            Assert.Equal(1_000UL * (ulong)timing.KnownSeconds, chain.FinalityMs);
        }
    }

    [Fact]
    public void File_WhenAKindHasNoRow_IsRefused() => Assert.Contains(
        "op = \"shortfall\"",
        Assert.Throws<RefusedException>(() => GasFile.Parse(
            Text.Replace("op = \"shortfall\"\nof = \"\"", "op = \"shortfall\"\nof = \"x\""),
            "gas.toml")).Message);
}
