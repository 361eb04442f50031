// ExecutorTest: programs run to a profit or not at all. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IExecutor} from "../../src/interfaces/IExecutor.sol";
import {AssetSet} from "../../src/libraries/AssetSet.sol";
import {LenderKind, StepReader} from "../../src/types/Step.sol";
import {VenueLibrary} from "../../src/types/Venue.sol";
import {Market} from "../base/Market.sol";
import {Program} from "../base/Program.sol";
import {Token} from "../mocks/Tokens.sol";

contract ExecutorTest is Market {
    function test_Execute_WithEachLender_KeepsProfitForOwner() public {
        for (uint256 i = 1; i <= uint256(type(LenderKind).max); ++i) {
            uint256 before = b.balanceOf(boss);
            uint256 profit = _run(_flashTrade(LenderKind(i), 2000 * UNIT), 1);
            assertEq(b.balanceOf(boss) - before, profit, "profit is the owner's");
            assertGe(profit, 50 * UNIT, "profit");
            _assertEmpty();
        }
    }

    function test_Execute_WhenLoansNest_RepaysBoth() public {
        bytes memory inner = Program.flash(
            LenderKind.AaveV3, address(aave), address(b), UNIT, 0, _trade(10_000 * UNIT)
        );
        bytes memory outer = Program.flash(
            LenderKind.UniswapV3, address(lender3), address(b), 10_000 * UNIT, 0, inner
        );
        assertGe(_run(outer, 1), 100 * UNIT, "profit");
        _assertEmpty();
    }

    function test_Execute_FromOwnFunds_CountsPullsOff() public {
        b.mint(boss, 10_000 * UNIT);
        vm.prank(boss);
        b.approve(address(executor), 10_000 * UNIT);
        bytes memory program =
            abi.encodePacked(Program.pull(address(b), 10_000 * UNIT), _trade(10_000 * UNIT));
        uint256 profit = _run(program, 1);
        assertEq(b.balanceOf(boss), 10_000 * UNIT + profit, "stake and profit");
        _assertEmpty();
    }

    function test_Execute_PaysListedPayeesOnly() public {
        address builder = address(0xb17d);
        bytes memory program = abi.encodePacked(
            _flashTrade(LenderKind.BalancerV2, 10_000 * UNIT),
            Program.pay(false, address(b), builder, UNIT)
        );
        vm.expectRevert(abi.encodeWithSelector(IExecutor.NotPayee.selector, builder));
        this.run(program, 0);
        vm.prank(boss);
        executor.setPayee(builder, true);
        _run(program, 1);
        assertEq(b.balanceOf(builder), UNIT, "paid");
        _assertEmpty();
    }

    function test_Execute_AmountFromBalance_LeavesWhatIsGiven() public {
        b.mint(boss, 100 * UNIT);
        vm.prank(boss);
        b.approve(address(executor), 100 * UNIT);
        bytes memory program = abi.encodePacked(
            Program.pull(address(b), 100 * UNIT),
            Program.swap(true, _cheap(), address(b), address(a), 40 * UNIT, 0),
            Program.swap(true, _dear(), address(a), address(b), 0, 0)
        );
        _run(program, 1);
        assertEq(b.balanceOf(address(cheap)), 1_000_060 * UNIT, "all but 40 went in");
    }

    function test_Execute_BalancerSwap_BringsAtLeastMinimum() public {
        balancer.setRate(1_200_000);
        b.mint(boss, 100 * UNIT);
        vm.prank(boss);
        b.approve(address(executor), 100 * UNIT);
        bytes memory program = abi.encodePacked(
            Program.pull(address(b), 100 * UNIT),
            Program.balancerSwap(
                address(balancer), bytes32(0), address(b), address(a), 100 * UNIT, 120 * UNIT
            ),
            Program.swap(true, _dear(), address(a), address(b), 0, 0)
        );
        assertGe(_run(program, 1), 20 * UNIT, "profit");
        _assertEmpty();
    }

    function test_Execute_SweepsEveryTouchedAsset() public {
        b.mint(boss, 100 * UNIT);
        vm.prank(boss);
        b.approve(address(executor), 100 * UNIT);
        bytes memory program = abi.encodePacked(
            Program.pull(address(b), 100 * UNIT),
            Program.swap(false, _cheap(), address(b), address(a), 100 * UNIT, 0)
        );
        vm.prank(bot);
        executor.execute(0, block.chainid, block.timestamp, address(a), 1, program);
        assertGe(a.balanceOf(boss), 99 * UNIT, "the owner has it");
        _assertEmpty();
    }

    function test_Execute_WhenProfitIsTooSmall_Reverts() public {
        bytes memory program = _flashTrade(LenderKind.BalancerV2, 10_000 * UNIT);
        vm.expectPartialRevert(IExecutor.TooLittleProfit.selector);
        this.run(program, 10_000 * UNIT);
        b.mint(boss, UNIT);
        vm.prank(boss);
        b.approve(address(executor), UNIT);
        program = abi.encodePacked(
            Program.pull(address(b), UNIT),
            Program.swap(false, _cheap(), address(b), address(a), UNIT, 0)
        );
        vm.expectPartialRevert(IExecutor.TooLittleProfit.selector);
        this.run(program, 0);
    }

    function test_Execute_WhenSwapIsBelowMinimum_Reverts() public {
        bytes memory body = Program.swap(false, _cheap(), address(b), address(a), UNIT, 2 * UNIT);
        bytes memory program =
            Program.flash(LenderKind.AaveV3, address(aave), address(b), UNIT, 0, body);
        vm.expectPartialRevert(IExecutor.TooLittleOut.selector);
        this.run(program, 0);
    }

    function test_Execute_WhenCallerIsNoKeeper_Reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IExecutor.NotKeeper.selector, address(this)));
        executor.execute(0, block.chainid, block.timestamp, address(b), 0, "");
        vm.prank(boss);
        executor.setKeeper(bot, false);
        vm.expectRevert(abi.encodeWithSelector(IExecutor.NotKeeper.selector, bot));
        this.run("", 0);
    }

    function test_Execute_WhenChainOrDeadlineIsWrong_Reverts() public {
        vm.startPrank(bot);
        vm.expectRevert(abi.encodeWithSelector(IExecutor.WrongChain.selector, 1));
        executor.execute(0, 1, block.timestamp, address(b), 0, "");
        uint256 past = block.timestamp - 1;
        vm.expectRevert(abi.encodeWithSelector(IExecutor.DeadlinePassed.selector, past));
        executor.execute(0, block.chainid, past, address(b), 0, "");
        vm.stopPrank();
    }

    function test_Owner_AloneSetsAndRescues() public {
        vm.startPrank(bot);
        vm.expectRevert(IExecutor.NotOwner.selector);
        executor.setKeeper(bot, true);
        vm.expectRevert(IExecutor.NotOwner.selector);
        executor.setPayee(bot, true);
        vm.expectRevert(IExecutor.NotOwner.selector);
        executor.rescue(address(a), 1);
        vm.stopPrank();
        a.mint(address(executor), 5);
        vm.prank(boss);
        executor.rescue(address(a), 5);
        assertEq(a.balanceOf(boss), 5, "rescued");
    }

    function test_Program_WhenMalformed_Reverts() public {
        bytes memory good = Program.pull(address(b), 0);
        vm.expectPartialRevert(IExecutor.UnknownOpcode.selector);
        this.run(hex"00", 0);
        vm.expectPartialRevert(IExecutor.UnknownOpcode.selector);
        this.run(abi.encodePacked(good, hex"06"), 0);
        vm.expectPartialRevert(IExecutor.UnknownLender.selector);
        this.run(hex"0305", 0);
        bytes memory swap = Program.swap(false, _cheap(), address(b), address(a), 1, 0);
        swap[1] = 0x02;
        vm.expectPartialRevert(IExecutor.UnknownFlags.selector);
        this.run(swap, 0);
        (swap[1], swap[2]) = (0x00, 0x04);
        vm.expectPartialRevert(VenueLibrary.MalformedVenue.selector);
        this.run(swap, 0);
    }

    /// @dev No cut of a program runs: every step is whole or refused.
    function testFuzz_Program_WhenCut_Reverts(uint256 length) public {
        bytes memory program = _flashTrade(LenderKind.BalancerV2, 10_000 * UNIT);
        length = bound(length, 1, program.length - 1);
        assembly {
            mstore(program, length)
        }
        vm.expectPartialRevert(StepReader.TruncatedProgram.selector);
        this.run(program, 0);
    }

    /// @dev Whatever the bytes say: a keeper without an allowance takes nothing from the owner.
    function testFuzz_Program_WhenAnything_CostsOwnerNothing(bytes calldata noise) public {
        b.mint(boss, UNIT);
        try this.run(noise, 0) {} catch {}
        assertEq(b.balanceOf(boss), UNIT, "owner");
        _assertEmpty();
    }

    function test_Program_WhenTooManyAssets_Reverts() public {
        bytes memory program;
        for (uint256 i; i < 16; ++i) {
            program = abi.encodePacked(program, Program.pull(address(new Token()), 0));
        }
        vm.expectRevert(AssetSet.TooManyAssets.selector);
        this.run(program, 0);
    }

    /// @dev Two programs in one transaction: the second starts with a clean slate.
    function test_Execute_Twice_ForgetsTheFirst() public {
        _run(_flashTrade(LenderKind.BalancerV2, 1000 * UNIT), 1);
        _run(_flashTrade(LenderKind.AaveV3, 1000 * UNIT), 1);
        _assertEmpty();
    }

    /// @dev The profit that is reported is what a second computation says.
    function testFuzz_Profit_EqualsFormula(uint256 amount) public {
        amount = bound(amount, UNIT, 20_000 * UNIT);
        uint256 bought = _byInvariant(1_000_000 * UNIT, 1_000_000 * UNIT, amount, 500);
        uint256 sold = _byInvariant(1_000_000 * UNIT, 1_100_000 * UNIT, bought, 3000);
        vm.assume(sold > amount);
        assertEq(_run(_flashTrade(LenderKind.BalancerV2, amount), 1), sold - amount, "profit");
    }

    /// @dev k = rin * rout stays: out = rout - ceil(k / (rin + net)), which is the same floor.
    function _byInvariant(uint256 rin, uint256 rout, uint256 amount, uint256 fee)
        private
        pure
        returns (uint256)
    {
        uint256 grown = rin * 1e6 + amount * (1e6 - fee);
        return rout - (rin * 1e6 * rout + grown - 1) / grown;
    }

    function run(bytes calldata program, uint256 minProfit) external {
        _run(program, minProfit);
    }
}
