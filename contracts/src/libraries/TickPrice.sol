// TickPrice: 1.0001^tick as a Q128 price, rounded down. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FullMath} from "./FullMath.sol";

/// @notice Prices of Uniswap V3 ticks. Powers 1.0001^-(2^i) in Q128 are multiplied by the bits of
/// |tick|; a positive tick is the reciprocal. Relative error below 2^-56 for |tick| <= 443636.
library TickPrice {
    /// @notice The price would leave 2^-64 .. 2^64.
    error TickOutOfRange(int256 tick);

    /// @notice The widest tick that is priced: log_1.0001(2^64).
    int256 internal constant MAX_TICK = 443636;

    /// @notice Asset1 for one asset0, times 2^128.
    function priceX128(int256 tick) internal pure returns (uint256 price) {
        if (tick > MAX_TICK || tick < -MAX_TICK) revert TickOutOfRange(tick);
        uint256 bits = uint256(tick < 0 ? -tick : tick);
        price = 1 << 128;
        unchecked {
            if (bits & 0x1 != 0) price = price * 0xfff97272373d413259a46990580e213a >> 128;
            if (bits & 0x2 != 0) price = price * 0xfff2e50f5f656932ef12357cf3c7fdcc >> 128;
            if (bits & 0x4 != 0) price = price * 0xffe5caca7e10e4e61c3624eaa0941cd0 >> 128;
            if (bits & 0x8 != 0) price = price * 0xffcb9843d60f6159c9db58835c926644 >> 128;
            if (bits & 0x10 != 0) price = price * 0xff973b41fa98c081472e6896dfb254c0 >> 128;
            if (bits & 0x20 != 0) price = price * 0xff2ea16466c96a3843ec78b326b52861 >> 128;
            if (bits & 0x40 != 0) price = price * 0xfe5dee046a99a2a811c461f1969c3053 >> 128;
            if (bits & 0x80 != 0) price = price * 0xfcbe86c7900a88aedcffc83b479aa3a4 >> 128;
            if (bits & 0x100 != 0) price = price * 0xf987a7253ac413176f2b074cf7815e54 >> 128;
            if (bits & 0x200 != 0) price = price * 0xf3392b0822b70005940c7a398e4b70f3 >> 128;
            if (bits & 0x400 != 0) price = price * 0xe7159475a2c29b7443b29c7fa6e889d9 >> 128;
            if (bits & 0x800 != 0) price = price * 0xd097f3bdfd2022b8845ad8f792aa5825 >> 128;
            if (bits & 0x1000 != 0) price = price * 0xa9f746462d870fdf8a65dc1f90e061e5 >> 128;
            if (bits & 0x2000 != 0) price = price * 0x70d869a156d2a1b890bb3df62baf32f7 >> 128;
            if (bits & 0x4000 != 0) price = price * 0x31be135f97d08fd981231505542fcfa6 >> 128;
            if (bits & 0x8000 != 0) price = price * 0x09aa508b5b7a84e1c677de54f3e99bc9 >> 128;
            if (bits & 0x10000 != 0) price = price * 0x005d6af8dedb81196699c329225ee604 >> 128;
            if (bits & 0x20000 != 0) price = price * 0x00002216e584f5fa1ea926041bedfe98 >> 128;
            if (bits & 0x40000 != 0) price = price * 0x00000000048a170391f7dc42444e8fa2 >> 128;
        }
        if (tick > 0) price = FullMath.mulDivFloor(1 << 128, 1 << 128, price);
    }
}
