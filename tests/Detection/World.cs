// World: made chains, tokens, pools and costs, as the lines and the configuration that say so.
using System.Collections.Immutable;
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Tests.Detection;

/// <summary>Names are numbers: token <c>t</c> of chain <c>c</c> is the same thing on every chain.
/// Token 0 is a dollar of 6 decimals and the first numeraire; token 1 pays gas.</summary>
internal static class World
{
    public const int Chains = 3;

    /// <summary>Decimals and micro-dollars of each token.</summary>
    public static readonly (int Decimals, ulong MicroUsd)[] Tokens =
        [(6, 1_000_000), (18, 2_500_000_000), (18, 1_000_000), (8, 60_000_000_000)];

    public static ChainId Chain(int chain) => ChainId.Parse($"eip155:{chain + 1}");

    public static AssetId Asset(int chain, int token) =>
        AssetId.Erc20(Chain(chain), $"0x{token + 1:x40}");

    public static PoolId Pool(int chain, int number) =>
        PoolId.Parse($"{Chain(chain)}:0x{number + 256:x40}");

    public static TokenLine Token(AssetId asset, int decimals) =>
        new() { Asset = asset, Symbol = "T", Decimals = decimals };

    public static PriceLine Price(AssetId asset, in UInt256 usdE18, long slot = 0) =>
        new() { Slot = slot, Asset = asset, UsdE18 = usdE18 };

    /// <summary>The tokens and reference prices of every chain.</summary>
    public static IEnumerable<Line> Opening(int chains = Chains)
    {
        for (int chain = 0; chain < chains; chain++)
            for (int token = 0; token < Tokens.Length; token++)
                yield return Token(Asset(chain, token), Tokens[token].Decimals);
        for (int chain = 0; chain < chains; chain++)
            for (int token = 0; token < Tokens.Length; token++)
                yield return Price(
                    Asset(chain, token), Tokens[token].MicroUsd * UInt256.Pow10(12));
    }

    /// <summary>A constant-product pool of token <paramref name="t0"/> and <paramref name="t1"/>.
    /// </summary>
    public static QuoteLine Pair(
        int chain, int number, int t0, int t1, in UInt256 r0, in UInt256 r1, long slot = 1) => new()
        {
            Slot = slot,
            AsOf = slot,
            Live = true,
            Pool = Pool(chain, number),
            Family = "constant-product",
            FeePips = 3000,
            Asset0 = Asset(chain, t0),
            Asset1 = Asset(chain, t1),
            Reserve0 = r0,
            Reserve1 = r1,
        };

    /// <summary>Reserves worth so many dollars a side at the reference prices, token1 too dear by
    /// <paramref name="skewPpm"/>.</summary>
    public static QuoteLine Fair(
        int chain, int number, int t0, int t1, ulong usd, int skewPpm = 0, long slot = 1) =>
        Pair(chain, number, t0, t1, Units(t0, usd * (ulong)(1_000_000 + skewPpm)),
            Units(t1, usd * 1_000_000UL), slot);

    /// <summary>A concentrated pool of one position, wide and at the reference price.</summary>
    public static QuoteLine Range(
        int chain, int number, int t0, int t1, UInt128 liquidity, int skewTicks, long slot = 1)
    {
        const int Spacing = 60;
        double price = (double)Units(t1, 1_000_000_000_000) / (double)Units(t0, 1_000_000_000_000);
        int tick = (int)Math.Floor(Math.Log(price) / Math.Log(1.0001)) + skewTicks;
        int middle = tick / Spacing * Spacing;
        return new QuoteLine
        {
            Slot = slot,
            AsOf = slot,
            Live = false,
            Pool = Pool(chain, number),
            Family = "concentrated",
            FeePips = 500,
            Asset0 = Asset(chain, t0),
            Asset1 = Asset(chain, t1),
            SqrtPriceX96 = TickMath.SqrtRatioAtTick(tick),
            Tick = tick,
            TickSpacing = Spacing,
            Liquidity = liquidity,
            Ticks = [middle - (100 * Spacing), middle + (100 * Spacing)],
            LiquidityNet = [(Int128)liquidity, -(Int128)liquidity],
        };
    }

    /// <summary>A weighted pool worth so many dollars, token1 too dear by
    /// <paramref name="skewPpm"/>.</summary>
    public static QuoteLine Weighted(
        int chain, int number, int t0, int t1, ulong usd, ulong percent0, int skewPpm = 0,
        long slot = 1) =>
        Pair(chain, number, t0, t1,
            Units(t0, usd * percent0 * (ulong)(1_000_000 + skewPpm) / 100),
            Units(t1, usd * (100 - percent0) * 1_000_000UL / 100), slot) with
        {
            Live = false,
            Family = "weighted",
            FeePips = 1000,
            Decimals0 = Tokens[t0].Decimals,
            Decimals1 = Tokens[t1].Decimals,
            Weight0E18 = percent0 * UInt256.Pow10(16),
            Weight1E18 = (100 - percent0) * UInt256.Pow10(16),
        };

    public static SyncLine Sync(QuoteLine pool, in UInt256 r0, in UInt256 r1, long slot) => new()
    {
        Slot = slot,
        Block = slot,
        Log = 0,
        Pool = pool.Pool,
        Reserve0 = r0,
        Reserve1 = r1,
    };

    /// <summary>Base units of a token worth so many micro-dollars.</summary>
    public static UInt256 Units(int token, ulong microUsd) => UInt256.MulDivFloor(
        UInt256.Pow10(Tokens[token].Decimals), microUsd, Tokens[token].MicroUsd);

    /// <summary>Cluster <c>all</c> sees every chain, clusters <c>c0</c>, <c>c1</c>, <c>c2</c> one.
    /// </summary>
    public static SearchConfig Config() => new(
        MaxSwaps: 4, MaxCrossings: 4, MinNetMicroUsd: 1, MaxInputMicroUsd: 1_000_000_000_000,
        MaxStateAgeSeconds: 1000, Top: 10_000,
        LandPpm: ImmutableDictionary<Guarantee, uint>.Empty
            .Add(Guarantee.Transaction, 900_000).Add(Guarantee.Inventory, 800_000),
        Numeraires: [.. Enumerable.Range(0, Tokens.Length).Select(t => $"T{t}")],
        Gas: new GasTable(21_000, 44_000, 67_000, 110_000, 107_000, 25_000),
        Chains: [.. Enumerable.Range(0, Chains).Select(c => new ChainCosts(
            Chain(c), $"c{c}", AssetId.Parse($"{Chain(c)}/slip44:60"), Asset(c, 1),
            10_000_000, 2_000_000_000_000, FlashLoanFeePips: 500 * (uint)c))],
        Groups: [.. Enumerable.Range(0, Tokens.Length).Select(t => new AssetGroup(
            $"T{t}", [.. Enumerable.Range(0, Chains).Select(c => Asset(c, t))], 200, 100, 50_000)
        {
            TimeRiskSeconds = 1,
        })],
        Clusters:
        [
            new Cluster("all", [.. Enumerable.Range(0, Chains).Select(Chain)]),
            .. Enumerable.Range(0, Chains).Select(c => new Cluster($"c{c}", [Chain(c)])),
        ],
        Suspects: []);
}
