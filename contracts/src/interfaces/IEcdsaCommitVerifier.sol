// IEcdsaCommitVerifier: m-of-n ECDSA, evidence of double votes. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommitVerifier} from "./ICommitVerifier.sol";
import {Certificate} from "../types/Certificate.sol";

/// @notice A committee of known addresses. With at most f of n faulty, threshold >= (n+f+1)/2
/// makes any two quorums share an honest signer, so COMMIT and ABORT never both exist.
interface IEcdsaCommitVerifier is ICommitVerifier {
    /// @notice A signer signed two different certificates of one bundle.
    /// @param signer Who did.
    /// @param bundleId The bundle.
    /// @param digestA EIP-712 digest of the one certificate.
    /// @param digestB EIP-712 digest of the other.
    /// @param reporter Who brought the evidence.
    event Equivocation(
        address indexed signer,
        bytes32 indexed bundleId,
        bytes32 digestA,
        bytes32 digestB,
        address reporter
    );

    /// @notice Signers have to be non-zero and strictly ascending, between 1 and 64.
    error InvalidSigners();

    /// @notice The threshold has to exceed half of the signers and not their number.
    error InvalidThreshold(uint256 threshold, uint256 signers);

    /// @notice The two votes do not contradict each other, or are not of one signer of this
    /// committee.
    error NoEquivocation();

    /// @notice This signer's equivocation is on record already.
    error AlreadyProven(address signer);

    /// @notice How many signatures a certificate needs.
    function threshold() external view returns (uint256);

    /// @notice The members, ascending.
    function signers() external view returns (address[] memory);

    /// @notice Whether an address is a member.
    function isSigner(address account) external view returns (bool);

    /// @notice Whether evidence against a signer is on record. Its signatures still count, since
    /// what is accepted must not depend on which chain saw the evidence first; whoever holds the
    /// signer's stake reads this.
    function equivocated(address signer) external view returns (bool);

    /// @notice Puts on record that one signer signed two different certificates of one bundle.
    /// Anyone may call.
    /// @param a One certificate.
    /// @param signatureA 65 bytes, r, s, v.
    /// @param b Another certificate with the same bundleId and another outcome or legsHash.
    /// @param signatureB 65 bytes of the same signer.
    /// @return signer Who signed both.
    function proveEquivocation(
        Certificate calldata a,
        bytes calldata signatureA,
        Certificate calldata b,
        bytes calldata signatureB
    ) external returns (address signer);
}
