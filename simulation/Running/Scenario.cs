// Scenario: one run as a value: seed, profile, how many bundles, and which faults may happen.
namespace Lockstep.Simulator.Running;

/// <summary>How rough a run is.</summary>
public enum Profile
{
    /// <summary>No faults: every bundle that can be locked commits.</summary>
    Calm,

    /// <summary>Faults as the guarantee allows them.</summary>
    Storm,

    /// <summary>Faults beyond what the guarantee allows, too.</summary>
    Hostile,
}

/// <summary>What may go wrong.</summary>
[Flags]
public enum Faults : long
{
    None = 0,

    /// <summary>A lock that asks for more than its pool gives.</summary>
    Greed = 1 << 0,

    /// <summary>Requests and answers get lost, repeated and overtake each other.</summary>
    Loss = 1 << 1,

    /// <summary>A link is cut for a while.</summary>
    Cut = 1 << 2,

    /// <summary>The coordinator's nodes lag behind.</summary>
    Lag = 1 << 3,

    /// <summary>Reorganisations of less than finality.</summary>
    Reorg = 1 << 4,

    /// <summary>A chain stands still, for O at most.</summary>
    Halt = 1 << 5,

    /// <summary>Blocks are full: the base fee climbs.</summary>
    GasSpike = 1 << 6,

    /// <summary>Nodes forget what waits.</summary>
    PoolLoss = 1 << 7,

    /// <summary>The coordinator dies between two events and comes back.</summary>
    Crash = 1 << 8,

    /// <summary>It dies as a row was written.</summary>
    CrashOnRow = 1 << 9,

    /// <summary>A signer never answers.</summary>
    DeadSigner = 1 << 10,

    /// <summary>A signer signs whatever it is asked.</summary>
    Equivocator = 1 << 11,

    /// <summary>Signers are slow and restart.</summary>
    SignerCrash = 1 << 12,

    /// <summary>A stranger asks the signers for ABORT.</summary>
    AbortGriefer = 1 << 13,

    /// <summary>Somebody moves the pools' prices.</summary>
    FrontRunner = 1 << 14,

    /// <summary>The vaults have no price for a while.</summary>
    NoPrice = 1 << 15,

    /// <summary>Tokens refuse to pay the searcher.</summary>
    Refusal = 1 << 16,

    /// <summary>A keeper is quicker than the coordinator.</summary>
    KeeperRace = 1 << 17,

    /// <summary>Clocks and chain times are off by eps.</summary>
    Skew = 1 << 18,

    /// <summary>Somebody bids in auctions.</summary>
    Bidder = 1 << 19,

    /// <summary>Beyond: a reorganisation of finality and more.</summary>
    DeepReorg = 1 << 20,

    /// <summary>Beyond: a chain stands still for longer than O.</summary>
    LongHalt = 1 << 21,

    /// <summary>Beyond: more than f signers are dead.</summary>
    DeadCommittee = 1 << 22,

    /// <summary>Beyond: more than f signers sign whatever they are asked.</summary>
    Equivocators = 1 << 23,

    /// <summary>Beyond: the coordinator's node lies about legs.</summary>
    LyingNode = 1 << 24,

    /// <summary>Beyond: the nodes of more than f signers lie.</summary>
    LyingSignerNodes = 1 << 25,

    /// <summary>Beyond: signers lose votes that were on disk.</summary>
    LostVotes = 1 << 26,

    /// <summary>Beyond: the coordinator loses rows that were on disk.</summary>
    LostRows = 1 << 27,

    /// <summary>Beyond: the searcher keeps the certificate to itself and claims one leg at the
    /// last moment.</summary>
    Withholding = 1 << 28,

    /// <summary>Beyond: the coordinator is gone for long.</summary>
    LongCrash = 1 << 29,

    /// <summary>All that is allowed at once, at the worst moment: the certificate comes as late
    /// as it may, then a chain stands still for O, includes after S and takes a claim back.
    /// </summary>
    Strike = 1 << 30,

    /// <summary>The risk gate's bounds bind, its breakers trip, and somebody uses the kill switch.
    /// </summary>
    Limits = 1L << 31,
}

/// <summary>A run. Equal scenarios are equal runs.</summary>
public sealed record Scenario(ulong Seed, Profile Profile, int Bundles, Faults Faults)
{
    /// <summary>All that a profile may do.</summary>
    public static Faults Of(Profile profile) => profile switch
    {
        Profile.Calm => Faults.None,
        Profile.Storm => (Faults.DeepReorg - 1) | Faults.Strike | Faults.Limits,
        _ => (Faults)(((long)Faults.Limits << 1) - 1),
    };

    public bool Has(Faults fault) => (Faults & fault) != 0;
}
