// EcdsaCommitVerifier: m-of-n secp256k1 signatures on certificates. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommitVerifier} from "../interfaces/ICommitVerifier.sol";
import {IEcdsaCommitVerifier} from "../interfaces/IEcdsaCommitVerifier.sol";
import {Certificate, CertificateLibrary, Outcome} from "../types/Certificate.sol";

/// @notice A fixed committee. Its members are kept as the code of a data contract: one account
/// read a check instead of one storage slot a signer.
contract EcdsaCommitVerifier is IEcdsaCommitVerifier {
    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant MAX_SIGNERS = 64;

    /// @dev Half of the group order of secp256k1: the highest s of a canonical signature.
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    bytes32 public immutable committeeId;
    bytes32 public immutable domainSeparator;
    uint256 public immutable threshold;
    uint256 private immutable _count;
    address private immutable _list;

    /// @inheritdoc IEcdsaCommitVerifier
    mapping(address signer => bool) public equivocated;

    /// @param threshold_ More than half of the signers, at most all; (n+f+1)/2 or more for f
    /// faulty ones.
    /// @param signers_ Non-zero, strictly ascending, at most 64.
    constructor(uint256 threshold_, address[] memory signers_) {
        uint256 count = signers_.length;
        if (count == 0 || count > MAX_SIGNERS) revert InvalidSigners();
        if (threshold_ > count || threshold_ * 2 <= count) {
            revert InvalidThreshold(threshold_, count);
        }
        address last;
        for (uint256 i; i < count; ++i) {
            if (signers_[i] <= last) revert InvalidSigners();
            last = signers_[i];
        }
        committeeId = keccak256(abi.encode(threshold_, signers_));
        domainSeparator = CertificateLibrary.domainOf(committeeId);
        (threshold, _count, _list) = (threshold_, count, _write(signers_));
    }

    /// @inheritdoc ICommitVerifier
    function verify(Certificate calldata certificate, bytes calldata proof)
        external
        view
        returns (bool)
    {
        uint256 given = proof.length / SIGNATURE_BYTES;
        if (proof.length != given * SIGNATURE_BYTES || given < threshold || given > _count) {
            return false;
        }
        if (certificate.outcome == Outcome.None) return false;
        bytes32 digest = certificate.digest(domainSeparator);
        address[] memory members = signers();

        // Both lists ascend strictly, so one walk finds each signer and no signer counts twice.
        uint256 at;
        for (uint256 i; i < given; ++i) {
            uint256 from = i * SIGNATURE_BYTES;
            address signer = _recover(digest, proof[from:from + SIGNATURE_BYTES]);
            if (signer == address(0)) return false;
            while (at < members.length && members[at] < signer) ++at;
            if (at == members.length || members[at] != signer) return false;
            ++at;
        }
        return true;
    }

    /// @inheritdoc IEcdsaCommitVerifier
    function proveEquivocation(
        Certificate calldata a,
        bytes calldata signatureA,
        Certificate calldata b,
        bytes calldata signatureB
    ) external returns (address signer) {
        bytes32 digestA = a.digest(domainSeparator);
        bytes32 digestB = b.digest(domainSeparator);
        if (a.bundleId != b.bundleId || digestA == digestB) revert NoEquivocation();
        if (signatureA.length != SIGNATURE_BYTES || signatureB.length != SIGNATURE_BYTES) {
            revert NoEquivocation();
        }
        signer = _recover(digestA, signatureA);
        if (signer != _recover(digestB, signatureB) || !isSigner(signer)) revert NoEquivocation();
        if (equivocated[signer]) revert AlreadyProven(signer);
        equivocated[signer] = true;
        emit Equivocation(signer, a.bundleId, digestA, digestB, msg.sender);
    }

    /// @inheritdoc IEcdsaCommitVerifier
    function isSigner(address account) public view returns (bool) {
        address[] memory members = signers();
        for (uint256 i; i < members.length; ++i) {
            if (members[i] == account) return true;
        }
        return false;
    }

    /// @inheritdoc IEcdsaCommitVerifier
    function signers() public view returns (address[] memory members) {
        members = new address[](_count);
        (address list, uint256 length) = (_list, _count * 32);
        assembly ("memory-safe") {
            extcodecopy(list, add(members, 32), 1, length)
        }
    }

    /// @dev Zero for a signature that is malformed, malleable or of nobody.
    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address) {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        if (uint256(s) > HALF_ORDER || (v != 27 && v != 28)) return address(0);
        return ecrecover(digest, v, r, s);
    }

    /// @dev A contract whose code is STOP and then the members, a word each.
    function _write(address[] memory members) private returns (address list) {
        bytes memory code = abi.encodePacked(hex"00", members);
        // push2 length, dup1, push1 10, push0, codecopy, push0, return: 10 bytes.
        bytes memory init =
            abi.encodePacked(hex"61", uint16(code.length), hex"80600a5f395ff3", code);
        assembly ("memory-safe") {
            list := create(0, add(init, 32), mload(init))
        }
        if (list == address(0)) revert InvalidSigners();
    }
}
