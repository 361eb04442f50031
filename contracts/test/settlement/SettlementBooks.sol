// SettlementBooks: bundles over two escrows, and what has to hold of them at any time.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FlashVault} from "../../src/settlement/FlashVault.sol";
import {HtlbEscrow} from "../../src/settlement/HtlbEscrow.sol";
import {Certificate, Outcome} from "../../src/types/Certificate.sol";
import {BundleIds, Leg, LegStatus, LegTerms} from "../../src/types/Leg.sol";
import {World} from "../base/World.sol";
import {BlockingToken, Token} from "../mocks/Tokens.sol";

/// @notice Two escrows stand for two chains. Three signers are honest, one votes whatever it is
/// asked to. What is looked at here is read from the contracts, not from their events.
abstract contract SettlementBooks is World {
    uint256 internal constant MAX_BUNDLES = 6;
    uint256 internal constant SIGN_MARGIN = 300;
    uint256 internal constant FAULTY = 3;

    struct Bundle {
        bytes32 legsHash;
        LegTerms[2] terms;
        uint8[N] votes; // bit 1: COMMIT, bit 2: ABORT
    }

    HtlbEscrow[2] public escrows;
    FlashVault[2] public vaults;
    Bundle[] internal _bundles;
    address[3] internal _searchers = [address(0x51), address(0x52), address(0x53)];
    address[3] internal _lps = [address(0x61), address(0x62), address(0x63)];

    uint256 public claims;
    uint256 public swapBacks;
    uint256 public auctions;
    uint256 public inKinds;
    uint256 public locks;

    function setUp() public override {
        super.setUp();
        escrows[0] = escrow;
        vaults[0] = vault;
        escrows[1] = new HtlbEscrow();
        vaults[1] = _newVault(escrows[1]);
        _deposit(vaults[1], lp, 2_000_000 * USD, 800 * ETH);
    }

    function _usd() internal override returns (Token) {
        return new BlockingToken();
    }

    function _eth() internal override returns (Token) {
        return new BlockingToken();
    }

    // ------------------------------------------------------------------ what is looked at

    /// @notice I4: a leg Claimed and another on its way back.
    function splitBundles() external view returns (uint256 splits) {
        for (uint256 b; b < _bundles.length; ++b) {
            for (uint256 i; i < 2; ++i) {
                LegStatus other = _statusOf(b, 1 - i);
                bool back = other == LegStatus.Refunded || other == LegStatus.Unwinding;
                if (_statusOf(b, i) == LegStatus.Claimed && back) ++splits;
            }
        }
    }

    /// @notice I6: bundles with both certificates.
    function doublyDecided() external view returns (uint256 both) {
        for (uint256 b; b < _bundles.length; ++b) {
            if (_has(b, Outcome.Commit) && _has(b, Outcome.Abort)) ++both;
        }
    }

    /// @notice I5: what an escrow has to hold of a token: open legs, and what is kept for payees.
    function owedByEscrow(uint256 i, Token token) external view returns (uint256 sum) {
        for (uint256 b; b < _bundles.length; ++b) {
            LegTerms memory terms = _bundles[b].terms[i];
            Leg memory leg = escrows[i].leg(_legId(b, i));
            bool open = leg.status == LegStatus.Locked || leg.status == LegStatus.Unwinding;
            if (!open) continue;
            if (terms.assetOut == address(token)) sum += leg.amountOut;
            uint256 paid = uint256(terms.rewardCap) * leg.rewardPips / 1e6;
            if (terms.assetIn == address(token)) sum += terms.bond - paid;
        }
        for (uint256 s; s < 3; ++s) {
            sum += escrows[i].credit(address(token), _searchers[s]);
        }
    }

    /// @notice The vault's books against its purse, and its loans against the open legs.
    function checkBooks(uint256 i) external view {
        (uint256 idle0, uint256 idle1) = vaults[i].idle();
        assertEq(idle0, usd.balanceOf(address(vaults[i])), "idle0");
        assertEq(idle1, eth.balanceOf(address(vaults[i])), "idle1");
        (uint256 open0, uint256 open1, uint256 sick0, uint256 sick1) = (0, 0, 0, 0);
        for (uint256 b; b < _bundles.length; ++b) {
            LegTerms memory terms = _bundles[b].terms[i];
            LegStatus status = _statusOf(b, i);
            bool sick = status == LegStatus.Unwinding;
            if (status != LegStatus.Locked && !sick) continue;
            if (terms.assetIn == address(usd)) open0 += terms.principal;
            else open1 += terms.principal;
            if (sick && terms.assetIn == address(usd)) sick0 += terms.principal;
            if (sick && terms.assetIn == address(eth)) sick1 += terms.principal;
        }
        (uint256 lent0, uint256 lent1) = vaults[i].lent();
        (uint256 distressed0, uint256 distressed1) = vaults[i].distressed();
        assertTrue(lent0 == open0 && lent1 == open1, "lent is what open legs owe");
        assertTrue(distressed0 == sick0 && distressed1 == sick1, "distressed");
    }

    // ------------------------------------------------------------------ inside

    function _legId(uint256 b, uint256 i) internal view returns (bytes32) {
        return escrows[i].legIdOf(_bundles[b].terms[i]);
    }

    function _statusOf(uint256 b, uint256 i) internal view returns (LegStatus) {
        return escrows[i].leg(_legId(b, i)).status;
    }

    function _auctionEnd(uint256 b, uint256 i) internal view returns (uint256) {
        return uint256(escrows[i].leg(_legId(b, i)).unwoundAt) + _bundles[b].terms[i].auctionSpan;
    }

    function _certificateOf(uint256 b, Outcome outcome) internal view returns (Certificate memory) {
        bytes32 legsHash = _bundles[b].legsHash;
        bytes32 hashlock = _bundles[b].terms[0].hashlock;
        return Certificate(BundleIds.bundleId(hashlock, legsHash), legsHash, outcome);
    }

    function _proof(uint256 b, Outcome outcome) internal view returns (bytes memory proof) {
        Certificate memory certificate = _certificateOf(b, outcome);
        for (uint256 i; i < N; ++i) {
            if (_bundles[b].votes[i] & uint8(outcome) == 0) continue;
            proof = abi.encodePacked(proof, _vote(certificate, i));
        }
    }

    function _has(uint256 b, Outcome outcome) internal view returns (bool) {
        return verifier.verify(_certificateOf(b, outcome), _proof(b, outcome));
    }

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }
}
