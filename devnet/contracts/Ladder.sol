// Ladder: lays positions into Uniswap V3 pools and pays for them.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

interface IPool {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function mint(address to, int24 lower, int24 upper, uint128 liquidity, bytes calldata data)
        external
        returns (uint256 amount0, uint256 amount1);
}

interface IToken {
    function balanceOf(address owner) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function mint(address to, uint256 value) external;
}

contract Ladder {
    /// A rung is lower tick (24 bits), upper tick (24 bits), liquidity (128 bits), lowest last.
    function lay(IPool pool, uint256[] calldata rungs) external {
        bytes memory tokens = abi.encode(pool.token0(), pool.token1());
        for (uint256 i; i < rungs.length; ++i) {
            uint256 rung = rungs[i];
            pool.mint(
                address(this),
                int24(uint24(rung >> 152)),
                int24(uint24(rung >> 128)),
                uint128(rung),
                tokens
            );
        }
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        (address token0, address token1) = abi.decode(data, (address, address));
        _pay(token0, amount0);
        _pay(token1, amount1);
    }

    /// Pays from what is here; devnet tokens are made when there are too few.
    function _pay(address token, uint256 value) private {
        if (value == 0) return;
        uint256 held = IToken(token).balanceOf(address(this));
        if (held < value) IToken(token).mint(address(this), value - held);
        IToken(token).transfer(msg.sender, value);
    }
}
