// AssetSet: the assets a transaction touched, in transient storage. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice At most 16 addresses, forgotten with the transaction. Slot BASE counts, BASE + i is the
/// i-th.
library AssetSet {
    /// @notice More than 16 assets.
    error TooManyAssets();

    uint256 internal constant MAX = 16;

    /// @dev keccak256("Lockstep.AssetSet.1") - 1
    uint256 private constant BASE = uint256(keccak256("Lockstep.AssetSet.1")) - 1;

    /// @notice Adds an asset unless it is there.
    function add(address asset) internal {
        uint256 n = count();
        for (uint256 i = 1; i <= n; ++i) {
            if (at(i) == asset) return;
        }
        if (n == MAX) revert TooManyAssets();
        _store(BASE + n + 1, uint160(asset));
        _store(BASE, n + 1);
    }

    /// @notice How many there are.
    function count() internal view returns (uint256 n) {
        n = _load(BASE);
    }

    /// @notice The i-th, counted from 1.
    function at(uint256 i) internal view returns (address) {
        return address(uint160(_load(BASE + i)));
    }

    /// @notice Forgets all, for a second program in the same transaction.
    function clear() internal {
        _store(BASE, 0);
    }

    function _load(uint256 slot) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := tload(slot)
        }
    }

    function _store(uint256 slot, uint256 word) private {
        assembly ("memory-safe") {
            tstore(slot, word)
        }
    }
}
