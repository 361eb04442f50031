// CallbacksTest: a callback pays only the pool that was called, once. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Guarded} from "../../src/libraries/Guarded.sol";
import {LenderKind} from "../../src/types/Step.sol";
import {VenueKind, toVenue} from "../../src/types/Venue.sol";
import {FlashLoans} from "../../src/venues/FlashLoans.sol";
import {VenueSwaps} from "../../src/venues/VenueSwaps.sol";
import {Market} from "../base/Market.sol";
import {Program} from "../base/Program.sol";
import {Trick, TrickLender, TrickPool} from "../mocks/Hostile.sol";
import {HookToken, IHook, Token} from "../mocks/Tokens.sol";

contract CallbacksTest is Market, IHook {
    TrickPool private pool;
    TrickLender private lender;

    function setUp() public override {
        super.setUp();
        pool = new TrickPool();
        lender = new TrickLender();
        b.mint(boss, 1000 * UNIT);
        vm.prank(boss);
        b.approve(address(executor), type(uint256).max);
    }

    function _tokenB() internal override returns (Token) {
        return new HookToken();
    }

    function test_Callbacks_WhenNobodyWaits_Revert() public {
        // Funds are there to take, and nobody may.
        b.mint(address(executor), UNIT);
        vm.expectPartialRevert(VenueSwaps.UnexpectedSwapCallback.selector);
        executor.uniswapV3SwapCallback(1, 0, "");
        bytes4 unexpected = FlashLoans.UnexpectedCallback.selector;
        vm.expectPartialRevert(unexpected);
        executor.uniswapV3FlashCallback(0, 0, new bytes(42));
        vm.expectPartialRevert(unexpected);
        executor.uniswapV2Call(address(executor), 1, 0, new bytes(42));
        vm.expectPartialRevert(unexpected);
        executor.executeOperation(address(b), 1, 0, address(executor), new bytes(42));
        vm.expectPartialRevert(unexpected);
        executor.receiveFlashLoan(
            new address[](1), new uint256[](1), new uint256[](1), new bytes(42)
        );
    }

    function test_SwapCallback_WhenPoolCheats_Reverts() public {
        _expect(Trick.AskMore, VenueSwaps.ExcessiveSwapCallback.selector);
        _expect(Trick.AskTwice, VenueSwaps.UnexpectedSwapCallback.selector);
        _expect(Trick.AskThroughAnother, VenueSwaps.UnexpectedSwapCallback.selector);
        _expect(Trick.AskLess, VenueSwaps.PartialFill.selector);
        _expect(Trick.NeverAsk, VenueSwaps.PartialFill.selector);
        assertEq(b.balanceOf(boss), 1000 * UNIT, "nothing moved");
    }

    function test_FlashCallback_WhenLenderCheats_Reverts() public {
        _expectLender(LenderKind.BalancerV2, 0, FlashLoans.MissingCallback.selector);
        _expectLender(LenderKind.BalancerV2, 1, FlashLoans.CallbackMismatch.selector);
        _expectLender(LenderKind.BalancerV2, 2, FlashLoans.CallbackMismatch.selector);
        _expectLender(LenderKind.BalancerV2, 3, FlashLoans.CallbackMismatch.selector);
        _expectLender(LenderKind.BalancerV2, 4, FlashLoans.UnexpectedCallback.selector);
        _expectLender(LenderKind.BalancerV2, 5, FlashLoans.UnexpectedCallback.selector);
        _expectLender(LenderKind.AaveV3, 6, FlashLoans.CallbackMismatch.selector);
        _expectLender(LenderKind.AaveV3, 7, FlashLoans.CallbackMismatch.selector);
        _expectLender(LenderKind.UniswapV2, 8, FlashLoans.CallbackMismatch.selector);
        _expectLender(LenderKind.UniswapV2, 9, FlashLoans.CallbackMismatch.selector);
    }

    /// @dev A V2 pair that was flashed by someone else for the executor's account.
    function test_FlashSwap_WhenStartedByAnother_Reverts() public {
        (uint256 out0, uint256 out1) =
            lender2.token0() == address(b) ? (UNIT, uint256(0)) : (uint256(0), UNIT);
        vm.expectPartialRevert(FlashLoans.UnexpectedCallback.selector);
        lender2.swap(out0, out1, address(executor), new bytes(42));
    }

    bytes4 private _answer;

    /// @dev A token that calls its payee, a keeper too, while a program runs.
    function test_Execute_WhenReentered_Refuses() public {
        vm.startPrank(boss);
        executor.setKeeper(address(this), true);
        executor.setPayee(address(this), true);
        vm.stopPrank();
        HookToken(address(b)).setHook(address(this));
        _run(
            abi.encodePacked(
                _flashTrade(LenderKind.BalancerV2, 10_000 * UNIT),
                Program.pay(false, address(b), address(this), UNIT)
            ),
            1
        );
        assertEq(bytes32(_answer), bytes32(Guarded.Reentrant.selector), "refused");
    }

    function onPayment(address, uint256) external {
        try executor.execute(0, block.chainid, block.timestamp, address(b), 0, "") {}
        catch (bytes memory answer) {
            _answer = bytes4(answer);
        }
    }

    function _expect(Trick trick, bytes4 error) private {
        pool.setTrick(trick);
        bytes memory program = abi.encodePacked(
            Program.pull(address(b), 100),
            Program.swap(
                false,
                toVenue(VenueKind.UniswapV3, address(pool), 0),
                address(b),
                address(a),
                100,
                0
            )
        );
        vm.expectPartialRevert(error);
        this.run(program);
    }

    function _expectLender(LenderKind kind, uint256 trick, bytes4 error) private {
        lender.setTrick(trick);
        bytes memory program =
            Program.flash(kind, address(lender), address(b), 100, 0, Program.pull(address(b), 200));
        vm.expectPartialRevert(error);
        this.run(program);
    }

    function run(bytes calldata program) external {
        _run(program, 0);
    }
}
