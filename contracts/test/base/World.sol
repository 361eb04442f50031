// World: one chain with pools, price, vault, escrow and committee. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {VaultPolicy} from "../../src/interfaces/IFlashVault.sol";
import {FlashVault} from "../../src/settlement/FlashVault.sol";
import {HtlbEscrow} from "../../src/settlement/HtlbEscrow.sol";
import {Certificate, Outcome} from "../../src/types/Certificate.sol";
import {BundleIds, Leg, LegStatus, LegTerms} from "../../src/types/Leg.sol";
import {Venue, VenueKind, toVenue} from "../../src/types/Venue.sol";
import {FixedPriceSource} from "../../src/venues/FixedPriceSource.sol";
import {Token} from "../mocks/Tokens.sol";
import {V2Pair, V3Pool} from "../mocks/Pools.sol";
import {Committee} from "./Committee.sol";

/// @notice 1 ETH is 2,500 USD; USD has 6 decimals, ETH 18. The vault has 2 M USD and 800 ETH.
abstract contract World is Committee {
    uint256 internal constant USD = 1e6;
    uint256 internal constant ETH = 1e18;
    uint256 internal constant PRICE_X128 = 4e8 << 128;
    uint256 internal constant START = 1_730_419_200;

    Token internal usd;
    Token internal eth;
    V3Pool internal pool3;
    V2Pair internal pool2;
    V2Pair internal poolS;
    FixedPriceSource internal source;
    HtlbEscrow internal escrow;
    FlashVault internal vault;

    address internal searcher = address(0x5ea);
    address internal keeper = address(0xee9e5);
    address internal lp = address(0x111);
    bytes32 internal constant PREIMAGE = keccak256("s");

    function setUp() public virtual {
        vm.warp(START);
        _formCommittee();
        (usd, eth) = (_usd(), _eth());
        pool3 = new V3Pool(address(usd), address(eth), 500);
        pool2 = new V2Pair(address(usd), address(eth), 3000);
        poolS = new V2Pair(address(usd), address(eth), 500);
        _fund(address(pool3));
        _fund(address(pool2));
        _fund(address(poolS));
        pool3.sync();
        pool2.sync();
        poolS.sync();
        source = new FixedPriceSource(address(usd), address(eth), address(this), 365 days);
        source.setPrice(PRICE_X128);
        escrow = new HtlbEscrow();
        vault = _newVault(escrow);
        _deposit(vault, lp, 2_000_000 * USD, 800 * ETH);
    }

    function _usd() internal virtual returns (Token) {
        return new Token();
    }

    function _eth() internal virtual returns (Token) {
        return new Token();
    }

    function _fund(address pool) private {
        usd.mint(pool, 25_000_000 * USD);
        eth.mint(pool, 10_000 * ETH);
    }

    function _newVault(HtlbEscrow escrow_) internal returns (FlashVault made) {
        made = new FlashVault(source, address(escrow_), address(this));
        made.setPolicy(_policy());
        made.setVenue(_venue3(), true);
        made.setVenue(_venue2(), true);
        made.setVenue(_venueS(), true);
        made.setVerifier(address(verifier), true);
    }

    function _policy() internal pure returns (VaultPolicy memory p) {
        p.maxLoan0 = uint128(500_000 * USD);
        p.maxLoan1 = uint128(200 * ETH);
        p.maxLent0 = uint128(1_000_000 * USD);
        p.maxLent1 = uint128(400 * ETH);
        p.loanFeePips = 500;
        p.minBondPips = 20_000;
        p.maxLtvPips = 1_020_000;
        p.bandPips = 15_000;
        p.entryFeePips = 1000;
        p.maxDuration = 48 hours;
    }

    function _venue3() internal view returns (Venue) {
        return toVenue(VenueKind.UniswapV3, address(pool3), 500);
    }

    function _venue2() internal view returns (Venue) {
        return toVenue(VenueKind.UniswapV2, address(pool2), 3000);
    }

    function _venueS() internal view returns (Venue) {
        return toVenue(VenueKind.Solidly, address(poolS), 500);
    }

    function _deposit(FlashVault to, address from, uint256 amount0, uint256 amount1)
        internal
        returns (uint256 shares)
    {
        usd.mint(from, amount0);
        eth.mint(from, amount1);
        vm.startPrank(from);
        usd.approve(address(to), amount0);
        eth.approve(address(to), amount1);
        shares = to.deposit(amount0, amount1, 0, from);
        vm.stopPrank();
    }

    /// @dev Lends USD and buys ETH.
    function _buy(uint256 principal) internal view returns (LegTerms memory terms) {
        terms = _draft(principal);
        (terms.assetIn, terms.assetOut) = (address(usd), address(eth));
        terms.minOut = uint128(principal * ETH * 99 / (2500 * USD * 100));
        terms.due = terms.minOut;
    }

    /// @dev Lends ETH and sells it for USD.
    function _sell(uint256 principal) internal view returns (LegTerms memory terms) {
        terms = _draft(principal);
        (terms.assetIn, terms.assetOut) = (address(eth), address(usd));
        terms.minOut = uint128(principal * 2500 * USD * 99 / (ETH * 100));
        terms.due = terms.minOut;
    }

    function _draft(uint256 principal) private view returns (LegTerms memory terms) {
        terms.hashlock = keccak256(abi.encodePacked(PREIMAGE));
        (terms.searcher, terms.vault, terms.verifier) =
        (searcher, address(vault), address(verifier));
        terms.venue = _venue3();
        terms.principal = uint128(principal);
        terms.fee = uint128((principal * 500 + 1e6 - 1) / 1e6);
        terms.rewardCap = uint128(principal / 1000);
        terms.bond = uint128(principal * 3 / 100) + terms.rewardCap;
        terms.auctionStart = uint128(principal * 105 / 100);
        terms.ltvPips = 1_020_000;
        terms.deadline = uint40(block.timestamp + 1 hours);
        terms.rewardDelay = 60;
        terms.rewardSpan = 600;
        terms.auctionSpan = 1 hours;
    }

    /// @dev A bundle of one leg.
    function _alone(LegTerms memory terms) internal view returns (bytes32[] memory legIds) {
        legIds = new bytes32[](1);
        legIds[0] = escrow.legIdOf(terms);
    }

    function _lock(LegTerms memory terms) internal returns (bytes32 legId, uint256 amountOut) {
        _bond(terms);
        bytes32[] memory legIds = _alone(terms);
        vm.prank(terms.searcher);
        return escrow.lock(terms, legIds, 0);
    }

    /// @dev Gives the searcher its bond, approved.
    function _bond(LegTerms memory terms) internal {
        Token(terms.assetIn).mint(terms.searcher, terms.bond);
        vm.prank(terms.searcher);
        Token(terms.assetIn).approve(address(escrow), type(uint256).max);
    }

    function _certificate(LegTerms memory terms, Outcome outcome)
        internal
        view
        returns (Certificate memory)
    {
        bytes32 legsHash = BundleIds.legsHash(_alone(terms));
        return Certificate(BundleIds.bundleId(terms.hashlock, legsHash), legsHash, outcome);
    }

    function _claim(LegTerms memory terms) internal {
        Certificate memory certificate = _certificate(terms, Outcome.Commit);
        bytes memory proof = _quorum(certificate);
        vm.prank(keeper);
        escrow.claim(terms, PREIMAGE, certificate, proof);
    }

    function _abort(LegTerms memory terms) internal {
        Certificate memory certificate = _certificate(terms, Outcome.Abort);
        bytes memory proof = _quorum(certificate);
        vm.prank(keeper);
        escrow.unwind(terms, certificate, proof);
    }

    function _leg(LegTerms memory terms) internal view returns (Leg memory) {
        return escrow.leg(escrow.legIdOf(terms));
    }

    function _assertStatus(LegTerms memory terms, LegStatus status) internal view {
        assertEq(uint256(_leg(terms).status), uint256(status), "status");
    }

    /// @dev Moves the V3 pool: someone sells an amount into it.
    function _push(Token token, uint256 amount) internal {
        Trader trader = new Trader();
        token.mint(address(trader), amount);
        trader.sell(pool3, token, amount);
    }
}

/// @notice Sells into a V3 pool at any price.
contract Trader {
    function sell(V3Pool pool, Token token, uint256 amount) external {
        bool zeroForOne = address(token) == pool.token0();
        pool.swap(address(this), zeroForOne, int256(amount), 0, abi.encode(token));
    }

    function uniswapV3SwapCallback(int256 d0, int256 d1, bytes calldata data) external {
        Token token = abi.decode(data, (Token));
        token.transfer(msg.sender, uint256(d0 > 0 ? d0 : d1));
    }
}
