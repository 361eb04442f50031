// LegClock: what a leg owes, asks and rewards at a time. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Leg, LegTerms} from "../types/Leg.sol";
import {Pips} from "./Pips.sol";

/// @notice Functions of a leg's terms, state and the time. Amounts are in assetIn, ramps in pips of
/// rewardCap, times in seconds.
library LegClock {
    /// @notice Principal and fee.
    function owed(LegTerms calldata terms) internal pure returns (uint256) {
        return uint256(terms.principal) + terms.fee;
    }

    /// @notice What the rewards paid so far leave of the bond.
    function cover(LegTerms calldata terms, Leg memory leg) internal pure returns (uint256) {
        return terms.bond - Pips.shareFloor(terms.rewardCap, leg.rewardPips);
    }

    /// @notice How far the reward of a claim, or of an unwinding on a certificate, has grown.
    function claimRamp(LegTerms calldata terms, Leg memory leg, uint256 time)
        internal
        pure
        returns (uint256)
    {
        return _ramp(terms, leg.lockedAt, time);
    }

    /// @notice How far the reward of an unwinding after the deadline has grown.
    function expiredRamp(LegTerms calldata terms, uint256 time) internal pure returns (uint256) {
        return _ramp(terms, terms.deadline, time);
    }

    /// @notice How far the reward of settling in kind has grown, within what is left of the cap.
    function inKindRamp(LegTerms calldata terms, Leg memory leg, uint256 time)
        internal
        pure
        returns (uint256)
    {
        uint256 ramp = _ramp(terms, auctionEnd(terms, leg), time);
        uint256 left = Pips.ONE - leg.rewardPips;
        return ramp < left ? ramp : left;
    }

    /// @notice When the auction is over.
    function auctionEnd(LegTerms calldata terms, Leg memory leg) internal pure returns (uint256) {
        return uint256(leg.unwoundAt) + terms.auctionSpan;
    }

    /// @notice Linear from auctionStart down to the floor, rounded up.
    function auctionPrice(LegTerms calldata terms, Leg memory leg, uint256 time)
        internal
        pure
        returns (uint256)
    {
        uint256 drop = terms.auctionStart - auctionFloor(terms, leg);
        return terms.auctionStart - drop * (time - leg.unwoundAt) / terms.auctionSpan;
    }

    /// @notice What is owed less what is left of the bond: below it a sale would cost LPs.
    function auctionFloor(LegTerms calldata terms, Leg memory leg) internal pure returns (uint256) {
        uint256 debt = owed(terms);
        uint256 covered = cover(terms, leg);
        return debt > covered ? debt - covered : 0;
    }

    function _ramp(LegTerms calldata terms, uint256 from, uint256 time)
        private
        pure
        returns (uint256)
    {
        return Pips.rampFloor(from + terms.rewardDelay, terms.rewardSpan, time);
    }
}
