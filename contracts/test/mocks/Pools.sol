// Pools: small pools and lenders of our own with the deployed interfaces; no protocol's code.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    IAaveFlashCallback,
    IBalancerFlashCallback,
    IBalancerVault,
    IUniswapV2Callee,
    IUniswapV3FlashCallback,
    IUniswapV3SwapCallback
} from "../../src/interfaces/IPools.sol";
import {Token} from "./Tokens.sol";

/// @notice x * y = k with a fee on the input, checked as Uniswap V2 does.
contract V2Pair {
    address public immutable token0;
    address public immutable token1;
    uint256 public immutable feePips;
    uint112 private _reserve0;
    uint112 private _reserve1;
    bool private _locked;

    constructor(address a, address b, uint256 feePips_) {
        (token0, token1) = a < b ? (a, b) : (b, a);
        feePips = feePips_;
    }

    function sync() public {
        _reserve0 = uint112(Token(token0).balanceOf(address(this)));
        _reserve1 = uint112(Token(token1).balanceOf(address(this)));
    }

    function getReserves() external view returns (uint112, uint112, uint32) {
        return (_reserve0, _reserve1, 0);
    }

    /// @dev Solidly's question, answered for x * y = k.
    function getAmountOut(uint256 amountIn, address tokenIn) external view returns (uint256) {
        (uint256 rin, uint256 rout) =
            tokenIn == token0 ? (_reserve0, _reserve1) : (_reserve1, _reserve0);
        uint256 net = amountIn * (1e6 - feePips);
        return net * rout / (rin * 1e6 + net);
    }

    function swap(uint256 out0, uint256 out1, address to, bytes calldata data) external {
        require(!_locked && (out0 > 0 || out1 > 0), "V2: locked or nothing");
        _locked = true;
        if (out0 > 0) Token(token0).transfer(to, out0);
        if (out1 > 0) Token(token1).transfer(to, out1);
        if (data.length > 0) IUniswapV2Callee(to).uniswapV2Call(msg.sender, out0, out1, data);
        uint256 b0 = Token(token0).balanceOf(address(this));
        uint256 b1 = Token(token1).balanceOf(address(this));
        uint256 in0 = b0 + out0 > _reserve0 ? b0 + out0 - _reserve0 : 0;
        uint256 in1 = b1 + out1 > _reserve1 ? b1 + out1 - _reserve1 : 0;
        uint256 left = (b0 * 1e6 - in0 * feePips) * (b1 * 1e6 - in1 * feePips);
        require(left >= uint256(_reserve0) * _reserve1 * 1e12, "V2: K");
        sync();
        _locked = false;
    }
}

/// @notice One position over the whole curve, behind Uniswap V3's calls and callbacks.
contract V3Pool {
    address public immutable token0;
    address public immutable token1;
    uint256 public immutable feePips;
    uint256 public reserve0;
    uint256 public reserve1;
    int56 public tickPerSecond;

    constructor(address a, address b, uint256 feePips_) {
        (token0, token1) = a < b ? (a, b) : (b, a);
        feePips = feePips_;
    }

    function sync() public {
        reserve0 = Token(token0).balanceOf(address(this));
        reserve1 = Token(token1).balanceOf(address(this));
    }

    function setTick(int56 tick) external {
        tickPerSecond = tick;
    }

    function observe(uint32[] calldata secondsAgos)
        external
        view
        returns (int56[] memory cumulatives, uint160[] memory perLiquidity)
    {
        cumulatives = new int56[](secondsAgos.length);
        perLiquidity = new uint160[](secondsAgos.length);
        for (uint256 i; i < secondsAgos.length; ++i) {
            int56 time = int56(uint56(block.timestamp)) - int56(uint56(secondsAgos[i]));
            cumulatives[i] = tickPerSecond * time;
        }
    }

    function swap(address to, bool zeroForOne, int256 amount, uint160, bytes calldata data)
        external
        virtual
        returns (int256 amount0, int256 amount1)
    {
        require(amount > 0, "V3: exact in only");
        (uint256 rin, uint256 rout) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 net = uint256(amount) * (1e6 - feePips);
        uint256 out = net * rout / (rin * 1e6 + net);
        (amount0, amount1) = zeroForOne ? (amount, -int256(out)) : (-int256(out), amount);
        Token(zeroForOne ? token1 : token0).transfer(to, out);
        IUniswapV3SwapCallback(msg.sender).uniswapV3SwapCallback(amount0, amount1, data);
        uint256 held = Token(zeroForOne ? token0 : token1).balanceOf(address(this));
        require(held >= rin + uint256(amount), "V3: IIA");
        sync();
    }

    function flash(address to, uint256 amount0, uint256 amount1, bytes calldata data) external {
        uint256 fee0 = (amount0 * feePips + 1e6 - 1) / 1e6;
        uint256 fee1 = (amount1 * feePips + 1e6 - 1) / 1e6;
        if (amount0 > 0) Token(token0).transfer(to, amount0);
        if (amount1 > 0) Token(token1).transfer(to, amount1);
        IUniswapV3FlashCallback(msg.sender).uniswapV3FlashCallback(fee0, fee1, data);
        require(Token(token0).balanceOf(address(this)) >= reserve0 + fee0, "V3: F0");
        require(Token(token1).balanceOf(address(this)) >= reserve1 + fee1, "V3: F1");
        sync();
    }
}

/// @notice Lends without a fee and swaps at a fixed rate, behind Balancer V2's calls.
contract BalancerLike {
    uint256 public ratePips = 1e6;

    function setRate(uint256 pips) external {
        ratePips = pips;
    }

    function flashLoan(
        address to,
        address[] calldata tokens,
        uint256[] calldata amounts,
        bytes calldata data
    ) external {
        uint256[] memory fees = new uint256[](1);
        uint256 before = Token(tokens[0]).balanceOf(address(this));
        Token(tokens[0]).transfer(to, amounts[0]);
        IBalancerFlashCallback(to).receiveFlashLoan(tokens, amounts, fees, data);
        require(Token(tokens[0]).balanceOf(address(this)) >= before, "BAL#515");
    }

    function swap(
        IBalancerVault.SingleSwap calldata s,
        IBalancerVault.FundManagement calldata funds,
        uint256 limit,
        uint256 deadline
    ) external payable returns (uint256 out) {
        require(block.timestamp <= deadline, "BAL#508");
        Token(s.assetIn).transferFrom(funds.sender, address(this), s.amount);
        out = s.amount * ratePips / 1e6;
        require(out >= limit, "BAL#507");
        Token(s.assetOut).transfer(funds.recipient, out);
    }
}

/// @notice Lends for 5 basis points, behind Aave V3's calls.
contract AaveLike {
    function flashLoanSimple(
        address to,
        address asset,
        uint256 amount,
        bytes calldata params,
        uint16
    ) external {
        uint256 premium = (amount * 5 + 5000) / 10000;
        Token(asset).transfer(to, amount);
        bool done =
            IAaveFlashCallback(to).executeOperation(asset, amount, premium, msg.sender, params);
        require(done, "AAVE: 13");
        Token(asset).transferFrom(to, address(this), amount + premium);
    }
}
