// PlanWorld: two chains with a price between them and on them, one journal, one clock; and plans
// made of bundles by the compiler and optimiser that run in production.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Bundles.Gas.Rules;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Simulator.Actors;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

/// <summary>What belongs to us: the owner's tokens of both chains, then the keeper's ether and how
/// many transactions it sent.</summary>
internal sealed record OwnFunds(
    ImmutableSortedDictionary<AssetId, Int128> Tokens,
    ImmutableSortedDictionary<ChainId, (UInt256 Wei, ulong Sent)> Keeper);

/// <summary>A runner with its desks and its journal: a process.</summary>
internal sealed class PlanProcess(
    SettlementJournal journal, ImmutableDictionary<ChainId, ChainDesk> desks, PlanRunner runner,
    RiskHost risk)
    : IDisposable
{
    public SettlementJournal Journal => journal;

    public PlanRunner Runner => runner;

    public RiskHost Risk => risk;

    public List<OutcomeLine> Told { get; } = [];

    public async Task<OutcomeLine> RunAsync(PlanLine plan) =>
        await runner.RunAsync(plan, Told.Add, CancellationToken.None);

    public async Task<OutcomeLine?> RecoverAsync()
    {
        await runner.RecoverAsync(Told.Add);
        return Told.SingleOrDefault();
    }

    public void Dispose()
    {
        foreach (ChainDesk desk in desks.Values) desk.Dispose();
        journal.Dispose();
    }
}

/// <summary>The world.</summary>
internal sealed class PlanWorld : IAsyncDisposable
{
    private static readonly GasModel Model = new(GasFile.Parse(
        File.ReadAllText(Path.Combine(SourceTree.Root, GasFile.DefaultPath)), "gas.toml"));

    private static readonly UInt256 EtherIn = UInt256.Pow10(17) * 4;
    private readonly TempFolder folder = new();

    private PlanWorld() => Clock = new MiningClock(() =>
        Task.WhenAll(Chains.Select(chain => chain.TickAsync())));

    public PlanChain[] Chains { get; private set; } = [];

    public MiningClock Clock { get; }

    public ReferencePrices Prices { get; } = new();

