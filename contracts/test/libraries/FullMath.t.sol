// FullMathTest: quotients of 512-bit products, by their definition. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FullMath} from "../../src/libraries/FullMath.sol";
import {Pips} from "../../src/libraries/Pips.sol";
import {Test} from "../base/Test.sol";

contract FullMathTest is Test {
    /// @dev q is right if and only if a*b = q*d + r with r < d. Both sides are below 2^512, so
    /// equality modulo 2^256 and modulo 2^256 - 1 is equality.
    function testFuzz_MulDivFloor_IsTheQuotient(uint256 a, uint256 b, uint256 d) public pure {
        vm.assume(d != 0 && _high(a, b) < d);
        uint256 q = FullMath.mulDivFloor(a, b, d);
        uint256 r = mulmod(a, b, d);
        unchecked {
            assertEq(q * d + r, a * b, "modulo 2^256");
        }
        uint256 m = type(uint256).max;
        assertEq(addmod(mulmod(q, d, m), r, m), mulmod(a, b, m), "modulo 2^256 - 1");
        uint256 up = r == 0 ? q : q + 1;
        if (r == 0 || q < m) assertEq(FullMath.mulDivCeiling(a, b, d), up, "ceiling");
    }

    function testFuzz_MulDivFloor_WhenItDoesNotFit_Reverts(uint256 a, uint256 b, uint256 d) public {
        uint256 high = _high(a, b);
        d = bound(d, 0, high);
        vm.expectPartialRevert(FullMath.MulDivOverflow.selector);
        this.floor(a, b, d);
    }

    function test_MulDivCeiling_WhenRoundingOverflows_Reverts() public {
        uint256 m = type(uint256).max;
        assertEq(FullMath.mulDivCeiling(m, 7, 7), m, "fits exactly");
        vm.expectPartialRevert(FullMath.MulDivOverflow.selector);
        this.ceiling(m - 1, m, m - 2);
    }

    function testFuzz_Ramp_IsMonotoneAndBounded(uint40 start, uint32 span, uint40 t, uint40 later)
        public
        pure
    {
        vm.assume(span != 0 && t <= later);
        uint256 first = Pips.rampFloor(start, span, t);
        uint256 second = Pips.rampFloor(start, span, later);
        assertLe(first, second, "monotone");
        assertLe(second, 1e6, "bounded");
        assertEq(Pips.rampFloor(start, span, uint256(start) + span), 1e6, "whole at the end");
    }

    function floor(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FullMath.mulDivFloor(a, b, d);
    }

    function ceiling(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FullMath.mulDivCeiling(a, b, d);
    }

    /// @dev The high word of a * b by schoolbook multiplication of halves.
    function _high(uint256 a, uint256 b) private pure returns (uint256) {
        (uint256 a1, uint256 a0, uint256 b1, uint256 b0) =
            (a >> 128, uint128(a), b >> 128, uint128(b));
        uint256 low = a0 * b0;
        uint256 middle = a1 * b0 + (low >> 128);
        uint256 other = a0 * b1 + uint128(middle);
        return a1 * b1 + (middle >> 128) + (other >> 128);
    }
}
