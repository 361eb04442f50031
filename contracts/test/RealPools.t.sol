// RealPoolsTest: the protocols' own bytecode, from their npm packages, behind our calls.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IUniswapV3Pool} from "../src/interfaces/IPools.sol";
import {VaultPolicy} from "../src/interfaces/IFlashVault.sol";

import {Executor} from "../src/settlement/Executor.sol";
import {FlashVault} from "../src/settlement/FlashVault.sol";
import {LegStatus, LegTerms} from "../src/types/Leg.sol";
import {LenderKind} from "../src/types/Step.sol";
import {Venue, VenueKind, toVenue} from "../src/types/Venue.sol";
import {TwapPriceSource} from "../src/venues/TwapPriceSource.sol";
import {Program} from "./base/Program.sol";
import {World} from "./base/World.sol";
import {Token} from "./mocks/Tokens.sol";

interface IRealV2 {
    function createPair(address a, address b) external returns (address);
    function mint(address to) external returns (uint256);
}

interface IRealV3 {
    function createPool(address a, address b, uint24 fee) external returns (address);
    function initialize(uint160 sqrtPriceX96) external;
    function increaseObservationCardinalityNext(uint16 count) external;
    function mint(address to, int24 low, int24 high, uint128 liquidity, bytes calldata data)
        external
        returns (uint256, uint256);
}

