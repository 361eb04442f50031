// Committee: signers with known keys, sorted, and what they sign. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EcdsaCommitVerifier} from "../../src/settlement/EcdsaCommitVerifier.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {Test} from "./Test.sol";

/// @notice Four signers, three needed: one may be faulty.
abstract contract Committee is Test {
    uint256 internal constant N = 4;
    uint256 internal constant THRESHOLD = 3;

    EcdsaCommitVerifier internal verifier;
    uint256[] internal keys;
    address[] internal members;

    function _formCommittee() internal {
        for (uint256 i; i < N; ++i) {
            keys.push(uint256(keccak256(abi.encode("signer", i))));
        }
        for (uint256 i; i < N; ++i) {
            for (uint256 j = i + 1; j < N; ++j) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) (keys[i], keys[j]) = (keys[j], keys[i]);
            }
        }
        for (uint256 i; i < N; ++i) {
            members.push(vm.addr(keys[i]));
        }
        verifier = new EcdsaCommitVerifier(THRESHOLD, members);
    }

    function _vote(Certificate memory certificate, uint256 i) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(keys[i], certificate.digest(verifier.domainSeparator()));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The votes of the first `count` signers.
    function _sign(Certificate memory certificate, uint256 count)
        internal
        view
        returns (bytes memory proof)
    {
        for (uint256 i; i < count; ++i) {
            proof = abi.encodePacked(proof, _vote(certificate, i));
        }
    }

    function _quorum(Certificate memory certificate) internal view returns (bytes memory) {
        return _sign(certificate, THRESHOLD);
    }
}
