// HtlbEscrow: legs of certified hash-time-locked bundles, to their end.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommitVerifier} from "../interfaces/ICommitVerifier.sol";
import {IFlashVault, LoanRequest} from "../interfaces/IFlashVault.sol";
import {IHtlbEscrow} from "../interfaces/IHtlbEscrow.sol";
import {FullMath} from "../libraries/FullMath.sol";
import {Guarded} from "../libraries/Guarded.sol";
import {LegClock} from "../libraries/LegClock.sol";
import {Pips} from "../libraries/Pips.sol";
import {SafeTransfer} from "../libraries/SafeTransfer.sol";
import {Certificate, Outcome} from "../types/Certificate.sol";
import {BundleIds, Leg, LegStatus, LegTerms, RefundPath} from "../types/Leg.sol";
import {VenueSwaps} from "../venues/VenueSwaps.sol";

/// @notice Has no owner and no switch. Serves any vault; each vault trusts an escrow of its choice
/// and is hurt only by its own legs. Payments to searchers and keepers never hold up a leg: what a
/// token refuses is kept for its payee.
contract HtlbEscrow is IHtlbEscrow, VenueSwaps, Guarded {
    using LegClock for LegTerms;
    using SafeTransfer for address;

    uint256 private constant MAX_LEGS = 16;

    /// @dev Auction and reward take at most this long, in seconds: every lock ends.
    uint256 private constant MAX_SPAN = 1 days;

    /// @dev A swap back gets at least this much gas, or its failure would say nothing of the pool.
    uint256 private constant SWAP_BACK_GAS = 700_000;

    /// @dev Enough for any plain token; too little for a payee's hook to burn a claim's gas.
    uint256 private constant PAYOUT_GAS = 300_000;

    mapping(bytes32 legId => Leg) private _legs;

    /// @inheritdoc IHtlbEscrow
    mapping(address token => mapping(address account => uint256)) public credit;

    /// @dev How an Unwinding leg ends: what is known before, then the split of it.
    /// @param path Which way.
    /// @param got Brought by the sale, in assetIn.
    /// @param kindOut To the vault in assetOut.
    /// @param kindValue What kindOut is worth to the vault, in assetIn.
    /// @param reward To the closer.
    struct Ending {
        RefundPath path;
        uint256 got;
        uint256 kindOut;
        uint256 kindValue;
        uint256 reward;
        uint256 paidIn;
        uint256 fromBond;
        uint256 shortfall;
        uint256 toSearcher;
    }

    /// @inheritdoc IHtlbEscrow
    function lock(LegTerms calldata terms, bytes32[] calldata legIds, uint256 index)
        external
        guarded
        returns (bytes32 legId, uint256 amountOut)
    {
        if (msg.sender != terms.searcher) revert NotSearcher(msg.sender);
        _checkTerms(terms);
        legId = legIdOf(terms);
        bool listed = legIds.length <= MAX_LEGS && index < legIds.length;
        if (!listed || legIds[index] != legId) revert LegNotInBundle(legId);
        Leg storage leg_ = _legs[legId];
        if (leg_.status != LegStatus.Idle) revert WrongStatus(legId, leg_.status);

        bytes32 bundleId = BundleIds.bundleId(terms.hashlock, BundleIds.legsHash(legIds));
        leg_.bundleId = bundleId;
        leg_.status = LegStatus.Locked;
        leg_.lockedAt = uint40(block.timestamp);

        _pullExact(terms.assetIn, terms.bond);
        _borrow(terms, legId);
        amountOut = _swapExactIn(terms.venue, terms.assetIn, terms.assetOut, terms.principal);
        if (amountOut < terms.minOut || amountOut > type(uint128).max) {
            revert TooLittleOut(amountOut, terms.minOut);
        }
        IFlashVault(terms.vault).admit(legId, amountOut, terms.due, terms.ltvPips);
        leg_.amountOut = uint128(amountOut);
        emit Locked(legId, bundleId, msg.sender, index, legIds, terms, amountOut);
    }

    /// @inheritdoc IHtlbEscrow
    function claim(
        LegTerms calldata terms,
        bytes32 preimage,
        Certificate calldata certificate,
        bytes calldata proof
    ) external guarded {
        (bytes32 legId, Leg memory leg_) = _in(terms, LegStatus.Locked);
        if (block.timestamp >= terms.deadline) revert Expired(terms.deadline);
        if (keccak256(abi.encodePacked(preimage)) != terms.hashlock) revert WrongPreimage();
        _checkCertificate(terms, leg_.bundleId, Outcome.Commit, certificate, proof);

        uint256 reward = Pips.shareFloor(terms.rewardCap, terms.claimRamp(leg_, block.timestamp));
        uint256 surplus = leg_.amountOut - terms.due;
        _legs[legId].status = LegStatus.Claimed;
        emit Claimed(legId, leg_.bundleId, msg.sender, preimage, terms.due, surplus, reward);

        terms.assetOut.send(terms.vault, terms.due);
        IFlashVault(terms.vault).repay(legId, 0, terms.due);
        _pay(terms.assetOut, terms.searcher, surplus);
        _pay(terms.assetIn, terms.searcher, terms.bond - reward);
        _pay(terms.assetIn, msg.sender, reward);
    }

    /// @inheritdoc IHtlbEscrow
    function unwind(LegTerms calldata terms, Certificate calldata certificate, bytes calldata proof)
        external
        guarded
    {
        (bytes32 legId, Leg memory leg_) = _in(terms, LegStatus.Locked);
        _checkCertificate(terms, leg_.bundleId, Outcome.Abort, certificate, proof);
        _unwind(terms, legId, leg_, false);
    }

    /// @inheritdoc IHtlbEscrow
    function unwindExpired(LegTerms calldata terms) external guarded {
        (bytes32 legId, Leg memory leg_) = _in(terms, LegStatus.Locked);
        if (block.timestamp < terms.deadline) revert NotExpired(terms.deadline);
        _unwind(terms, legId, leg_, true);
    }

    /// @inheritdoc IHtlbEscrow
    function bid(LegTerms calldata terms, uint256 maxPrice, address to)
        external
        guarded
        returns (uint256 price)
    {
        (bytes32 legId, Leg memory leg_) = _in(terms, LegStatus.Unwinding);
        uint256 endsAt = terms.auctionEnd(leg_);
        if (block.timestamp >= endsAt) revert AuctionOver(endsAt);
        price = terms.auctionPrice(leg_, block.timestamp);
        if (price > maxPrice) revert PriceAboveMax(price, maxPrice);
        _legs[legId].status = LegStatus.Refunded;
        _pullExact(terms.assetIn, price);
        terms.assetOut.send(to, leg_.amountOut);
        _end(terms, legId, leg_, _ending(RefundPath.Auction, price, 0, 0, 0));
    }

    /// @inheritdoc IHtlbEscrow
    function settleInKind(LegTerms calldata terms) external guarded {
        (bytes32 legId, Leg memory leg_) = _in(terms, LegStatus.Unwinding);
        uint256 endsAt = terms.auctionEnd(leg_);
        if (block.timestamp < endsAt) revert AuctionRunning(endsAt);
        _legs[legId].status = LegStatus.Refunded;
        uint256 reward = Pips.shareFloor(terms.rewardCap, terms.inKindRamp(leg_, block.timestamp));
        (uint256 kindOut, uint256 value) = _kind(terms, leg_.amountOut);
        terms.assetOut.send(terms.vault, kindOut);
        _pay(terms.assetOut, terms.searcher, leg_.amountOut - kindOut);
        _end(terms, legId, leg_, _ending(RefundPath.InKind, 0, kindOut, value, reward));
    }

    /// @inheritdoc IHtlbEscrow
    function collect(address token, address to) external guarded returns (uint256 amount) {
        amount = credit[token][msg.sender];
        if (amount == 0) revert NothingToCollect();
        credit[token][msg.sender] = 0;
        token.send(to, amount);
        emit Collected(token, msg.sender, to, amount);
    }

    /// @notice This contract only, from within an unwinding: swaps the lot back at the leg's venue
    /// or reverts, so that a refusal leaves no trace.
    /// @param terms The leg's terms.
    /// @param amountIn The lot, in assetOut.
    /// @return got In assetIn.
    function swapBack(LegTerms calldata terms, uint256 amountIn) external returns (uint256 got) {
        if (msg.sender != address(this)) revert NotSelf();
        IFlashVault vault = IFlashVault(terms.vault);
        uint256 fair = vault.quote(terms.assetOut, amountIn);
        uint256 least = fair - Pips.shareFloor(fair, vault.policy().bandPips);
        if (least < terms.minBack) least = terms.minBack;
        got = _swapExactIn(terms.venue, terms.assetOut, terms.assetIn, amountIn);
        if (got < least) revert TooLittleOut(got, least);
    }

    /// @inheritdoc IHtlbEscrow
    function legIdOf(LegTerms calldata terms) public view returns (bytes32) {
        return BundleIds.legId(terms, block.chainid, address(this));
    }

    /// @inheritdoc IHtlbEscrow
    function leg(bytes32 legId) external view returns (Leg memory) {
        return _legs[legId];
    }

    /// @inheritdoc IHtlbEscrow
    function rewardNow(LegTerms calldata terms) external view returns (uint256) {
        Leg memory leg_ = _legs[legIdOf(terms)];
        uint256 ramp;
        if (leg_.status == LegStatus.Unwinding) ramp = terms.inKindRamp(leg_, block.timestamp);
        else if (leg_.status != LegStatus.Locked) ramp = 0;
        else if (block.timestamp < terms.deadline) ramp = terms.claimRamp(leg_, block.timestamp);
        else ramp = terms.expiredRamp(block.timestamp);
        return Pips.shareFloor(terms.rewardCap, ramp);
    }

    /// @inheritdoc IHtlbEscrow
    function auctionPrice(LegTerms calldata terms) external view returns (uint256) {
        (, Leg memory leg_) = _in(terms, LegStatus.Unwinding);
        uint256 endsAt = terms.auctionEnd(leg_);
        if (block.timestamp >= endsAt) revert AuctionOver(endsAt);
        return terms.auctionPrice(leg_, block.timestamp);
    }

    function _checkTerms(LegTerms calldata terms) private view {
        bool ok = terms.hashlock != 0 && terms.assetIn != terms.assetOut && terms.principal != 0
            && terms.due <= terms.minOut && terms.rewardCap <= terms.bond && terms.rewardSpan != 0
            && terms.auctionSpan != 0 && terms.auctionSpan <= MAX_SPAN
            && uint256(terms.rewardDelay) + terms.rewardSpan <= MAX_SPAN
            && terms.auctionStart >= terms.owed();
        if (!ok) revert InvalidTerms();
        if (block.timestamp >= terms.deadline) revert Expired(terms.deadline);
    }

    /// @dev The keepers' part of the bond covers no shortfall, so the vault does not count it.
    function _borrow(LegTerms calldata terms, bytes32 legId) private {
        LoanRequest memory request = LoanRequest({
            legId: legId,
            asset: terms.assetIn,
            principal: terms.principal,
            fee: terms.fee,
            bond: terms.bond - terms.rewardCap,
            venue: terms.venue,
            verifier: terms.verifier,
            ltvPips: terms.ltvPips,
            deadline: terms.deadline
        });
        uint256 before = terms.assetIn.held();
        IFlashVault(terms.vault).lend(request);
        uint256 received = terms.assetIn.held() - before;
        if (received != terms.principal) {
            revert TransferShort(terms.assetIn, received, terms.principal);
        }
    }

    function _unwind(LegTerms calldata terms, bytes32 legId, Leg memory leg_, bool expired)
        private
    {
        uint256 ramp = expired
            ? terms.expiredRamp(block.timestamp)
            : terms.claimRamp(leg_, block.timestamp);
        uint256 reward = Pips.shareFloor(terms.rewardCap, ramp);
        leg_.rewardPips = uint24(ramp);
        leg_.unwoundAt = uint40(block.timestamp);
        leg_.status = LegStatus.Unwinding;
        _legs[legId] = leg_;
        emit Unwinding(legId, leg_.bundleId, msg.sender, expired, reward);
        _pay(terms.assetIn, msg.sender, reward);

        // Of the gas left, a call passes on 63/64.
        if (gasleft() < SWAP_BACK_GAS * 64 / 63) revert TooLittleGas();
        try this.swapBack(terms, leg_.amountOut) returns (uint256 got) {
            _legs[legId].status = LegStatus.Refunded;
            _end(terms, legId, leg_, _ending(RefundPath.SwapBack, got, 0, 0, 0));
        } catch {
            IFlashVault(terms.vault).distress(legId);
            emit AuctionStarted(
                legId,
                leg_.bundleId,
                leg_.amountOut,
                terms.auctionStart,
                terms.auctionFloor(leg_),
                terms.auctionEnd(leg_)
            );
        }
    }

    /// @dev The waterfall: the sale, then the bond up to what is owed; the rest is the searcher's.
    function _end(LegTerms calldata terms, bytes32 legId, Leg memory leg_, Ending memory ending)
        private
    {
        uint256 owed = terms.owed();
        uint256 cover = terms.cover(leg_) - ending.reward;
        uint256 sold = _min(ending.got, owed);
        uint256 missing = owed - sold - _min(ending.kindValue, owed - sold);
        ending.fromBond = _min(cover, missing);
        ending.shortfall = missing - ending.fromBond;
        ending.paidIn = sold + ending.fromBond;
        ending.toSearcher = ending.got - sold + cover - ending.fromBond;

        terms.assetIn.send(terms.vault, ending.paidIn);
        IFlashVault(terms.vault).repay(legId, ending.paidIn, ending.kindOut);
        _pay(terms.assetIn, terms.searcher, ending.toSearcher);
        _pay(terms.assetIn, msg.sender, ending.reward);
        _emitRefunded(legId, leg_.bundleId, ending);
    }

    function _emitRefunded(bytes32 legId, bytes32 bundleId, Ending memory ending) private {
        emit Refunded(
            legId,
            bundleId,
            msg.sender,
            ending.path,
            ending.paidIn,
            ending.kindOut,
            ending.fromBond,
            ending.shortfall,
            ending.toSearcher,
            ending.reward
        );
    }

    function _ending(RefundPath path, uint256 got, uint256 kindOut, uint256 value, uint256 reward)
        private
        pure
        returns (Ending memory)
    {
        return Ending(path, got, kindOut, value, reward, 0, 0, 0, 0);
    }

    /// @dev What of the lot the vault takes for the debt, and its worth in assetIn at the vault's
    /// price. With no price it takes all, and the bond stands for the whole debt.
    function _kind(LegTerms calldata terms, uint256 lot)
        private
        view
        returns (uint256 kindOut, uint256 value)
    {
        uint256 owed = terms.owed();
        try IFlashVault(terms.vault).quote(terms.assetOut, lot) returns (uint256 worth) {
            if (worth <= owed) return (lot, worth);
            kindOut = FullMath.mulDivCeiling(lot, owed, worth);
            return (kindOut, owed);
        } catch {
            return (lot, 0);
        }
    }

    /// @dev Pays, or keeps the amount for the payee: nobody's refusal holds up a leg.
    function _pay(address token, address to, uint256 amount) private {
        if (amount == 0) return;
        if (token.trySend(to, amount, PAYOUT_GAS)) return;
        credit[token][to] += amount;
        emit Credited(token, to, amount);
    }

    function _pullExact(address token, uint256 amount) private {
        uint256 received = token.pull(msg.sender, amount);
        if (received != amount) revert TransferShort(token, received, amount);
    }

    function _checkCertificate(
        LegTerms calldata terms,
        bytes32 bundleId,
        Outcome outcome,
        Certificate calldata certificate,
        bytes calldata proof
    ) private view {
        bool fits = certificate.bundleId == bundleId && certificate.outcome == outcome
            && BundleIds.bundleId(terms.hashlock, certificate.legsHash) == bundleId;
        if (!fits) revert WrongCertificate();
        if (!ICommitVerifier(terms.verifier).verify(certificate, proof)) revert InvalidProof();
    }

    /// @dev The leg of these terms, if it stands where the caller needs it.
    function _in(LegTerms calldata terms, LegStatus status)
        private
        view
        returns (bytes32 legId, Leg memory leg_)
    {
        legId = legIdOf(terms);
        leg_ = _legs[legId];
        if (leg_.status != status) revert WrongStatus(legId, leg_.status);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
