// VenueSwaps: exact-in swaps in V2, V3 and Solidly pools, by balances. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "../interfaces/IERC20.sol";
import {
    ISolidlyPair,
    IUniswapV2Pair,
    IUniswapV3Pool,
    IUniswapV3SwapCallback
} from "../interfaces/IPools.sol";
import {Pips} from "../libraries/Pips.sol";
import {SafeTransfer} from "../libraries/SafeTransfer.sol";
import {Venue, VenueKind} from "../types/Venue.sol";

/// @notice What both the executor and the escrow swap with. Pools are called directly, without
/// routers. What came out is the change of the own balance, so a fee on transfer is seen.
abstract contract VenueSwaps is IUniswapV3SwapCallback {
    using SafeTransfer for address;

    /// @dev Just inside the bounds of a V3 pool's price: no limit but the amount.
    uint160 private constant MIN_SQRT_LIMIT_X96 = 4295128740;
    uint160 private constant MAX_SQRT_LIMIT_X96 = 1461446703485210103287273052203988822378723970341;

    /// @dev The pool that is to call back, what it is paid in, and the most it is paid.
    address private transient _payPool;
    address private transient _payAsset;
    uint256 private transient _payMost;

    /// @notice A swap callback that no swap is waiting for, or from another caller.
    error UnexpectedSwapCallback(address caller);

    /// @notice The pool asks for more than the swap puts in.
    error ExcessiveSwapCallback(uint256 asked, uint256 most);

    /// @notice The pool did not take the whole amount.
    error PartialFill(uint256 left);

    /// @notice The pool holds less of an asset than it has booked.
    error PoolShort(address pool, address asset);

    /// @dev Swaps all of amountIn; what came out is the balance's change.
    function _swapExactIn(Venue venue, address assetIn, address assetOut, uint256 amountIn)
        internal
        returns (uint256 amountOut)
    {
        VenueKind kind = venue.kind();
        uint256 before = assetOut.held();
        if (kind == VenueKind.UniswapV3) {
            _swapV3(venue.pool(), assetIn, assetIn < assetOut, amountIn);
        } else if (kind == VenueKind.UniswapV2) {
            _swapV2(venue.pool(), venue.feePips(), assetIn, assetIn < assetOut, amountIn);
        } else {
            _swapSolidly(venue.pool(), assetIn, assetIn < assetOut, amountIn);
        }
        amountOut = assetOut.held() - before;
    }

    /// @inheritdoc IUniswapV3SwapCallback
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata)
        external
    {
        if (msg.sender != _payPool) revert UnexpectedSwapCallback(msg.sender);
        uint256 asked = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
        if (asked > _payMost) revert ExcessiveSwapCallback(asked, _payMost);
        _payPool = address(0);
        _payMost -= asked;
        _payAsset.send(msg.sender, asked);
    }

    function _swapV3(address pool, address assetIn, bool zeroForOne, uint256 amountIn) private {
        // A negative amount would ask for an output instead.
        if (amountIn > uint256(type(int256).max)) revert PartialFill(amountIn);
        (_payPool, _payAsset, _payMost) = (pool, assetIn, amountIn);
        IUniswapV3Pool(pool)
            .swap(
                address(this),
                zeroForOne,
                int256(amountIn),
                zeroForOne ? MIN_SQRT_LIMIT_X96 : MAX_SQRT_LIMIT_X96,
                ""
            );
        if (_payMost != 0) revert PartialFill(_payMost);
        _payPool = address(0);
    }

    /// @dev x * y = k with the fee on the input; the input is what the pair sees arrive.
    function _swapV2(
        address pool,
        uint256 feePips,
        address assetIn,
        bool zeroForOne,
        uint256 amountIn
    ) private {
        (uint256 reserveIn, uint256 reserveOut,) = IUniswapV2Pair(pool).getReserves();
        if (!zeroForOne) (reserveIn, reserveOut) = (reserveOut, reserveIn);
        assetIn.send(pool, amountIn);
        uint256 held = IERC20(assetIn).balanceOf(pool);
        if (held < reserveIn) revert PoolShort(pool, assetIn);
        uint256 net = (held - reserveIn) * (Pips.ONE - feePips);
        uint256 out = net * reserveOut / (reserveIn * Pips.ONE + net);
        (uint256 out0, uint256 out1) = zeroForOne ? (uint256(0), out) : (out, uint256(0));
        IUniswapV2Pair(pool).swap(out0, out1, address(this), "");
    }

    function _swapSolidly(address pool, address assetIn, bool zeroForOne, uint256 amountIn)
        private
    {
        uint256 before = IERC20(assetIn).balanceOf(pool);
        assetIn.send(pool, amountIn);
        uint256 arrived = IERC20(assetIn).balanceOf(pool) - before;
        uint256 out = ISolidlyPair(pool).getAmountOut(arrived, assetIn);
        (uint256 out0, uint256 out1) = zeroForOne ? (uint256(0), out) : (out, uint256(0));
        ISolidlyPair(pool).swap(out0, out1, address(this), "");
    }
}
