// TradeGen: closed paths of made hops and crossings whose amounts meet; sound for the writer.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Bundles.Writing;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Detection;

namespace Lockstep.Tests.Bundles.Writing;

internal static class TradeGen
{
    public const int Chains = 3;

    private const int MaxHops = 6;

    private static readonly Gen<UInt256> Amount = Gen.OneOf(
        Gen.ULong[1, 3].Select(x => (UInt256)x),
        Gen.ULong[1, ulong.MaxValue].Select(x => (UInt256)x),
        Gen.Select(Gen.ULong, Gen.ULong, (a, b) => (new UInt256(a, b) << 100) + 1));

    private static readonly Gen<(uint Fee, int Family)> Pool =
        Gen.Select(Gen.UInt[0, 999_999], Gen.Int[0, 1]);

    private static readonly Gen<(UInt256[] Amounts, (uint Fee, int Family)[] Pools, int[] Chains)>
        Path = Gen.Int[2, MaxHops].SelectMany(n => Gen.Select(
            Amount.Array[(2 * n) + 1], Pool.Array[n],
            Gen.OneOf(Gen.Int[0, Chains - 1].Array[n], Gen.Int[0, 2].Select(c => Same(c, n)))));

    private static readonly Gen<(ulong Gas, ulong Usd, long Net, long Slot)> Figures = Gen.Select(
        Gen.ULong[1, 1UL << 50], Gen.ULong[0, 1UL << 40], Gen.Long[1, 1L << 45],
        Gen.Long[0, 1L << 40]);

    /// <summary>Trades the writer has nothing against.</summary>
    public static readonly Gen<TradeLine> Sound = Gen.Select(Path, Figures, Make);

    /// <summary>Settings for the chains of these trades.</summary>
    public static WriterSettings Settings(uint slippagePips = 0) => new(
        new WriterBounds(slippagePips, 5_000, 500_000, 250_000, 90, 600),
        Enumerable.Range(0, Chains).Select(n =>
        {
            ChainId chain = World.Chain(n);
            AccountId account = AccountId.Parse($"{chain}:0xba12");
            return new WriterChain(
                chain, $"chain{n}", 10_000_000, new("lends", account), 0, new("house", account));
        }),
        new Dictionary<AssetId, string> { [World.Asset(0, 0)] = "USDC" });

    /// <summary>The assets of these trades, whole tokens being base units.</summary>
    public static TokenBook Tokens { get; } = Book();

    private static TokenBook Book()
    {
        TokenBook book = new();
        for (int chain = 0; chain < Chains; chain++)
            for (int n = 0; n < MaxHops; n++)
                book.Take(new TokenLine
                {
                    Asset = World.Asset(chain, n), Symbol = $"T{n}", Decimals = 0,
                });
        return book;
    }

    private static int[] Same(int chain, int count) =>
        [.. Enumerable.Repeat(chain, count)];

    private static TradeLine Make(
        (UInt256[] Amounts, (uint Fee, int Family)[] Pools, int[] Chains) path,
        (ulong Gas, ulong Usd, long Net, long Slot) figures)
    {
        int n = path.Pools.Length;
        List<Hop> hops = [];
        List<Crossing> crossings = [];
        UInt256 amountIn = path.Amounts[0], held = amountIn;
        for (int i = 0; i < n; i++)
        {
            (int chain, int next) = (path.Chains[i], path.Chains[(i + 1) % n]);
            bool last = i == n - 1, crosses = chain != next;
            // The last amount of the path is above the first: a gain.
            UInt256 after = last ? amountIn + path.Amounts[^1] : path.Amounts[(2 * i) + 1];
            UInt256 swapped = crosses ? path.Amounts[(2 * i) + 2] : after;
            AssetId left = World.Asset(chain, (i + 1) % n);
            hops.Add(new Hop(
                World.Pool(chain, i), path.Pools[i].Family == 0 ? "concentrated" : "solidly-stable",
                path.Pools[i].Fee, World.Asset(chain, i), left, held, swapped, figures.Slot));
            if (crosses)
                crossings.Add(new Crossing(
                    i, left, World.Asset(next, (i + 1) % n), swapped, after, 100, 20));
            held = after;
        }
        ImmutableArray<Cost> costs = [.. path.Chains.Distinct().Select(chain => new Cost(
            "gas", AssetId.Parse($"{World.Chain(chain)}/slip44:60"), figures.Gas, figures.Usd))];
        return new TradeLine
        {
            Slot = figures.Slot,
            Rank = 1,
            Id = $"{figures.Gas:x16}",
            Cluster = "made",
            Guarantee = crossings.Count == 0 ? Guarantee.Transaction : Guarantee.Inventory,
            Asset = hops[0].AssetIn,
            AmountIn = amountIn,
            AmountOut = held,
            Hops = [.. hops],
            Crossings = [.. crossings],
            Costs = costs,
            GrossMicroUsd = figures.Net,
            NetMicroUsd = figures.Net,
            ExpectedMicroUsd = figures.Net,
            StaleSeconds = 0,
            Truncated = false,
        };
    }
}
