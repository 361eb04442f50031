// GasTest: what each call costs as a transaction of its own; writes snapshots/.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FrostSecp256k1} from "../src/libraries/FrostSecp256k1.sol";
import {Executor} from "../src/settlement/Executor.sol";
import {FrostCommitVerifier} from "../src/settlement/FrostCommitVerifier.sol";
import {Certificate, Outcome} from "../src/types/Certificate.sol";
import {LegTerms} from "../src/types/Leg.sol";
import {LenderKind} from "../src/types/Step.sol";
import {Market} from "./base/Market.sol";
import {Program} from "./base/Program.sol";
import {Vm} from "./base/Test.sol";
import {World} from "./base/World.sol";

/// @notice Each call runs isolated: intrinsic gas, calldata, cold accounts and refunds count. The
/// pools and tokens are the mocks, so a real pool's own gas comes on top.
/// forge-config: default.isolate = true
contract SettlementGasTest is World {
    function test_Gas_Lock() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        vm.snapshotGasLastCall("settlement", "lock, V3 venue");
        terms.salt = bytes32(uint256(1));
        terms.venue = _venueS();
        _lock(terms);
        vm.snapshotGasLastCall("settlement", "lock, Solidly venue, books warm");
    }

    function test_Gas_Claim() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        vm.warp(START + 360);
        _claim(terms);
        vm.snapshotGasLastCall("settlement", "claim, 3 of 4 ECDSA");
    }

    function test_Gas_Unwind() public {
        LegTerms memory terms = _buy(100_000 * USD);
        _lock(terms);
        vm.warp(START + 360);
        _abort(terms);
        vm.snapshotGasLastCall("settlement", "unwind, 3 of 4 ECDSA, swap back");
        terms = _sell(40 * ETH);
        _lock(terms);
        vm.warp(terms.deadline + 60);
        escrow.unwindExpired(terms);
        vm.snapshotGasLastCall("settlement", "unwindExpired, swap back");
    }

    function test_Gas_Auction() public {
        LegTerms memory terms = _buy(50_000 * USD);
        LegTerms memory other = _buy(50_000 * USD);
        other.salt = bytes32(uint256(1));
        (terms.minBack, other.minBack) = (terms.principal * 2, terms.principal * 2);
        _lock(terms);
        _lock(other);
        _abort(terms);
        vm.snapshotGasLastCall("settlement", "unwind, 3 of 4 ECDSA, auction opens");
        _abort(other);
        usd.mint(address(this), terms.auctionStart);
        usd.approve(address(escrow), terms.auctionStart);
        escrow.bid(terms, terms.auctionStart, address(this));
        vm.snapshotGasLastCall("settlement", "bid");
        vm.warp(START + 2 hours);
        escrow.settleInKind(other);
        vm.snapshotGasLastCall("settlement", "settleInKind");
    }

    function test_Gas_Vault() public {
        _deposit(vault, address(0xb0b), 1000 * USD, ETH);
        vm.snapshotGasLastCall("settlement", "deposit, both assets");
        uint256 shares = vault.balanceOf(address(0xb0b));
        vm.prank(address(0xb0b));
        vault.withdraw(shares, 0, 0, address(0xb0b));
        vm.snapshotGasLastCall("settlement", "withdraw, both assets");
    }

    function test_Gas_Verify() public {
        Certificate memory certificate = _certificate(_buy(100_000 * USD), Outcome.Commit);
        bytes memory proof = _quorum(certificate);
        verifier.verify(certificate, proof);
        vm.snapshotGasLastCall("settlement", "verify alone, 3 of 4 ECDSA");
    }

    function test_Gas_VerifyFrost() public {
        Vm.Wallet memory p = vm.createWallet(11);
        Vm.Wallet memory r = vm.createWallet(13);
        FrostCommitVerifier frost = new FrostCommitVerifier(p.publicKeyX, p.publicKeyY);
        Certificate memory certificate = _certificate(_buy(100_000 * USD), Outcome.Commit);
        bytes memory message = abi.encodePacked(certificate.digest(frost.domainSeparator()));
        uint256 c = FrostSecp256k1.challenge(
            p.publicKeyX, p.publicKeyY, message, r.publicKeyX, r.publicKeyY
        );
        uint256 z = addmod(13, mulmod(c, 11, FrostSecp256k1.ORDER), FrostSecp256k1.ORDER);
        bytes memory proof = abi.encode(r.publicKeyX, r.publicKeyY, z);
        assertTrue(frost.verify(certificate, proof), "signed");
        vm.snapshotGasLastCall("settlement", "verify alone, FROST");
        _size("FrostCommitVerifier", address(frost));
    }

    function test_Size_FitsTheLimit() public {
        _size("FlashVault", address(vault));
        _size("HtlbEscrow", address(escrow));
        _size("EcdsaCommitVerifier", address(verifier));
        _size("Executor", address(new Executor(address(this))));
    }

    function _size(string memory name, address made) private {
        assertLe(made.code.length, 24_576, "EIP-170");
        vm.snapshotValue("size", name, made.code.length);
    }
}

/// @notice Programs of the executor, isolated too.
/// forge-config: default.isolate = true
contract ExecutorGasTest is Market {
    function test_Gas_FlashPrograms() public {
        string[4] memory names = ["Balancer V2", "Aave V3", "Uniswap V3", "Uniswap V2"];
        for (uint256 i; i < 4; ++i) {
            _run(_flashTrade(LenderKind(i + 1), 2000 * UNIT), 1);
            vm.snapshotGasLastCall(
                "executor", string.concat("flash ", names[i], ", V3 and V2 swap")
            );
        }
    }

    function test_Gas_OwnFunds() public {
        b.mint(boss, 2000 * UNIT);
        vm.prank(boss);
        b.approve(address(executor), type(uint256).max);
        _run(abi.encodePacked(Program.pull(address(b), 1000 * UNIT), _trade(1000 * UNIT)), 1);
        vm.snapshotGasLastCall("executor", "pull, V3 and V2 swap");
    }
}
