// VirtualChain: blocks, forks, a fee market and a mempool in virtual time; one honest history.
using System.Globalization;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Simulator.Kernel;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Chains;

/// <summary>How a chain behaves; milliseconds.</summary>
/// <param name="BlockMs">Between two blocks.</param>
/// <param name="Finality">So many blocks, its own included, make one final.</param>
/// <param name="InclusionMs">The longest a transaction waits that pays enough.</param>
/// <param name="SkewMs">Its timestamps run ahead of the time by so much.</param>
public sealed record ChainManners(long BlockMs, int Finality, long InclusionMs, long SkewMs);

/// <summary>A chain.</summary>
public sealed class VirtualChain
{
    public const long GasLimit = 30_000_000, GasPerTransaction = 300_000;
    private const ulong StartFee = 1_000_000_000, LeastFee = 100_000_000;

    private readonly VirtualTime time;
    private readonly Prng random;
    private readonly List<Block> blocks = [];
    private readonly Dictionary<Hash32, int> places = [];
    private readonly SortedDictionary<(EvmAddress Account, ulong Nonce), PooledTransaction> pool;
    private readonly IReadOnlyDictionary<EvmAddress, Committee> committees;
    private readonly RecoverSigner recover;
    private readonly List<Func<ChainState, ChainState>> outside = [];
    private readonly Dictionary<Hash32, (MinedTransaction, Block)> mined = [];
    private readonly ulong chainNumber;
    private long forks, haltedUntilMs;

    /// <summary>A chain with enough blocks behind it for the first final one.</summary>
    public VirtualChain(
        ChainState genesis, ChainManners manners, VirtualTime time, Prng random,
        IReadOnlyDictionary<EvmAddress, Committee> committees, RecoverSigner recover)
    {
        (this.time, this.random, Manners) = (time, random, manners);
        (this.committees, this.recover) = (committees, recover);
        chainNumber = genesis.ChainNumber;
        pool = new(Comparer<(EvmAddress Account, ulong Nonce)>.Create((a, b) =>
            a.Account.CompareTo(b.Account) is var c and not 0 ? c : a.Nonce.CompareTo(b.Nonce)));
        long back = manners.Finality + 2;
        for (long i = 0; i <= back; i++)
            Add(new Block(
                i, HashOf(i), blocks.Count == 0 ? default : blocks[^1].Hash,
                ((time.NowMs - ((back - i) * manners.BlockMs)) / 1000) - 1, StartFee, GasLimit / 2,
                genesis, [], time.NowMs));
        time.After(random.Between(1, manners.BlockMs), Tick);
    }

    public ChainManners Manners { get; }

    public ulong Number => chainNumber;

    public Block Head => blocks[^1];

    public IReadOnlyList<Block> Blocks => blocks;

    /// <summary>How full blocks are, in percent of their limit.</summary>
    public int Fullness { get; set; } = 50;

    /// <summary>Until then everything waits as long as it may.</summary>
    public long SlowUntilMs { get; set; }

    /// <summary>Told of each new block.</summary>
    public event Action<Block>? Grown;

    /// <summary>Told of what was taken back, oldest first, before new blocks come.</summary>
    public event Action<IReadOnlyList<Block>>? Forked;

    public bool IsHalted => time.NowMs < haltedUntilMs;

    /// <summary>No block for a while.</summary>
    public void Halt(long ms) => haltedUntilMs = Math.Max(haltedUntilMs, time.NowMs + ms);

    /// <summary>Somebody else's business in the next block; a reorganisation takes it back.
    /// </summary>
    public void Outside(Func<ChainState, ChainState> change) => outside.Add(change);

    /// <summary>The block with this hash on the chain as it is; null for others.</summary>
    public Block? Find(in Hash32 hash) =>
        places.TryGetValue(hash, out int place) ? blocks[place] : null;

    /// <summary>The block at this height; null where there is none.</summary>
    public Block? Find(long number) =>
        number >= 0 && number < blocks.Count ? blocks[(int)number] : null;

    /// <summary>The highest final block.</summary>
    public Block Final => blocks[Math.Max(0, blocks.Count - Manners.Finality)];

    /// <summary>Where a transaction is on the chain as it is.</summary>
    public (MinedTransaction Transaction, Block Block)? Mined(in Hash32 hash) =>
        mined.TryGetValue(hash, out var found) ? found : null;

    /// <summary>Whether a transaction waits here.</summary>
    public PooledTransaction? Waiting(in Hash32 hash)
    {
        foreach (PooledTransaction one in pool.Values)
            if (one.Made.Hash == hash) return one;
        return null;
    }

    /// <summary>The next nonce, what waits included.</summary>
    public ulong PendingNonce(EvmAddress account)
    {
        ulong next = Head.State.Nonces.GetValueOrDefault(account);
        while (pool.ContainsKey((account, next))) next++;
        return next;
    }

    /// <summary>Takes a transaction; gives a node's words where it does not.</summary>
    public string? Submit(SignedTransaction made)
    {
        ulong nonce = made.Transaction.Nonce;
        if (nonce < Head.State.Nonces.GetValueOrDefault(made.Sender)) return "nonce too low";
        if (pool.TryGetValue((made.Sender, nonce), out PooledTransaction? old))
        {
            if (old.Made.Hash == made.Hash) return "already known";
            EvmTransaction was = old.Made.Transaction, now = made.Transaction;
            if (now.MaxFeePerGas * 10u < was.MaxFeePerGas * 11u
                || now.MaxPriorityFeePerGas * 10u < was.MaxPriorityFeePerGas * 11u)
                return "replacement transaction underpriced";
        }
        EscrowCall? call = made.Transaction.To == Head.State.Escrow
            ? EscrowDispatch.Read(made.Transaction.Data.Span) : null;
        // Whoever pays more for the same nonce does not wait anew.
        long wait = random.Between(0, Manners.InclusionMs);
        long from = time.NowMs + (time.NowMs < SlowUntilMs ? Manners.InclusionMs : wait);
        if (old is not null) from = Math.Min(from, old.EligibleMs);
        pool[(made.Sender, nonce)] = new PooledTransaction(made, call, time.NowMs, from);
        return null;
    }

