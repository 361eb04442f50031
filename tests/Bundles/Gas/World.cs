// World: balances, and pools with memory, in whole numbers; what plans and bundles run on.
using System.Numerics;
using System.Text;

namespace Lockstep.Tests.Bundles.Gas;

/// <summary>A ledger that remembers who has more or less of what, by phase. Pools answer by how
/// often they were called before, so that two swaps of one pool do not commute.</summary>
internal sealed class World
{
    public const string Executor = "executor";

    private readonly Dictionary<string, int> calls = [];

    public SortedDictionary<string, BigInteger> Flows { get; } = new(StringComparer.Ordinal);

    public string Phase { get; set; } = "run";

    public BigInteger Balance(string holder, string asset)
    {
        BigInteger sum = 0;
        foreach (string phase in new[] { "run", "commit", "abort", "failed" })
            sum += Flows.GetValueOrDefault($"{phase} {holder} {asset}");
        return sum;
    }

    public void Move(string from, string to, string asset, BigInteger amount)
    {
        Add(from, -amount);
        Add(to, amount);

        void Add(string holder, BigInteger change)
        {
            string key = $"{Phase} {holder} {asset}";
            BigInteger sum = Flows.GetValueOrDefault(key) + change;
            if (sum.IsZero) Flows.Remove(key);
            else Flows[key] = sum;
        }
    }

    /// <summary>What a pool gives; more than every debt.</summary>
    public BigInteger Quote(string pool, BigInteger amountIn)
    {
        int before = calls.GetValueOrDefault(pool);
        calls[pool] = before + 1;
        return BigInteger.Pow(10, 30) + (amountIn / 3) + (before * 7);
    }

    /// <summary>What whoever takes an escrow gives for it.</summary>
    public static BigInteger Market(BigInteger amountIn) => amountIn + 1_000;

    /// <summary>The fee of a loan, rounded up.</summary>
    public static BigInteger Fee(BigInteger principal, int pips) =>
        ((principal * pips) + 999_999) / 1_000_000;

    public string Text()
    {
        StringBuilder text = new();
        foreach ((string account, BigInteger sum) in Flows)
            text.Append(account).Append(' ').Append(sum.ToString(null, null)).Append('\n');
        return text.ToString();
    }
}
