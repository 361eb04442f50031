// BundleCases: a bundle of twenty steps from its text to its plan, stage by stage and whole.
using System.Text;
using Lockstep.Bench.Harness;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Bundles.Writing;
using Lockstep.Detection.Scoring;
using Lockstep.Tools.Config;

namespace Lockstep.Bench.Cases;

/// <summary>The pipe's work in one process, without its processes and lines.</summary>
public static class BundleCases
{
    // With take, bridge and the two keeps that is twenty statements. Odd, so that each leg ends
    // in the asset it did not begin with.
    private const int SwapsOut = 7;
    private const int SwapsHome = 9;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("bundle.parse", setting => Stage(setting, desk => desk.Parse())),
        new("bundle.check", setting => Stage(setting, desk => desk.Check())),
        new("bundle.select", setting => Stage(setting, desk => desk.Select())),
        new("bundle.optimise", setting => Stage(setting, desk => desk.Optimise())),
        new("bundle.whole", setting => Stage(setting, desk => desk.Whole())),
    ];

    private static Benchmark Stage(BenchSetting setting, Action<Desk> work)
    {
        Desk desk = new(setting.Root);
        return new Benchmark("bundle", 1, () => work(desk))
        {
            Difference = desk.Difference,
            Note = ns => $"{Desk.Steps} steps: {Table.Count(1e9 / ns)} bundles/s on one core",
        };
    }

    /// <summary>Buy on Base through eight pools, cross by whatever is best, sell on Arbitrum.
    /// </summary>
    private static string Text()
    {
        StringBuilder text = new();
        text.Append("""
            bundle twenty_steps {
              chain base = eip155:8453
              chain arbitrum = eip155:42161
              asset USDC on base = eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913
                  decimals 6
              asset WETH on base = eip155:8453/erc20:0x4200000000000000000000000000000000000006
                  decimals 18
              asset WETH on arbitrum
                  = eip155:42161/erc20:0x82af49447d8a07e3bd95bd0d56f35241523fbab1 decimals 18
              asset USDC on arbitrum
                  = eip155:42161/erc20:0xaf88d065e77c8cc2239327c5edb3a432268e5831 decimals 6
              vault house on base = eip155:8453:0x00000000000000000000000000000000000000b1
              vault house on arbitrum = eip155:42161:0x00000000000000000000000000000000000000b3

            """);
        Pools(text, "p", "base = eip155:8453", SwapsOut);
        Pools(text, "q", "arbitrum = eip155:42161", SwapsHome);
        text.Append("  limits { net >= 10 USDC@base; ttl 30s }\n  bridged {\n");
        text.Append("    leg out on base {\n      a0 <- take 5_000 USDC from house\n");
        Swaps(text, "a", "p", "USDC", "WETH", SwapsOut);
        text.Append($"      b0 <- bridge a{SwapsOut} -> arbitrum via auto min 1.9\n    }}\n");
        text.Append("    leg home on arbitrum {\n");
        Swaps(text, "b", "q", "WETH", "USDC", SwapsHome);
        text.Append($"      keep b{SwapsHome} to house\n    }}\n");
        text.Append("    compensate { keep b0 to house }\n  }\n}\n");
        return text.ToString();
    }

    private static void Pools(StringBuilder text, string letter, string chain, int count)
    {
        for (int i = 0; i < count; i++)
            text.Append($"  pool {letter}{i} on {chain}:0x{i + 1:x40}")
                .Append(" family constant-product fee 0.3%\n");
    }

    private static void Swaps(
        StringBuilder text, string wire, string pool, string from, string to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string gets = i % 2 == 0 ? to : from;
            string least = gets == "WETH" ? "1.99" : "5_020";
            text.Append($"      {wire}{i + 1} <- swap {wire}{i} -> {gets} ")
                .Append($"via {pool}{i} min {least}\n");
        }
    }

    /// <summary>One stage after the other, each over what the one before made.</summary>
    private sealed class Desk
    {
        private readonly string text = Text();
        private readonly CheckPolicy policy;
        private readonly CrossingSettings crossings;
        private readonly GasModel gas;
        private Bundle parsed;
        private Bundle chosen;

        public Desk(string root)
        {
            string config = Path.Combine(root, "config");
            SearchConfig search = ConfigFile.Read(Path.Combine(config, "lockstep.toml"));
            policy = CheckPolicy.Of(TimelocksFile.Read(Path.Combine(config, "timelocks.toml")));
            crossings = CrossingsFile.Read(
                Path.Combine(config, "crossings.toml"), search,
                BridgesFile.Read(Path.Combine(config, "bridges.toml")));
            gas = new GasModel(GasFile.Read(Path.Combine(config, "gas.toml")));
            parsed = Parsed();
            chosen = Chosen();
        }

        /// <summary>Statements of the bundle.</summary>
        public static int Steps => SwapsOut + SwapsHome + 4;

        public void Parse() => parsed = Parsed();

        public void Check()
        {
            if (Checker.Check(parsed, policy).Type is null)
                throw new BenchException("the bundle is not sound");
        }

        public void Select() => chosen = Chosen();

        public void Optimise() => _ = Planned();

        public void Whole()
        {
            Parse();
            Check();
            Select();
            Optimise();
        }

        public string? Difference() => Planned().After.Transactions.Length < 2
            ? "the plan has not both chains"
            : null;

        private Bundle Parsed() => Parser.Parse(text) is { IsClean: true } sound
            ? sound.Bundles[0]
            : throw new BenchException("the bundle does not parse");

        private Bundle Chosen() =>
            BundleCrossings.Choose(parsed, crossings, out _, out string? refusal)
            ?? throw new BenchException($"no way across: {refusal}");

        private Optimized Planned() =>
            Lowering.Lower(chosen, gas.Table, out LoweringFault? fault) is { } plan
                ? Optimizer.Optimize(plan, gas)
                : throw new BenchException($"no plan: {fault!.Words}");
    }
}
