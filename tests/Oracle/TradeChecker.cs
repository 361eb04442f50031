// TradeChecker: recomputes one printed trade from the recorded state, to the last base unit.
using System.Numerics;
using System.Text.Json;

namespace Lockstep.Tests.Oracle;

/// <summary>Checks <c>trade</c> and <c>opportunity</c> lines. Each method states one claim of the
/// line formats in its own words.</summary>
internal sealed class TradeChecker
{
    private readonly OracleConfig config;
    private readonly DayState state;
    private readonly JsonElement line;
    private readonly List<string> differences = [];
    private readonly List<(OraclePool Pool, OracleSwap Swap)> swaps = [];

    private TradeChecker(JsonElement line, DayState state, OracleConfig config) =>
        (this.line, this.state, this.config) = (line, state, config);

    /// <summary>What the line says that the recorded day does not; empty when they agree.</summary>
    public static IReadOnlyList<string> Check(
        JsonElement line, DayState state, OracleConfig config)
    {
        TradeChecker checker = new(line, state, config);
        checker.Expect("slot", state.Slot, line.GetProperty("slot").GetInt64());
        checker.CheckPath();
        if (checker.differences.Count == 0) checker.CheckMoney();
        return checker.differences;
    }

    private JsonElement[] Hops => [.. line.GetProperty("hops").EnumerateArray()];

    private JsonElement[] Crossings => [.. line.GetProperty("crossings").EnumerateArray()];

    /// <summary>Follows the money: every step takes what the one before gave.</summary>
    private void CheckPath()
    {
        string asset = line.Text("asset");
        BigInteger amount = line.Big("amountIn");
        if (amount.Sign <= 0) differences.Add("amountIn is not positive");
        Dictionary<int, JsonElement> crossingAfter =
            Crossings.ToDictionary(c => c.GetProperty("after").GetInt32());
        HashSet<string> used = [];
        for (int i = 0; i < Hops.Length; i++)
        {
            JsonElement hop = Hops[i];
            Expect($"hop {i} assetIn", asset, hop.Text("assetIn"));
            Expect($"hop {i} amountIn", amount, hop.Big("amountIn"));
            if (!used.Add(hop.Text("pool"))) differences.Add($"hop {i} uses a pool again");
            if (!CheckHop(i, hop, asset, amount)) return;
            (asset, amount) = (hop.Text("assetOut"), swaps[^1].Swap.Out);
            if (crossingAfter.Remove(i, out JsonElement crossing))
                (asset, amount) = CheckCrossing(crossing, asset, amount);
        }
        Expect("asset at the end", line.Text("asset"), asset);
        Expect("amountOut", amount, line.Big("amountOut"));
        if (crossingAfter.Count > 0) differences.Add("a crossing stands behind no hop");
        int[] order = [.. Crossings.Select(c => c.GetProperty("after").GetInt32())];
        if (!order.SequenceEqual(order.Order())) differences.Add("crossings are out of order");
        if (Hops.Length < 2 || Hops.Length > config.MaxSwaps)
            differences.Add($"{Hops.Length} swaps");
        // A leg is in one piece: a path across chains starts where a chain is entered.
        if (order.Length > 0) Expect("last crossing's hop", Hops.Length - 1, order[^1]);
        if (order.Length > config.MaxCrossings) differences.Add($"{order.Length} crossings");
        string guarantee = order.Length == 0 ? "transaction" : "inventory";
        Expect("guarantee", guarantee, line.Text("guarantee"));
    }

    private bool CheckHop(int i, JsonElement hop, string asset, BigInteger amount)
    {
        string id = hop.Text("pool");
        if (state.Shut.TryGetValue(id, out string? why)) differences.Add($"hop {i}: {id} {why}");
        if (!state.Pools.TryGetValue(id, out OraclePool? pool))
        {
            differences.Add($"hop {i}: no state of {id} was recorded");
            return false;
        }
        bool zeroForOne = asset == pool.Asset0;
        Expect($"hop {i} pool's assetIn", pool.In(zeroForOne), asset);
        Expect($"hop {i} assetOut", pool.Out(zeroForOne), hop.Text("assetOut"));
        Expect($"hop {i} family", pool.Family, hop.Text("family"));
        Expect($"hop {i} feePips", pool.FeePips, hop.GetProperty("feePips").GetInt64());
        Expect($"hop {i} asOf", pool.AsOf, hop.GetProperty("asOf").GetInt64());
        OracleSwap swap = pool.Swap(zeroForOne, amount);
        Expect($"hop {i} input the pool takes", amount, swap.Taken);
        Expect($"hop {i} amountOut", swap.Out, hop.Big("amountOut"));
        swaps.Add((pool, swap));
        return true;
    }

