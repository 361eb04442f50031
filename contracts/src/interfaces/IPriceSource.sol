// IPriceSource: the price a vault trusts for its pair. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A price of asset1 for asset0 that nobody can move within a block.
interface IPriceSource {
    /// @notice No price can be given now.
    error PriceUnavailable();

    /// @notice What the price is of.
    function asset0() external view returns (address);

    /// @notice What the price is in.
    function asset1() external view returns (address);

    /// @notice Base units of asset1 for one base unit of asset0, times 2^128; never zero.
    /// @dev Reverts when there is no price; a vault then lends nothing and a leg unwinds by
    /// auction and in kind.
    function priceX128() external view returns (uint256);
}
