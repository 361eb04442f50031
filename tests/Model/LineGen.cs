// LineGen: any line of any known kind, with corner amounts and odd text; for the codec's laws.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Detection.Routing;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Numerics;

namespace Lockstep.Tests.Model;

internal static class LineGen
{
    private static readonly Gen<string> Hex =
        Gen.OneOf("0123456789abcdef".ToCharArray()).Array[1, 40].Select(c => new string(c));

    private static readonly Gen<string> Words = Gen.Frequency(
        (3, Gen.Char[' ', '~'].Array[0, 12].Select(c => new string(c))),
        (1, Gen.OneOf("", "USD₮0", "\"\\/\b\f\n\r\t\u0001\u2028", "💧 é", "<&'+>")));

    private static readonly Gen<ChainId> Chain =
        Gen.OneOf("eip155:1", "eip155:8453", "cosmos:osmosis-1").Select(ChainId.Parse);

    private static readonly Gen<AssetId> Asset =
        Gen.Select(Chain, Hex, (chain, hex) => AssetId.Erc20(chain, "0x" + hex));

    private static readonly Gen<PoolId> Pool =
        Gen.Select(Chain, Hex, (chain, hex) => PoolId.Parse($"{chain}:0x{hex}"));

    private static readonly Gen<string> Family = Gen.OneOf(
        "constant-product", "concentrated", "solidly-volatile", "solidly-stable");

    private static readonly Gen<UInt256> Amount = Corners.Any;

    private static readonly Gen<UInt128> Liquidity =
        Amount.Select(x => new UInt128(x.U1, x.U0));

    private static readonly Gen<Int128> Net = Liquidity.Select(x => unchecked((Int128)x));

    private static readonly Gen<string> Cluster = Gen.OneOf("base", "ethereum", "base+arbitrum");

    private static readonly Gen<Line> Token = Gen.Select(
        Asset, Words, Gen.Int[0, TokenLine.MaxDecimals], (asset, symbol, decimals) =>
            (Line)new TokenLine { Asset = asset, Symbol = symbol, Decimals = decimals });

    private static readonly Gen<QuoteLine> BareQuote = Gen.Select(
        Gen.Select(Gen.Long, Gen.Long, Gen.Bool, Gen.UInt), Pool, Family, Asset, Asset,
        Cluster.Null(), (head, pool, family, asset0, asset1, cluster) => new QuoteLine
        {
            Slot = head.Item1,
            AsOf = head.Item2,
            Live = head.Item3,
            FeePips = head.Item4,
            Pool = pool,
            Family = family,
            Asset0 = asset0,
            Asset1 = asset1,
            Cluster = cluster,
        });

    private static readonly Gen<Line> Quote = Gen.Select(
        BareQuote, Amount.Nullable(), Amount.Nullable(), Gen.Int.Nullable(), Liquidity.Nullable(),
        Gen.Select(Gen.Int, Net).Array[0, 5].Null(),
        (bare, a, b, n, liquidity, ticks) => (Line)(bare with
        {
            Reserve0 = a,
            Reserve1 = b,
            SqrtPriceX96 = b,
            Weight0E18 = b,
            Weight1E18 = a,
            FeeE18 = a,
            Decimals0 = n is null ? null : Math.Abs(n.Value % 37),
            Decimals1 = n is null ? null : Math.Abs(n.Value % 37),
            Tick = n,
            TickSpacing = n,
            Liquidity = liquidity,
            Ticks = ticks?.Select(t => t.Item1).ToImmutableArray(),
            LiquidityNet = ticks?.Select(t => t.Item2).ToImmutableArray(),
        }));

    private static readonly Gen<Line> Sync = Gen.Select(
        Gen.Long, Gen.Long, Gen.Int, Pool, Amount, Amount, (slot, block, log, pool, r0, r1) =>
            (Line)new SyncLine
            {
                Slot = slot, Block = block, Log = log, Pool = pool, Reserve0 = r0, Reserve1 = r1,
            });

    private static readonly Gen<Line> Price = Gen.Select(Gen.Long, Asset, Amount,
        (slot, asset, usd) => (Line)new PriceLine { Slot = slot, Asset = asset, UsdE18 = usd });

    private static readonly Gen<Line> Quarantine = Gen.Select(
        Gen.Long, Pool, Gen.Enum<Reason>(), Words, Cluster.Null(), Gen.Long.Nullable(),
        (slot, pool, reason, detail, cluster, until) => (Line)new QuarantineLine
        {
            Slot = slot, Pool = pool, Reason = reason, Detail = detail, Cluster = cluster,
            UntilSlot = until,
        });

