// EscrowLeg: one leg's terms as the HTLB escrow takes them, its id, and that of its bundle.
using System.Text;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Numerics;

namespace Lockstep.Execution.Evm;

/// <summary>The contract's <c>LegTerms</c>, field by field; contracts/src/types/Leg.sol says what
/// each binds. Amounts are base units below 2^128, times seconds.</summary>
public sealed record EscrowLeg
{
    /// <summary>The ABI type of the terms.</summary>
    public const string TypeText =
        "(bytes32 hashlock,address searcher,address vault,address verifier,address assetIn,"
        + "address assetOut,uint256 venue,uint128 principal,uint128 fee,uint128 minOut,"
        + "uint128 due,uint128 bond,uint128 rewardCap,uint128 minBack,uint128 auctionStart,"
        + "uint32 ltvPips,uint40 deadline,uint32 rewardDelay,uint32 rewardSpan,"
        + "uint32 auctionSpan,bytes32 salt)";

    private static readonly AbiType Type = AbiType.Parse(TypeText);

    private static readonly AbiType IdType =
        AbiType.Parse($"(bytes32 tag,uint256 chain,address escrow,{TypeText} terms)");

    private static readonly AbiType BundleType =
        AbiType.Parse("(bytes32 tag,bytes32 hashlock,bytes32 legsHash)");

    private static readonly Hash32 LegTag = Keccak.Hash("Lockstep.Leg.1"u8);
    private static readonly Hash32 BundleTag = Keccak.Hash("Lockstep.Bundle.1"u8);

    /// <summary>h, the same in all legs.</summary>
    public required Hash32 HashLock { get; init; }

    /// <summary>Locks the leg, posts the bond, gets surplus and rest.</summary>
    public required EvmAddress Searcher { get; init; }

    /// <summary>Lends the principal.</summary>
    public required EvmAddress Vault { get; init; }

    /// <summary>Checks certificates.</summary>
    public required EvmAddress Verifier { get; init; }

    /// <summary>What is lent, owed and bonded.</summary>
    public required EvmAddress AssetIn { get; init; }

    /// <summary>What the swap brings and the escrow holds.</summary>
    public required EvmAddress AssetOut { get; init; }

    /// <summary>Where the swap and the swap back go.</summary>
    public required Venue Venue { get; init; }

    /// <summary>Lent, of <see cref="AssetIn"/>.</summary>
    public required UInt256 Principal { get; init; }

    /// <summary>The vault's premium, of <see cref="AssetIn"/>.</summary>
    public required UInt256 Fee { get; init; }

    /// <summary>The least the swap brings.</summary>
    public required UInt256 MinOut { get; init; }

    /// <summary>Goes to the vault on COMMIT, of <see cref="AssetOut"/>; at most
    /// <see cref="MinOut"/>.</summary>
    public required UInt256 Due { get; init; }

    /// <summary>Posted by the searcher, of <see cref="AssetIn"/>.</summary>
    public required UInt256 Bond { get; init; }

    /// <summary>The most that keepers get, out of the bond.</summary>
    public required UInt256 RewardCap { get; init; }

    /// <summary>The least a swap back may bring.</summary>
    public required UInt256 MinBack { get; init; }

    /// <summary>Where the Dutch auction starts.</summary>
    public required UInt256 AuctionStart { get; init; }

    /// <summary>Loan to value, in pips.</summary>
    public required uint LtvPips { get; init; }

    /// <summary>T, in chain time.</summary>
    public required long DeadlineSeconds { get; init; }

    /// <summary>From lock, or from T, to the first unit of reward.</summary>
    public required uint RewardDelaySeconds { get; init; }

    /// <summary>From the first unit of reward to the cap.</summary>
    public required uint RewardSpanSeconds { get; init; }

    /// <summary>How long the auction runs.</summary>
    public required uint AuctionSpanSeconds { get; init; }

    /// <summary>Makes two otherwise equal legs differ.</summary>
    public required Hash32 Salt { get; init; }

    /// <summary>The ABI encoding, a fixed 21 words.</summary>
    public byte[] Encode() => Type.Encode(ToAbi());

    /// <summary>The terms from their ABI encoding.</summary>
    /// <exception cref="CodecException">The bytes are no terms.</exception>
    public static EscrowLeg Decode(ReadOnlySpan<byte> encoded) =>
        FromAbi(Type.DecodeExact(encoded));

    /// <summary>keccak256(abi.encode(tag, chainId, escrow, terms)).</summary>
    public Hash32 Id(ulong chainId, EvmAddress escrow) =>
        Keccak.Hash(IdType.Encode(AbiValue.List(LegTag, chainId, escrow, ToAbi())));

    /// <summary>keccak256 of the leg ids in order.</summary>
    public static Hash32 LegsHash(IEnumerable<Hash32> legIds) =>
        Keccak.Hash([.. legIds.SelectMany(id => id.ToArray())]);

    /// <summary>keccak256(abi.encode(tag, hashlock, legsHash)).</summary>
    public static Hash32 BundleId(in Hash32 hashLock, in Hash32 legsHash) =>
        Keccak.Hash(BundleType.Encode(AbiValue.List(BundleTag, hashLock, legsHash)));

    /// <summary>As the ABI wants it.</summary>
    internal AbiValue ToAbi() => AbiValue.List(
        HashLock, Searcher, Vault, Verifier, AssetIn, AssetOut, Venue.ToWord(), Principal, Fee,
        MinOut, Due, Bond, RewardCap, MinBack, AuctionStart, (ulong)LtvPips,
        (ulong)DeadlineSeconds, (ulong)RewardDelaySeconds, (ulong)RewardSpanSeconds,
        (ulong)AuctionSpanSeconds, Salt);

    /// <summary>From what the ABI gave.</summary>
    internal static EscrowLeg FromAbi(AbiValue terms)
    {
        UInt256 venue = terms[6].AsUInt256();
        EvmAddress.TryFromWord(venue & ((UInt256.One << 160) - UInt256.One), out EvmAddress pool);
        return new EscrowLeg
        {
            HashLock = terms[0].AsHash(),
            Searcher = terms[1].AsAddress(),
            Vault = terms[2].AsAddress(),
            Verifier = terms[3].AsAddress(),
            AssetIn = terms[4].AsAddress(),
            AssetOut = terms[5].AsAddress(),
            Venue = new Venue(
                (VenueKind)(byte)(ulong)((venue >> 184) & (UInt256)255u),
                (uint)(ulong)((venue >> 160) & (UInt256)0xff_ffffu), pool),
            Principal = terms[7].AsUInt256(),
            Fee = terms[8].AsUInt256(),
            MinOut = terms[9].AsUInt256(),
            Due = terms[10].AsUInt256(),
            Bond = terms[11].AsUInt256(),
            RewardCap = terms[12].AsUInt256(),
            MinBack = terms[13].AsUInt256(),
            AuctionStart = terms[14].AsUInt256(),
            LtvPips = (uint)terms[15].AsUInt64(),
            DeadlineSeconds = (long)terms[16].AsUInt64(),
            RewardDelaySeconds = (uint)terms[17].AsUInt64(),
            RewardSpanSeconds = (uint)terms[18].AsUInt64(),
            AuctionSpanSeconds = (uint)terms[19].AsUInt64(),
            Salt = terms[20].AsHash(),
        };
    }
}
