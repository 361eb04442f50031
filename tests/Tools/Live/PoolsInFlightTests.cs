// PoolsInFlightTests: a pool has one holder at a time, and a plan has all of its pools or none.
using CsCheck;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Live;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

public sealed class PoolsInFlightTests
{
    private const int Pools = 5, Holders = 4;

    /// <summary>Against the plain reading: whoever has a pool keeps it until it lets go.</summary>
    [Fact]
    public void Pools_HaveOneHolder() => Gen.Select(
        Gen.Int[0, Holders - 1], Gen.Int[0, Pools - 1].Array[1, 3], Gen.Bool).Array[1, 40]
        .Sample(steps =>
        {
            PoolsInFlight pools = new();
            int?[] held = new int?[Pools];
            foreach ((int who, int[] wanted, bool takes) in steps)
            {
                if (!takes)
                {
                    pools.Release(Name(who));
                    for (int i = 0; i < Pools; i++) if (held[i] == who) held[i] = null;
                    continue;
                }
                bool free = wanted.All(pool => held[pool] is null || held[pool] == who);
                Assert.Equal(free, pools.TryTake(Plan(wanted), Name(who), out AccountId? busy));
                Assert.Equal(free, busy is null);
                if (free) foreach (int pool in wanted) held[pool] = who;
            }
        });

    private static string Name(int who) => $"plan {who}";

    private static PlanLine Plan(int[] pools) => new()
    {
        Name = "p",
        Transactions =
        [
            new PlanTransactionLine
            {
                Id = "t1",
                Chain = ChainId.Parse("eip155:1"),
                Scope = "1",
                Phase = "run",
                After = [],
                Gas = new PlanTransactionGas(0, 0, 0, 0),
                Calls =
                [
                    .. pools.Select(pool => new PlanCall
                    {
                        Op = "swap",
                        Party = "p",
                        Contract = AccountId.Parse($"eip155:1:0x{pool}"),
                        Asset = AssetId.Parse("eip155:1/erc20:0x1"),
                        Amount = "1",
                        Gas = 0,
                    }),
                ],
            },
        ],
        Gas = [],
        LatencyBeforeMs = 0,
        LatencyAfterMs = 0,
        FlashFees = [],
        Rules = [],
    };
}