    private static readonly Gen<Hop> Hop = Gen.Select(
        Pool, Family, Gen.UInt, Asset, Asset, Gen.Select(Amount, Amount, Gen.Long),
        (pool, family, fee, assetIn, assetOut, rest) => new Hop(
            pool, family, fee, assetIn, assetOut, rest.Item1, rest.Item2, rest.Item3));

    private static readonly Gen<Crossing> Crossing = Gen.Select(
        Gen.Int, Asset, Asset, Amount, Amount, Gen.UInt, (after, from, to, paid, got, pips) =>
            new Crossing(after, from, to, paid, got, pips, pips));

    private static readonly Gen<Cost> Cost = Gen.Select(
        Words, Asset, Amount, Gen.ULong, (kind, asset, amount, usd) =>
            new Cost(kind, asset, amount, usd));

    private static readonly Gen<OpportunityLine> Opportunity = Gen.Select(
        Gen.Select(Words, Cluster, Asset, Gen.Enum<Guarantee>()), Gen.Select(Amount, Amount),
        Hop.Array[0, 4], Crossing.Array[0, 2], Cost.Array[0, 4], Gen.Long.Array[5],
        (who, amounts, hops, crossings, costs, figures) => new OpportunityLine
        {
            Id = who.Item1,
            Cluster = who.Item2,
            Asset = who.Item3,
            Guarantee = who.Item4,
            AmountIn = amounts.Item1,
            AmountOut = amounts.Item2,
            Hops = [.. hops],
            Crossings = [.. crossings],
            Costs = [.. costs],
            Slot = figures[0],
            GrossMicroUsd = figures[1],
            NetMicroUsd = figures[2],
            ExpectedMicroUsd = figures[3],
            StaleSeconds = figures[4],
            Truncated = figures[4] % 2 == 0,
        });

    private static readonly Gen<Line> Trade = Gen.Select(
        Opportunity, Gen.Int, Gen.Long.Nullable(), (found, rank, risk) => (Line)new TradeLine
        {
            Rank = rank,
            TimeRiskMicroUsd = risk,
            Id = found.Id,
            Cluster = found.Cluster,
            Asset = found.Asset,
            Guarantee = found.Guarantee,
            AmountIn = found.AmountIn,
            AmountOut = found.AmountOut,
            Hops = found.Hops,
            Crossings = found.Crossings,
            Costs = found.Costs,
            Slot = found.Slot,
            GrossMicroUsd = found.GrossMicroUsd,
            NetMicroUsd = found.NetMicroUsd,
            ExpectedMicroUsd = found.ExpectedMicroUsd,
            StaleSeconds = found.StaleSeconds,
            Truncated = found.Truncated,
        });

    private static readonly Gen<Line> SlotEnd = Gen.Select(
        Gen.Long, Cluster, Gen.Int, Gen.Long, Gen.Int,
        Gen.Dictionary(Gen.Enum<Reason>().Select(r => r.Code()), Gen.Long)[0, 4],
        (slot, cluster, touched, scored, found, dropped) => (Line)new SlotEndLine
        {
            Slot = slot,
            Cluster = cluster,
            TouchedPools = touched,
            CyclesScored = scored,
            Found = found,
            Dropped = dropped.ToImmutableSortedDictionary(StringComparer.Ordinal),
        });

    private static readonly Gen<Line> Bound = Gen.Select(
        Gen.Long, Cluster, Gen.Long.Array[6], Gen.Int.Array[5],
        (slot, cluster, sums, counts) => (Line)new BoundLine
        {
            Slot = slot,
            Cluster = cluster,
            BoundMicroUsd = sums[0],
            ValueMicroUsd = sums[1],
            GapPpm = sums[2],
            NetBoundMicroUsd = sums[3],
            RoutesMicroUsd = sums[4],
            CyclesMicroUsd = sums[5],
            Routes = counts[0],
            Cycles = counts[1],
            Found = counts[2],
            Above = counts[3],
            Shut = counts[4],
        });

    private static readonly Gen<OutcomeTransaction> Sent = Gen.Select(
        Chain, Hex, Words, Gen.Long, Gen.Bool, Gen.Select(Gen.ULong, Amount, Amount.Nullable()),
        (chain, hash, act, block, success, cost) => new OutcomeTransaction(
            chain, "0x" + hash, act, block, success, cost.Item1, cost.Item2)
        {
            TipWei = cost.Item3,
        });

