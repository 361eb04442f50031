// Pips: shares in millionths, rounding in the name. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Shares of amounts below 2^236; 1,000,000 pips are the whole.
library Pips {
    uint256 internal constant ONE = 1_000_000;

    /// @notice floor(amount * pips / 1,000,000).
    function shareFloor(uint256 amount, uint256 pips) internal pure returns (uint256) {
        return amount * pips / ONE;
    }

    /// @notice ceil(amount * pips / 1,000,000).
    function shareCeiling(uint256 amount, uint256 pips) internal pure returns (uint256) {
        return (amount * pips + ONE - 1) / ONE;
    }

    /// @notice How far a ramp is at a time: 0 up to its start, ONE from start + span on.
    /// @param start Seconds.
    /// @param span Seconds, not zero.
    /// @param time Seconds.
    function rampFloor(uint256 start, uint256 span, uint256 time) internal pure returns (uint256) {
        if (time <= start) return 0;
        uint256 elapsed = time - start;
        return elapsed >= span ? ONE : elapsed * ONE / span;
    }
}
