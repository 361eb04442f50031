// HostileTokensTest: tokens that lie, refuse, charge or call back. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {LoanRequest} from "../../src/interfaces/IFlashVault.sol";
import {IHtlbEscrow} from "../../src/interfaces/IHtlbEscrow.sol";
import {FlashVault} from "../../src/settlement/FlashVault.sol";
import {Guarded} from "../../src/libraries/Guarded.sol";
import {SafeTransfer} from "../../src/libraries/SafeTransfer.sol";
import {LegStatus, LegTerms} from "../../src/types/Leg.sol";
import {BlockingToken, FalseToken, FeeToken, HookToken, IHook, Token} from "../mocks/Tokens.sol";
import {SilentToken} from "../mocks/Tokens.sol";
import {Market} from "../base/Market.sol";
import {Program} from "../base/Program.sol";
import {World} from "../base/World.sol";

contract BlockingTokenTest is World {
    function _usd() internal override returns (Token) {
        return new BlockingToken();
    }

    function _eth() internal override returns (Token) {
        return new BlockingToken();
    }

    /// @dev A searcher whom the token refuses does not hold up the claim; it collects later.
    function test_Claim_WhenSearcherIsBlocked_KeepsItsMoney() public {
        LegTerms memory terms = _buy(100_000 * USD);
        (, uint256 amountOut) = _lock(terms);
        BlockingToken(address(usd)).setBlocked(searcher, true);
        BlockingToken(address(eth)).setBlocked(searcher, true);
        _claim(terms);
        _assertStatus(terms, LegStatus.Claimed);
        assertEq(escrow.credit(address(usd), searcher), terms.bond, "bond is kept");
        assertEq(escrow.credit(address(eth), searcher), amountOut - terms.due, "surplus is kept");
        vm.prank(searcher);
        escrow.collect(address(usd), lp);
        assertEq(usd.balanceOf(lp), terms.bond, "collected elsewhere");
        vm.prank(searcher);
        vm.expectRevert(IHtlbEscrow.NothingToCollect.selector);
        escrow.collect(address(usd), lp);
    }

    function test_Unwind_WhenKeeperIsBlocked_Ends() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        BlockingToken(address(usd)).setBlocked(keeper, true);
        vm.warp(START + 660);
        _abort(terms);
        _assertStatus(terms, LegStatus.Refunded);
        assertEq(escrow.credit(address(usd), keeper), terms.rewardCap, "reward is kept");
    }
}

contract FalseTokenTest is World {
    function _usd() internal override returns (Token) {
        return new FalseToken();
    }

    /// @dev A false is a refusal: nothing is booked for money that did not come.
    function test_Bond_WhenTokenSaysFalse_Reverts() public {
        LegTerms memory terms = _buy(100_000 * USD);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectPartialRevert(SafeTransfer.TransferFailed.selector);
        escrow.lock(terms, legIds, 0);
        vm.expectPartialRevert(SafeTransfer.TransferFailed.selector);
        vault.deposit(USD, 0, 0, lp);
    }
}

contract SilentTokenTest is World {
    function _usd() internal override returns (Token) {
        return new SilentToken();
    }

    function test_Leg_WhenTokenReturnsNothing_RunsToItsEnd() public {
        SilentToken(address(usd)).setSilent(address(escrow));
        SilentToken(address(usd)).setSilent(address(vault));
        LegTerms memory buy = _buy(100_000 * USD);
        LegTerms memory sell = _sell(40 * ETH);
        _lock(buy);
        _lock(sell);
        _claim(buy);
        _abort(sell);
        _assertStatus(buy, LegStatus.Claimed);
        _assertStatus(sell, LegStatus.Refunded);
    }
}

contract FeeTokenTest is World {
    function _usd() internal override returns (Token) {
        FeeToken token = new FeeToken();
        token.setOn(false);
        return token;
    }

    function test_Vault_WhenTokenTakesFee_RefusesDepositAndLock() public {
        FeeToken(address(usd)).setOn(true);
        usd.mint(lp, USD);
        vm.startPrank(lp);
        usd.approve(address(vault), USD);
        vm.expectPartialRevert(FlashVault.InexactTransfer.selector);
        vault.deposit(USD, 0, 0, lp);
        vm.stopPrank();
        LegTerms memory terms = _buy(100_000 * USD);
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(searcher);
        vm.expectPartialRevert(IHtlbEscrow.TransferShort.selector);
        escrow.lock(terms, legIds, 0);
    }

    /// @dev A token that starts to charge while a leg is open: the leg ends, the books stay true.
    function test_Claim_WhenTokenStartsToCharge_BooksWhatArrived() public {
        LegTerms memory terms = _sell(40 * ETH);
        _lock(terms);
        FeeToken(address(usd)).setOn(true);
        _claim(terms);
        _assertStatus(terms, LegStatus.Claimed);
        (uint256 idle0,) = vault.idle();
        assertEq(idle0, usd.balanceOf(address(vault)), "books");
    }
}

