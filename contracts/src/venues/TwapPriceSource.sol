// TwapPriceSource: the mean price of a Uniswap V3 pool over a window. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {IUniswapV3Pool} from "../interfaces/IPools.sol";
import {TickPrice} from "../libraries/TickPrice.sol";

/// @notice The geometric mean over the last `window` seconds, from the pool's own oracle. A trade
/// of this block does not move it; holding the price off costs a manipulator the whole window.
contract TwapPriceSource is IPriceSource {
    /// @notice Shorter windows are too cheap to move.
    error WindowTooShort(uint256 window);

    uint32 internal constant MIN_WINDOW = 60;

    IUniswapV3Pool public immutable pool;
    uint32 public immutable window;
    address public immutable asset0;
    address public immutable asset1;

    /// @param pool_ The pool; its oracle has to reach back `window_` seconds.
    /// @param window_ Seconds, 60 or more.
    constructor(IUniswapV3Pool pool_, uint32 window_) {
        if (window_ < MIN_WINDOW) revert WindowTooShort(window_);
        (pool, window) = (pool_, window_);
        (asset0, asset1) = (pool_.token0(), pool_.token1());
    }

    /// @notice The mean tick over the window, rounded down.
    function meanTick() public view returns (int256 tick) {
        uint32[] memory secondsAgos = new uint32[](2);
        secondsAgos[0] = window;
        (int56[] memory cumulatives,) = pool.observe(secondsAgos);
        int256 sum = int256(cumulatives[1]) - int256(cumulatives[0]);
        int256 span = int256(uint256(window));
        tick = sum / span;
        if (sum < 0 && sum % span != 0) --tick;
    }

    /// @inheritdoc IPriceSource
    function priceX128() external view returns (uint256) {
        return TickPrice.priceX128(meanTick());
    }
}
