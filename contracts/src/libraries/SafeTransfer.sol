// SafeTransfer: moves ERC-20s that return true, false or nothing. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "../interfaces/IERC20.sol";

/// @notice The one place where tokens are moved. A call counts if it succeeds, returns nothing or
/// true, and the token has code. At most one word of the answer is read.
library SafeTransfer {
    /// @notice The token refused.
    error TransferFailed(address token, address to, uint256 amount);

    /// @notice Sends, or reverts.
    function send(address token, address to, uint256 amount) internal {
        if (amount == 0) return;
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        if (!_done(token, data, gasleft())) revert TransferFailed(token, to, amount);
    }

    /// @notice Sends with bounded gas; false if the token refused.
    function trySend(address token, address to, uint256 amount, uint256 gasLimit)
        internal
        returns (bool)
    {
        return _done(token, abi.encodeCall(IERC20.transfer, (to, amount)), gasLimit);
    }

    /// @notice Pulls, or reverts; what arrived is the change of the own balance.
    /// @return received Arrived here.
    function pull(address token, address from, uint256 amount) internal returns (uint256 received) {
        if (amount == 0) return 0;
        uint256 before = held(token);
        bytes memory data = abi.encodeCall(IERC20.transferFrom, (from, address(this), amount));
        if (!_done(token, data, gasleft())) revert TransferFailed(token, address(this), amount);
        received = held(token) - before;
    }

    /// @notice Allows exactly an amount; resets first where a token wants that.
    function allow(address token, address spender, uint256 amount) internal {
        bytes memory data = abi.encodeCall(IERC20.approve, (spender, amount));
        if (_done(token, data, gasleft())) return;
        bytes memory reset = abi.encodeCall(IERC20.approve, (spender, 0));
        if (!_done(token, reset, gasleft()) || !_done(token, data, gasleft())) {
            revert TransferFailed(token, spender, amount);
        }
    }

    /// @notice The own balance.
    function held(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function _done(address token, bytes memory data, uint256 gasLimit) private returns (bool done) {
        assembly ("memory-safe") {
            mstore(0, 0)
            done := call(gasLimit, token, 0, add(data, 32), mload(data), 0, 32)
            switch returndatasize()
            case 0 { done := and(done, gt(extcodesize(token), 0)) }
            default { done := and(done, and(gt(returndatasize(), 31), eq(mload(0), 1))) }
        }
    }
}
