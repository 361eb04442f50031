// FixedPriceSource: a price its owner sets, good for a while. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPriceSource} from "../interfaces/IPriceSource.sol";

/// @notice For tests, and for pairs whose price an operator vouches for.
contract FixedPriceSource is IPriceSource {
    event PriceSet(uint256 priceX128);

    error NotOwner();

    address public immutable asset0;
    address public immutable asset1;
    address public immutable owner;

    /// @notice How long a price is good, in seconds.
    uint256 public immutable maxAge;

    uint256 private _priceX128;
    uint256 private _setAt;

    /// @param asset0_ What the price is of.
    /// @param asset1_ What the price is in.
    /// @param owner_ Who sets it.
    /// @param maxAge_ How long it is good, in seconds.
    constructor(address asset0_, address asset1_, address owner_, uint256 maxAge_) {
        (asset0, asset1, owner, maxAge) = (asset0_, asset1_, owner_, maxAge_);
    }

    /// @notice Owner only: sets the price, asset1 for one asset0 times 2^128; zero takes it away.
    function setPrice(uint256 priceX128_) external {
        if (msg.sender != owner) revert NotOwner();
        (_priceX128, _setAt) = (priceX128_, block.timestamp);
        emit PriceSet(priceX128_);
    }

    /// @inheritdoc IPriceSource
    function priceX128() external view returns (uint256) {
        if (_priceX128 == 0 || block.timestamp > _setAt + maxAge) revert PriceUnavailable();
        return _priceX128;
    }
}
