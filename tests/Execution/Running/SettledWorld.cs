// SettledWorld: two chains with a price between them, a committee of four, one journal, one clock.
using System.Collections.Immutable;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Simulator.Actors;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

/// <summary>What a process is after SIGKILL: gone.</summary>
internal sealed class KilledException : Exception;

/// <summary>The world. On chain 0 ETH costs 2500, on chain 1 it costs 2600.</summary>
internal sealed class SettledWorld : IAsyncDisposable
{
    public const long ActSeconds = 15;
    private const int Signers = 4, Quorum = 3, MostTurns = 200;

    private readonly TempFolder folder = new();
    private readonly FakeClock clock = new();
    private readonly SigningKey[] keys =
    [
        .. Enumerable.Range(1, Signers).Select(n => new SigningKey(
            Keccak.HashText($"signer {n}").ToArray())),
    ];

    private readonly List<IDisposable> rooms = [];
    private readonly List<Signer> signers = [];
    private int orders;

    private SettledWorld()
    {
        Committee = new Committee(keys.Select(key => key.Address), Quorum);
        Seal = new SecretSeal(SettledChain.Searcher);
    }

    public Committee Committee { get; }

    public SecretSeal Seal { get; }

    public SettledChain[] Chains { get; private set; } = [];

    public CommitteeClient Client { get; private set; } = null!;

    /// <summary>The members, behind <see cref="Client"/>.</summary>
    public IReadOnlyList<Signer> Members => signers;

