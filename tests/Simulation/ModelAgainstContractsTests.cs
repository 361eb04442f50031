// ModelAgainstContractsTests: the model is our contracts: the same answers, errors and states.
using Lockstep.Simulator.Running;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tests.Tools;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Simulator;

public sealed class ModelAgainstContractsTests(ITestOutputHelper output)
{
    private const int Steps = 160;

    /// <summary>Locks, claims, unwindings, bids and ends in kind by several hands, with wrong
    /// terms, times, secrets and proofs among them, while the market moves.</summary>
    [LocalChainFact]
    public async Task Model_AnswersAsTheContractsDo()
    {
        await using SettledChain chain =
            await SettledChain.StartAsync(31_007, 2500, Cast.Committee);
        foreach (ulong seed in (ulong[])[1])
        {
            ContractsWalk walk = await ContractsWalk.StartAsync(chain, seed);
            for (int step = 0; step < Steps; step++)
            {
                try
                {
                    await walk.StepAsync();
                }
                catch (Exception e)
                {
                    Assert.Fail($"seed {seed}, step {step}: {e}");
                }
            }
            foreach ((string met, int times) in walk.Met) output.WriteLine($"{times,4} {met}");
            foreach (string call in (string[])["lock", "claim", "unwind", "settleInKind"])
                Assert.True(walk.Met.ContainsKey(call), $"the walk never got to {call}");
            Assert.True(walk.Met.Count(one => one.Key.Contains(' ')) > 12);
        }
    }
}
