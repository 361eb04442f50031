// World: everything of one run, built from its scenario; chains, processes, watch and faults.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Simulator.Actors;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Checks;
using Lockstep.Simulator.Kernel;

namespace Lockstep.Simulator.Running;

/// <summary>A world. It lives on the thread that made it.</summary>
public sealed class World : IDisposable
{
    public const long StartMs = 1_800_000_000_000;

    private readonly Dictionary<Hash32, SignedTransaction> signed = [];
    private readonly Dictionary<(Hash32, EcdsaSignature), EvmAddress> signers = [];
    private readonly List<IDisposable> rooms = [];
    private readonly Action<string>? trace;

    /// <summary>Builds it.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="trace">Gets every step in words; null where nobody reads them.</param>
    public World(Scenario scenario, Action<string>? trace)
    {
        (Scenario, this.trace) = (scenario, trace);
        Time = new VirtualTime(StartMs);
        Prng random = Stream("world");
        TurnMs = random.Between(10, 20) * 100;
        long outage = random.Between(12, 40);
        int count = random.Between(2, 3);
        Realms = new Realm[count];
        Chains = new VirtualChain[count];
        for (int i = 0; i < count; i++)
        {
            long blockMs = random.Between(1, 3) * 1000;
            long skewMs = scenario.Has(Faults.Skew)
                ? random.Between(-1000, 1000) * (Realm.SkewSeconds - 2) / 2 : 0;
            ChainManners manners = new(
                blockMs, random.Between(4, 9), random.Between(0, 3) * blockMs, skewMs);
            Realms[i] = new Realm((ulong)(7001 + i), manners, TurnMs, outage);
            ulong price = i == 0 ? 2500 : (ulong)random.Between(2550, 2580);
            Chains[i] = new VirtualChain(
                Realms[i].Genesis(price), manners, Time, Stream($"chain {i}"),
                new Dictionary<EvmAddress, Committee>
                {
                    [Realms[i].Verifier] = Cast.Committee,
                },
                Recover);
        }
        Watch = new Watch(this);
        Signers = [.. Enumerable.Range(0, Cast.Signers).Select(n => new SignerHost(this, n))];
        Coordinator = new CoordinatorHost(this);
        Keeper = new KeeperHost(this);
        rooms.AddRange([.. Signers, Coordinator, Keeper]);
        Orders = new OrderBook(this);
        Driver = new FaultDriver(this);
    }

    public Scenario Scenario { get; }

    public VirtualTime Time { get; }

    /// <summary>How often the coordinator looks.</summary>
    public long TurnMs { get; }

    public Realm[] Realms { get; }

    public VirtualChain[] Chains { get; }

    public Watch Watch { get; }

    public SignerHost[] Signers { get; }

    public CoordinatorHost Coordinator { get; }

    public KeeperHost Keeper { get; }

    public OrderBook Orders { get; }

    public FaultDriver Driver { get; }

    /// <summary>A random stream of its own.</summary>
    public Prng Stream(string purpose) => new(Scenario.Seed, purpose);

    /// <summary>Says what happens, where somebody reads it.</summary>
    public void Say(FormattableString words)
    {
        if (trace is null) return;
        long ms = Time.NowMs - StartMs;
        trace(FormattableString.Invariant($"{ms / 1000,5}.{ms % 1000:000}  {words}"));
    }

    /// <summary>Whether <see cref="Say"/> reaches anybody.</summary>
    public bool IsTraced => trace is not null;

    /// <summary>Signs, and remembers who did: reading the bytes back costs no curve.</summary>
    public SignedTransaction Sign(EvmTransaction order, SigningKey key)
    {
        SignedTransaction made = order.Sign(key);
        signed[made.Hash] = made;
        return made;
    }

    /// <summary>Reads signed bytes as a node does. Every 16th is read by the codec, signature and
    /// all; of the others it is known who signed these very bytes.</summary>
    public SignedTransaction Decode(byte[] raw)
    {
        Hash32 hash = Keccak.Hash(raw);
        if (!signed.TryGetValue(hash, out SignedTransaction? known))
            throw new InvalidOperationException($"nobody here signed {hash}");
        if ((hash.ToUInt256().U0 & 15) == 0)
        {
            SignedTransaction read = SignedTransaction.Decode(raw);
            if (read.Sender != known.Sender || read.Hash != known.Hash)
                Watch.Fail("codec", $"{hash} is of {known.Sender}, read as of {read.Sender}");
        }
        Watch.Handed(known);
        return known;
    }

    /// <summary>ecrecover for the verifiers: of what the signers here signed it is known, of
    /// anything else it is computed, once.</summary>
    public bool Recover(in Hash32 digest, in EcdsaSignature signature, out EvmAddress signer)
    {
        if (signers.TryGetValue((digest, signature), out signer)) return !signer.IsZero;
        bool found = Secp256k1.TryRecover(digest, signature, out signer);
        signers[(digest, signature)] = signer;
        return found;
    }

    /// <summary>A link of a process to a chain, in the scenario's weather.</summary>
    public Link LinkTo(int chain, Process client, VirtualNode node)
    {
        LinkWeather weather = new();
        if (Scenario.Has(Faults.Loss))
            (weather.Loss, weather.Repeats, weather.MostMs) = (2000, 20_000, 120);
        return new Link(
            Time, Stream($"link {client.Name} {chain}"), client, node, weather);
    }

    /// <summary>Remembers whose signature this is.</summary>
    public void Knows(in Hash32 digest, in EcdsaSignature signature, EvmAddress signer) =>
        signers[(digest, signature)] = signer;

    /// <summary>The committee as a process asks it.</summary>
    public CommitteeClient CommitteeFor(Process client, TimeProvider clock) => new(
        Cast.Committee,
        Signers.ToDictionary(one => one.Address, one => one.AskFrom(client)),
        TimeSpan.FromSeconds(4), clock);

    public void Dispose()
    {
        foreach (IDisposable room in rooms) room.Dispose();
    }
}
