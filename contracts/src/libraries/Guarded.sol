// Guarded: one entry at a time, in transient storage. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A lock over all guarded functions of a contract; free again with the transaction.
abstract contract Guarded {
    /// @notice A guarded function was entered from within another.
    error Reentrant();

    bool private transient _entered;

    modifier guarded() {
        if (_entered) revert Reentrant();
        _entered = true;
        _;
        _entered = false;
    }
}
