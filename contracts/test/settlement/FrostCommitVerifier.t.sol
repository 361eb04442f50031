// FrostCommitVerifierTest: RFC 9591's vector and own signatures. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FrostSecp256k1} from "../../src/libraries/FrostSecp256k1.sol";
import {FrostCommitVerifier} from "../../src/settlement/FrostCommitVerifier.sol";
import {Certificate, Outcome} from "../../src/types/Certificate.sol";
import {Test, Vm} from "../base/Test.sol";

contract FrostCommitVerifierTest is Test {
    /// @dev RFC 9591, appendix E.5: group public key, message "test", signature.
    uint256 private constant PX =
        0xf37c34b66ced1fb51c34a90bdae006901f10625cc06c4f64663b0eae87d87b4f;
    uint256 private constant RX =
        0x05b6d04d3774c8929413e3c76024d54149c372d57aae62574ed74319b5ea14d0;
    uint256 private constant Z = 0xc65dde8492a7471437e6c2fe3da49b90d23f642b5c6dbe7e36089f096dd97324;
    uint256 private constant GX =
        0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;

    function test_Verify_AcceptsVectorOfRfc9591() public view {
        (uint256 py, uint256 ry) = (_lift(PX), _lift(RX));
        assertTrue(FrostSecp256k1.verify(PX, py, "test", RX, ry, Z), "the vector");
        assertTrue(!FrostSecp256k1.verify(PX, py, "tesT", RX, ry, Z), "another message");
        assertTrue(!FrostSecp256k1.verify(PX, py, "test", RX, ry, Z + 1), "another z");
        uint256 other = FrostSecp256k1.FIELD - ry;
        assertTrue(!FrostSecp256k1.verify(PX, py, "test", RX, other, Z), "another R");
        assertTrue(!FrostSecp256k1.verify(PX, py, "test", RX, ry ^ 1, Z), "no point");
    }

    /// @dev A Schnorr signature is a FROST signature of a group of one: any key and nonce.
    function testFuzz_Verify_AcceptsWhatTheKeySigns(uint256 key, uint256 nonce, bytes32 bundle)
        public
    {
        (uint256 n, Vm.Wallet memory p) = (FrostSecp256k1.ORDER, _wallet(key));
        FrostCommitVerifier verifier = new FrostCommitVerifier(p.publicKeyX, p.publicKeyY);
        Vm.Wallet memory r = _wallet(nonce);
        Certificate memory commit = Certificate(bundle, keccak256("legs"), Outcome.Commit);
        bytes memory message = abi.encodePacked(commit.digest(verifier.domainSeparator()));
        uint256 c = FrostSecp256k1.challenge(
            p.publicKeyX, p.publicKeyY, message, r.publicKeyX, r.publicKeyY
        );
        uint256 z = addmod(r.privateKey, mulmod(c, p.privateKey, n), n);
        bytes memory proof = abi.encode(r.publicKeyX, r.publicKeyY, z);
        assertTrue(verifier.verify(commit, proof), "COMMIT");
        commit.outcome = Outcome.Abort;
        assertTrue(!verifier.verify(commit, proof), "not ABORT");
        commit.outcome = Outcome.None;
        assertTrue(!verifier.verify(commit, proof), "not nothing");
    }

    function testFuzz_Verify_WhenProofIsAnything_RefusesWithoutReverting(bytes calldata proof)
        public
    {
        FrostCommitVerifier verifier = new FrostCommitVerifier(PX, _lift(PX));
        Certificate memory commit = Certificate(0, 0, Outcome.Commit);
        assertTrue(!verifier.verify(commit, proof), "accepted noise");
    }

    function test_Constructor_WhenKeyIsUnusable_Reverts() public {
        vm.expectPartialRevert(FrostCommitVerifier.UnusableKey.selector);
        new FrostCommitVerifier(GX, 1);
        vm.expectPartialRevert(FrostCommitVerifier.UnusableKey.selector);
        new FrostCommitVerifier(0, 0);
    }

    function _wallet(uint256 key) private returns (Vm.Wallet memory) {
        return vm.createWallet(bound(key, 1, FrostSecp256k1.ORDER - 1));
    }

    /// @dev The y of an x as the vector's encodings have it: R and P begin with 02, y is even.
    function _lift(uint256 x) private view returns (uint256 y) {
        uint256 p = FrostSecp256k1.FIELD;
        uint256 square = addmod(mulmod(mulmod(x, x, p), x, p), 7, p);
        bytes memory input = abi.encode(32, 32, 32, square, (p + 1) / 4, p);
        (, bytes memory root) = address(5).staticcall(input);
        y = abi.decode(root, (uint256));
        if (y & 1 == 1) y = p - y;
    }
}
