// VectorsTest: ids, digests, signatures, programs and calldata for other languages to meet.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IExecutor} from "../src/interfaces/IExecutor.sol";
import {IHtlbEscrow} from "../src/interfaces/IHtlbEscrow.sol";
import {Certificate, Outcome} from "../src/types/Certificate.sol";
import {BundleIds, LegTerms} from "../src/types/Leg.sol";
import {LenderKind} from "../src/types/Step.sol";
import {VenueKind, toVenue} from "../src/types/Venue.sol";
import {Committee} from "./base/Committee.sol";
import {Program} from "./base/Program.sol";

/// @notice Writes snapshots/vectors.json on `test.sh --snapshot`, compares with it otherwise. The
/// keys sign nothing of worth.
contract VectorsTest is Committee {
    string private constant PATH = "snapshots/vectors.json";
    uint256 private constant CHAIN = 8453;
    address private constant ESCROW = address(0xe5c0);
    bytes32 private constant PREIMAGE = bytes32(uint256(0x5ec7e7));

    string private _json;

    function setUp() public {
        _formCommittee();
    }

    function test_Vectors_AreAsWritten() public {
        _leg();
        _programs();
        string memory text = string.concat("{\n", _json, "\n}\n");
        if (!vm.envOr("FORGE_SNAPSHOT_CHECK", true)) vm.writeFile(PATH, text);
        assertEq(
            keccak256(bytes(text)), keccak256(bytes(vm.readFile(PATH))), "snapshots/vectors.json"
        );
    }

    function _leg() private {
        LegTerms memory terms = _terms();
        bytes32[] memory legIds = new bytes32[](2);
        legIds[0] = BundleIds.legId(terms, CHAIN, ESCROW);
        legIds[1] = keccak256("a leg on another chain");
        bytes32 legsHash = BundleIds.legsHash(legIds);
        bytes32 bundleId = BundleIds.bundleId(terms.hashlock, legsHash);
        Certificate memory certificate = Certificate(bundleId, legsHash, Outcome.Commit);
        bytes memory proof = _quorum(certificate);
        _put("chainId", vm.toString(CHAIN));
        _put("escrow", vm.toString(ESCROW));
        _put("preimage", vm.toString(PREIMAGE));
        _put("hashlock", vm.toString(terms.hashlock));
        _put("termsEncoded", vm.toString(abi.encode(terms)));
        _put("legId", vm.toString(legIds[0]));
        _put("otherLegId", vm.toString(legIds[1]));
        _put("legsHash", vm.toString(legsHash));
        _put("bundleId", vm.toString(bundleId));
        for (uint256 i; i < N; ++i) {
            _put(string.concat("signerKey", vm.toString(i)), vm.toString(bytes32(keys[i])));
            _put(string.concat("signer", vm.toString(i)), vm.toString(members[i]));
        }
        _put("threshold", vm.toString(THRESHOLD));
        _put("committeeId", vm.toString(verifier.committeeId()));
        _put("domainSeparator", vm.toString(verifier.domainSeparator()));
        _put("certificateStructHash", vm.toString(certificate.structHash()));
        _put("certificateDigest", vm.toString(certificate.digest(verifier.domainSeparator())));
        _put("proof", vm.toString(proof));
        _put("lockCalldata", vm.toString(abi.encodeCall(IHtlbEscrow.lock, (terms, legIds, 0))));
        _put(
            "claimCalldata",
            vm.toString(abi.encodeCall(IHtlbEscrow.claim, (terms, PREIMAGE, certificate, proof)))
        );
    }

    function _programs() private {
        address a = address(0xa);
        address b = address(0xb);
        bytes memory swap =
            Program.swap(false, toVenue(VenueKind.UniswapV3, address(0x3), 500), b, a, 1000, 990);
        bytes memory all =
            Program.swap(true, toVenue(VenueKind.UniswapV2, address(0x2), 3000), a, b, 5, 1001);
        bytes memory flash = Program.flash(
            LenderKind.UniswapV2, address(0xf), b, 1000, 3000, abi.encodePacked(swap, all)
        );
        _put("stepSwap", vm.toString(swap));
        _put("stepSwapFromBalance", vm.toString(all));
        _put(
            "stepBalancerSwap",
            vm.toString(Program.balancerSwap(address(0xba1), bytes32(uint256(7)), a, b, 10, 9))
        );
        _put("stepFlash", vm.toString(flash));
        _put("stepPull", vm.toString(Program.pull(a, 77)));
        _put("stepPay", vm.toString(Program.pay(true, b, address(0xdad), 3)));
        bytes memory call = abi.encodeCall(
            IExecutor.execute, (bytes32(uint256(1)), CHAIN, 1_730_419_260, b, 25, flash)
        );
        _put("executeCalldata", vm.toString(call));
    }

    function _terms() private pure returns (LegTerms memory terms) {
        terms.hashlock = keccak256(abi.encodePacked(PREIMAGE));
        (terms.searcher, terms.vault, terms.verifier) = (address(1), address(2), address(3));
        (terms.assetIn, terms.assetOut) = (address(4), address(5));
        terms.venue = toVenue(VenueKind.UniswapV3, address(6), 500);
        (terms.principal, terms.fee, terms.minOut, terms.due) = (1000, 1, 990, 980);
        (terms.bond, terms.rewardCap, terms.minBack, terms.auctionStart) = (40, 5, 970, 1051);
        (terms.ltvPips, terms.deadline) = (1_020_000, 1_730_422_800);
        (terms.rewardDelay, terms.rewardSpan, terms.auctionSpan) = (60, 600, 3600);
        terms.salt = bytes32(uint256(9));
    }

    function _put(string memory name, string memory value) private {
        string memory line = string.concat('  "', name, '": "', value, '"');
        _json = bytes(_json).length == 0 ? line : string.concat(_json, ",\n", line);
    }
}
