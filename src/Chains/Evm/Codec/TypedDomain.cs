// TypedDomain: for whom a typed message is signed (EIP-712): contract, chain, name, version, salt.
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>The domain of a signature: one made for it fits no other. Fields that are null are not
/// part of the domain's type, as the verifying contract decides.</summary>
/// <param name="Name">What people call the protocol.</param>
/// <param name="Version">Of the protocol.</param>
/// <param name="ChainId">The chain whose contract verifies.</param>
/// <param name="VerifyingContract">The contract that verifies.</param>
/// <param name="Salt">What tells domains apart that are else equal.</param>
/// <remarks>https://eips.ethereum.org/EIPS/eip-712</remarks>
public sealed record TypedDomain(
    string? Name = null,
    string? Version = null,
    UInt256? ChainId = null,
    EvmAddress? VerifyingContract = null,
    Hash32? Salt = null)
{
    /// <summary>The struct hash of the domain.</summary>
    public Hash32 Separator()
    {
        List<string> members = [];
        List<AbiValue> values = [];
        if (Name is not null) Add(Name, "string name");
        if (Version is not null) Add(Version, "string version");
        if (ChainId is { } chain) Add(chain, "uint256 chainId");
        if (VerifyingContract is { } contract) Add(contract, "address verifyingContract");
        if (Salt is { } salt) Add(salt, "bytes32 salt");
        return TypedStruct.Parse($"EIP712Domain({string.Join(',', members)})").Hash([.. values]);

        void Add(AbiValue value, string member)
        {
            members.Add(member);
            values.Add(value);
        }
    }

    /// <summary>The digest to sign for a message in this domain.</summary>
    /// <param name="structHash">The message's <see cref="TypedStruct.Hash"/>.</param>
    public Hash32 Digest(in Hash32 structHash) => Digest(Separator(), structHash);

    /// <summary>The digest to sign, for a separator that is kept:
    /// keccak(0x19 0x01 || separator || structHash).</summary>
    public static Hash32 Digest(in Hash32 separator, in Hash32 structHash)
    {
        Span<byte> bytes = stackalloc byte[2 + (2 * Hash32.Size)];
        bytes[0] = 0x19;
        bytes[1] = 0x01;
        separator.WriteTo(bytes[2..]);
        structHash.WriteTo(bytes[(2 + Hash32.Size)..]);
        return Keccak.Hash(bytes);
    }
}
