// PriceSourcesTest: the mean of a window, rounded down; a price that ages.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPriceSource} from "../../src/interfaces/IPriceSource.sol";
import {IUniswapV3Pool} from "../../src/interfaces/IPools.sol";
import {TickPrice} from "../../src/libraries/TickPrice.sol";
import {FixedPriceSource} from "../../src/venues/FixedPriceSource.sol";
import {TwapPriceSource} from "../../src/venues/TwapPriceSource.sol";
import {Test} from "../base/Test.sol";

/// @notice A V3 pool's oracle with any two cumulative ticks.
contract Oracle {
    address public constant token0 = address(1);
    address public constant token1 = address(2);
    int56 public first;
    int56 public last;

    function set(int56 first_, int56 last_) external {
        (first, last) = (first_, last_);
    }

    function observe(uint32[] calldata ago)
        external
        view
        returns (int56[] memory cumulatives, uint160[] memory perLiquidity)
    {
        require(ago[0] == 600 && ago[1] == 0, "window");
        cumulatives = new int56[](2);
        perLiquidity = new uint160[](2);
        (cumulatives[0], cumulatives[1]) = (first, last);
    }
}

contract PriceSourcesTest is Test {
    Oracle private oracle = new Oracle();
    TwapPriceSource private twap = new TwapPriceSource(IUniswapV3Pool(address(oracle)), 600);

    /// @dev mean * window <= sum < (mean + 1) * window, below zero too.
    function testFuzz_MeanTick_IsFloor(int56 first, int32 sum) public {
        first = first / 2;
        oracle.set(first, first + sum);
        int256 mean = twap.meanTick();
        assertTrue(mean * 600 <= sum && sum < (mean + 1) * 600, "floor");
    }

    function test_Price_IsThatOfTheMeanTick() public {
        oracle.set(-5, -5 + 600 * 12_345);
        assertEq(twap.priceX128(), TickPrice.priceX128(12_345), "price");
        assertEq(twap.asset0(), address(1), "asset0");
        assertEq(twap.asset1(), address(2), "asset1");
    }

    function test_Window_WhenTooShort_IsRefused() public {
        vm.expectPartialRevert(TwapPriceSource.WindowTooShort.selector);
        new TwapPriceSource(IUniswapV3Pool(address(oracle)), 59);
    }

    function test_FixedPrice_AgesAndIsTheOwners() public {
        vm.warp(1000);
        FixedPriceSource source = new FixedPriceSource(address(1), address(2), address(this), 60);
        vm.expectRevert(IPriceSource.PriceUnavailable.selector);
        source.priceX128();
        source.setPrice(7);
        vm.warp(1060);
        assertEq(source.priceX128(), 7, "still good");
        vm.warp(1061);
        vm.expectRevert(IPriceSource.PriceUnavailable.selector);
        source.priceX128();
        vm.prank(address(1));
        vm.expectRevert(FixedPriceSource.NotOwner.selector);
        source.setPrice(8);
    }
}
