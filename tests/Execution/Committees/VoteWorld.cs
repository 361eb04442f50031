// VoteWorld: a bundle of two legs on scripted chains, and signers with journals that look at them.
using System.Globalization;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Evm.Rpc;
using Lockstep.Tests.Feeds;

namespace Lockstep.Tests.Execution.Committees;

/// <summary>Two chains; on each the leg stands where the test says, in the head and finally.
/// </summary>
internal sealed class VoteWorld : IDisposable
{
    public const long Now = 1_700_000_000, Deadline = Now + 100, Act = 40;
    private const int Finality = 10;
    private const long HeadNumber = 500;

    private static readonly AbiType LegType = AbiType.Parse(
        "((bytes32 bundleId,uint128 amountOut,uint40 lockedAt,uint40 unwoundAt,"
        + "uint24 rewardPips,uint8 status))");

    private readonly TempFolder folder = new();
    private readonly List<IDisposable> rooms = [];
    private readonly EvmAddress escrow = Address(0xe5), verifier = Address(0xec);
    private readonly byte[] secret = Keccak.HashText("s").ToArray();
    private readonly EscrowLeg[] terms;
    private readonly Hash32 bundle;

    public VoteWorld(UInt256? dueOfSecond = null)
    {
        Clock.Advance(TimeSpan.FromSeconds(Now));
        terms = [Terms(Address(0xa), Address(0xb), 1000, 500), Terms(
            Address(0xb), Address(0xa), 490, dueOfSecond ?? 1010)];
        bundle = EscrowLeg.BundleId(
            terms[0].HashLock,
            EscrowLeg.LegsHash(terms.Select((leg, i) => leg.Id(Number(i), escrow))));
    }

    public FakeClock Clock { get; } = new();

    /// <summary>Who checks certificates.</summary>
    public EvmAddress Verifier => verifier;

    /// <summary>Where each leg stands in the newest block.</summary>
    public LegStage[] Head { get; } = [LegStage.Locked, LegStage.Locked];

    /// <summary>The same in the newest final block.</summary>
    public LegStage[] Final { get; } = [LegStage.Locked, LegStage.Locked];

    /// <summary>Which bundle each leg was locked for, where it is not the one that is asked for.
    /// </summary>
    public Hash32?[] Bundle { get; } = [null, null];

    /// <summary>The time of each chain.</summary>
    public long[] Seconds { get; } = [Now, Now];

    /// <summary>Whether the chains answer.</summary>
    public bool IsUp { get; set; } = true;

    public SigningKey[] Keys { get; } =
        [.. Enumerable.Range(1, 4).Select(n => new SigningKey(Keccak.HashText($"{n}").ToArray()))];

    public Committee Committee => new(Keys.Select(key => key.Address), 3);

    public Hash32 Digest(Decision decision) => new CommitCertificate(
        bundle, EscrowLeg.LegsHash(terms.Select((leg, i) => leg.Id(Number(i), escrow))), decision)
        .Digest(Committee);

    /// <summary>Who locks the legs.</summary>
    public static SigningKey Searcher { get; } = new(Keccak.HashText("searcher").ToArray());

    /// <summary>A request as the searcher makes it.</summary>
    public VoteRequest Request(Decision decision) => Request(decision, Searcher);

    /// <summary>A request, signed by somebody or by nobody.</summary>
    public VoteRequest Request(Decision decision, SigningKey? asker) => new(
        bundle.ToString(), decision,
        [
            .. terms.Select((leg, i) => new VoteLeg(
                Chain(i).ToString(), escrow.ToString(), Hex.Format(leg.Encode()))),
        ],
        decision is Decision.Commit ? Hex.Format(secret) : null,
        asker is null ? null
            : Hex.Format(asker.Sign(VoteRequest.Asking(bundle, decision)).ToArray()));

    /// <summary>A signer and its journal; a second call with the same place needs the first one's
    /// journal closed.</summary>
    public (Signer Signer, SettlementJournal Journal) Signer(int place)
    {
        SettlementJournal journal = SettlementJournal.Open(
            Path.Combine(folder.Path, $"{place}.db"), Clock);
        Signer signer = new(
            Keys[place], Committee,
            Enumerable.Range(0, 2).ToDictionary(Chain, i => new SignerChain(
                new ServedChain(
                    escrow, verifier, Act, new Dictionary<EvmAddress, AssetClass>
                    {
                        [Address(0xa)] = new("A", 6), [Address(0xb)] = new("B", 18),
                    }),
                new ScriptedRpc($"chain {i}", call => Answer(i, call)), Finality)),
            journal, Clock);
        rooms.AddRange([signer, journal]);
        return (signer, journal);
    }

    public void Dispose()
    {
        foreach (IDisposable room in rooms) room.Dispose();
        folder.Dispose();
    }

    private static ChainId Chain(int i) => ChainId.Parse(
        string.Create(CultureInfo.InvariantCulture, $"eip155:{Number(i)}"));

    private static ulong Number(int i) => (ulong)(7 + i);

    private static EvmAddress Address(byte last) => new([.. new byte[19], last]);

    private RpcReply Answer(int chain, RpcCall call)
    {
        if (!IsUp) return RpcReply.Failed(RpcReason.Timeout, "scripted", "no answer");
        string asked = call.ToString();
        bool latest = asked.Contains("latest", StringComparison.Ordinal);
        Hash32 head = Keccak.HashText("head"), final = Keccak.HashText("final");
        if (call.Method == "eth_getBlockByNumber")
        {
            long number = latest ? HeadNumber : HeadNumber - Finality + 1;
            if (!latest && !asked.Contains(Hex.Quantity((ulong)number), StringComparison.Ordinal))
                return ScriptedRpc.Result("null");
            return ScriptedRpc.Result($$"""
                {"number":"{{Hex.Quantity((ulong)number)}}","hash":"{{(latest ? head : final)}}",
                "parentHash":"{{final}}","timestamp":"{{Hex.Quantity((ulong)Seconds[chain])}}",
                "gasUsed":"0x0","gasLimit":"0x1"}
                """);
        }
        LegStage stage = asked.Contains(head.ToString(), StringComparison.Ordinal)
            ? Head[chain] : Final[chain];
        AbiValue leg = stage is LegStage.Idle
            ? AbiValue.List(default(Hash32), 0, 0, 0, 0, 0)
            : AbiValue.List(Bundle[chain] ?? bundle, 501, Now - 30, 0, 0, (int)stage);
        return ScriptedRpc.Result(
            $"\"{Hex.Format(LegType.Encode(AbiValue.List(leg)))}\"");
    }

    private EscrowLeg Terms(EvmAddress lent, EvmAddress bought, UInt256 principal, UInt256 due) =>
        new()
        {
            HashLock = HashLock.Of(secret),
            Searcher = Searcher.Address,
            Vault = Address(2),
            Verifier = verifier,
            AssetIn = lent,
            AssetOut = bought,
            Venue = new Venue(VenueKind.UniswapV2, 3000, Address(3)),
            Principal = principal,
            Fee = 10,
            MinOut = due,
            Due = due,
            Bond = 30,
            RewardCap = 1,
            MinBack = default,
            AuctionStart = principal * 2,
            LtvPips = 1_010_000,
            DeadlineSeconds = Deadline,
            RewardDelaySeconds = 60,
            RewardSpanSeconds = 600,
            AuctionSpanSeconds = 60,
            Salt = default,
        };
}