    /// <summary>Forgets what waits, as a node does that was restarted.</summary>
    public void DropPool() => pool.Clear();

    /// <summary>Imagines a call on a block's state.</summary>
    /// <exception cref="RevertException">It reverts.</exception>
    public void Imagine(Block on, EscrowCall call, EvmAddress from) =>
        call.Run(new Machine(on.State, on.TimestampS, from, committees, recover));

    /// <summary>Takes back the newest blocks and puts as many and one more in their place. What
    /// was in them comes again, each within <paramref name="withinMs"/>.</summary>
    public void Reorganise(int depth, long withinMs)
    {
        depth = Math.Min(depth, blocks.Count - 1);
        Block[] gone = [.. blocks.Skip(blocks.Count - depth)];
        foreach (Block block in gone.Reverse())
        {
            blocks.RemoveAt(blocks.Count - 1);
            places.Remove(block.Hash);
            foreach (MinedTransaction one in block.Transactions)
                mined.Remove(one.Pooled.Made.Hash);
        }
        forks++;
        Forked?.Invoke(gone);
        foreach (MinedTransaction one in gone.SelectMany(block => block.Transactions))
        {
            SignedTransaction signed = one.Pooled.Made;
            one.Pooled.EligibleMs = time.NowMs + (time.NowMs < SlowUntilMs ? withinMs
                : random.Chance(300_000) ? 0 : random.Between(0, withinMs));
            pool.TryAdd((signed.Sender, signed.Transaction.Nonce), one.Pooled);
        }
        for (int i = 0; i < gone.Length; i++) Grow(gone[i].TimestampS);
        Grow(gone[^1].TimestampS + 1);
    }

    private void Tick()
    {
        time.After(Manners.BlockMs, Tick);
        if (!IsHalted) Grow((time.NowMs + Manners.SkewMs) / 1000);
    }

    private void Grow(long timestampS)
    {
        Block parent = Head;
        timestampS = Math.Max(timestampS, parent.TimestampS + 1);
        ChainState state = parent.State;
        foreach (Func<ChainState, ChainState> change in outside) state = change(state);
        outside.Clear();
        UInt256 fee = NextFee(parent);
        List<MinedTransaction> taken = [];
        int logs = 0;
        while (Next(state, fee) is { } one && taken.Count < GasLimit / GasPerTransaction)
        {
            pool.Remove((one.Made.Sender, one.Made.Transaction.Nonce));
            taken.Add(Run(one, ref state, timestampS, ref logs));
        }
        long jitter = random.Between(0, 10) - 5;
        Block block = new(
            parent.Number + 1, HashOf(parent.Number + 1), parent.Hash, timestampS, fee,
            GasLimit / 100 * Math.Clamp(Fullness + jitter, 0, 100), state, taken, time.NowMs);
        Add(block);
        Grown?.Invoke(block);
    }

    private void Add(Block block)
    {
        places[block.Hash] = blocks.Count;
        blocks.Add(block);
        foreach (MinedTransaction one in block.Transactions)
            mined[one.Pooled.Made.Hash] = (one, block);
    }

    /// <summary>What pays most of what may go now.</summary>
    private PooledTransaction? Next(ChainState state, in UInt256 fee)
    {
        PooledTransaction? best = null;
        foreach (((EvmAddress account, ulong nonce), PooledTransaction one) in pool)
        {
            if (one.EligibleMs > time.NowMs || one.Made.Transaction.MaxFeePerGas < fee
                || nonce != state.Nonces.GetValueOrDefault(account)) continue;
            if (best is null || one.Made.Transaction.MaxPriorityFeePerGas
                > best.Made.Transaction.MaxPriorityFeePerGas) best = one;
        }
        return best;
    }

    private MinedTransaction Run(
        PooledTransaction one, ref ChainState state, long timestampS, ref int logs)
    {
        EvmAddress sender = one.Made.Sender;
        ChainState paid = state with
        {
            Nonces = state.Nonces.SetItem(sender, one.Made.Transaction.Nonce + 1),
        };
        state = paid;
        if (one.Call is not { } call) return new MinedTransaction(one, true, null, [], logs);
        Machine machine = new(paid, timestampS, sender, committees, recover);
        try
        {
            call.Run(machine);
        }
        catch (RevertException e)
        {
            return new MinedTransaction(one, false, e.Message, [], logs);
        }
        state = FlowMeter.Measure(paid, machine.State, call.Terms, sender);
        MinedTransaction done = new(one, true, null, machine.Logs, logs);
        logs += machine.Logs.Count;
        return done;
    }

    /// <summary>EIP-1559.</summary>
    private static UInt256 NextFee(Block parent)
    {
        const long Target = GasLimit / 2;
        UInt256 fee = parent.BaseFee;
        if (parent.GasUsed == Target) return fee;
        UInt256 part = fee * (ulong)Math.Abs(parent.GasUsed - Target) / (ulong)Target / 8u;
        fee = parent.GasUsed < Target ? fee - part : fee + UInt256.Max(part, 1);
        return UInt256.Max(fee, LeastFee);
    }

    /// <summary>Other in each chain and on each fork.</summary>
    private Hash32 HashOf(long height) => Keccak.HashText(string.Create(
        CultureInfo.InvariantCulture, $"{chainNumber} {height} {forks}"));
}
