// Market: pools of two prices, four lenders and an executor over them. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Executor} from "../../src/settlement/Executor.sol";
import {LenderKind} from "../../src/types/Step.sol";
import {Venue, VenueKind, toVenue} from "../../src/types/Venue.sol";
import {AaveLike, BalancerLike, V2Pair, V3Pool} from "../mocks/Pools.sol";
import {Token} from "../mocks/Tokens.sol";
import {Program} from "./Program.sol";
import {Test} from "./Test.sol";

/// @notice Token a is cheap in `cheap` (V3, 1:1) and dear in `dear` (V2, 1 a = 1.1 b).
abstract contract Market is Test {
    uint256 internal constant UNIT = 1e18;

    Token internal a;
    Token internal b;
    V3Pool internal cheap;
    V2Pair internal dear;
    V3Pool internal lender3;
    V2Pair internal lender2;
    BalancerLike internal balancer;
    AaveLike internal aave;
    Executor internal executor;

    address internal boss = address(0xb055);
    address internal bot = address(0xb07);

    function setUp() public virtual {
        vm.warp(1_730_419_200);
        (a, b) = (_tokenA(), _tokenB());
        cheap = new V3Pool(address(a), address(b), 500);
        dear = new V2Pair(address(a), address(b), 3000);
        Token other = new Token();
        lender3 = new V3Pool(address(b), address(other), 100);
        lender2 = new V2Pair(address(b), address(other), 3000);
        balancer = new BalancerLike();
        aave = new AaveLike();
        _mint(address(cheap), 1_000_000, 1_000_000);
        _mint(address(dear), 1_000_000, 1_100_000);
        _mint(address(balancer), 1_000_000, 1_000_000);
        b.mint(address(lender3), 1_000_000 * UNIT);
        other.mint(address(lender3), 1_000_000 * UNIT);
        b.mint(address(lender2), 1_000_000 * UNIT);
        other.mint(address(lender2), 1_000_000 * UNIT);
        b.mint(address(aave), 1_000_000 * UNIT);
        cheap.sync();
        dear.sync();
        lender3.sync();
        lender2.sync();
        executor = new Executor(boss);
        vm.prank(boss);
        executor.setKeeper(bot, true);
    }

    function _tokenA() internal virtual returns (Token) {
        return new Token();
    }

    function _tokenB() internal virtual returns (Token) {
        return new Token();
    }

    function _mint(address to, uint256 amountA, uint256 amountB) private {
        a.mint(to, amountA * UNIT);
        b.mint(to, amountB * UNIT);
    }

    function _cheap() internal view returns (Venue) {
        return toVenue(VenueKind.UniswapV3, address(cheap), 0);
    }

    function _dear() internal view returns (Venue) {
        return toVenue(VenueKind.UniswapV2, address(dear), 3000);
    }

    /// @dev Buys a with b where it is cheap, sells all of it where it is dear.
    function _trade(uint256 amount) internal view returns (bytes memory) {
        return abi.encodePacked(
            Program.swap(false, _cheap(), address(b), address(a), amount, 0),
            Program.swap(true, _dear(), address(a), address(b), 0, 0)
        );
    }

    function _lender(LenderKind kind) internal view returns (address) {
        if (kind == LenderKind.BalancerV2) return address(balancer);
        if (kind == LenderKind.AaveV3) return address(aave);
        if (kind == LenderKind.UniswapV3) return address(lender3);
        return address(lender2);
    }

    function _flashTrade(LenderKind kind, uint256 amount) internal view returns (bytes memory) {
        return Program.flash(kind, _lender(kind), address(b), amount, 3000, _trade(amount));
    }

    function _run(bytes memory program, uint256 minProfit) internal returns (uint256) {
        vm.prank(bot);
        return executor.execute(
            keccak256("plan"), block.chainid, block.timestamp, address(b), minProfit, program
        );
    }

    function _assertEmpty() internal view {
        assertEq(a.balanceOf(address(executor)) + b.balanceOf(address(executor)), 0, "left behind");
    }
}
