// FlashLoans: borrows within one call, from four kinds of lender. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    IAaveFlashCallback,
    IAavePool,
    IBalancerFlashCallback,
    IBalancerVault,
    IUniswapV2Callee,
    IUniswapV2Pair,
    IUniswapV3FlashCallback,
    IUniswapV3Pool
} from "../interfaces/IPools.sol";
import {Pips} from "../libraries/Pips.sol";
import {SafeTransfer} from "../libraries/SafeTransfer.sol";
import {Cursor, LenderKind, StepReader} from "../types/Step.sol";

/// @notice The lender gets the loan as bytes and hands them back in its callback: asset (20),
/// amount (16), feePips (3), length (3), body. A callback counts only from the lender that was
/// called, of the kind that was called, with the very bytes it was given, and once.
abstract contract FlashLoans is
    IAaveFlashCallback,
    IBalancerFlashCallback,
    IUniswapV2Callee,
    IUniswapV3FlashCallback
{
    using SafeTransfer for address;
    using StepReader for Cursor;

    /// @notice A callback that no step is waiting for, or from another caller.
    error UnexpectedCallback(address caller);

    /// @notice A lender returned without having called back.
    error MissingCallback(address lender);

    /// @notice The lender's terms or bytes differ from what was asked.
    error CallbackMismatch();

    /// @dev The lender and, above it, its kind; zero when none is awaited.
    uint256 private transient _awaited;
    bytes32 private transient _loanHash;

    /// @dev Runs the steps that the loan pays for.
    function _runBody(address asset, bytes calldata body) internal virtual;

    /// @dev Borrows, runs the body, repays. `loan` is asset, amount, feePips, length, body.
    function _flash(LenderKind kind, address lender, bytes calldata loan) internal {
        Cursor memory cursor;
        address asset = cursor.readAddress(loan);
        uint256 amount = cursor.readAmount(loan);
        (_awaited, _loanHash) = (_tag(kind, lender), keccak256(loan));
        if (kind == LenderKind.BalancerV2) {
            address[] memory assets = new address[](1);
            uint256[] memory amounts = new uint256[](1);
            (assets[0], amounts[0]) = (asset, amount);
            IBalancerVault(lender).flashLoan(address(this), assets, amounts, loan);
        } else if (kind == LenderKind.AaveV3) {
            IAavePool(lender).flashLoanSimple(address(this), asset, amount, loan, 0);
        } else if (kind == LenderKind.UniswapV3) {
            bool isToken0 = IUniswapV3Pool(lender).token0() == asset;
            (uint256 out0, uint256 out1) = isToken0 ? (amount, uint256(0)) : (uint256(0), amount);
            IUniswapV3Pool(lender).flash(address(this), out0, out1, loan);
        } else {
            bool isToken0 = IUniswapV2Pair(lender).token0() == asset;
            (uint256 out0, uint256 out1) = isToken0 ? (amount, uint256(0)) : (uint256(0), amount);
            IUniswapV2Pair(lender).swap(out0, out1, address(this), loan);
        }
        if (_awaited != 0) revert MissingCallback(lender);
    }

    /// @inheritdoc IBalancerFlashCallback
    function receiveFlashLoan(
        address[] calldata assets,
        uint256[] calldata amounts,
        uint256[] calldata feeAmounts,
        bytes calldata loan
    ) external {
        (address asset, uint256 amount,) = _open(LenderKind.BalancerV2, loan);
        bool same = assets.length == 1 && assets[0] == asset && amounts[0] == amount;
        if (!same) revert CallbackMismatch();
        _runBody(asset, loan[42:]);
        asset.send(msg.sender, amount + feeAmounts[0]);
    }

    /// @inheritdoc IAaveFlashCallback
    function executeOperation(
        address asset_,
        uint256 amount_,
        uint256 premium,
        address initiator,
        bytes calldata loan
    ) external returns (bool) {
        (address asset, uint256 amount,) = _open(LenderKind.AaveV3, loan);
        bool same = asset_ == asset && amount_ == amount && initiator == address(this);
        if (!same) revert CallbackMismatch();
        _runBody(asset, loan[42:]);
        asset.allow(msg.sender, amount + premium);
        return true;
    }

    /// @inheritdoc IUniswapV3FlashCallback
    function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata loan) external {
        (address asset, uint256 amount,) = _open(LenderKind.UniswapV3, loan);
        _runBody(asset, loan[42:]);
        // The asset that was not borrowed has no fee.
        asset.send(msg.sender, amount + fee0 + fee1);
    }

    /// @inheritdoc IUniswapV2Callee
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata loan)
        external
    {
        (address asset, uint256 amount, uint256 feePips) = _open(LenderKind.UniswapV2, loan);
        if (sender != address(this) || amount0 + amount1 != amount) revert CallbackMismatch();
        _runBody(asset, loan[42:]);
        // The pair takes its fee from what comes back: owed * (1 - fee) >= amount.
        uint256 kept = Pips.ONE - feePips;
        asset.send(msg.sender, (amount * Pips.ONE + kept - 1) / kept);
    }

    function _open(LenderKind kind, bytes calldata loan)
        private
        returns (address asset, uint256 amount, uint256 feePips)
    {
        if (_awaited != _tag(kind, msg.sender)) revert UnexpectedCallback(msg.sender);
        if (keccak256(loan) != _loanHash) revert CallbackMismatch();
        (_awaited, _loanHash) = (0, 0);
        Cursor memory cursor;
        asset = cursor.readAddress(loan);
        amount = cursor.readAmount(loan);
        feePips = cursor.readUint24(loan);
    }

    function _tag(LenderKind kind, address lender) private pure returns (uint256) {
        return uint256(uint160(lender)) | (uint256(kind) << 160);
    }
}
