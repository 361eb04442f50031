// Executor: runs a program of swaps, loans and payments to a profit. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IExecutor} from "../interfaces/IExecutor.sol";
import {IBalancerVault} from "../interfaces/IPools.sol";
import {AssetSet} from "../libraries/AssetSet.sol";
import {Guarded} from "../libraries/Guarded.sol";
import {SafeTransfer} from "../libraries/SafeTransfer.sol";
import {Cursor, LenderKind, Opcode, StepReader} from "../types/Step.sol";
import {Venue} from "../types/Venue.sol";
import {FlashLoans} from "../venues/FlashLoans.sol";
import {VenueSwaps} from "../venues/VenueSwaps.sol";

/// @notice Holds nothing between transactions. A keeper's key can spend what the owner allows it
/// to pull, and nothing else: what is left always goes to the owner.
contract Executor is IExecutor, VenueSwaps, FlashLoans, Guarded {
    using SafeTransfer for address;
    using StepReader for Cursor;

    /// @dev In a step's flags: the amount is the balance less the amount given.
    uint256 private constant FROM_BALANCE = 1;

    address public immutable owner;
    mapping(address account => bool) public isKeeper;
    mapping(address account => bool) public isPayee;

    address private transient _profitAsset;
    uint256 private transient _pulled;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner();
        _;
    }

    /// @param owner_ Gets what is left, sets keepers and payees; for ever.
    constructor(address owner_) {
        owner = owner_;
    }

    /// @inheritdoc IExecutor
    function execute(
        bytes32 planId,
        uint256 chainId,
        uint256 deadline,
        address profitAsset,
        uint256 minProfit,
        bytes calldata program
    ) external guarded returns (uint256 profit) {
        if (!isKeeper[msg.sender]) revert NotKeeper(msg.sender);
        if (chainId != block.chainid) revert WrongChain(chainId);
        if (block.timestamp > deadline) revert DeadlinePassed(deadline);
        uint256 before = profitAsset.held();
        (_profitAsset, _pulled) = (profitAsset, 0);
        AssetSet.clear();
        AssetSet.add(profitAsset);
        _run(program);
        (uint256 have, uint256 spent) = (profitAsset.held(), before + _pulled);
        if (have < spent + minProfit) revert TooLittleProfit(have, spent, minProfit);
        profit = have - spent;
        _sweep();
        emit Executed(planId, msg.sender, profitAsset, profit);
    }

    /// @inheritdoc IExecutor
    function setKeeper(address keeper, bool allowed) external onlyOwner {
        isKeeper[keeper] = allowed;
        emit KeeperSet(keeper, allowed);
    }

    /// @inheritdoc IExecutor
    function setPayee(address payee, bool allowed) external onlyOwner {
        isPayee[payee] = allowed;
        emit PayeeSet(payee, allowed);
    }

    /// @inheritdoc IExecutor
    function rescue(address asset, uint256 amount) external onlyOwner guarded {
        asset.send(owner, amount);
    }

    function _runBody(address asset, bytes calldata body) internal override {
        AssetSet.add(asset);
        _run(body);
    }

    function _run(bytes calldata program) private {
        Cursor memory cursor;
        while (cursor.offset < program.length) {
            uint256 at = cursor.offset;
            uint256 code = cursor.readByte(program);
            if (code == uint256(Opcode.Swap)) _swap(cursor, program, at);
            else if (code == uint256(Opcode.BalancerSwap)) _balancerSwap(cursor, program, at);
            else if (code == uint256(Opcode.Flash)) _flashStep(cursor, program, at);
            else if (code == uint256(Opcode.Pull)) _pull(cursor, program);
            else if (code == uint256(Opcode.Pay)) _pay(cursor, program);
            else revert UnknownOpcode(code, at);
        }
    }

    function _swap(Cursor memory cursor, bytes calldata program, uint256 at) private {
        uint256 flags = cursor.readByte(program);
        Venue venue = cursor.readVenue(program);
        address assetIn = cursor.readAddress(program);
        address assetOut = cursor.readAddress(program);
        uint256 amountIn = _amount(flags, assetIn, cursor.readAmount(program));
        uint256 minOut = cursor.readAmount(program);
        AssetSet.add(assetIn);
        AssetSet.add(assetOut);
        uint256 amountOut = _swapExactIn(venue, assetIn, assetOut, amountIn);
        if (amountOut < minOut) revert TooLittleOut(at, amountOut, minOut);
    }

    function _balancerSwap(Cursor memory cursor, bytes calldata program, uint256 at) private {
        uint256 flags = cursor.readByte(program);
        address vault = cursor.readAddress(program);
        IBalancerVault.SingleSwap memory single;
        single.poolId = cursor.readWord(program);
        single.assetIn = cursor.readAddress(program);
        single.assetOut = cursor.readAddress(program);
        single.amount = _amount(flags, single.assetIn, cursor.readAmount(program));
        uint256 minOut = cursor.readAmount(program);
        AssetSet.add(single.assetIn);
        AssetSet.add(single.assetOut);
        uint256 before = single.assetOut.held();
        single.assetIn.allow(vault, single.amount);
        IBalancerVault.FundManagement memory funds;
        funds.sender = address(this);
        funds.recipient = payable(address(this));
        IBalancerVault(vault).swap(single, funds, minOut, block.timestamp);
        uint256 amountOut = single.assetOut.held() - before;
        if (amountOut < minOut) revert TooLittleOut(at, amountOut, minOut);
    }

    function _flashStep(Cursor memory cursor, bytes calldata program, uint256 at) private {
        uint256 kind = cursor.readByte(program);
        if (kind == 0 || kind > uint256(type(LenderKind).max)) revert UnknownLender(kind, at);
        address lender = cursor.readAddress(program);
        uint256 from = cursor.offset;
        cursor.readSlice(program, 39);
        uint256 length = cursor.readUint24(program);
        cursor.offset = from;
        _flash(LenderKind(kind), lender, cursor.readSlice(program, 42 + length));
    }

    function _pull(Cursor memory cursor, bytes calldata program) private {
        address asset = cursor.readAddress(program);
        uint256 amount = cursor.readAmount(program);
        AssetSet.add(asset);
        if (asset == _profitAsset) _pulled += amount;
        asset.pull(owner, amount);
    }

    function _pay(Cursor memory cursor, bytes calldata program) private {
        uint256 flags = cursor.readByte(program);
        address asset = cursor.readAddress(program);
        address to = cursor.readAddress(program);
        uint256 amount = _amount(flags, asset, cursor.readAmount(program));
        if (to != owner && !isPayee[to]) revert NotPayee(to);
        AssetSet.add(asset);
        asset.send(to, amount);
    }

    function _amount(uint256 flags, address asset, uint256 given) private view returns (uint256) {
        if (flags == 0) return given;
        if (flags != FROM_BALANCE) revert UnknownFlags(flags);
        uint256 held = asset.held();
        return held > given ? held - given : 0;
    }

    /// @dev Everything that was touched goes to the owner, to the last unit.
    function _sweep() private {
        uint256 n = AssetSet.count();
        for (uint256 i = 1; i <= n; ++i) {
            address asset = AssetSet.at(i);
            asset.send(owner, asset.held());
        }
    }
}
