// BridgeKind: the ways a value can change chains, each with the one word that names it.
namespace Lockstep.Bundles.Bridges;

/// <summary>How a value changes chains. The order is the order of the words on a page, not a
/// ranking.</summary>
public enum BridgeKind
{
    /// <summary>Certificate-committed hash-time-locked legs: nothing moves, both sides settle or
    /// both unwind.</summary>
    Htlb,

    /// <summary>Funds already on the other chain, rebalanced later.</summary>
    Inventory,

    /// <summary>Across: a relayer fills at once and is repaid by an optimistic bundle.</summary>
    Across,

    /// <summary>A Hyperlane warp route: validators sign after the reorg period.</summary>
    Hyperlane,

    /// <summary>Circle's burn and mint of USDC, fast or standard.</summary>
    Cctp,

    /// <summary>A rollup's own bridge: minutes down, days up.</summary>
    Canonical,

    /// <summary>An ICS-20 transfer between Cosmos chains.</summary>
    Ibc,
}

/// <summary>The words of bridge kinds.</summary>
public static class BridgeKinds
{
    private static readonly string[] Words =
        ["htlb", "inventory", "across", "hyperlane", "cctp", "canonical", "ibc"];

    /// <summary>The word, such as <c>cctp</c>.</summary>
    public static string Word(this BridgeKind kind) => Words[(int)kind];

    /// <summary>Whether <paramref name="word"/> names a kind.</summary>
    public static bool IsWord(string word) => Array.IndexOf(Words, word) >= 0;

    /// <summary>Reads a word.</summary>
    /// <exception cref="FormatException">It names no kind.</exception>
    public static BridgeKind Parse(string word) => Array.IndexOf(Words, word) is >= 0 and int at
        ? (BridgeKind)at
        : throw new FormatException($"'{word}' is none of {string.Join(", ", Words)}");
}
