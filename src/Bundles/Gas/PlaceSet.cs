// PlaceSet: a set of places of a plan's transactions, as bits; 0 to 255.
using System.Collections;
using System.Numerics;

namespace Lockstep.Bundles.Gas;

/// <summary>Places in a plan. As many bits as a plan may have transactions, so that uniting two
/// sets is four instructions and a plan of forty transactions is ordered in microseconds.</summary>
public sealed class PlaceSet : IEnumerable<int>
{
    private const int Bits = 64;
    private readonly ulong[] words = new ulong[Plan.MaxTransactions / Bits];

    /// <summary>Whether the place is in it.</summary>
    public bool Contains(int place) => (words[place / Bits] >> (place % Bits) & 1) != 0;

    /// <summary>Takes a place.</summary>
    /// <exception cref="IndexOutOfRangeException">No plan has such a place.</exception>
    public void Add(int place) => words[place / Bits] |= 1UL << (place % Bits);

    /// <summary>Takes all of another set.</summary>
    public void UnionWith(PlaceSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < words.Length; i++) words[i] |= other.words[i];
    }

    /// <summary>The places, ascending.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        for (int i = 0; i < words.Length; i++)
            for (ulong left = words[i]; left != 0; left &= left - 1)
                yield return (i * Bits) + BitOperations.TrailingZeroCount(left);
    }

    /// <summary>The places, descending.</summary>
    public IEnumerable<int> Descending()
    {
        for (int i = words.Length - 1; i >= 0; i--)
        {
            for (ulong left = words[i]; left != 0;)
            {
                int bit = BitOperations.Log2(left);
                left &= ~(1UL << bit);
                yield return (i * Bits) + bit;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
