// Hostile: pools and lenders that break their protocol's word. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    IAaveFlashCallback,
    IBalancerFlashCallback,
    IUniswapV2Callee,
    IUniswapV3FlashCallback,
    IUniswapV3SwapCallback
} from "../../src/interfaces/IPools.sol";

/// @notice How a hostile pool misbehaves.
enum Trick {
    AskMore,
    AskTwice,
    AskThroughAnother,
    AskLess,
    NeverAsk,
    AskBothAgain
}

/// @notice Calls a swap callback for someone else.
contract Stranger {
    function ask(address victim, int256 amount) external {
        IUniswapV3SwapCallback(victim).uniswapV3SwapCallback(amount, 0, "");
    }
}

/// @notice A V3 pool that plays tricks with the swap callback.
contract TrickPool {
    Trick public trick;
    Stranger private immutable _stranger = new Stranger();

    function setTrick(Trick trick_) external {
        trick = trick_;
    }

    function swap(address, bool, int256 amount, uint160, bytes calldata)
        external
        returns (int256, int256)
    {
        IUniswapV3SwapCallback victim = IUniswapV3SwapCallback(msg.sender);
        if (trick == Trick.AskMore) victim.uniswapV3SwapCallback(amount + 1, 0, "");
        if (trick == Trick.AskLess) victim.uniswapV3SwapCallback(amount - 1, 0, "");
        if (trick == Trick.AskThroughAnother) _stranger.ask(msg.sender, amount);
        if (trick == Trick.AskTwice) {
            victim.uniswapV3SwapCallback(amount / 2, 0, "");
            victim.uniswapV3SwapCallback(amount / 2, 0, "");
        }
        return (amount, 0);
    }
}

/// @notice A lender that never calls, changes the bytes, or lies about the terms.
contract TrickLender {
    uint256 public trick;

    function setTrick(uint256 trick_) external {
        trick = trick_;
    }

    function token0() external view returns (address) {
        return address(this);
    }

    function flashLoan(
        address to,
        address[] calldata tokens,
        uint256[] calldata amounts,
        bytes calldata data
    ) external {
        uint256[] memory one = new uint256[](1);
        address[] memory others = new address[](1);
        others[0] = address(this);
        IBalancerFlashCallback victim = IBalancerFlashCallback(to);
        if (trick == 1) victim.receiveFlashLoan(tokens, amounts, one, abi.encodePacked(data, "x"));
        if (trick == 2) victim.receiveFlashLoan(tokens, one, one, data);
        if (trick == 3) victim.receiveFlashLoan(others, amounts, one, data);
        if (trick == 4) IUniswapV3FlashCallback(to).uniswapV3FlashCallback(0, 0, data);
        if (trick == 5) {
            victim.receiveFlashLoan(tokens, amounts, one, data);
            victim.receiveFlashLoan(tokens, amounts, one, data);
        }
    }

    /// @dev A V2 pair that says someone else asked, or hands out another amount.
    function swap(uint256 out0, uint256 out1, address to, bytes calldata data) external {
        address sender = trick == 8 ? address(this) : to;
        uint256 more = trick == 9 ? 1 : 0;
        IUniswapV2Callee(to).uniswapV2Call(sender, out0, out1 + more, data);
    }

    function flashLoanSimple(address to, address asset, uint256 amount, bytes calldata data, uint16)
        external
    {
        address initiator = trick == 6 ? address(this) : to;
        uint256 given = trick == 7 ? amount + 1 : amount;
        IAaveFlashCallback(to).executeOperation(asset, given, 0, initiator, data);
    }
}