/// @notice Uniswap V2 and V3 as deployed: `@uniswap/v2-core` 1.0.1, `@uniswap/v3-core` 1.0.1.
contract RealPoolsTest is World {
    string private constant V2 = "node_modules/@uniswap/v2-core/build/UniswapV2Factory.json";
    string private constant V3 = "node_modules/@uniswap/v3-core/artifacts/contracts/"
        "UniswapV3Factory.sol/UniswapV3Factory.json";

    /// @dev sqrt(25e12 USD units * 1e22 ETH units): the mocks' depth.
    uint128 private constant LIQUIDITY = 5e17;

    address private pair;
    address private realPool;
    address private lender;
    Executor private executor;

    function setUp() public override {
        super.setUp();
        // This artifact names its bytecode twice, which getCode does not like.
        string memory hexCode = vm.parseJsonString(vm.readFile(V2), ".bytecode");
        bytes memory code2 = vm.parseBytes(string.concat("0x", hexCode));
        address v2 = _create(abi.encodePacked(code2, abi.encode(address(this))));
        address v3 = _create(vm.getCode(V3));
        pair = IRealV2(v2).createPair(address(usd), address(eth));
        usd.mint(pair, 27_500_000 * USD);
        eth.mint(pair, 10_000 * ETH);
        IRealV2(pair).mint(address(this));
        realPool = _pool(v3, 500);
        lender = _pool(v3, 3000);
        executor = new Executor(address(this));
        executor.setKeeper(address(this), true);
    }

    /// @dev ETH is dear on V2: buy on V3, sell on V2, on a loan of another V3 pool.
    function test_Executor_OnV3Flash_TradesAcrossV3AndV2() public {
        bytes memory program =
            Program.flash(LenderKind.UniswapV3, lender, address(usd), 10_000 * USD, 0, _trade());
        _run(program);
    }

    /// @dev The same on a V2 flash swap, both pools of the trade being V3.
    function test_Executor_OnV2Flash_RepaysThePair() public {
        bytes memory body = abi.encodePacked(
            Program.swap(false, _v3(lender), address(usd), address(eth), 1000 * USD, 0),
            Program.swap(true, _v3(realPool), address(eth), address(usd), 0, 0)
        );
        usd.mint(address(this), 100 * USD);
        usd.approve(address(executor), 100 * USD);
        bytes memory program = abi.encodePacked(
            Program.pull(address(usd), 100 * USD),
            Program.flash(LenderKind.UniswapV2, pair, address(usd), 1000 * USD, 3000, body)
        );
        // Equal prices: the fees are lost, and the profit guard would say so in dollars.
        executor.execute(0, block.chainid, block.timestamp, address(eth), 0, program);
        assertGe(usd.balanceOf(address(this)), 90 * USD, "fees of two pools and the pair");
        assertLe(usd.balanceOf(address(this)), 94 * USD, "and not less than those");
    }

    /// @dev A leg at a real V3 pool, priced by that pool's own oracle.
    function test_Leg_AtRealPoolWithTwap_RunsToItsEnd() public {
        TwapPriceSource twap = new TwapPriceSource(IUniswapV3Pool(realPool), 600);
        FlashVault priced = _pricedVault(twap);
        LegTerms memory claimed = _buy(50_000 * USD);
        LegTerms memory unwound = _sell(20 * ETH);
        (claimed.vault, unwound.vault) = (address(priced), address(priced));
        (claimed.venue, unwound.venue) = (_v3(realPool), _v3(realPool));
        _lock(claimed);
        _lock(unwound);
        _claim(claimed);
        _abort(unwound);
        _assertStatus(claimed, LegStatus.Claimed);
        _assertStatus(unwound, LegStatus.Refunded);
    }

    /// @dev The pool's own tick arithmetic and ours agree on the price.
    function test_Twap_EqualsTheRealPoolsPrice() public {
        TwapPriceSource twap = new TwapPriceSource(IUniswapV3Pool(realPool), 600);
        vm.warp(block.timestamp + 1200);
        uint256 price = twap.priceX128();
        uint256 want = twap.asset0() == address(usd) ? 4e8 << 128 : (uint256(1) << 128) / 4e8;
        uint256 gap = price > want ? price - want : want - price;
        assertLe(gap, want / 9990, "within a tick");
    }

    function _trade() private view returns (bytes memory) {
        return abi.encodePacked(
            Program.swap(false, _v3(realPool), address(usd), address(eth), 10_000 * USD, 0),
            Program.swap(
                true, toVenue(VenueKind.UniswapV2, pair, 3000), address(eth), address(usd), 0, 0
            )
        );
    }

    function _run(bytes memory program) private {
        uint256 profit =
            executor.execute(0, block.chainid, block.timestamp, address(usd), 1, program);
        // 10 % apart, less 0.05 %, 0.3 % and 0.3 %, less what moves the pools.
        assertGe(profit, 900 * USD, "profit");
        assertEq(usd.balanceOf(address(this)), profit, "the owner has it");
        assertEq(eth.balanceOf(address(executor)) + usd.balanceOf(address(executor)), 0, "empty");
    }

    function _pricedVault(TwapPriceSource twap) private returns (FlashVault made) {
        vm.warp(block.timestamp + 1200);
        made = new FlashVault(twap, address(escrow), address(this));
        VaultPolicy memory p = _policy();
        (p.maxLoan0, p.maxLoan1) = (type(uint128).max, type(uint128).max);
        (p.maxLent0, p.maxLent1) = (type(uint128).max, type(uint128).max);
        made.setPolicy(p);
        made.setVenue(_v3(realPool), true);
        made.setVerifier(address(verifier), true);
        (uint256 amount0, uint256 amount1) = twap.asset0() == address(usd)
            ? (2_000_000 * USD, 800 * ETH)
            : (800 * ETH, 2_000_000 * USD);
        usd.mint(address(this), 2_000_000 * USD);
        eth.mint(address(this), 800 * ETH);
        usd.approve(address(made), type(uint256).max);
        eth.approve(address(made), type(uint256).max);
        made.deposit(amount0, amount1, 0, address(this));
    }

    function _pool(address factory, uint24 fee) private returns (address made) {
        made = IRealV3(factory).createPool(address(usd), address(eth), fee);
        bool usdFirst = address(usd) < address(eth);
        IRealV3(made)
            .initialize(usdFirst ? uint160(20_000 << 96) : uint160(2 ** 96 / uint256(20_000)));
        IRealV3(made).increaseObservationCardinalityNext(8);
        int24 edge = fee == 500 ? int24(887_270) : int24(887_220);
        IRealV3(made).mint(address(this), -edge, edge, LIQUIDITY, "");
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        (Token token0, Token token1) = address(usd) < address(eth) ? (usd, eth) : (eth, usd);
        token0.mint(msg.sender, amount0);
        token1.mint(msg.sender, amount1);
    }

    function _v3(address at) private pure returns (Venue) {
        return toVenue(VenueKind.UniswapV3, at, 0);
    }

    function _create(bytes memory code) private returns (address made) {
        assembly {
            made := create(0, add(code, 32), mload(code))
        }
        assertTrue(made != address(0), "created");
    }
}
