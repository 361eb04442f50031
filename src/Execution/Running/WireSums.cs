// WireSums: a plan's symbolic amounts made numbers once the swaps' receipts are there; base units.
using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>What swaps brought, by the plan's names: amounts such as <c>1.w + u - 5</c> of later
/// transactions are counted from it.</summary>
internal sealed class WireSums
{
    private readonly ConcurrentDictionary<string, BigInteger> wires =
        new(StringComparer.Ordinal);

    /// <summary>Says what a wire holds.</summary>
    public void Set(string wire, in UInt256 units) =>
        wires[wire] = BigInteger.Parse(units.ToString(), CultureInfo.InvariantCulture);

    /// <summary>The transaction with every amount that is known by now in digits.</summary>
    public PlanTransactionLine Fill(PlanTransactionLine line) => line with
    {
        Calls = [.. line.Calls.Select(call => call with { Amount = Fill(call.Amount) })],
    };

    private string Fill(string amount)
    {
        BigInteger sum = BigInteger.Zero;
        bool minus = false;
        foreach (string word in amount.Split(' '))
        {
            if (word is "+" or "-")
            {
                minus = word == "-";
                continue;
            }
            bool negative = word.StartsWith('-');
            if (Term(negative ? word[1..] : word) is not { } units) return amount;
            sum += minus != negative ? -units : units;
        }
        return sum.Sign < 0 ? amount : sum.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A number, a wire, or a number times a wire.</summary>
    private BigInteger? Term(string word)
    {
        int star = word.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0 && Number(word[..star]) is { } times)
            return wires.TryGetValue(word[(star + 1)..], out BigInteger some) ? times * some : null;
        return Number(word) ?? (wires.TryGetValue(word, out BigInteger one) ? one : null);
    }

    private static BigInteger? Number(string word) =>
        BigInteger.TryParse(
            word, NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger number)
            ? number : null;
}
