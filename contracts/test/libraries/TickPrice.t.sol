// TickPriceTest: prices of ticks against recorded pools and the base. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FullMath} from "../../src/libraries/FullMath.sol";
import {TickPrice} from "../../src/libraries/TickPrice.sol";
import {Test} from "../base/Test.sol";

contract TickPriceTest is Test {
    /// @dev Recorded on chain (data/2024-11-01-rollups): every tick-th of its concentrated pools,
    /// spread over all prices. A pool's price lies in its tick.
    function test_PriceX128_BracketsRecordedPools() public pure {
        _row(-287156, 46099126172584645568334);
        _row(-276314, 79270626133987360851400);
        _row(-198020, 3973342937371909510003215);
        _row(-198013, 3974708703943170621001780);
        _row(-198004, 3976563646168943069779197);
        _row(-89228, 915018830788172152289735489);
        _row(-12, 79180682703102123245100626219);
        _row(9, 79264407506186053904793372488);
        _row(796, 82446271697097535966035500943);
        _row(46972, 829512383179762787340529091394);
        _row(65550, 2100004156315438963709279904859);
        _row(78320, 3976423068345698218432725647765);
        _row(102416, 13265314767404410109518632603444);
        _row(230288, 7930249423009752359937807151106851);
        _row(276322, 79221987043888566643535621738917547);
        _row(276334, 79271020996360488428398688583754359);
    }

    /// @dev One tick further is 1.0001 times the price.
    function testFuzz_PriceX128_StepsByTheBase(int256 tick) public pure {
        tick = int256(bound(uint256(tick), 0, 2 * 443635)) - 443635;
        uint256 here = TickPrice.priceX128(tick);
        uint256 next = TickPrice.priceX128(tick + 1);
        uint256 want = FullMath.mulDivFloor(here, 10001, 10000);
        uint256 gap = next > want ? next - want : want - next;
        assertLe(gap, (here >> 56) + 2, "ratio");
        assertLe(here, next, "monotone");
    }

    function test_PriceX128_WhenOutOfRange_Reverts() public {
        vm.expectPartialRevert(TickPrice.TickOutOfRange.selector);
        this.price(443637);
        vm.expectPartialRevert(TickPrice.TickOutOfRange.selector);
        this.price(-443637);
        assertEq(TickPrice.priceX128(0), 1 << 128, "one");
    }

    function price(int256 tick) external pure returns (uint256) {
        return TickPrice.priceX128(tick);
    }

    function _row(int256 tick, uint256 sqrtPriceX96) private pure {
        uint256 recorded = FullMath.mulDivFloor(sqrtPriceX96, sqrtPriceX96, 1 << 64);
        uint256 slack = (recorded >> 56) + 1;
        assertLe(TickPrice.priceX128(tick), recorded + slack, "from");
        assertLe(recorded, TickPrice.priceX128(tick + 1) + slack, "to");
    }
}
