// Cast: the accounts of every run, made once: keys cost more than anything else in a world.
using Lockstep.Crypto;

namespace Lockstep.Simulator.Running;

/// <summary>Who plays.</summary>
public static class Cast
{
    /// <summary>n = 4 signers of whom f = 1 may be faulty: quorum 3 = (n + f + 1) / 2.</summary>
    public const int Signers = 4, Faulty = 1, Quorum = 3;

    public static SigningKey Searcher { get; } = Key("searcher");

    public static SigningKey Keeper { get; } = Key("keeper");

    public static SigningKey Bidder { get; } = Key("bidder");

    public static SigningKey Thief { get; } = Key("thief");

    public static IReadOnlyList<SigningKey> SignerKeys { get; } =
        [.. Enumerable.Range(0, Signers).Select(n => Key($"signer {n}"))];

    public static Committee Committee { get; } =
        new(SignerKeys.Select(key => key.Address), Quorum);

    /// <summary>An address nobody has a key for.</summary>
    public static EvmAddress Place(string name) =>
        new(Keccak.HashText($"place {name}").ToArray().AsSpan(12));

    private static SigningKey Key(string name) =>
        new(Keccak.HashText($"simulated {name}").ToArray());
}
