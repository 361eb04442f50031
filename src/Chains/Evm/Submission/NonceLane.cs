// NonceLane: the transactions of one account by nonce, without a gap; a nonce is signed twice only
// as a replacement; pure.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Submission;

/// <summary>A nonce that was signed and is not final yet.</summary>
public sealed class LaneEntry
{
    private readonly List<SignedTransaction> versions;

    internal LaneEntry(SignedTransaction first, long block) =>
        (versions, SignedAtBlock) = ([first], block);

    /// <summary>The nonce.</summary>
    public ulong Nonce => Latest.Transaction.Nonce;

    /// <summary>All that was signed for it, oldest first: any of them may be mined.</summary>
    public IReadOnlyList<SignedTransaction> Versions => versions;

    /// <summary>The last one signed.</summary>
    public SignedTransaction Latest => versions[^1];

    /// <summary>The head when <see cref="Latest"/> was signed, or when it was first sent again.
    /// </summary>
    public long SignedAtBlock { get; private set; }

    /// <summary>Whether a node lost <see cref="Latest"/> once: that alone is no reason to pay
    /// more.</summary>
    public bool WasSentAgain { get; private set; }

    /// <summary>The receipt of the version that a block holds, or null.</summary>
    public Receipt? Mined { get; internal set; }

    internal void Add(SignedTransaction next, long block)
    {
        versions.Add(next);
        (SignedAtBlock, WasSentAgain) = (block, false);
    }

    internal void SentAgain(long block) => (SignedAtBlock, WasSentAgain) = (block, true);
}

/// <summary>The open nonces of one account. One writer.</summary>
public sealed class NonceLane
{
    private readonly LinkedList<LaneEntry> open = [];

    /// <summary>A lane.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="nextNonce">The first nonce that was never signed.</param>
    public NonceLane(EvmAddress account, ulong nextNonce) =>
        (Account, NextNonce) = (account, nextNonce);

    /// <summary>Whose it is.</summary>
    public EvmAddress Account { get; }

    /// <summary>The next nonce to sign.</summary>
    public ulong NextNonce { get; private set; }

    /// <summary>Nonces signed and not final, lowest first, without a gap.</summary>
    public IReadOnlyCollection<LaneEntry> Open => open;

    /// <summary>Those that no block holds, lowest first. The lowest alone is worth replacing, for
    /// the others wait for it.</summary>
    public IEnumerable<LaneEntry> Waiting => open.Where(one => one.Mined is null);

    /// <summary>Takes a transaction of the next nonce.</summary>
    /// <exception cref="InvalidOperationException">It is of another nonce or account.</exception>
    public LaneEntry Append(SignedTransaction first, long block)
    {
        Require(first.Sender == Account, $"signed by {first.Sender}, the lane is of {Account}");
        Require(first.Transaction.Nonce == NextNonce,
            $"nonce {first.Transaction.Nonce} where {NextNonce} is next");
        var entry = new LaneEntry(first, block);
        open.AddLast(entry);
        NextNonce++;
        return entry;
    }

    /// <summary>Takes a replacement for an open nonce.</summary>
    /// <exception cref="InvalidOperationException">The nonce is not open, or nodes would not let
    /// it take the place.</exception>
    public LaneEntry Replace(SignedTransaction next, long block)
    {
        LaneEntry? entry = open.FirstOrDefault(one => one.Nonce == next.Transaction.Nonce);
        Require(entry is not null, $"nonce {next.Transaction.Nonce} is not open");
        Require(next.Sender == Account, $"signed by {next.Sender}, the lane is of {Account}");
        Require(FeePolicy.Replaces(FeesOf(entry!.Latest), FeesOf(next)),
            $"nonce {entry.Nonce} replaced at less than an eighth more");
        entry.Add(next, block);
        return entry;
    }

    /// <summary>Closes the lowest nonce: it is final.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public LaneEntry CloseFirst()
    {
        LaneEntry? first = open.First?.Value;
        Require(first is not null, "no nonce is open");
        open.RemoveFirst();
        return first!;
    }

    /// <summary>The prices of a signed transaction.</summary>
    public static Fees FeesOf(SignedTransaction transaction) => new(
        transaction.Transaction.MaxFeePerGas,
        transaction.Transaction.Kind == TransactionKind.DynamicFee
            ? transaction.Transaction.MaxPriorityFeePerGas
            : transaction.Transaction.MaxFeePerGas);

    private static void Require(bool holds, string fault)
    {
        if (!holds) throw new InvalidOperationException(fault);
    }
}