    public static async Task<PlanWorld> StartAsync()
    {
        PlanWorld world = new();
        world.Chains =
            await Task.WhenAll(PlanChain.StartAsync(8453), PlanChain.StartAsync(10));
        foreach (PlanChain chain in world.Chains)
        {
            world.Price(chain.Asset(chain.Usd), 6, 1);
            world.Price(chain.Asset(chain.Eth), 18, 2550);
            world.Prices.PriceAs(chain.Contracts.GasAsset, chain.Asset(chain.Eth));
        }
        await world.AlignAsync();
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PlanChain chain in Chains) await chain.DisposeAsync();
        folder.Dispose();
    }

    public string JournalPath => folder["sent.journal"];

    /// <summary>A process on the world's journal.</summary>
    /// <param name="onRecord">Told of each record when it is written.</param>
    /// <param name="rules">The owner's rules.</param>
    /// <param name="limits">The bounds of the risk gate; null for wide ones.</param>
    /// <param name="isKilled">The kill switch; null for one that is off.</param>
    /// <param name="desk">Opens the desk of a chain; null for the usual one.</param>
    public async Task<PlanProcess> StartProcessAsync(
        Action<JournalRecord>? onRecord = null, PlanRules? rules = null,
        Func<PlanChain, SettlementJournal, ValueTask<ChainDesk>>? desk = null,
        RiskLimits? limits = null, Func<bool>? isKilled = null)
    {
        SettlementJournal journal = SettlementJournal.Open(JournalPath, Clock);
        if (onRecord is not null) journal.Appended += onRecord;
        var desks = ImmutableDictionary.CreateBuilder<ChainId, ChainDesk>();
        foreach (PlanChain chain in Chains)
            desks[chain.Id] = await (desk?.Invoke(chain, journal)
                ?? chain.OpenAsync(journal, Clock));
        var risk = RiskHost.Start(
            limits ?? WideGate.Limits, RiskMode.Active, Prices.WorthCeiling,
            isKilled ?? (() => false), journal);
        return new PlanProcess(journal, desks.ToImmutable(), new PlanRunner(
            desks.ToImmutable(), journal, risk, Clock, rules, Prices), risk);
    }

    /// <summary>Borrow dollars, buy ether in the cheap pool, sell it in the dear one, repay; all
    /// minima are what our own arithmetic says comes out.</summary>
    public async Task<(PlanLine Plan, UInt256 Profit)> FlashAsync(
        bool optimised = true, long ttlMs = 10_000)
    {
        PlanChain chain = Chains[0];
        UInt256 usd = (UInt256)1_000_000_000UL;
        UInt256 eth = await chain.QuoteAsync(chain.Cheap, chain.Usd, usd);
        UInt256 back = await chain.QuoteAsync(chain.Dear, chain.Eth, eth);
        return (Plan($$"""
            bundle borrowed {
              {{Declared(0)}}
              lender bank on c0 = {{chain.Id}}:{{chain.Lender.ToLowerHex()}} fee 0%
              limits { ttl {{ttlMs}}ms }
              atomic tx on c0 {
                u <- flash {{usd}} units USD from bank
                e <- swap u -> ETH via cheap min {{eth}} units
                w <- swap e -> USD via dear min {{back}} units
                repay u from w
                keep w
              }
            }
            """, optimised), back - usd);
    }

    /// <summary>Buy ether on chain 0, sell it on chain 1, from own funds; either can be undone for
    /// a tenth less.</summary>
    public async Task<(PlanLine Plan, UInt256 EtherOut, UInt256 UsdOut)> InventoryAsync(
        bool optimised = true, long ttlMs = 10_000)
    {
        (PlanChain buy, PlanChain sell) = (Chains[0], Chains[1]);
        UInt256 usd = (UInt256)1_000_000_000UL;
        UInt256 eth = await buy.QuoteAsync(buy.Cheap, buy.Usd, usd);
        UInt256 back = await sell.QuoteAsync(sell.Dear, sell.Eth, EtherIn);
        return (Plan($$"""
            bundle owned {
              {{Declared(0)}}
              {{Declared(1)}}
              vault house on c0 = {{buy.Id}}:{{buy.Owner.ToLowerHex()}}
              vault house on c1 = {{sell.Id}}:{{sell.Owner.ToLowerHex()}}
              limits { ttl {{ttlMs}}ms }
              inventory {
                leg buy on c0 {
                  u <- take {{usd}} units USD from house
                  w <- swap u -> ETH via cheap min {{eth}} units
                  keep w to house
                  failed { swap back w -> USD via cheap min {{usd * 9 / 10}} units }
                }
                leg sell on c1 {
                  w <- take {{EtherIn}} units ETH from house
                  u <- swap w -> USD via dear min {{back}} units
                  keep u to house
                  failed { swap back u -> ETH via dear min {{EtherIn * 9 / 10}} units }
                }
              }
            }
            """, optimised), eth, back);
    }

    /// <summary>Own ether for a weighted pool's dollars, unit for unit.</summary>
    public PlanLine Weighted() => Plan($$"""
        bundle even {
          {{Declared(0)}}
          vault house on c0 = {{Chains[0].Id}}:{{Chains[0].Owner.ToLowerHex()}}
          limits { ttl 10s }
          inventory {
            leg only on c0 {
              u <- take 50_000_000 units ETH from house
              w <- swap u -> USD via even min 50_000_000 units
              keep w to house
              failed { hold w <= 50 USD for 10m }
            }
          }
        }
        """, true);

    public async Task<OwnFunds> FundsAsync()
    {
        var tokens = ImmutableSortedDictionary.CreateBuilder<AssetId, Int128>();
        var keeper = ImmutableSortedDictionary.CreateBuilder<ChainId, (UInt256, ulong)>();
        foreach (PlanChain chain in Chains)
        {
            foreach (var token in new[] { chain.Usd, chain.Eth })
                tokens[chain.Asset(token)] = await chain.BalanceAsync(token, chain.Owner);
            keeper[chain.Id] = await chain.KeeperAsync();
        }
        return new OwnFunds(tokens.ToImmutable(), keeper.ToImmutable());
    }

    /// <summary>Brings clock and chains to the same second.</summary>
    public async Task AlignAsync()
    {
        long[] seconds = await Task.WhenAll(Chains.Select(chain => chain.SecondsAsync()));
        long now = Math.Max(seconds.Max(), Clock.GetUtcNow().ToUnixTimeSeconds());
        for (int i = 0; i < Chains.Length; i++) await Chains[i].MineAsync((int)(now - seconds[i]));
        Clock.Set(DateTimeOffset.FromUnixTimeSeconds(now));
    }

    /// <summary>The outcome says what the balances say, to the unit; every nonce that went is a
    /// transaction of the outcome.</summary>
    public static void AssertAccounts(
        OutcomeLine line, OwnFunds before, OwnFunds after, string place = "")
    {
        foreach ((AssetId asset, Int128 held) in after.Tokens)
        {
            Int128 told = line.Realised.Where(flow => flow.Asset == asset)
                .Select(flow => flow.Amount).SingleOrDefault();
            Assert.True(held - before.Tokens[asset] == told,
                $"{place}: {asset}: {held - before.Tokens[asset]} came, told is {told}");
        }
        foreach ((ChainId chain, (UInt256 wei, ulong sent)) in after.Keeper)
        {
            OutcomeTransaction[] own = [.. line.Transactions.Where(one => one.Chain == chain)];
            UInt256 fees = own.Aggregate(UInt256.Zero, (sum, one) => sum + one.FeeWei);
            Assert.Equal(before.Keeper[chain].Wei - wei, fees);
            Assert.True(sent - before.Keeper[chain].Sent == (ulong)own.Length,
                $"{place}: {chain}: {sent - before.Keeper[chain].Sent} sent");
        }
        Assert.True(line.Unexplained is null, place);
    }

    private void Price(AssetId asset, int decimals, ulong usd)
    {
        Prices.Take(new TokenLine { Asset = asset, Symbol = "T", Decimals = decimals });
        Prices.Take(new PriceLine
        {
            Slot = 0, Asset = asset, UsdE18 = UInt256.Pow10(18) * usd,
        });
    }

    private string Declared(int i)
    {
        PlanChain chain = Chains[i];
        return $$"""
            chain c{{i}} = {{chain.Id}}
              asset USD on c{{i}} = {{chain.Asset(chain.Usd)}} decimals 6
              asset ETH on c{{i}} = {{chain.Asset(chain.Eth)}} decimals 18
              pool cheap on c{{i}} = {{chain.Id}}:{{chain.Cheap.ToLowerHex()}}
                  family constant-product fee 0.3%
              pool dear on c{{i}} = {{chain.Id}}:{{chain.Dear.ToLowerHex()}}
                  family constant-product fee 0.3%
              pool even on c{{i}} = {{chain.Id}}:{{PlanChain.Weighted.ToLowerHex()}}
                  family weighted fee 0.3%
            """;
    }

    private static PlanLine Plan(string text, bool optimised)
    {
        ParsedBundles parsed = Parser.Parse(text);
        Assert.True(parsed.IsClean, string.Join("; ", parsed.Diagnostics));
        Bundle bundle = parsed.Bundles.Single();
        Plan? plan = Lowering.Lower(bundle, Model.Table, out LoweringFault? fault);
        Assert.True(plan is not null, fault?.Words);
        return PlanJson.ToLine(
            bundle, Optimizer.Optimize(plan, Model, optimised ? PlanRule.All : []), Model);
    }
}
