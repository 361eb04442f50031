// Mover: brings a Uniswap V2 pair to given reserves as a trader would: by swap, mint and burn.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

interface IPair {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function totalSupply() external view returns (uint256);
    function balanceOf(address owner) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function getReserves() external view returns (uint112, uint112, uint32);
    function swap(uint256 out0, uint256 out1, address to, bytes calldata data) external;
    function mint(address to) external returns (uint256);
    function burn(address to) external returns (uint256, uint256);
    function sync() external;
}

interface IToken {
    function balanceOf(address owner) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function mint(address to, uint256 value) external;
}

contract Mover {
    /// How near the pair came: whether its reserves are now the wanted ones.
    event Moved(address indexed pair, bool exact);

    /// The pair's reserves become (want0, want1), or as near as a swap may bring them.
    function move(IPair pair, uint256 want0, uint256 want1) external {
        (uint256 r0, uint256 r1,) = pair.getReserves();
        if (want0 >= r0 && want1 >= r1) {
            _grow(pair, want0, want1);
        } else if (want0 <= r0 && want1 <= r1) {
            _shrink(pair, want0, want1);
        } else if (want0 > r0) {
            _pay(pair.token0(), address(pair), want0 - r0);
            pair.swap(0, _atMost(r0, r1, want0 - r0, r1 - want1), address(this), "");
        } else {
            _pay(pair.token1(), address(pair), want1 - r1);
            pair.swap(_atMost(r1, r0, want1 - r1, r0 - want0), 0, address(this), "");
        }
        (r0, r1,) = pair.getReserves();
        emit Moved(address(pair), r0 == want0 && r1 == want1);
    }

    /// What a swap may take out: the wanted amount, or all that the pair's fee rule allows.
    function _atMost(uint256 reserveIn, uint256 reserveOut, uint256 amountIn, uint256 wanted)
        private
        pure
        returns (uint256)
    {
        uint256 net = amountIn * 997;
        uint256 limit = net * reserveOut / (reserveIn * 1000 + net);
        return wanted < limit ? wanted : limit;
    }

    /// Adds liquidity; what is too little to be worth a share is added all the same.
    function _grow(IPair pair, uint256 want0, uint256 want1) private {
        (uint256 r0, uint256 r1,) = pair.getReserves();
        _pay(pair.token0(), address(pair), want0 - r0);
        _pay(pair.token1(), address(pair), want1 - r1);
        uint256 supply = pair.totalSupply();
        bool counts = (want0 - r0) * supply / r0 > 0 && (want1 - r1) * supply / r1 > 0;
        if (counts) pair.mint(address(this));
        else pair.sync();
    }

    /// Removes liquidity, enough for both reserves, and gives back what was too much.
    function _shrink(IPair pair, uint256 want0, uint256 want1) private {
        (uint256 r0, uint256 r1,) = pair.getReserves();
        uint256 supply = pair.totalSupply();
        uint256 share0 = ((r0 - want0) * supply + r0 - 1) / r0;
        uint256 share1 = ((r1 - want1) * supply + r1 - 1) / r1;
        uint256 share = share0 > share1 ? share0 : share1;
        uint256 owned = pair.balanceOf(address(this));
        if (share > owned) share = owned;
        if (share > 0) {
            pair.transfer(address(pair), share);
            pair.burn(address(this));
            (r0, r1,) = pair.getReserves();
        }
        if (want0 > r0) _pay(pair.token0(), address(pair), want0 - r0);
        if (want1 > r1) _pay(pair.token1(), address(pair), want1 - r1);
        pair.sync();
    }

    /// Pays from what is here; devnet tokens are made when there are too few.
    function _pay(address token, address to, uint256 value) private {
        if (value == 0) return;
        uint256 held = IToken(token).balanceOf(address(this));
        if (held < value) IToken(token).mint(address(this), value - held);
        IToken(token).transfer(to, value);
    }
}