    private static readonly Gen<OutcomeFlow[]> Flows =
        Gen.Select(Asset, Net, (asset, amount) => new OutcomeFlow(asset, amount)).Array[0, 3];

    /// <summary>How a plan ended.</summary>
    internal static readonly Gen<OutcomeLine> Outcome = Gen.Select(
        Gen.Select(Words, Words, Words, Words), Gen.Enum<Guarantee>(), Sent.Array[0, 3],
        Gen.Select(Flows, Flows.Null()), Gen.Long.Array[2], Gen.Long.Nullable().Array[5],
        (texts, guarantee, sent, flows, times, figures) => new OutcomeLine
        {
            Name = texts.Item1,
            Bundle = texts.Item2,
            Guarantee = guarantee,
            Success = texts.Item3.Length == 0,
            Reason = texts.Item3,
            Detail = texts.Item4,
            Transactions = [.. sent],
            Realised = [.. flows.Item1],
            Unexplained = flows.Item2?.ToImmutableArray(),
            RealisedMicroUsd = figures[0],
            ExpectedMicroUsd = figures[1],
            FeeMicroUsd = figures[2],
            FoundMs = figures[3],
            SubmittedMs = figures[4],
            StartedMs = times[0],
            EndedMs = times[1],
        });

    private static readonly Gen<ReportSpan> Span = Gen.Select(
        Gen.Int, Gen.Long, Gen.Long, Gen.Long, (count, p50, p99, most) =>
            new ReportSpan(count, p50, p99, most));

    private static readonly Gen<ReportGroup> Group = Gen.Select(
        Gen.Enum<Guarantee>(), Gen.Int.Array[3], Gen.Dictionary(Words, Gen.Long)[0, 3],
        Gen.Long.Array[4], Span.Null().Array[3], (guarantee, counts, reasons, sums, spans) =>
            new ReportGroup
            {
                Guarantee = guarantee,
                Bundles = counts[0],
                Sent = counts[1],
                Valued = counts[2],
                Reasons = reasons.ToImmutableSortedDictionary(StringComparer.Ordinal),
                SentPerKilominute = sums[0],
                ExpectedMicroUsd = sums[1],
                RealisedMicroUsd = sums[2],
                FeeMicroUsd = sums[3],
                DetectionToSubmission = spans[0],
                SubmissionToFinal = spans[1],
                DetectionToSettled = spans[2],
            });

    private static readonly Gen<Line> Report = Gen.Select(
        Gen.Int, Group.Array[0, 2],
        Gen.Select(Gen.Enum<Guarantee>(), Gen.Int, Gen.ULong, Gen.ULong, Gen.ULong,
            (guarantee, plans, before, after, used) =>
                new ReportGas(guarantee, plans, before, after, used)).Array[0, 2],
        (bundles, groups, gas) => (Line)new ReportLine
        {
            Bundles = bundles, Groups = [.. groups], Gas = [.. gas],
        });

    private static readonly Gen<Line> Run = Gen.Select(
        Words, Words, Words.Array[0, 3], Gen.Bool, Gen.Dictionary(Words, Words)[0, 3],
        Gen.Select(Gen.Int.Nullable(), Gen.Long.Nullable(), Gen.Bool.Nullable()),
        (program, version, clusters, aggregates, files, told) => (Line)new RunLine
        {
            Program = program,
            ProgramVersion = version,
            Clusters = [.. clusters],
            Aggregates = aggregates,
            Configuration = files.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Top = told.Item1,
            MaxStateAgeSeconds = told.Item2,
            Learnt = told.Item3,
            CyclesOnly = told.Item3,
        });

    private static readonly Gen<Line> Tick =
        Gen.Long.Select(slot => (Line)new TickLine { Slot = slot });

    private static readonly Gen<Line> Proposal = Gen.Select(
        Gen.Long, Words, Words, Gen.Float.Array[0, 5], (slot, cluster, device, shifts) =>
            (Line)new ProposalLine
            {
                Slot = slot, Cluster = cluster, Device = device,
                Roots = RouteProposal.Write(shifts),
            });

    /// <summary>Any line of the kinds this program knows.</summary>
    internal static readonly Gen<Line> Any = Gen.OneOf(
        Token, Quote, Sync, Price, Quarantine, Opportunity.Select(x => (Line)x), Trade, SlotEnd,
        Bound, Outcome.Select(x => (Line)x), Report, Run, Tick, Proposal);
}
