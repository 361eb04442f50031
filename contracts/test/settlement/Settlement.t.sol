// SettlementTest: invariants I1 to I6 under random actors, and where they end.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Certificate, Outcome} from "../../src/types/Certificate.sol";
import {LegStatus, LegTerms} from "../../src/types/Leg.sol";
import {Test} from "../base/Test.sol";
import {World} from "../base/World.sol";
import {Token} from "../mocks/Tokens.sol";
import {SettlementHandler} from "./SettlementHandler.sol";

contract SettlementTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    SettlementHandler private handler;

    function setUp() public {
        handler = new SettlementHandler();
        handler.setUp();
    }

    /// @notice forge asks which calls to make.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), _actions());
    }

    /// @notice And on which contract: the actors go through the handler.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev I1 and I2 are asserted by the handler at every step that moves money, I3 below.
    function invariant_I1ToI6() public view {
        assertEq(handler.splitBundles(), 0, "I4: no bundle splits");
        assertEq(handler.doublyDecided(), 0, "I6: never both certificates");
        _checkHoldings();
    }

    /// @dev I3, at the end of every run.
    function afterInvariant() public {
        handler.finish();
        assertEq(handler.splitBundles(), 0, "I4 at the end");
        _checkHoldings();
    }

    /// @dev A long random walk reaches every end a leg can have: the invariants looked at them.
    function test_Handler_ReachesEveryEnd() public {
        uint256 seed = 1;
        bytes4[] memory actions = _actions();
        for (uint256 round; round < 6; ++round) {
            SettlementHandler walk = new SettlementHandler();
            walk.setUp();
            for (uint256 i; i < 150; ++i) {
                seed = uint256(keccak256(abi.encode(seed)));
                bytes4 action = actions[seed % actions.length];
                bytes memory arguments = abi.encode(seed >> 8, seed >> 64, seed >> 128, seed);
                (bool ok, bytes memory answer) =
                    address(walk).call(abi.encodePacked(action, arguments));
                _bubble(ok, answer);
            }
            _reached[0] += walk.locks();
            _reached[1] += walk.claims();
            _reached[2] += walk.swapBacks();
            _reached[3] += walk.auctions();
            _reached[4] += walk.inKinds();
        }
        for (uint256 i; i < 5; ++i) {
            assertGe(_reached[i], 2, "an end that the walk hardly saw");
        }
    }

    uint256[5] private _reached;

    function _checkHoldings() private view {
        Token[2] memory tokens = _tokens();
        for (uint256 i; i < 2; ++i) {
            for (uint256 t; t < 2; ++t) {
                assertEq(
                    tokens[t].balanceOf(address(handler.escrows(i))),
                    handler.owedByEscrow(i, tokens[t]),
                    "I5: the escrow holds the open legs"
                );
            }
            handler.checkBooks(i);
        }
    }

    function _bubble(bool ok, bytes memory answer) private pure {
        if (ok) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function _tokens() private view returns (Token[2] memory) {
        return [Token(handler.vaults(0).asset0()), Token(handler.vaults(0).asset1())];
    }

    function _actions() private pure returns (bytes4[] memory actions) {
        actions = new bytes4[](20);
        actions[0] = SettlementHandler.openBundle.selector;
        actions[1] = SettlementHandler.openBundle.selector;
        actions[2] = SettlementHandler.lockLeg.selector;
        actions[3] = SettlementHandler.vote.selector;
        actions[4] = SettlementHandler.voteAll.selector;
        actions[5] = SettlementHandler.voteAll.selector;
        actions[6] = SettlementHandler.claim.selector;
        actions[7] = SettlementHandler.unwind.selector;
        actions[8] = SettlementHandler.unwind.selector;
        actions[9] = SettlementHandler.unwind.selector;
        actions[10] = SettlementHandler.bid.selector;
        actions[11] = SettlementHandler.settle.selector;
        actions[12] = SettlementHandler.settle.selector;
        actions[13] = SettlementHandler.pass.selector;
        actions[14] = SettlementHandler.pass.selector;
        actions[15] = SettlementHandler.trade.selector;
        actions[16] = SettlementHandler.reprice.selector;
        actions[17] = SettlementHandler.enter.selector;
        actions[18] = SettlementHandler.leave.selector;
        actions[19] = SettlementHandler.blockSearcher.selector;
    }
}

/// @notice Where the guarantee ends: each test takes one assumption away and sees the loss.
contract SettlementLimitsTest is World {
    /// @dev Two of four signers voting twice make both certificates: I6 and I4 need at most one.
    function test_Split_WhenMoreThanFEquivocate_IsPossible() public {
        LegTerms memory terms = _buy(100_000 * USD);
        Certificate memory commit = _certificate(terms, Outcome.Commit);
        Certificate memory abort = _certificate(terms, Outcome.Abort);
        bytes memory honest0 = _vote(commit, 0);
        bytes memory honest1 = _vote(abort, 1);
        bytes memory forCommit = abi.encodePacked(honest0, _vote(commit, 2), _vote(commit, 3));
        bytes memory forAbort = abi.encodePacked(honest1, _vote(abort, 2), _vote(abort, 3));
        assertTrue(verifier.verify(commit, forCommit), "COMMIT");
        assertTrue(verifier.verify(abort, forAbort), "and ABORT");
        verifier.proveEquivocation(commit, _vote(commit, 2), abort, _vote(abort, 2));
        assertTrue(verifier.equivocated(members[2]), "and it can be shown");
    }

    /// @dev No keeper claims in time: one leg is claimed, the other expires.
    function test_Split_WhenNoKeeperLives_IsPossible() public {
        LegTerms memory first = _buy(100_000 * USD);
        _lock(first);
        _claim(first);
        LegTerms memory second = _sell(40 * ETH);
        _lock(second);
        vm.warp(second.deadline);
        escrow.unwindExpired(second);
        _assertStatus(first, LegStatus.Claimed);
        _assertStatus(second, LegStatus.Refunded);
    }

    /// @dev A fall beyond the bond is the LPs' loss, and only the excess.
    function testFuzz_Loss_BeyondTheBondIsOnlyTheExcess(uint256 fallPips) public {
        fallPips = bound(fallPips, 0, 600_000);
        LegTerms memory terms = _buy(100_000 * USD);
        terms.minBack = terms.principal * 2;
        (, uint256 lot) = _lock(terms);
        _abort(terms);
        source.setPrice(PRICE_X128 / (1e6 - fallPips) * 1e6);
        vm.warp(START + 2 hours);
        uint256 before = vault.totalValue0() - terms.principal;
        vm.prank(keeper);
        escrow.settleInKind(terms);
        uint256 got = vault.totalValue0() - before;
        uint256 owed = uint256(terms.principal) + terms.fee;
        uint256 worth = vault.quote(address(eth), lot);
        uint256 cover = terms.bond - terms.rewardCap;
        uint256 excess = owed > worth + cover ? owed - worth - cover : 0;
        assertGe(got + 2, owed - excess, "LPs bear more than the excess");
        if (excess > 0) assertEq(usd.balanceOf(searcher), 0, "the bond is used up");
    }
}
