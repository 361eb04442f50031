// ICommitVerifier: says whether a committee signed a certificate. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Certificate} from "../types/Certificate.sol";

/// @notice Checks certificates of one fixed committee. What it accepts never changes: a
/// certificate that one chain accepts the others accept too, or legs would split.
interface ICommitVerifier {
    /// @notice Names the committee; the salt of the EIP-712 domain. For m-of-n ECDSA
    /// keccak256(abi.encode(threshold, signers)), for a FROST key keccak256(abi.encode(px, py)).
    function committeeId() external view returns (bytes32);

    /// @notice The EIP-712 domain separator; equal on all chains for one committee.
    function domainSeparator() external view returns (bytes32);

    /// @notice Whether proof shows that the committee signed the certificate. Never reverts for a
    /// proof that is merely wrong or malformed.
    /// @param certificate What was decided.
    /// @param proof For m-of-n ECDSA: at least `threshold` signatures of 65 bytes, r, s, v, in
    /// ascending order of their signers' addresses. For FROST: rx, ry, z, 32 bytes each.
    function verify(Certificate calldata certificate, bytes calldata proof)
        external
        view
        returns (bool);
}
