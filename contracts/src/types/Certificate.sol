// Certificate: what a committee decides about a bundle; EIP-712. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What a committee says of a bundle. `None` is never signed.
enum Outcome {
    None,
    Commit,
    Abort
}

/// @notice A decision on one bundle, the same on every chain of it. Legs bind chains, escrows and
/// terms through legsHash, so that the certificate needs no chain id of its own.
/// @param bundleId The bundle: `BundleIds.bundleId(hashlock, legsHash)`.
/// @param legsHash keccak256 of the concatenated leg ids, in the bundle's order.
/// @param outcome Commit (1) or Abort (2).
struct Certificate {
    bytes32 bundleId;
    bytes32 legsHash;
    Outcome outcome;
}

/// @dev keccak256("Certificate(bytes32 bundleId,bytes32 legsHash,uint8 outcome)")
bytes32 constant CERTIFICATE_TYPEHASH =
    keccak256("Certificate(bytes32 bundleId,bytes32 legsHash,uint8 outcome)");

/// @dev The domain has no chain id and no contract: one certificate serves all chains of a bundle.
/// The salt is the verifier's committeeId.
bytes32 constant CERTIFICATE_DOMAIN_TYPEHASH =
    keccak256("EIP712Domain(string name,string version,bytes32 salt)");

using CertificateLibrary for Certificate global;

/// @notice EIP-712 hashes of certificates.
library CertificateLibrary {
    /// @notice EIP-712 hashStruct of a certificate.
    function structHash(Certificate memory self) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(CERTIFICATE_TYPEHASH, self.bundleId, self.legsHash, self.outcome));
    }

    /// @notice What a signer signs: keccak256(0x1901, domainSeparator, structHash).
    function digest(Certificate memory self, bytes32 domainSeparator)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash(self)));
    }

    /// @notice The domain of a committee: name "Lockstep Certificate", version "1", its salt.
    function domainOf(bytes32 committeeId) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                CERTIFICATE_DOMAIN_TYPEHASH,
                keccak256("Lockstep Certificate"),
                keccak256("1"),
                committeeId
            )
        );
    }
}
