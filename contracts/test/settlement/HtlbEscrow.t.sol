// HtlbEscrowTest: each transition, what it pays, and who it refuses. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHtlbEscrow} from "../../src/interfaces/IHtlbEscrow.sol";
import {Certificate, Outcome} from "../../src/types/Certificate.sol";
import {Leg, LegStatus, LegTerms} from "../../src/types/Leg.sol";
import {Venue} from "../../src/types/Venue.sol";
import {World} from "../base/World.sol";

contract HtlbEscrowTest is World {
    function test_Lock_EscrowsOutputAndBond() public {
        LegTerms memory terms = _buy(100_000 * USD);
        uint256 idleBefore = usd.balanceOf(address(vault));
        (bytes32 legId, uint256 amountOut) = _lock(terms);
        assertEq(legId, escrow.legIdOf(terms), "id");
        assertEq(eth.balanceOf(address(escrow)), amountOut, "output is escrowed");
        assertEq(usd.balanceOf(address(escrow)), terms.bond, "bond is escrowed");
        assertEq(usd.balanceOf(address(vault)), idleBefore - terms.principal, "vault lent");
        assertEq(usd.balanceOf(searcher), 0, "searcher paid the bond");
        (uint256 lent0,) = vault.lent();
        assertEq(lent0, terms.principal, "booked");
        Leg memory leg = _leg(terms);
        assertEq(leg.amountOut, amountOut, "amountOut");
        assertEq(leg.bundleId, _certificate(terms, Outcome.Commit).bundleId, "bundle");
        _assertStatus(terms, LegStatus.Locked);
    }

    function test_Lock_WorksAtEveryKindOfVenueBothWays() public {
        Venue[3] memory venues = [_venue3(), _venue2(), _venueS()];
        for (uint256 i; i < 3; ++i) {
            LegTerms memory buy = _buy(10_000 * USD);
            LegTerms memory sell = _sell(4 * ETH);
            (buy.venue, sell.venue) = (venues[i], venues[i]);
            (, uint256 bought) = _lock(buy);
            (, uint256 sold) = _lock(sell);
            assertGe(bought, buy.minOut, "bought");
            assertGe(sold, sell.minOut, "sold");
        }
    }

    function test_Claim_PaysDueSurplusBondAndReward() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (, uint256 amountOut) = _lock(terms);
        vm.warp(START + 60 + 300);
        assertEq(escrow.rewardNow(terms), terms.rewardCap / 2, "half-way up the ramp");
        _claim(terms);
        _assertStatus(terms, LegStatus.Claimed);
        (, uint256 idle1) = vault.idle();
        assertEq(idle1, 800 * ETH + terms.due, "due is the vault's");
        assertEq(eth.balanceOf(searcher), amountOut - terms.due, "surplus");
        assertEq(usd.balanceOf(keeper), terms.rewardCap / 2, "reward");
        assertEq(usd.balanceOf(searcher), terms.bond - terms.rewardCap / 2, "bond comes back");
        assertEq(usd.balanceOf(address(escrow)) + eth.balanceOf(address(escrow)), 0, "empty");
    }

    function test_Unwind_WhenPoolIsFair_SwapsBackAndBondCoversTheRest() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        _abort(terms);
        _assertStatus(terms, LegStatus.Refunded);
        (uint256 idle0,) = vault.idle();
        assertEq(idle0, 2_000_000 * USD + terms.fee, "principal and fee are back");
        assertLe(usd.balanceOf(searcher), terms.bond, "fees came out of the bond");
        assertGe(usd.balanceOf(searcher), terms.bond * 9 / 10, "and no more");
        assertEq(usd.balanceOf(address(escrow)) + eth.balanceOf(address(escrow)), 0, "empty");
    }

    function test_UnwindExpired_WhenDeadlinePassed_NeedsNoCertificate() public {
        LegTerms memory terms = _sell(40 * ETH);
        _lock(terms);
        vm.warp(terms.deadline);
        vm.prank(keeper);
        escrow.unwindExpired(terms);
        _assertStatus(terms, LegStatus.Refunded);
        (, uint256 idle1) = vault.idle();
        assertEq(idle1, 800 * ETH + terms.fee, "whole");
    }

    function test_Unwind_WhenPoolMoved_RunsAuction() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (, uint256 lot) = _lock(terms);
        _push(eth, 600 * ETH);
        _abort(terms);
        _assertStatus(terms, LegStatus.Unwinding);
        (uint256 distressed0,) = vault.distressed();
        assertEq(distressed0, terms.principal, "the vault knows");
        assertEq(escrow.auctionPrice(terms), terms.auctionStart, "starts high");
        vm.warp(START + 30 minutes);
        uint256 price = escrow.auctionPrice(terms);
        address bidder = address(0xb1d);
        usd.mint(bidder, price);
        vm.startPrank(bidder);
        usd.approve(address(escrow), price);
        vm.expectRevert(
            abi.encodeWithSelector(IHtlbEscrow.PriceAboveMax.selector, price, price - 1)
        );
        escrow.bid(terms, price - 1, bidder);
        escrow.bid(terms, price, bidder);
        vm.stopPrank();
        assertEq(eth.balanceOf(bidder), lot, "lot");
        (uint256 idle0,) = vault.idle();
        assertEq(idle0, 2_000_000 * USD + terms.fee, "whole");
        (distressed0,) = vault.distressed();
        assertEq(distressed0, 0, "over");
        _assertStatus(terms, LegStatus.Refunded);
    }

    function test_SettleInKind_WhenNobodyBids_GivesLotAndBond() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (, uint256 lot) = _lock(terms);
        _push(eth, 600 * ETH);
        _abort(terms);
        vm.prank(keeper);
        vm.expectRevert(
            abi.encodeWithSelector(IHtlbEscrow.AuctionRunning.selector, START + 1 hours)
        );
        escrow.settleInKind(terms);
        // ETH fell by a fifth: the lot and the bond together do not cover the debt.
        source.setPrice(5e8 << 128);
        vm.warp(START + 2 hours);
        vm.prank(keeper);
        escrow.settleInKind(terms);
        (uint256 idle0, uint256 idle1) = vault.idle();
        assertEq(idle1, 800 * ETH + lot, "the lot");
        assertEq(
            idle0, 1_900_000 * USD + terms.bond - terms.rewardCap, "all of the bond but the reward"
        );
        assertEq(usd.balanceOf(searcher), 0, "nothing left");
        assertEq(usd.balanceOf(keeper), terms.rewardCap, "reward, over both calls");
        _assertStatus(terms, LegStatus.Refunded);
    }

    /// @dev Half of the cap is paid at the unwinding, the other half in kind: never more.
    function test_SettleInKind_WhenRewardWasPaidBefore_PaysTheRestOfTheCap() public {
        LegTerms memory terms = _buy(100_000 * USD);
        terms.minBack = terms.principal * 2;
        _lock(terms);
        vm.warp(START + 60 + 300);
        _abort(terms);
        assertEq(usd.balanceOf(keeper), terms.rewardCap / 2, "the first half");
        uint256 floor = uint256(terms.principal) + terms.fee - (terms.bond - terms.rewardCap / 2);
        vm.warp(START + 360 + 1 hours - 1);
        assertLe(escrow.auctionPrice(terms), floor + 10 * USD, "falls to the floor");
        assertGe(escrow.auctionPrice(terms), floor, "and no further");
        vm.warp(START + 3 hours);
        assertEq(escrow.rewardNow(terms), terms.rewardCap / 2, "what is left");
        vm.prank(keeper);
        escrow.settleInKind(terms);
        assertEq(usd.balanceOf(keeper), terms.rewardCap, "the cap");
        assertEq(usd.balanceOf(address(escrow)), 0, "nothing stays");
    }

    function test_SettleInKind_WhenLotIsWorthMore_ReturnsTheRest() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (, uint256 lot) = _lock(terms);
        _push(eth, 600 * ETH);
        _abort(terms);
        source.setPrice(2e8 << 128);
        vm.warp(START + 2 hours);
        escrow.settleInKind(terms);
        (, uint256 idle1) = vault.idle();
        uint256 kept = idle1 - 800 * ETH;
        uint256 owed = uint256(terms.principal) + terms.fee;
        assertGe(kept * 5000 * USD / ETH, owed, "worth the debt");
        assertLe((kept - 1) * 5000 * USD / ETH, owed, "and no more");
        assertEq(eth.balanceOf(searcher), lot - kept, "the rest");
        assertEq(usd.balanceOf(searcher), terms.bond - terms.rewardCap, "the bond");
    }

    function test_SettleInKind_WhenThereIsNoPrice_StillEnds() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (, uint256 lot) = _lock(terms);
        source.setPrice(0);
        vm.warp(terms.deadline);
        escrow.unwindExpired(terms);
        _assertStatus(terms, LegStatus.Unwinding);
        vm.warp(terms.deadline + 1 hours);
        escrow.settleInKind(terms);
        _assertStatus(terms, LegStatus.Refunded);
        assertEq(eth.balanceOf(address(vault)), 800 * ETH + lot, "the lot");
        assertEq(usd.balanceOf(address(vault)), 1_900_000 * USD + terms.bond, "and the bond");
    }

    function test_Claim_WhenDeadlineReached_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        Certificate memory certificate = _certificate(terms, Outcome.Commit);
        bytes memory proof = _quorum(certificate);
        vm.warp(terms.deadline);
        vm.expectRevert(abi.encodeWithSelector(IHtlbEscrow.Expired.selector, terms.deadline));
        escrow.claim(terms, PREIMAGE, certificate, proof);
        vm.warp(terms.deadline - 1);
        escrow.claim(terms, PREIMAGE, certificate, proof);
    }

    function test_UnwindExpired_WhenTooEarly_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        vm.warp(terms.deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(IHtlbEscrow.NotExpired.selector, terms.deadline));
        escrow.unwindExpired(terms);
    }

    function test_Claim_NeedsPreimageCertificateAndQuorum() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        Certificate memory commit = _certificate(terms, Outcome.Commit);
        Certificate memory abort = _certificate(terms, Outcome.Abort);
        bytes memory proof = _quorum(commit);
        vm.expectRevert(IHtlbEscrow.WrongPreimage.selector);
        escrow.claim(terms, bytes32(uint256(1)), commit, proof);
        bytes memory abortProof = _quorum(abort);
        vm.expectRevert(IHtlbEscrow.WrongCertificate.selector);
        escrow.claim(terms, PREIMAGE, abort, abortProof);
        bytes memory two = _sign(commit, 2);
        vm.expectRevert(IHtlbEscrow.InvalidProof.selector);
        escrow.claim(terms, PREIMAGE, commit, two);
        vm.expectRevert(IHtlbEscrow.WrongCertificate.selector);
        escrow.unwind(terms, commit, proof);
        commit.bundleId = keccak256("another");
        vm.expectRevert(IHtlbEscrow.WrongCertificate.selector);
        escrow.claim(terms, PREIMAGE, commit, proof);
        commit = _certificate(terms, Outcome.Commit);
        commit.legsHash = keccak256("others");
        bytes memory otherProof = _quorum(commit);
        vm.expectRevert(IHtlbEscrow.WrongCertificate.selector);
        escrow.claim(terms, PREIMAGE, commit, otherProof);
        _assertStatus(terms, LegStatus.Locked);
    }

    function test_Leg_WhenTerminal_NeverMovesAgain() public {
        LegTerms memory claimed = _buy(100_000 * USD);
        LegTerms memory refunded = _sell(40 * ETH);
        _lock(claimed);
        _lock(refunded);
        _claim(claimed);
        _abort(refunded);
        LegTerms[2] memory ended = [claimed, refunded];
        for (uint256 i; i < 2; ++i) {
            bytes32[] memory legIds = _alone(ended[i]);
            vm.prank(searcher);
            vm.expectPartialRevert(IHtlbEscrow.WrongStatus.selector);
            escrow.lock(ended[i], legIds, 0);
        }
        vm.warp(START + 3 hours);
        for (uint256 i; i < 2; ++i) {
            bytes32 legId = escrow.legIdOf(ended[i]);
            bytes memory wrong = abi.encodeWithSelector(
                IHtlbEscrow.WrongStatus.selector, legId, escrow.leg(legId).status
            );
            vm.expectRevert(wrong);
            escrow.unwindExpired(ended[i]);
            vm.expectRevert(wrong);
            escrow.settleInKind(ended[i]);
            vm.expectRevert(wrong);
            escrow.bid(ended[i], type(uint256).max, address(this));
            Certificate memory commit = _certificate(ended[i], Outcome.Commit);
            vm.expectRevert(wrong);
            escrow.claim(ended[i], PREIMAGE, commit, "");
        }
    }

    function test_Lock_WhenLockedBefore_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (bytes32 legId,) = _lock(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectRevert(
            abi.encodeWithSelector(IHtlbEscrow.WrongStatus.selector, legId, LegStatus.Locked)
        );
        escrow.lock(terms, legIds, 0);
    }

    function test_Lock_WhenNotTheSearcher_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        bytes32[] memory legIds = _alone(terms);
        vm.expectRevert(abi.encodeWithSelector(IHtlbEscrow.NotSearcher.selector, address(this)));
        escrow.lock(terms, legIds, 0);
    }

    function test_Lock_WhenLegIsNotInBundle_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _bond(terms);
        bytes32[] memory none = new bytes32[](1);
        bytes32[] memory legIds = _alone(terms);
        bytes32[] memory many = new bytes32[](17);
        many[0] = legIds[0];
        vm.startPrank(searcher);
        vm.expectPartialRevert(IHtlbEscrow.LegNotInBundle.selector);
        escrow.lock(terms, none, 0);
        vm.expectPartialRevert(IHtlbEscrow.LegNotInBundle.selector);
        escrow.lock(terms, legIds, 1);
        vm.expectPartialRevert(IHtlbEscrow.LegNotInBundle.selector);
        escrow.lock(terms, many, 0);
        vm.stopPrank();
    }

    function test_Lock_WhenTermsAreMalformed_Reverts() public {
        for (uint256 i; i < 10; ++i) {
            LegTerms memory terms = _buy(100_000 * USD);
            if (i == 0) terms.hashlock = 0;
            if (i == 1) terms.assetOut = terms.assetIn;
            if (i == 2) terms.principal = 0;
            if (i == 3) terms.due = terms.minOut + 1;
            if (i == 4) terms.rewardCap = terms.bond + 1;
            if (i == 5) terms.rewardSpan = 0;
            if (i == 6) terms.auctionSpan = 0;
            if (i == 7) terms.auctionStart = terms.principal;
            if (i == 8) terms.auctionSpan = 1 days + 1;
            if (i == 9) terms.rewardDelay = 1 days;
            bytes32[] memory legIds = _alone(terms);
            vm.prank(searcher);
            vm.expectRevert(IHtlbEscrow.InvalidTerms.selector);
            escrow.lock(terms, legIds, 0);
        }
    }

    function test_Lock_WhenOutputIsBelowMinimum_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        terms.minOut = uint128(40 * ETH);
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectPartialRevert(IHtlbEscrow.TooLittleOut.selector);
        escrow.lock(terms, legIds, 0);
    }

    function test_SwapBack_WhenCalledFromOutside_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        vm.expectRevert(IHtlbEscrow.NotSelf.selector);
        escrow.swapBack(terms, 1);
    }

    function test_Unwind_WhenGasIsShort_RevertsInsteadOfAuctioning() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        vm.warp(terms.deadline);
        (bool ok, bytes memory answer) =
            address(escrow).call{gas: 600_000}(abi.encodeCall(IHtlbEscrow.unwindExpired, (terms)));
        assertTrue(!ok, "refused");
        assertEq(
            bytes32(bytes4(answer)), bytes32(IHtlbEscrow.TooLittleGas.selector), "for want of gas"
        );
        _assertStatus(terms, LegStatus.Locked);
    }

    function test_Unwind_WhenSearcherWantsMore_RespectsMinBack() public {
        LegTerms memory terms = _buy(100_000 * USD);
        terms.minBack = terms.principal;
        _lock(terms);
        _abort(terms);
        _assertStatus(terms, LegStatus.Unwinding);
    }

    function test_LegId_BindsChainAndEscrow() public {
        LegTerms memory terms = _buy(100_000 * USD);
        bytes32 here = escrow.legIdOf(terms);
        vm.chainId(8453);
        assertTrue(here != escrow.legIdOf(terms), "another chain, another leg");
    }

    /// @dev A leg locked for one bundle is not moved by another bundle's certificates.
    function test_Certificate_WhenOfAnotherBundleWithTheSameLeg_IsRefused() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        bytes32[] memory legIds = new bytes32[](2);
        (legIds[0], legIds[1]) = (escrow.legIdOf(terms), keccak256("elsewhere"));
        bytes32 legsHash = keccak256(abi.encodePacked(legIds));
        Certificate memory abort = Certificate(
            keccak256(abi.encode(keccak256("Lockstep.Bundle.1"), terms.hashlock, legsHash)),
            legsHash,
            Outcome.Abort
        );
        bytes memory proof = _quorum(abort);
        vm.expectRevert(IHtlbEscrow.WrongCertificate.selector);
        escrow.unwind(terms, abort, proof);
    }
}