contract HookTokenTest is World, IHook {
    LegTerms private _open;
    bytes4[] private _answers;

    function _eth() internal override returns (Token) {
        return new HookToken();
    }

    /// @dev The searcher is called while it is paid its surplus, and tries every door.
    function test_Claim_WhenSearcherReenters_AllDoorsAreShut() public {
        searcher = address(this);
        HookToken(address(eth)).setHook(address(this));
        _open = _buy(100_000 * USD);
        _lock(_open);
        _claim(_open);
        assertEq(_answers.length, 4, "was called once");
        for (uint256 i; i < 4; ++i) {
            assertEq(bytes32(_answers[i]), bytes32(Guarded.Reentrant.selector), "shut");
        }
        _assertStatus(_open, LegStatus.Claimed);
    }

    function onPayment(address from, uint256) external {
        if (from != address(escrow)) return;
        try escrow.unwindExpired(_open) {}
        catch (bytes memory answer) {
            _answers.push(bytes4(answer));
        }
        try escrow.settleInKind(_open) {}
        catch (bytes memory answer) {
            _answers.push(bytes4(answer));
        }
        try escrow.bid(_open, 1, address(this)) {}
        catch (bytes memory answer) {
            _answers.push(bytes4(answer));
        }
        try escrow.collect(address(usd), address(this)) {}
        catch (bytes memory answer) {
            _answers.push(bytes4(answer));
        }
    }
}

/// @notice Burns all the gas a payment has.
contract GasBurner is IHook {
    function onPayment(address, uint256) external pure {
        while (true) {}
    }
}

contract GasBurnerTest is World {
    function _eth() internal override returns (Token) {
        return new HookToken();
    }

    function test_Claim_WhenSearcherBurnsGas_CostsAtMostThePayoutGas() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        address burner = address(new GasBurner());
        vm.prank(searcher);
        HookToken(address(eth)).setHook(burner);
        uint256 before = gasleft();
        _claim(terms);
        assertLe(before - gasleft(), 800_000, "gas");
        _assertStatus(terms, LegStatus.Claimed);
        assertTrue(escrow.credit(address(eth), searcher) > 0, "kept");
    }
}

/// @notice A vault that lends less than it says, to spend what other legs have escrowed.
contract ShortVault {
    uint256 public short;

    function setShort(uint256 short_) external {
        short = short_;
    }

    function lend(LoanRequest calldata request) external {
        Token(request.asset).transfer(msg.sender, request.principal - short);
    }

    function admit(bytes32, uint256, uint256, uint256) external pure {}
}

contract ShortVaultTest is World {
    function test_Lock_WhenVaultLendsShort_SpendsNobodyElsesMoney() public {
        _lock(_buy(100_000 * USD));
        ShortVault hostile = new ShortVault();
        usd.mint(address(hostile), 1000 * USD);
        LegTerms memory terms = _buy(1000 * USD);
        terms.vault = address(hostile);
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        for (uint256 short = 1; short <= 1000 * USD; short *= 1000) {
            hostile.setShort(short);
            vm.prank(searcher);
            vm.expectPartialRevert(IHtlbEscrow.TransferShort.selector);
            escrow.lock(terms, legIds, 0);
        }
        hostile.setShort(0);
        vm.prank(searcher);
        escrow.lock(terms, legIds, 0);
    }
}

contract ExecutorFeeTokenTest is Market {
    function _tokenA() internal override returns (Token) {
        return new FeeToken();
    }

    /// @dev A token with a fee trades by what arrived; the profit guard sees the loss.
    function test_Swap_WhenTokenTakesFee_CountsWhatArrived() public {
        b.mint(boss, 1000 * UNIT);
        vm.prank(boss);
        b.approve(address(executor), 1000 * UNIT);
        bytes memory program = abi.encodePacked(
            Program.pull(address(b), 1000 * UNIT),
            Program.swap(false, _cheap(), address(b), address(a), 1000 * UNIT, 0),
            Program.swap(true, _dear(), address(a), address(b), 0, 0)
        );
        uint256 profit = _run(program, 1);
        assertGe(profit, 70 * UNIT, "two fees of one percent and still a gain");
        assertLe(profit, 80 * UNIT, "but less than ten percent");
        _assertEmpty();
    }

    /// @dev A V3 pool is short of what it asked for, and says so.
    function test_SwapV3_WhenInputTakesFee_Reverts() public {
        a.mint(boss, 1000 * UNIT);
        vm.prank(boss);
        a.approve(address(executor), 1000 * UNIT);
        bytes memory program = abi.encodePacked(
            Program.pull(address(a), 1000 * UNIT),
            Program.swap(true, _cheap(), address(a), address(b), 0, 0)
        );
        vm.expectRevert("V3: IIA");
        this.run(program);
    }

    function run(bytes calldata program) external {
        _run(program, 0);
    }
}
