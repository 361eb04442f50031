// FrostCommitVerifier: certificates under one threshold key. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommitVerifier} from "../interfaces/ICommitVerifier.sol";
import {FrostSecp256k1} from "../libraries/FrostSecp256k1.sol";
import {Certificate, CertificateLibrary, Outcome} from "../types/Certificate.sol";

/// @notice One signature however many signers. Who took part can't be seen, so nobody can be
/// shown to have voted twice: the quorum has to hold by itself.
contract FrostCommitVerifier is ICommitVerifier {
    /// @notice The key is not on the curve, or its x is not below the group order.
    error UnusableKey(uint256 px, uint256 py);

    uint256 private constant PROOF_BYTES = 96;

    bytes32 public immutable committeeId;
    bytes32 public immutable domainSeparator;

    /// @notice The group key's coordinates.
    uint256 public immutable px;
    uint256 public immutable py;

    /// @param px_ The group key's x, below the group order.
    /// @param py_ Its y.
    constructor(uint256 px_, uint256 py_) {
        if (!FrostSecp256k1.isUsableKey(px_, py_)) revert UnusableKey(px_, py_);
        (px, py) = (px_, py_);
        committeeId = keccak256(abi.encode(px_, py_));
        domainSeparator = CertificateLibrary.domainOf(committeeId);
    }

    /// @inheritdoc ICommitVerifier
    function verify(Certificate calldata certificate, bytes calldata proof)
        external
        view
        returns (bool)
    {
        if (proof.length != PROOF_BYTES || certificate.outcome == Outcome.None) return false;
        (uint256 rx, uint256 ry, uint256 z) = abi.decode(proof, (uint256, uint256, uint256));
        bytes memory message = abi.encodePacked(certificate.digest(domainSeparator));
        return FrostSecp256k1.verify(px, py, message, rx, ry, z);
    }
}
