// EcdsaCommitVerifierTest: what counts as a quorum, and what does not. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEcdsaCommitVerifier} from "../../src/interfaces/IEcdsaCommitVerifier.sol";
import {EcdsaCommitVerifier} from "../../src/settlement/EcdsaCommitVerifier.sol";
import {Certificate, Outcome} from "../../src/types/Certificate.sol";
import {Committee} from "../base/Committee.sol";

contract EcdsaCommitVerifierTest is Committee {
    uint256 private constant ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    Certificate private commit =
        Certificate(keccak256("bundle"), keccak256("legs"), Outcome.Commit);

    function setUp() public {
        _formCommittee();
    }

    /// @dev forge's own EIP-712 is the oracle.
    function test_Digest_EqualsTypedDataOfForge() public view {
        string memory json = string.concat(
            '{"types":{"EIP712Domain":[{"name":"name","type":"string"},',
            '{"name":"version","type":"string"},{"name":"salt","type":"bytes32"}],',
            '"Certificate":[{"name":"bundleId","type":"bytes32"},',
            '{"name":"legsHash","type":"bytes32"},{"name":"outcome","type":"uint8"}]},',
            '"primaryType":"Certificate","domain":{"name":"Lockstep Certificate",',
            '"version":"1","salt":"',
            vm.toString(verifier.committeeId()),
            '"},"message":{"bundleId":"',
            vm.toString(commit.bundleId),
            '","legsHash":"',
            vm.toString(commit.legsHash),
            '","outcome":1}}'
        );
        bytes32 digest = commit.digest(verifier.domainSeparator());
        assertEq(digest, vm.eip712HashTypedData(json), "EIP-712");
        assertEq(verifier.committeeId(), keccak256(abi.encode(THRESHOLD, members)), "committee id");
    }

    /// @dev Any subset of the signers in ascending order: accepted if and only if it is a quorum.
    function testFuzz_Verify_AcceptsQuorumsOnly(uint8 subset) public view {
        bytes memory proof;
        uint256 count;
        for (uint256 i; i < N; ++i) {
            if (subset & (1 << i) == 0) continue;
            proof = abi.encodePacked(proof, _vote(commit, i));
            ++count;
        }
        assertTrue(verifier.verify(commit, proof) == (count >= THRESHOLD), "quorum");
    }

    function testFuzz_Verify_WhenAByteIsFlipped_Refuses(uint256 at, uint8 flip) public view {
        vm.assume(flip != 0);
        bytes memory proof = _quorum(commit);
        at = bound(at, 0, proof.length - 1);
        proof[at] ^= bytes1(flip);
        assertTrue(!verifier.verify(commit, proof), "accepted a flipped byte");
    }

    function testFuzz_Verify_WhenProofIsAnything_RefusesWithoutReverting(bytes calldata proof)
        public
        view
    {
        assertTrue(!verifier.verify(commit, proof), "accepted noise");
    }

    function test_Verify_WhenSignerCountsTwice_Refuses() public view {
        bytes memory vote = _vote(commit, 1);
        assertTrue(
            !verifier.verify(commit, abi.encodePacked(_vote(commit, 0), vote, vote)), "twice"
        );
    }

    function test_Verify_WhenSignersAreNotSorted_Refuses() public view {
        bytes memory proof = abi.encodePacked(_vote(commit, 1), _vote(commit, 0), _vote(commit, 2));
        assertTrue(!verifier.verify(commit, proof), "unsorted");
    }

    function test_Verify_WhenSignatureIsMalleable_Refuses() public view {
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(keys[0], commit.digest(verifier.domainSeparator()));
        bytes memory rest = abi.encodePacked(_vote(commit, 1), _vote(commit, 2));
        bytes32 high = bytes32(ORDER - uint256(s));
        assertTrue(verifier.verify(commit, abi.encodePacked(r, s, v, rest)), "the low twin");
        assertTrue(
            !verifier.verify(commit, abi.encodePacked(r, high, 55 - v, rest)), "the high twin"
        );
    }

    function test_Verify_WhenSignerIsForeign_Refuses() public view {
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(uint256(keccak256("stranger")), commit.digest(verifier.domainSeparator()));
        bytes memory proof = abi.encodePacked(r, s, v, _vote(commit, 1), _vote(commit, 2));
        assertTrue(!verifier.verify(commit, proof), "foreign");
    }

    function test_Verify_WhenOutcomeIsNone_Refuses() public view {
        Certificate memory none = commit;
        none.outcome = Outcome.None;
        assertTrue(!verifier.verify(none, _quorum(none)), "nothing was decided");
    }

    function test_Verify_WhenOutcomeDiffers_Refuses() public view {
        Certificate memory abort = commit;
        bytes memory proof = _quorum(commit);
        abort.outcome = Outcome.Abort;
        assertTrue(!verifier.verify(abort, proof), "another outcome");
    }

    /// @dev Another committee with a common member has another domain: no vote carries over.
    function test_Verify_WhenVotesAreForAnotherCommittee_Refuses() public {
        address[] memory fewer = new address[](3);
        (fewer[0], fewer[1], fewer[2]) = (members[0], members[1], members[2]);
        EcdsaCommitVerifier other = new EcdsaCommitVerifier(3, fewer);
        assertTrue(!other.verify(commit, _quorum(commit)), "carried over");
    }

    function test_ProveEquivocation_PutsSignerOnRecordOnce() public {
        Certificate memory abort = commit;
        abort.outcome = Outcome.Abort;
        bytes memory a = _vote(commit, 2);
        bytes memory b = _vote(abort, 2);
        assertEq(verifier.proveEquivocation(commit, a, abort, b), members[2], "who");
        assertTrue(verifier.equivocated(members[2]), "on record");
        assertTrue(verifier.verify(commit, _quorum(commit)), "what was accepted stays accepted");
        vm.expectRevert(
            abi.encodeWithSelector(IEcdsaCommitVerifier.AlreadyProven.selector, members[2])
        );
        verifier.proveEquivocation(commit, a, abort, b);
    }

    function test_ProveEquivocation_WhenThereIsNone_Reverts() public {
        Certificate memory abort = commit;
        abort.outcome = Outcome.Abort;
        Certificate memory other = abort;
        bytes memory a = _vote(commit, 0);
        bytes memory b = _vote(abort, 1);
        bytes4 none = IEcdsaCommitVerifier.NoEquivocation.selector;
        vm.expectRevert(none);
        verifier.proveEquivocation(commit, a, commit, a);
        vm.expectRevert(none);
        verifier.proveEquivocation(commit, a, abort, b);
        other = Certificate(keccak256("another bundle"), commit.legsHash, Outcome.Abort);
        b = _vote(other, 0);
        vm.expectRevert(none);
        verifier.proveEquivocation(commit, a, other, b);
        vm.expectRevert(none);
        verifier.proveEquivocation(commit, hex"00", abort, a);
    }

    function test_Constructor_WhenCommitteeIsUnsound_Reverts() public {
        address[] memory some = members;
        vm.expectPartialRevert(IEcdsaCommitVerifier.InvalidThreshold.selector);
        new EcdsaCommitVerifier(2, some);
        vm.expectPartialRevert(IEcdsaCommitVerifier.InvalidThreshold.selector);
        new EcdsaCommitVerifier(5, some);
        vm.expectRevert(IEcdsaCommitVerifier.InvalidSigners.selector);
        new EcdsaCommitVerifier(1, new address[](0));
        (some[0], some[1]) = (some[1], some[0]);
        vm.expectRevert(IEcdsaCommitVerifier.InvalidSigners.selector);
        new EcdsaCommitVerifier(3, some);
        some[0] = some[1];
        vm.expectRevert(IEcdsaCommitVerifier.InvalidSigners.selector);
        new EcdsaCommitVerifier(3, some);
    }

    function test_Signers_AreReadBackAsGiven() public view {
        address[] memory read = verifier.signers();
        assertEq(keccak256(abi.encode(read)), keccak256(abi.encode(members)), "members");
        assertTrue(verifier.isSigner(members[3]) && !verifier.isSigner(address(this)), "isSigner");
    }
}
