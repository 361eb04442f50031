// IERC20: the part of ERC-20 that is called here. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice ERC-20 as the standard words it. Real tokens return false, nothing, or take a fee;
/// `SafeTransfer` is the only place that calls the moving functions.
interface IERC20 {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function approve(address spender, uint256 value) external returns (bool);
}
