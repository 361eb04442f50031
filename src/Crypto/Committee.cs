// Committee: the fixed signers of certificates and how many of them decide; a majority always.
namespace Lockstep.Crypto;

/// <summary>n signers of whom any <see cref="Quorum"/> decide. The quorum is more than half, so
/// that any two share a signer; for f faulty ones take (n + f + 1) / 2 or more, so that any two
/// share an honest one.</summary>
public sealed class Committee
{
    /// <summary>The most signers.</summary>
    public const int MaxSigners = 64;

    private readonly EvmAddress[] signers;

    /// <summary>Takes the signers in any order.</summary>
    /// <exception cref="ArgumentException">None or more than <see cref="MaxSigners"/>, one twice,
    /// the zero address, or a quorum that is no majority or more than all.</exception>
    public Committee(IEnumerable<EvmAddress> signers, int quorum)
    {
        this.signers = [.. signers.Order()];
        Quorum = quorum;
        int count = this.signers.Length;
        if (count is 0 or > MaxSigners)
            throw new ArgumentException($"a committee has 1 to {MaxSigners} signers, not {count}");
        if (this.signers[0].IsZero)
            throw new ArgumentException("the zero address signs nothing");
        for (int i = 1; i < count; i++)
        {
            if (this.signers[i] == this.signers[i - 1])
                throw new ArgumentException($"{this.signers[i]} is in the committee twice");
        }
        if (quorum > count || 2 * quorum <= count)
            throw new ArgumentException($"a quorum of {quorum} is no majority of {count}");
    }

    /// <summary>How many signatures decide.</summary>
    public int Quorum { get; }

    /// <summary>The signers, addresses ascending.</summary>
    public IReadOnlyList<EvmAddress> Signers => signers;

    /// <summary>The place of a signer in <see cref="Signers"/>; negative for a stranger.</summary>
    public int IndexOf(in EvmAddress signer) => Array.BinarySearch(signers, signer);
}
