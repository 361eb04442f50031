// Program: writes an executor's steps, byte for byte as documented. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {LenderKind, Opcode} from "../../src/types/Step.sol";
import {Venue} from "../../src/types/Venue.sol";

/// @notice The writer that a client in another language mirrors.
library Program {
    function swap(
        bool fromBalance,
        Venue venue,
        address assetIn,
        address assetOut,
        uint256 amount,
        uint256 minOut
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(Opcode.Swap),
            fromBalance,
            uint192(Venue.unwrap(venue)),
            assetIn,
            assetOut,
            uint128(amount),
            uint128(minOut)
        );
    }

    function balancerSwap(
        address vault,
        bytes32 poolId,
        address assetIn,
        address assetOut,
        uint256 amount,
        uint256 minOut
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(Opcode.BalancerSwap),
            false,
            vault,
            poolId,
            assetIn,
            assetOut,
            uint128(amount),
            uint128(minOut)
        );
    }

    function flash(
        LenderKind kind,
        address lender,
        address asset,
        uint256 amount,
        uint256 feePips,
        bytes memory body
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(Opcode.Flash),
            uint8(kind),
            lender,
            asset,
            uint128(amount),
            uint24(feePips),
            uint24(body.length),
            body
        );
    }

    function pull(address asset, uint256 amount) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(Opcode.Pull), asset, uint128(amount));
    }

    function pay(bool fromBalance, address asset, address to, uint256 amount)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(Opcode.Pay), fromBalance, asset, to, uint128(amount));
    }
}
