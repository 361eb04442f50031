// FullMath: a * b / d with a 512-bit product and the rounding named. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Exact products and quotients of 256-bit words.
library FullMath {
    /// @notice The quotient does not fit into 256 bits, or d is zero.
    error MulDivOverflow(uint256 a, uint256 b, uint256 d);

    /// @notice floor(a * b / d).
    function mulDivFloor(uint256 a, uint256 b, uint256 d) internal pure returns (uint256 q) {
        unchecked {
            uint256 low = a * b;
            uint256 mm = mulmod(a, b, type(uint256).max);
            uint256 high = mm - low - (mm < low ? 1 : 0);
            if (high == 0 && d != 0) return low / d;
            if (high >= d) revert MulDivOverflow(a, b, d);

            uint256 rest = mulmod(a, b, d);
            high -= rest > low ? 1 : 0;
            low -= rest;

            // The division is exact now: halve d and the product by d's power of two, then
            // multiply by d's inverse modulo 2^256 (Newton; each step doubles the right bits).
            uint256 twos = d & (~d + 1);
            d /= twos;
            low = low / twos | high * ((~twos + 1) / twos + 1);
            uint256 inverse = (3 * d) ^ 2;
            for (uint256 i; i < 6; ++i) {
                inverse *= 2 - d * inverse;
            }
            q = low * inverse;
        }
    }

    /// @notice ceil(a * b / d).
    function mulDivCeiling(uint256 a, uint256 b, uint256 d) internal pure returns (uint256 q) {
        q = mulDivFloor(a, b, d);
        if (mulmod(a, b, d) != 0) {
            if (q == type(uint256).max) revert MulDivOverflow(a, b, d);
            unchecked {
                ++q;
            }
        }
    }
}
