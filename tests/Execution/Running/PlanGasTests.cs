// PlanGasTests: gas of bundles as they are written and as they are planned, counted by the EVM in
// Uniswap's own pools on a quiet devnet; the model's figures beside them.
using System.Text.Json;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Bundles.Gas.Rules;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Config;
using Lockstep.Tools.Deploy;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Execution.Running;

public sealed class PlanGasTests(ITestOutputHelper output)
{
    private static readonly GasModel Model = new(GasFile.Parse(
        File.ReadAllText(Path.Combine(SourceTree.Root, GasFile.DefaultPath)), "gas.toml"));

    /// <summary>As written, each call is a transaction of a plain client: what is taken goes to an
    /// account of its own, which approves the protocol's router, swaps there and pays back. A block
    /// that is one transaction is one, behind the approvals that stand before it. As planned, the
    /// executor runs it.</summary>
    [LocalChainFact]
    public async Task Plan_OnTheRealEvm_TakesLessGasThanItsBundleAsWritten()
    {
        using Devnet devnet = new(Devnet.Quiet);
        ForgeOutput.BuildAll();
        string file = Path.Combine(devnet.Folder, "ours", "evm.toml");
        Ending deployed = Binary.Run(
            "managed", ["deployer", "--world", devnet.World, "--out", file], []);
        Assert.True(deployed.Code == 0, deployed.Words);
        EvmSettings settings = EvmFile.Read(file);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(devnet.World));
        DevnetWorld world = DevnetWorld.Read(devnet.World);
        output.WriteLine("as written: EVM and model; as planned: EVM and model");
        foreach (WorldChain chain in world.Chains)
        {
            await using PlainClient client = await PlainClient.OpenAsync(
                world, chain, settings.Chain(chain.Id)!, json.RootElement);
            foreach ((string name, string text) in client.Bundles())
            {
                ParsedBundles parsed = Parser.Parse(text);
                Assert.True(parsed.IsClean, string.Join("; ", parsed.Diagnostics));
                Bundle bundle = parsed.Bundles.Single();
                Plan plan = Lowering.Lower(bundle, Model.Table, out LoweringFault? fault)
                    ?? throw new InvalidOperationException(fault!.Words);
                PlanLine written = Line(bundle, plan, []);
                PlanLine planned = Line(bundle, plan, PlanRule.All);
                ulong before = await client.RunWrittenAsync(written);
                ulong after = await client.RunPlannedAsync(planned);
                (ulong modelBefore, ulong modelAfter) = (Modelled(written), Modelled(planned));
                output.WriteLine($"{name,-34} {before,8} {modelBefore,7}   {after,14} "
                    + $"{modelAfter,7}   saved {100 - (100 * after / before)} %, modelled "
                    + $"{100 - (100 * modelAfter / modelBefore)} %");
                Assert.True(after < before, name);
            }
        }
    }

    private static PlanLine Line(
        Bundle bundle, Plan plan, System.Collections.Immutable.ImmutableArray<PlanRule> rules) =>
        PlanJson.ToLine(bundle, Optimizer.Optimize(plan, Model, rules), Model);

    private static ulong Modelled(PlanLine plan) => plan.Transactions
        .Where(one => one.Phase == "run").Aggregate(0UL, (sum, one) =>
            sum + one.Gas.Intrinsic + one.Gas.Execution + one.Gas.Cold + one.Gas.Batch);

    /// <summary>Somebody with an account and the protocols' routers, and our executor.</summary>
    private sealed class PlainClient : IAsyncDisposable
    {
        private static readonly AbiFunction Transfer = F("transfer(address,uint256)(bool)");
        private static readonly AbiFunction Approve = F("approve(address,uint256)(bool)");
        private static readonly AbiFunction SwapV2 = F("swapExactTokensForTokens(uint256,uint256,"
            + "address[],address,uint256)(uint256[])");

        private static readonly AbiFunction SwapV3 = F("exactInputSingle((address,address,uint24,"
            + "address,uint256,uint256,uint256,uint160))(uint256)");

        private static readonly AbiFunction BalanceOf = F("balanceOf(address)(uint256)");
        private readonly RolloutDesk desk;
        private readonly SigningKey owner, holder;
        private readonly Deployment ours;
        private readonly EvmAddress usdc, weth, v2, v3, routerV2, routerV3, lender;
        private readonly uint feeV3;

        private PlainClient(
            DevnetWorld world, WorldChain chain, RolloutDesk desk, EvmChain at, JsonElement json)
        {
            (this.desk, ours) = (desk, at.Contracts);
            owner = new SigningKey(world.Account("searcher").PrivateKey.AsSpan());
            holder = new SigningKey(world.Account("second").PrivateKey.AsSpan());
            (usdc, weth) = (Token("USDC"), Token("WETH"));
            string kind = Pools("uniswap-v2").Any() ? "uniswap-v2" : "uniswap-v2-fork";
            (v2, _) = Pools(kind).First();
            (v3, feeV3) = Pools("uniswap-v3").First();
            (routerV2, routerV3) = (Router(kind), Router("uniswap-v3"));
            lender = chain.Lenders.First(one => one.Protocol == "balancer-v2").Address;

            EvmAddress Token(string symbol) =>
                chain.Tokens.First(one => one.IsMajor && one.Symbol == symbol).Address;
            JsonElement Its() => json.GetProperty("chains").EnumerateArray()
                .First(one => one.GetProperty("name").GetString() == chain.Name);
            EvmAddress Router(string protocol) => EvmAddress.Parse(Its().GetProperty("routers")
                .EnumerateArray().First(one => Text(one, "protocol") == protocol)
                .GetProperty("router").GetString());
            IEnumerable<(EvmAddress, uint)> Pools(string protocol) => Its().GetProperty("pools")
                .EnumerateArray().Where(one => Text(one, "protocol") == protocol)
                .Select(one => (
                    EvmAddress.Parse(Text(one, "address")),
                    one.GetProperty("feePips").GetUInt32(),
                    EvmAddress.Parse(Text(one, "token0")), EvmAddress.Parse(Text(one, "token1"))))
                .Where(one => (one.Item3 == usdc && one.Item4 == weth)
                    || (one.Item3 == weth && one.Item4 == usdc))
                .Select(one => (one.Item1, one.Item2));
            static string Text(JsonElement one, string field) =>
                one.GetProperty(field).GetString()!;
        }

        public static async Task<PlainClient> OpenAsync(
            DevnetWorld world, WorldChain chain, EvmChain at, JsonElement json)
        {
            RolloutDesk desk = await RolloutDesk.OpenAsync(
                chain.Name, chain.Http, chain.Number, at.Fees, TimeProvider.System);
            PlainClient client = new(world, chain, desk, at, json);
            // Ether becomes dear in the V2 pool, so a loan of it has something to earn; what is
            // measured is small beside that, and moves no pool to another tick.
            await client.SwapAsync(client.owner, "skew", client.usdc, client.weth, 60_000_000_000);
            return client;
        }

        public async ValueTask DisposeAsync()
        {
            owner.Dispose();
            holder.Dispose();
            await desk.DisposeAsync();
        }

        /// <summary>Bundles whose minima hold whatever the pools' prices are.</summary>
        public IEnumerable<(string Name, string Text)> Bundles()
        {
            yield return ($"{ours.Chain} V2 swap, own funds", Own("v2"));
            yield return ($"{ours.Chain} V3 swap, own funds", Own("v3"));
            yield return ($"{ours.Chain} loan, V2 and V3 swap", Text($$"""
                atomic tx on c {
                  u <- flash 0.05 WETH from balancer
                  m <- swap u -> USDC via v2 min 1 units
                  w <- swap m -> WETH via v3 min 0.05
                  repay u from w
                  keep w
                }
                """));
        }

        /// <summary>Each call as somebody without a contract sends it.</summary>
        public async Task<ulong> RunWrittenAsync(PlanLine plan)
        {
            ulong gas = 0;
            foreach (PlanTransactionLine one in plan.Transactions.Where(t => t.Phase == "run"))
                gas += one.Calls.Length > 1 ? await ExecuteAsync(one)
                    : await CallAsync(one.Calls[0]);
            return gas;
        }

        /// <summary>Each transaction through the executor.</summary>
        public async Task<ulong> RunPlannedAsync(PlanLine plan)
        {
            ulong gas = 0;
            foreach (PlanTransactionLine one in plan.Transactions.Where(t => t.Phase == "run"))
                gas += await ExecuteAsync(one);
            return gas;
        }

        private static AbiFunction F(string signature) => AbiFunction.Parse(signature);

        private async Task<ulong> CallAsync(PlanCall call)
        {
            EvmAddress token = EvmAddress.Parse(call.Asset.Reference);
            UInt256 units = UInt256.TryParse(call.Amount, out UInt256 known) ? known : default;
            bool isV3 = call.Contract?.Address == v3.ToLowerHex();
            return call.Op switch
            {
                "take" => await SendAsync(
                    owner, "take", token, Transfer.Encode(holder.Address, units)),
                "approve" => await SendAsync(holder, "approve", token, Approve.Encode(
                    isV3 ? routerV3 : routerV2, units.IsZero ? UInt256.Pow10(30) : units)),
                "swap" when isV3 => await SendAsync(holder, "swap", routerV3, SwapV3.Encode(
                    AbiValue.List(token, EvmAddress.Parse(call.AssetOut!.Value.Reference),
                        (ulong)feeV3, holder.Address, await LaterAsync(), units, 1, 0))),
                "swap" => await SwapAsync(
                    holder, "swap", token, EvmAddress.Parse(call.AssetOut!.Value.Reference), units),
                "transfer" => await SendAsync(
                    holder, "transfer", token, Transfer.Encode(owner.Address, 1_000_000)),
                _ => throw new InvalidOperationException(call.Op),
            };
        }

        private async Task<ulong> SwapAsync(
            SigningKey key, string name, EvmAddress from, EvmAddress to, UInt256 units)
        {
            if (name == "skew")
                await SendAsync(key, "approve", from, Approve.Encode(routerV2, units));
            return await SendAsync(key, name, routerV2, SwapV2.Encode(
                units, 1, AbiValue.List(from, to), key.Address, await LaterAsync()));
        }

        private async Task<ulong> ExecuteAsync(PlanTransactionLine one)
        {
            CompiledProgram? program = ProgramCompiler.Compile(one, ours, out string? fault);
            Assert.True(program is not null, fault);
            return await SendAsync(owner, one.Id, ours.Executor, ExecutorCalls.Execute(
                Keccak.HashText(one.Id), ours.ChainNumber, await LaterAsync(),
                program.ProfitAsset, program.MinProfit, program.Bytes));
        }

        private async Task<long> LaterAsync() => (await desk.HeadAsync()).TimestampS + 600;

        private async Task<ulong> SendAsync(
            SigningKey key, string name, EvmAddress to, byte[] data) =>
            (ulong)(await desk.SendAsync(new DeskOrder(name, key, to, data)))[0].Receipt.GasUsed;

        private string Own(string pool) => Text($$"""
            inventory {
              leg only on c {
                u <- take 100 USDC from house
                w <- swap u -> WETH via {{pool}} min 1 units
                keep w to house
                failed { hold w <= 10 WETH for 10m }
              }
            }
            """);

        private string Text(string block) => $$"""
            bundle measured {
              chain c = {{ours.Chain}}
              asset USDC on c = {{ours.Chain}}/erc20:{{usdc.ToLowerHex()}} decimals 6
              asset WETH on c = {{ours.Chain}}/erc20:{{weth.ToLowerHex()}} decimals 18
              pool v2 on c = {{ours.Chain}}:{{v2.ToLowerHex()}} family constant-product fee 0.3%
              pool v3 on c = {{ours.Chain}}:{{v3.ToLowerHex()}} family concentrated
                  fee {{feeV3 / 10_000m}}%
              vault house on c = {{ours.Chain}}:{{ours.Owner.ToLowerHex()}}
              lender balancer on c = {{ours.Chain}}:{{lender.ToLowerHex()}} fee 0%
              {{block}}
            }
            """;
    }
}