    /// <summary>out = floor(in * 10^(decOut - decIn) * (1e6 - rebalance - risk) / 1e6).</summary>
    private (string, BigInteger) CheckCrossing(
        JsonElement crossing, string asset, BigInteger amount)
    {
        string after = $"crossing after {crossing.GetProperty("after").GetInt32()}";
        string entered = crossing.Text("assetOut");
        Expect($"{after} assetIn", asset, crossing.Text("assetIn"));
        Expect($"{after} amountIn", amount, crossing.Big("amountIn"));
        if (!config.Groups.TryGetValue(asset, out OracleGroup? group)
            || !group.Assets.Contains(entered) || entered == asset)
        {
            differences.Add($"{after}: {asset} does not cross to {entered}");
            return (entered, amount);
        }
        Expect($"{after} rebalanceFeePips", group.RebalanceFeePips,
            crossing.GetProperty("rebalanceFeePips").GetInt64());
        Expect($"{after} timeRiskPips", group.TimeRiskPips,
            crossing.GetProperty("timeRiskPips").GetInt64());
        BigInteger amountOut = Crossed(group, state, asset, entered, amount);
        Expect($"{after} amountOut", amountOut, crossing.Big("amountOut"));
        return (entered, amountOut);
    }

    /// <summary>What arrives when an amount changes chain.</summary>
    public static BigInteger Crossed(
        OracleGroup group, DayState state, string asset, string entered, BigInteger amount) =>
        BigMath.Floor(
            amount * BigInteger.Pow(10, state.Decimals[entered])
                * (BigMath.Million - group.RebalanceFeePips - group.TimeRiskPips),
            BigInteger.Pow(10, state.Decimals[asset]) * BigMath.Million);

    private void CheckMoney()
    {
        OraclePool[] pools = [.. swaps.Select(s => s.Pool)];
        string asset = line.Text("asset");
        BigInteger fee = Costing.FlashFee(pools, line.Big("amountIn"), config);
        BigInteger profit = line.Big("amountOut") - line.Big("amountIn") - fee;
        if (profit.Sign <= 0) differences.Add($"loses {-profit} of {asset}");
        if (state.UsdE18(asset).IsZero) differences.Add($"{asset} has no reference price");
        if (differences.Count > 0) return;

        List<OracleCost> expected =
            Costing.Gas(pools, [.. swaps.Select(s => s.Swap)], state, config);
        BigInteger gas = Sum(expected);
        if (!fee.IsZero)
            expected.Add(new("flash-loan", asset, fee, state.MicroUsdCeiling(asset, fee)));
        foreach (JsonElement crossing in Crossings) AddCrossing(crossing, expected);
        BigInteger fixedParts = Sum(expected.Where(c => c.Kind == "crossing"));

        OracleCost[] printed = [.. line.GetProperty("costs").EnumerateArray().Select(Read)];
        Compare(expected, printed);
        BigInteger net = state.MicroUsdFloor(asset, profit) - gas - fixedParts;
        BigInteger printedNet = line.GetProperty("netMicroUsd").GetInt64();
        Expect("netMicroUsd", net, printedNet);
        Expect("grossMicroUsd - costs", printedNet,
            line.GetProperty("grossMicroUsd").GetInt64() - Sum(printed));
        if (net < config.MinNetMicroUsd) differences.Add($"net {net} is below the minimum");
        BigInteger land = config.Land(line.Text("guarantee"));
        Expect("expectedMicroUsd", BigMath.Floor((net + gas) * land, BigMath.Million) - gas,
            line.GetProperty("expectedMicroUsd").GetInt64());
        BigInteger input = state.MicroUsdFloor(asset, line.Big("amountIn"));
        if (input > config.MaxInputMicroUsd) differences.Add($"takes {input} micro-USD");
        long stale = pools.Max(p => p.StaleSeconds(state.Slot));
        Expect("staleSeconds", stale, line.GetProperty("staleSeconds").GetInt64());
        if (stale > config.MaxStateAgeSeconds) differences.Add($"rests on a state {stale} s old");
    }

