// SettlementTryoutTests: what speaks against an order is said before a unit moves; on real nodes.
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Numerics;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

public sealed class SettlementTryoutTests
{
    [LocalChainFact]
    public async Task Order_WhenItWouldFail_IsRefusedBeforeAnythingIsSent()
    {
        await using SettledWorld world = await SettledWorld.StartAsync();
        using SettlementJournal journal = world.OpenJournal();
        using SettlementRunner runner = await world.StartRunnerAsync(journal);
        SettlementOrder good = await world.OrderAsync();
        var before = await world.FundsAsync();

        Assert.Null(await runner.TryOutAsync(good, CancellationToken.None));
        await RefusedAsync("simulation-failed", await world.OrderAsync(greedy: true));
        await RefusedAsync("vault-illiquid", With(terms => terms with
        {
            Principal = terms.Principal * 10_000_000,
        }));
        await RefusedAsync("insufficient-balance", With(terms => terms with
        {
            Bond = terms.Bond * 1000,
        }));
        await RefusedAsync("verifier-not-allowed", With(terms => terms with
        {
            Verifier = SettledChain.Keeper.Address,
        }));
        await RefusedAsync("venue-not-allowed", With(terms => terms with
        {
            Venue = terms.Venue with { Kind = VenueKind.UniswapV3 },
        }));
        await RefusedAsync("deadline-close", With(terms => terms with
        {
            DeadlineSeconds = terms.DeadlineSeconds - 60,
        }));
        await world.Chains[1].AllowAsync(UInt256.One);
        await RefusedAsync("allowance-missing", good);
        await world.Chains[1].AllowAsync(UInt256.MaxValue);
        Assert.Null(await runner.TryOutAsync(good, CancellationToken.None));
        await world.Chains[1].SetEtherAsync(SettledChain.Searcher.Address, UInt256.One);
        await RefusedAsync("insufficient-balance", good);

        Assert.Empty(journal.OpenBundles());
        Assert.Empty(runner.Open);
        Assert.Equal(before.Tokens.ToArray(), (await world.FundsAsync()).Tokens.ToArray());

        async Task RefusedAsync(string reason, SettlementOrder order)
        {
            SettlementRefusal? refusal = await runner.TryOutAsync(order, CancellationToken.None);
            Assert.NotNull(refusal);
            Assert.True(
                refusal.Reason == reason, $"{refusal.Reason}, not {reason}: {refusal.Detail}");
        }

        SettlementOrder With(Func<EscrowLeg, EscrowLeg> edit) => good with
        {
            Legs = [good.Legs[0], good.Legs[1] with { Terms = edit(good.Legs[1].Terms) }],
        };
    }
}