    public static async Task<SettledWorld> StartAsync()
    {
        SettledWorld world = new();
        world.Chains =
        [
            await SettledChain.StartAsync(31_001, 2500, world.Committee),
            await SettledChain.StartAsync(31_002, 2600, world.Committee),
        ];
        world.Client = world.NewCommittee();
        await world.AlignAsync();
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SettledChain chain in Chains) await chain.DisposeAsync();
        foreach (IDisposable room in rooms) room.Dispose();
        Seal.Dispose();
        folder.Dispose();
    }

    /// <summary>A new order: buy ETH on chain 0, sell it on chain 1.</summary>
    /// <param name="greedy">Whether the second leg asks for more than the pool gives.</param>
    /// <param name="spanSeconds">Until T; a sixth of it is for locks, and as much again until they
    /// have to be known.</param>
    public async Task<SettlementOrder> OrderAsync(bool greedy = false, long spanSeconds = 60)
    {
        await AlignAsync();
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        Hash32 salt = Keccak.HashText($"order {++orders}");
        UInt256 milli = UInt256.Pow10(15);
        EscrowLeg buy = Chains[0].Terms(
            true, 1000_000_000u, milli * 3955 / 10, now + spanSeconds, salt);
        EscrowLeg sell = Chains[1].Terms(
            false, milli * 395, greedy ? 1026_000_000u : 1001_000_000u, now + spanSeconds,
            salt);
        return new SettlementOrder(
            JsonElement.Parse($$"""{"kind":"plan","name":"order {{orders}}"}"""),
            [
                new OrderLeg(Chains[0].Id, buy, ActSeconds),
                new OrderLeg(Chains[1].Id, sell, ActSeconds),
            ],
            now + (spanSeconds / 6), now + (spanSeconds / 3));
    }

    public SettlementJournal OpenJournal(string name = "coordinator") =>
        SettlementJournal.Open(JournalPath(name), clock);

    public string JournalPath(string name = "coordinator") =>
        Path.Combine(folder.Path, $"{name}.db");

    public async Task<SettlementRunner> StartRunnerAsync(
        SettlementJournal journal, SigningKey? key = null, CommitteeClient? committee = null,
        RiskHost? gate = null, Func<IRpc, IRpc>? network = null)
    {
        (SettlementRunner? runner, string refusal) = await SettlementRunner.StartAsync(
            Chains.Select(chain => Behind(chain.For(key ?? SettledChain.Searcher), network)),
            journal, committee ?? Client, Seal, gate ?? WideGate.Start(journal), clock, null,
            CancellationToken.None);
        Assert.True(runner is not null, refusal);
        return runner;
    }

    /// <summary>The clock of the coordinator and of the signers jumps; the chains' do not.
    /// </summary>
    public void Jump(TimeSpan by) => clock.Advance(by);

    /// <summary>Chains and clock go to another second.</summary>
    public async Task GoToAsync(long seconds)
    {
        foreach (SettledChain chain in Chains)
        {
            await WallTime.SetAsync(chain.Node.Rpc, seconds);
            await chain.PriceAsync();
        }
        await AlignAsync();
    }

    /// <summary>Chains and clock go on by themselves, by the machine's clock, until what is
    /// returned is disposed.</summary>
    public async Task<IAsyncDisposable> RunByTheWallAsync()
    {
        foreach (SettledChain chain in Chains) await WallTime.BeginAsync(chain.Node.Rpc);
        return new WallTime(clock);
    }

    /// <summary>32 bytes of secret and 12 of nonce, other ones each time.</summary>
    public byte[] Random() =>
    [
        .. Keccak.HashText($"secret {orders}").ToArray(),
        .. Keccak.HashText($"nonce {orders}").ToArray().AsSpan(0, SecretSeal.NonceBytes),
    ];

    /// <summary>A block on each chain, a second, a turn.</summary>
    public async Task<IReadOnlyList<OutcomeLine>> TurnAsync(SettlementRunner runner)
    {
        IReadOnlyList<OutcomeLine> over = await runner.TurnAsync(CancellationToken.None);
        foreach (SettledChain chain in Chains) await chain.MineAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        return over;
    }

    /// <summary>Turns until the bundle is over.</summary>
    public async Task<OutcomeLine> FinishAsync(SettlementRunner runner)
    {
        for (int turn = 0; turn < MostTurns; turn++)
            if (await TurnAsync(runner) is [var line]) return line;
        throw new InvalidOperationException(
            $"not over: {string.Join("; ", runner.Waiting)}; "
            + string.Join("; ", runner.Open.Select(runner.StateOf)));
    }

    /// <summary>Turns until something holds of the one open bundle.</summary>
    public async Task UntilAsync(SettlementRunner runner, Func<SettlementState, bool> holds)
    {
        for (int turn = 0; turn < MostTurns; turn++)
        {
            if (holds(runner.StateOf(runner.Open.Single())!)) return;
            Assert.Empty(await TurnAsync(runner));
        }
        throw new InvalidOperationException("it never came to that");
    }

    /// <summary>Where the legs of a bundle stand, from the journal's terms.</summary>
    public async Task<LegStage[]> StagesAsync(SettlementJournal journal, string bundle)
    {
        TermsText terms = ((BundleAccepted)journal.Read(bundle)[0].Entry).Terms!;
        var stages = new LegStage[terms.Legs.Count];
        for (int i = 0; i < stages.Length; i++)
            stages[i] = await Chains[i].StageAsync(
                EscrowLeg.Decode(Hex.Parse(terms.Legs[i].Body)));
        return stages;
    }

    /// <summary>Balances of the searcher: tokens of both chains, then ether of both.</summary>
    public async Task<(ImmutableArray<Int128> Tokens, ImmutableArray<UInt256> Ether)> FundsAsync()
    {
        List<Int128> tokens = [];
        List<UInt256> ether = [];
        foreach (SettledChain chain in Chains)
        {
            tokens.Add(await chain.BalanceAsync(chain.Usd, SettledChain.Searcher.Address));
            tokens.Add(await chain.BalanceAsync(chain.Eth, SettledChain.Searcher.Address));
            ether.Add(await chain.EtherAsync(SettledChain.Searcher.Address));
        }
        return ([.. tokens], [.. ether]);
    }

    /// <summary>The same committee with nobody at home.</summary>
    public CommitteeClient DeadCommittee() => new(
        Committee, new Dictionary<EvmAddress, AskSigner>(), TimeSpan.FromSeconds(1),
        TimeProvider.System);

    private static SettlementChain Behind(SettlementChain chain, Func<IRpc, IRpc>? network)
    {
        if (network is null) return chain;
        IRpc rpc = network(chain.Rpc);
        return chain with { Rpc = rpc, Submitter = new PublicSubmitter(rpc) };
    }

    private CommitteeClient NewCommittee()
    {
        Dictionary<EvmAddress, AskSigner> ask = [];
        foreach (SigningKey key in keys)
        {
            SettlementJournal votes = OpenJournal($"signer-{key.Address}");
            Signer signer = new(
                key, Committee,
                Chains.ToDictionary(chain => chain.Id, chain => chain.ForSigner(ActSeconds)),
                votes, clock);
            rooms.AddRange([votes, signer]);
            signers.Add(signer);
            ask[key.Address] = async (request, cancel) =>
                await signer.AnswerAsync(request, cancel);
        }
        return new CommitteeClient(
            Committee, ask, TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    /// <summary>Brings clock and chains to the same second.</summary>
    private async Task AlignAsync()
    {
        long[] seconds = await Task.WhenAll(Chains.Select(chain => chain.SecondsAsync()));
        long now = Math.Max(seconds.Max(), clock.GetUtcNow().ToUnixTimeSeconds());
        for (int i = 0; i < Chains.Length; i++) await Chains[i].MineAsync((int)(now - seconds[i]));
        clock.Advance(DateTimeOffset.FromUnixTimeSeconds(now) - clock.GetUtcNow());
    }
}
