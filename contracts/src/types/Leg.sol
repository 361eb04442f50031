// Leg: the terms, the state and the names of one leg of a bundle. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Venue} from "./Venue.sol";

/// @notice Idle -lock-> Locked -claim-> Claimed; Locked -unwind-> Unwinding -> Refunded. A leg
/// whose swap back succeeds passes through Unwinding within one transaction.
enum LegStatus {
    Idle,
    Locked,
    Claimed,
    Unwinding,
    Refunded
}

/// @notice How a refunded leg ended.
enum RefundPath {
    SwapBack,
    Auction,
    InKind
}

/// @notice What a searcher and a vault agree on before anything moves. Hashed into the leg id, so
/// the contract keeps only the id: who calls later sends the terms along (event Locked has them).
/// Amounts are base units; times are seconds.
/// @param hashlock h = keccak256(abi.encodePacked(s)), s being 32 bytes; the same in all legs.
/// @param searcher Locks the leg, posts the bond, gets surplus and rest.
/// @param vault Lends the principal; knows the pool, the band and the limits.
/// @param verifier Checks certificates; the vault has to trust it.
/// @param assetIn What is lent, owed and bonded.
/// @param assetOut What the swap brings and the escrow holds.
/// @param venue Where the swap and the swap back go.
/// @param principal Lent, in assetIn.
/// @param fee The vault's premium, in assetIn; owed = principal + fee.
/// @param minOut The least the swap brings, in assetOut.
/// @param due Goes to the vault on COMMIT, in assetOut; at most minOut. What came above it is the
/// searcher's surplus.
/// @param bond Posted by the searcher, in assetIn; rewardCap is part of it.
/// @param rewardCap The most that keepers get of this leg, in assetIn.
/// @param minBack The least a swap back may bring, in assetIn; the vault's band binds besides.
/// @param auctionStart Where the Dutch auction starts, in assetIn; at least principal + fee.
/// @param ltvPips owed at the vault's price is at most this share of what is escrowed.
/// @param deadline T: claims before it, unwinding without a certificate from it on.
/// @param rewardDelay From lock, or from T, to the first unit of reward.
/// @param rewardSpan From the first unit of reward to the whole cap; not zero. Delay and span
/// together are a day at most.
/// @param auctionSpan How long the auction runs; not zero, a day at most.
/// @param salt Makes two otherwise equal legs differ.
struct LegTerms {
    bytes32 hashlock;
    address searcher;
    address vault;
    address verifier;
    address assetIn;
    address assetOut;
    Venue venue;
    uint128 principal;
    uint128 fee;
    uint128 minOut;
    uint128 due;
    uint128 bond;
    uint128 rewardCap;
    uint128 minBack;
    uint128 auctionStart;
    uint32 ltvPips;
    uint40 deadline;
    uint32 rewardDelay;
    uint32 rewardSpan;
    uint32 auctionSpan;
    bytes32 salt;
}

/// @notice What the escrow remembers of a leg.
/// @param bundleId The one bundle the leg was locked for.
/// @param amountOut What the swap brought, held in assetOut while Locked or Unwinding.
/// @param lockedAt When it was locked.
/// @param unwoundAt When it left Locked for Unwinding: the auction's start.
/// @param rewardPips Share of rewardCap already paid, in millionths.
/// @param status Where the leg stands.
struct Leg {
    bytes32 bundleId;
    uint128 amountOut;
    uint40 lockedAt;
    uint40 unwoundAt;
    uint24 rewardPips;
    LegStatus status;
}

/// @dev Tags leg ids. The encoded words that follow are chain id, escrow, then LegTerms in order.
bytes32 constant LEG_TAG = keccak256("Lockstep.Leg.1");

/// @dev Tags bundle ids. The encoded words that follow are hashlock and legsHash.
bytes32 constant BUNDLE_TAG = keccak256("Lockstep.Bundle.1");

/// @notice Names of legs and bundles: commitments, so that nobody can squat one.
library BundleIds {
    /// @notice keccak256(abi.encode(LEG_TAG, chainId, escrow, terms)): 24 words of 32 bytes.
    function legId(LegTerms memory terms, uint256 chainId, address escrow)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(LEG_TAG, chainId, escrow, terms));
    }

    /// @notice keccak256 of the leg ids, 32 bytes each, in the bundle's order.
    function legsHash(bytes32[] memory legIds) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(legIds));
    }

    /// @notice keccak256(abi.encode(BUNDLE_TAG, hashlock, legsHash)).
    function bundleId(bytes32 hashlock, bytes32 legsHash_) internal pure returns (bytes32) {
        return keccak256(abi.encode(BUNDLE_TAG, hashlock, legsHash_));
    }
}
