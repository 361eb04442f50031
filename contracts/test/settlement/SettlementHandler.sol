// SettlementHandler: many actors on two chains, each step checked by its money.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FlashVault} from "../../src/settlement/FlashVault.sol";
import {Certificate, Outcome} from "../../src/types/Certificate.sol";
import {BundleIds, LegStatus, LegTerms} from "../../src/types/Leg.sol";
import {SettlementBooks} from "./SettlementBooks.sol";
import {BlockingToken, Token} from "../mocks/Tokens.sol";

/// @notice Bundles have a leg on each chain. One keeper lives: before time passes it claims what
/// has a COMMIT certificate. Every call that ends a leg is weighed by the balances around it.
contract SettlementHandler is SettlementBooks {
    /// @dev What an action saw before it called.
    struct Scale {
        uint256 vaultIn;
        uint256 vaultOut;
        uint256 searcherIn;
        uint256 searcherOut;
    }

    // ------------------------------------------------------------------ actions

    /// @notice A searcher writes a bundle and locks its first leg.
    function openBundle(uint256 who, uint256 size, uint256 life, uint256 shape) external {
        if (_bundles.length == MAX_BUNDLES) return;
        searcher = _searchers[who % 3];
        size = bound(size, 100 * USD, 200_000 * USD);
        _arbitrage();
        Bundle storage bundle = _bundles.push();
        uint256 bought = vault.quote(address(usd), size);
        LegTerms[2] memory terms = [_buy(size), _sell(bought)];
        (terms[0].minOut, terms[1].minOut) = (uint128(bought * 99 / 100), uint128(size * 99 / 100));
        (terms[0].due, terms[1].due) = (terms[0].minOut, terms[1].minOut);
        bytes32[] memory legIds = new bytes32[](2);
        for (uint256 i; i < 2; ++i) {
            terms[i].vault = address(vaults[i]);
            terms[i].deadline = uint40(block.timestamp + bound(life, 400, 4 hours));
            terms[i].salt = bytes32(_bundles.length);
            if (shape & 1 != 0) terms[i].minBack = terms[i].principal * 2;
            if (shape & 2 != 0) terms[i].venue = _venueS();
            terms[i].auctionSpan = uint32(bound(shape >> 8, 60, 90 minutes));
            legIds[i] = escrows[i].legIdOf(terms[i]);
            bundle.terms[i] = terms[i];
        }
        bundle.legsHash = BundleIds.legsHash(legIds);
        this.lockLeg(_bundles.length - 1, 0);
        if (shape & 4 != 0) this.lockLeg(_bundles.length - 1, 1);
    }

    /// @notice Locks a leg; the band, the limits or the deadline may refuse it.
    function lockLeg(uint256 b, uint256 i) external {
        if (_bundles.length == 0) return;
        (b, i) = (b % _bundles.length, i % 2);
        LegTerms memory terms = _bundles[b].terms[i];
        if (_statusOf(b, i) != LegStatus.Idle) return;
        Token token = Token(terms.assetIn);
        token.mint(terms.searcher, terms.bond);
        uint256 before = token.balanceOf(terms.searcher);
        vm.prank(terms.searcher);
        token.approve(address(escrows[i]), terms.bond);
        bytes32[] memory legIds = new bytes32[](2);
        (legIds[0], legIds[1]) = (_legId(b, 0), _legId(b, 1));
        vm.prank(terms.searcher);
        try escrows[i].lock(terms, legIds, i) returns (bytes32, uint256 amountOut) {
            ++locks;
            assertGe(amountOut, terms.minOut, "minOut");
            assertEq(before - token.balanceOf(terms.searcher), terms.bond, "I2: pays the bond");
        } catch {
            assertEq(token.balanceOf(terms.searcher), before, "I2: a refusal is free");
        }
    }

    /// @notice A signer votes, if its rules let it.
    function vote(uint256 b, uint256 signer, uint256 how) external {
        bool commit = how & 1 == 1;
        if (_bundles.length == 0) return;
        (b, signer) = (b % _bundles.length, signer % N);
        Bundle storage bundle = _bundles[b];
        if (signer != FAULTY) {
            if (bundle.votes[signer] != 0) return;
            bool both = _statusOf(b, 0) == LegStatus.Locked && _statusOf(b, 1) == LegStatus.Locked;
            uint256 latest = _min(bundle.terms[0].deadline, bundle.terms[1].deadline);
            if (commit && (!both || block.timestamp + SIGN_MARGIN > latest)) return;
        }
        bundle.votes[signer] |= commit ? 1 : 2;
    }

    /// @notice A round: everyone votes the same way.
    function voteAll(uint256 b, uint256 how) external {
        for (uint256 i; i < N; ++i) {
            this.vote(b, i, how);
        }
    }

    /// @notice Anyone claims.
    function claim(uint256 b, uint256 i) public {
        if (_bundles.length == 0) return;
        (b, i) = (b % _bundles.length, i % 2);
        LegTerms memory terms = _bundles[b].terms[i];
        if (!_has(b, Outcome.Commit) || block.timestamp >= terms.deadline) return;
        if (_statusOf(b, i) != LegStatus.Locked) return;
        uint256 amountOut = escrows[i].leg(_legId(b, i)).amountOut;
        Scale memory before = _weigh(terms, i);
        Certificate memory certificate = _certificateOf(b, Outcome.Commit);
        bytes memory proof = _proof(b, Outcome.Commit);
        vm.prank(keeper);
        escrows[i].claim(terms, PREIMAGE, certificate, proof);
        Scale memory after_ = _weigh(terms, i);
        ++claims;
        assertEq(after_.vaultOut - before.vaultOut, terms.due, "I1: due");
        assertEq(after_.searcherOut - before.searcherOut, amountOut - terms.due, "I2: surplus");
        assertGe(
            after_.searcherIn - before.searcherIn, terms.bond - terms.rewardCap, "I2: bond back"
        );
    }

    /// @notice Anyone unwinds, on a certificate or after the deadline.
    function unwind(uint256 b, uint256 i) external {
        if (_bundles.length == 0) return;
        (b, i) = _next(b, i, LegStatus.Locked);
        LegTerms memory terms = _bundles[b].terms[i];
        if (_statusOf(b, i) != LegStatus.Locked) return;
        Scale memory before = _weigh(terms, i);
        if (_has(b, Outcome.Abort)) {
            Certificate memory certificate = _certificateOf(b, Outcome.Abort);
            bytes memory proof = _proof(b, Outcome.Abort);
            vm.prank(keeper);
            escrows[i].unwind(terms, certificate, proof);
        } else if (block.timestamp >= terms.deadline) {
            vm.prank(keeper);
            escrows[i].unwindExpired(terms);
        } else {
            return;
        }
        if (_statusOf(b, i) == LegStatus.Refunded) {
            ++swapBacks;
            _checkEnd(terms, i, before);
        }
    }

    /// @notice Anyone buys a lot.
    function bid(uint256 b, uint256 i) external {
        if (_bundles.length == 0) return;
        (b, i) = _next(b, i, LegStatus.Unwinding);
        LegTerms memory terms = _bundles[b].terms[i];
        if (_statusOf(b, i) != LegStatus.Unwinding) return;
        if (block.timestamp >= _auctionEnd(b, i)) return;
        uint256 price = escrows[i].auctionPrice(terms);
        address bidder = address(0xb1d);
        Token(terms.assetIn).mint(bidder, price);
        Scale memory before = _weigh(terms, i);
        vm.startPrank(bidder);
        Token(terms.assetIn).approve(address(escrows[i]), price);
        escrows[i].bid(terms, price, bidder);
        vm.stopPrank();
        ++auctions;
        assertGe(
            _weigh(terms, i).vaultIn - before.vaultIn,
            uint256(terms.principal) + terms.fee,
            "I1: an auction never costs LPs"
        );
        _checkEnd(terms, i, before);
    }

    /// @notice Anyone settles in kind.
    function settle(uint256 b, uint256 i) public {
        if (_bundles.length == 0) return;
        (b, i) = _next(b, i, LegStatus.Unwinding);
        LegTerms memory terms = _bundles[b].terms[i];
        if (_statusOf(b, i) != LegStatus.Unwinding) return;
        if (block.timestamp < _auctionEnd(b, i)) return;
        Scale memory before = _weigh(terms, i);
        vm.prank(keeper);
        escrows[i].settleInKind(terms);
        ++inKinds;
        _checkEnd(terms, i, before);
    }

    /// @notice Time passes; the live keeper acts first.
    function pass(uint256 time) external {
        for (uint256 b; b < _bundles.length; ++b) {
            claim(b, 0);
            claim(b, 1);
        }
        vm.warp(block.timestamp + bound(time, 1, 1 hours));
    }

    /// @notice Someone moves the pool.
    function trade(uint256 side, uint256 amount) external {
        if (side & 1 == 1) _push(usd, bound(amount, USD, 300_000 * USD));
        else _push(eth, bound(amount, ETH / 1000, 120 * ETH));
    }

    /// @notice The price moves by up to a tenth around its start.
    function reprice(uint256 pips) external {
        source.setPrice(PRICE_X128 / 1e6 * bound(pips, 900_000, 1_100_000));
    }

    /// @notice Tokens refuse a searcher, or take it back.
    function blockSearcher(uint256 who, uint256 how) external {
        bool on = how & 1 == 1;
        BlockingToken(address(usd)).setBlocked(_searchers[who % 3], on);
        BlockingToken(address(eth)).setBlocked(_searchers[who % 3], on);
    }

    /// @notice A liquidity provider enters.
    function enter(uint256 who, uint256 v, uint256 amount0, uint256 amount1) external {
        amount0 = bound(amount0, USD, 100_000 * USD);
        _deposit(vaults[v % 2], _lps[who % 3], amount0, bound(amount1, 0, 40 * ETH));
    }

    /// @notice A liquidity provider leaves, if what it has is not lent.
    function leave(uint256 who, uint256 v, uint256 part) external {
        address from = _lps[who % 3];
        FlashVault from_ = vaults[v % 2];
        uint256 shares = from_.balanceOf(from) * bound(part, 1, 1e6) / 1e6;
        vm.prank(from);
        try from_.withdraw(shares, 0, 0, from) {} catch {}
    }

    /// @notice I3: time alone ends every leg, with nobody's help but a keeper's.
    function finish() external {
        this.pass(1 hours);
        vm.warp(block.timestamp + 2 days);
        for (uint256 b; b < _bundles.length; ++b) {
            for (uint256 i; i < 2; ++i) {
                this.unwind(b, i);
            }
        }
        vm.warp(block.timestamp + 2 days);
        for (uint256 b; b < _bundles.length; ++b) {
            for (uint256 i; i < 2; ++i) {
                settle(b, i);
                LegStatus s = _statusOf(b, i);
                bool ended =
                    s == LegStatus.Idle || s == LegStatus.Claimed || s == LegStatus.Refunded;
                assertTrue(ended, "I3: every lock ends");
            }
        }
    }

    // ------------------------------------------------------------------ inside

    /// @dev The leg asked for, or the next one with this status.
    function _next(uint256 b, uint256 i, LegStatus status) private view returns (uint256, uint256) {
        uint256 legs = _bundles.length * 2;
        uint256 at = (b % _bundles.length) * 2 + i % 2;
        for (uint256 n; n < legs; ++n) {
            if (_statusOf(at / 2, at % 2) == status) break;
            at = (at + 1) % legs;
        }
        return (at / 2, at % 2);
    }

    /// @dev Brings the pools to the vault's price, as others would.
    function _arbitrage() private {
        address[2] memory pools = [address(pool3), address(poolS)];
        for (uint256 p; p < 2; ++p) {
            uint256 want = vault.quote(address(usd), usd.balanceOf(pools[p]));
            uint256 have = eth.balanceOf(pools[p]);
            if (have < want) eth.mint(pools[p], want - have);
            else usd.mint(pools[p], vault.quote(address(eth), have - want));
        }
        pool3.sync();
        poolS.sync();
    }

    /// @dev I1 and I2 at an end: LPs are whole at the vault's price, or the bond is gone and the
    /// searcher got nothing. The searcher paid nothing besides its bond.
    function _checkEnd(LegTerms memory terms, uint256 i, Scale memory before) private view {
        Scale memory after_ = _weigh(terms, i);
        uint256 owed = uint256(terms.principal) + terms.fee;
        uint256 kind = after_.vaultOut - before.vaultOut;
        uint256 paid = after_.vaultIn - before.vaultIn;
        if (kind != 0) paid += vaults[i].quote(terms.assetOut, kind) + 1;
        uint256 back = after_.searcherIn - before.searcherIn;
        if (paid < owed) {
            assertEq(back, 0, "I1: LPs bear a loss while the bond is not used up");
            assertGe(
                after_.vaultIn - before.vaultIn,
                _min(owed, terms.bond - terms.rewardCap),
                "I1: all of the bond"
            );
        }
        assertGe(after_.searcherOut, before.searcherOut, "I2: nothing is taken");
    }

    function _weigh(LegTerms memory terms, uint256 i) private view returns (Scale memory scale) {
        (Token tokenIn, Token tokenOut) = (Token(terms.assetIn), Token(terms.assetOut));
        scale.vaultIn = tokenIn.balanceOf(terms.vault);
        scale.vaultOut = tokenOut.balanceOf(terms.vault);
        scale.searcherIn =
            tokenIn.balanceOf(terms.searcher) + escrows[i].credit(terms.assetIn, terms.searcher);
        scale.searcherOut =
            tokenOut.balanceOf(terms.searcher) + escrows[i].credit(terms.assetOut, terms.searcher);
    }
}