    private void AddCrossing(JsonElement crossing, List<OracleCost> expected)
    {
        string asset = crossing.Text("assetIn");
        OracleGroup group = config.Groups[asset];
        BigInteger amount = crossing.Big("amountIn");
        foreach ((string kind, BigInteger pips) in (ReadOnlySpan<(string, BigInteger)>)
            [("rebalance", group.RebalanceFeePips), ("time-risk", group.TimeRiskPips)])
        {
            BigInteger share = BigMath.Ceiling(amount * pips, BigMath.Million);
            if (share.IsZero) continue;
            expected.Add(new(kind, asset, share, state.MicroUsdCeiling(asset, share)));
        }
        expected.Add(new("crossing", asset, 0, group.FixedMicroUsd));
    }

    private void Compare(List<OracleCost> expected, OracleCost[] printed)
    {
        string here = string.Join("\n", expected.Select(c => c.ToString()).Order());
        string there = string.Join("\n", printed.Select(c => c.ToString()).Order());
        if (here != there) differences.Add($"costs: expected\n{here}\nprinted\n{there}");
    }

    private static OracleCost Read(JsonElement cost) => new(
        cost.Text("kind"), cost.Text("asset"), cost.Big("amount"),
        cost.GetProperty("microUsd").GetUInt64());

    private static BigInteger Sum(IEnumerable<OracleCost> costs) =>
        costs.Aggregate(BigInteger.Zero, (sum, cost) => sum + cost.MicroUsd);

    private void Expect<T>(string what, T expected, T printed)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, printed))
            differences.Add($"{what}: expected {expected}, printed {printed}");
    }
}

/// <summary>One cost of a path.</summary>
internal sealed record OracleCost(
    string Kind, string Asset, BigInteger Amount, BigInteger MicroUsd);

/// <summary>Gas and flash loan of a path, from the configuration alone.</summary>
internal static class Costing
{
    /// <summary>A path on one chain starts with a flash loan; its fee is rounded up.</summary>
    public static BigInteger FlashFee(
        IReadOnlyList<OraclePool> pools, BigInteger amountIn, OracleConfig config) =>
        OneChain(pools)
            ? BigMath.Ceiling(
                amountIn * config.Chains[pools[0].Chain].FlashLoanFeePips, BigMath.Million)
            : 0;

    /// <summary>One item a chain: a transaction for each leg, which is a run of swaps on the chain.
    /// </summary>
    public static List<OracleCost> Gas(
        IReadOnlyList<OraclePool> pools, IReadOnlyList<OracleSwap> swaps, DayState state,
        OracleConfig config)
    {
        List<OracleCost> costs = [];
        foreach (string id in pools.Select(p => p.Chain).Distinct())
        {
            OracleChain chain = config.Chains[id];
            BigInteger units = OneChain(pools) ? config.Gas("flashLoan") : 0;
            BigInteger transactions = 0;
            for (int i = 0; i < pools.Count; i++)
            {
                if (pools[i].Chain != id) continue;
                if (i == 0 || pools[i - 1].Chain != id) transactions++;
                units += swaps[i].TicksCrossed * config.Gas("tickCrossing");
                units += config.Gas(
                    pools[i].Family == "concentrated" ? "concentrated" : "constantProduct");
            }
            units += transactions * config.Gas("transaction");
            BigInteger wei = (units * chain.GasPriceWei) + (transactions * chain.DataFeeWei);
            BigInteger value = state.MicroUsdCeiling(chain.GasPricedAs, wei);
            costs.Add(new OracleCost("gas", chain.GasAsset, wei, value));
        }
        return costs;
    }

    private static bool OneChain(IReadOnlyList<OraclePool> pools) =>
        pools.All(p => p.Chain == pools[0].Chain);
}
