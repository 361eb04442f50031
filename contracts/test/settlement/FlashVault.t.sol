// FlashVaultTest: shares, loans within the policy, and who may not. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IFlashVault, LoanRequest, VaultPolicy} from "../../src/interfaces/IFlashVault.sol";
import {IPriceSource} from "../../src/interfaces/IPriceSource.sol";
import {FlashVault} from "../../src/settlement/FlashVault.sol";
import {VaultShares} from "../../src/settlement/VaultShares.sol";
import {LegStatus, LegTerms} from "../../src/types/Leg.sol";
import {Venue, VenueKind, toVenue} from "../../src/types/Venue.sol";
import {Token} from "../mocks/Tokens.sol";
import {World} from "../base/World.sol";

contract FlashVaultTest is World {
    address private constant BOB = address(0xb0b);

    /// @dev In and out again never gains, at any size and mix.
    function testFuzz_DepositWithdraw_NeverGains(uint96 usdIn, uint96 ethIn) public {
        uint256 amount0 = bound(usdIn, 0, 1e15);
        uint256 amount1 = bound(ethIn, 0, 1e24);
        if (amount0 + amount1 / 4e8 < 1000) amount0 += 1000;
        uint256 shares = _deposit(vault, BOB, amount0, amount1);
        vm.prank(BOB);
        (uint256 out0, uint256 out1) = vault.withdraw(shares, 0, 0, BOB);
        assertLe(out0 + vault.quote(address(eth), out1), amount0 + amount1 / 4e8 + 1, "gained");
    }

    /// @dev The entry fee is the bound on a wrong price: one off by less gains nothing.
    function testFuzz_Deposit_WhenPriceIsOffWithinEntryFee_NeverGains(uint256 off, bool inUsd)
        public
    {
        off = bound(off, 0, 900);
        uint256 skewed = inUsd ? PRICE_X128 / 1e6 * (1e6 - off) : PRICE_X128 / 1e6 * (1e6 + off);
        source.setPrice(skewed);
        uint256 shares =
            inUsd ? _deposit(vault, BOB, 0, 100 * ETH) : _deposit(vault, BOB, 250_000 * USD, 0);
        vm.prank(BOB);
        (uint256 out0, uint256 out1) = vault.withdraw(shares, 0, 0, BOB);
        source.setPrice(PRICE_X128);
        assertLe(out0 + vault.quote(address(eth), out1), 250_000 * USD, "gained off the price");
    }

    /// @dev The first depositor cannot make the second's shares round to nothing.
    function testFuzz_FirstDepositor_CannotInflate(uint256 first, uint256 donation, uint256 second)
        public
    {
        FlashVault fresh = _newVault(escrow);
        first = bound(first, 2, 1e9);
        donation = bound(donation, 0, 1e15);
        second = bound(second, 1e6, 1e12);
        _deposit(fresh, lp, first, 0);
        usd.mint(address(fresh), donation);
        uint256 shares = _deposit(fresh, BOB, second, 0);
        vm.prank(BOB);
        (uint256 out0,) = fresh.withdraw(shares, 0, 0, BOB);
        uint256 afterFee = second - (second * 1000 + 1e6 - 1) / 1e6;
        assertGe(out0 + 2 + second / 1e5, afterFee, "lost to the first depositor");
    }

    function testFuzz_Donation_MovesNoShare(uint96 donation) public {
        uint256 before = vault.totalValue0();
        usd.mint(address(vault), donation);
        eth.mint(address(vault), donation);
        assertEq(vault.totalValue0(), before, "moved");
    }

    function test_Withdraw_WhenLoanIsOut_PaysFromIdleOnly() public {
        _lock(_buy(200_000 * USD));
        uint256 shares = vault.balanceOf(lp);
        vm.prank(lp);
        vm.expectPartialRevert(IFlashVault.InsufficientIdle.selector);
        vault.withdraw(shares, 0, 0, lp);
        vm.prank(lp);
        (uint256 out0, uint256 out1) = vault.withdraw(shares / 2, 0, 0, lp);
        assertLe(out0, 1_000_000 * USD, "half, the loan counted");
        assertGe(out0, 999_000 * USD, "half, the loan counted");
        assertGe(out1, 399 * ETH, "half");
    }

    function test_Withdraw_WhenLegIsInAuction_LeavesItsPartBehind() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        _push(eth, 600 * ETH);
        _abort(terms);
        _assertStatus(terms, LegStatus.Unwinding);
        uint256 shares = vault.balanceOf(lp);
        vm.prank(lp);
        (uint256 out0,) = vault.withdraw(shares / 2, 0, 0, lp);
        assertLe(out0, 950_000 * USD, "nothing for the loan in distress");
        assertGe(out0, 949_000 * USD, "all of the rest");
    }

    function test_Withdraw_WhenBelowMinimum_Reverts() public {
        vm.prank(lp);
        vm.expectPartialRevert(IFlashVault.TooLittleOut.selector);
        vault.withdraw(1e9, type(uint256).max, 0, lp);
    }

    function test_Withdraw_WhenSharesAreNotOnesOwn_Reverts() public {
        vm.prank(BOB);
        vm.expectPartialRevert(VaultShares.InsufficientShares.selector);
        vault.withdraw(1e9, 0, 0, BOB);
    }

    function test_Deposit_WhenSharesAreTooFewOrNone_Reverts() public {
        vm.expectRevert(IFlashVault.ZeroShares.selector);
        vault.deposit(0, 0, 0, BOB);
        usd.mint(address(this), USD);
        usd.approve(address(vault), USD);
        vm.expectPartialRevert(IFlashVault.TooFewShares.selector);
        vault.deposit(USD, 0, type(uint256).max, BOB);
    }

    function test_Deposit_WhenThereIsNoPrice_Reverts() public {
        vm.warp(START + 366 days);
        vm.expectRevert(IPriceSource.PriceUnavailable.selector);
        vault.deposit(USD, 0, 0, BOB);
        uint256 shares = vault.balanceOf(lp);
        vm.prank(lp);
        vault.withdraw(shares, 0, 0, lp);
    }

    function test_Loan_WhenCallerIsNotTheEscrow_Reverts() public {
        LoanRequest memory request;
        vm.expectRevert(IFlashVault.NotEscrow.selector);
        vault.lend(request);
        vm.expectRevert(IFlashVault.NotEscrow.selector);
        vault.repay(0, 0, 0);
        vm.expectRevert(IFlashVault.NotEscrow.selector);
        vault.distress(0);
    }

    /// @dev Each row breaks one bound of the policy.
    function test_Lend_WhenPolicyIsBroken_Reverts() public {
        for (uint256 i; i < 8; ++i) {
            LegTerms memory terms = _buy(100_000 * USD);
            bytes4 error;
            if (i == 0) (terms, error) = (_buy(500_001 * USD), IFlashVault.LoanLimit.selector);
            if (i == 1) (terms.fee, error) = (terms.fee - 1, IFlashVault.FeeTooLow.selector);
            if (i == 2) {
                terms.bond = terms.rewardCap + uint128(2000 * USD);
                error = IFlashVault.BondTooLow.selector;
            }
            if (i == 3) (terms.ltvPips, error) = (1_020_001, IFlashVault.LtvTooHigh.selector);
            if (i == 4) {
                terms.deadline = uint40(START + 48 hours + 1);
                error = IFlashVault.DeadlineTooFar.selector;
            }
            if (i == 5) {
                terms.venue = toVenue(VenueKind.UniswapV3, address(pool2), 500);
                error = IFlashVault.VenueNotAllowed.selector;
            }
            if (i == 6) {
                terms.verifier = address(this);
                error = IFlashVault.VerifierNotAllowed.selector;
            }
            if (i == 7) {
                terms.assetIn = address(new Token());
                error = IFlashVault.InvalidAsset.selector;
            }
            _bond(terms);
            bytes32[] memory legIds = _alone(terms);
            vm.prank(searcher);
            vm.expectPartialRevert(error);
            escrow.lock(terms, legIds, 0);
        }
    }

    function test_Lend_WhenTotalIsReached_Reverts() public {
        VaultPolicy memory p = _policy();
        p.maxLent0 = uint128(150_000 * USD);
        vault.setPolicy(p);
        _lock(_buy(100_000 * USD));
        LegTerms memory terms = _buy(100_000 * USD);
        terms.salt = bytes32(uint256(1));
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectPartialRevert(IFlashVault.TotalLimit.selector);
        escrow.lock(terms, legIds, 0);
    }

    /// @dev A pool that was moved away from the vault's price siphons nothing: either direction.
    function test_Lock_WhenPoolIsOutOfBand_Reverts() public {
        _push(usd, 400_000 * USD);
        LegTerms memory terms = _buy(100_000 * USD);
        (terms.minOut, terms.due) = (uint128(38 * ETH), uint128(38 * ETH));
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectPartialRevert(IFlashVault.OutOfBand.selector);
        escrow.lock(terms, legIds, 0);
        LegTerms memory sell = _sell(40 * ETH);
        _bond(sell);
        legIds = _alone(sell);
        vm.prank(searcher);
        vm.expectPartialRevert(IFlashVault.OutOfBand.selector);
        escrow.lock(sell, legIds, 0);
    }

    function test_Lock_WhenDueIsOutOfBand_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        terms.due = uint128(39 * ETH);
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectPartialRevert(IFlashVault.OutOfBand.selector);
        escrow.lock(terms, legIds, 0);
    }

    function test_Admit_WhenOutputAloneIsOutOfBand_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (bytes32 legId,) = _lock(terms);
        vault.admit(legId, 40 * ETH, 40 * ETH, 1_020_000);
        vm.expectPartialRevert(IFlashVault.OutOfBand.selector);
        vault.admit(legId, 39 * ETH, 40 * ETH, 1_020_000);
        vm.expectPartialRevert(IFlashVault.OutOfBand.selector);
        vault.admit(legId, 41 * ETH, 40 * ETH, 1_020_000);
        vm.expectPartialRevert(IFlashVault.UnknownLoan.selector);
        vault.admit(bytes32(0), 40 * ETH, 40 * ETH, 1_020_000);
    }

    function test_Lock_WhenUndercollateralised_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        terms.ltvPips = 1_000_000;
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectPartialRevert(IFlashVault.Undercollateralised.selector);
        escrow.lock(terms, legIds, 0);
    }

    function test_Lock_WhenThereIsNoPrice_Reverts() public {
        source.setPrice(0);
        LegTerms memory terms = _buy(100_000 * USD);
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectRevert(IPriceSource.PriceUnavailable.selector);
        escrow.lock(terms, legIds, 0);
    }

    function test_Owner_AloneSetsThePolicy() public {
        VaultPolicy memory p = _policy();
        vm.startPrank(BOB);
        vm.expectRevert(IFlashVault.NotOwner.selector);
        vault.setPolicy(p);
        Venue venue = _venue3();
        vm.expectRevert(IFlashVault.NotOwner.selector);
        vault.setVenue(venue, false);
        vm.expectRevert(IFlashVault.NotOwner.selector);
        vault.setVerifier(BOB, true);
        vm.expectRevert(IFlashVault.NotOwner.selector);
        vault.setPriceSource(source);
        vm.expectRevert(IFlashVault.NotOwner.selector);
        vault.setOwner(BOB);
        vm.stopPrank();
        p.bandPips = 1_000_000;
        vm.expectRevert(IFlashVault.InvalidPolicy.selector);
        vault.setPolicy(p);
        vault.setOwner(BOB);
        assertEq(vault.owner(), BOB, "handed over");
    }

    /// @dev Taking a verifier or venue away never strands a leg that is open.
    function test_Policy_WhenTightened_LeavesOpenLegsTheirEnd() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        vault.setVerifier(address(verifier), false);
        vault.setVenue(_venue3(), false);
        VaultPolicy memory none;
        vault.setPolicy(none);
        _claim(terms);
        _assertStatus(terms, LegStatus.Claimed);
    }

    function test_Shares_MoveAsErc20() public {
        uint256 all = vault.balanceOf(lp);
        vm.prank(lp);
        vault.approve(BOB, 10);
        vm.startPrank(BOB);
        vault.transferFrom(lp, BOB, 4);
        vm.expectPartialRevert(VaultShares.InsufficientAllowance.selector);
        vault.transferFrom(lp, BOB, 7);
        vault.transfer(lp, 1);
        vm.expectRevert(VaultShares.InvalidReceiver.selector);
        vault.transfer(address(0), 1);
        vm.stopPrank();
        assertEq(vault.balanceOf(BOB), 3, "moved");
        assertEq(vault.balanceOf(lp) + 3, all, "kept");
        assertEq(vault.totalSupply(), all, "supply");
    }
}
