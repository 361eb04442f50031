// FrostSecp256k1: checks one signature of FROST(secp256k1, SHA-256). SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice RFC 9591, ciphersuite FROST(secp256k1, SHA-256): z*G = R + c*P with
/// c = H2(R || P || message). The curve's arithmetic is the ecrecover precompile's:
/// ecrecover(-z*Px, v, Px, -c*Px) is the address of z*G - c*P, which has to be R's.
library FrostSecp256k1 {
    /// @dev The field and the group order of secp256k1.
    uint256 internal constant FIELD =
        0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
    uint256 internal constant ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    /// @dev The domain of H2, with its length behind it (RFC 9380, expand_message_xmd).
    bytes private constant DST_PRIME = "FROST-secp256k1-SHA256-v1chal\x1d";

    /// @notice Whether (x, y) is on the curve, y^2 = x^3 + 7.
    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= FIELD || y >= FIELD) return false;
        uint256 right = addmod(mulmod(mulmod(x, x, FIELD), x, FIELD), 7, FIELD);
        return mulmod(y, y, FIELD) == right;
    }

    /// @notice Whether a group key's x fits the precompile: it has to be below the group order,
    /// which all but one in 2^127 keys are.
    function isUsableKey(uint256 px, uint256 py) internal pure returns (bool) {
        return px != 0 && px < ORDER && isOnCurve(px, py);
    }

    /// @notice Whether (R, z) signs the message under P.
    /// @param px Group key, a usable one.
    /// @param py Its other coordinate.
    /// @param message Any bytes.
    /// @param rx Commitment R.
    /// @param ry Its other coordinate.
    /// @param z Response, below the group order.
    function verify(uint256 px, uint256 py, bytes memory message, uint256 rx, uint256 ry, uint256 z)
        internal
        pure
        returns (bool)
    {
        if (z >= ORDER || !isOnCurve(rx, ry)) return false;
        uint256 c = challenge(px, py, message, rx, ry);
        bytes32 m = bytes32(_negate(mulmod(z, px, ORDER)));
        bytes32 s = bytes32(_negate(mulmod(c, px, ORDER)));
        address found = ecrecover(m, 27 + uint8(py & 1), bytes32(px), s);
        address wanted = address(uint160(uint256(keccak256(abi.encode(rx, ry)))));
        return found != address(0) && found == wanted;
    }

    /// @notice H2 of RFC 9591: 48 bytes of expand_message_xmd with SHA-256, modulo the order.
    function challenge(uint256 px, uint256 py, bytes memory message, uint256 rx, uint256 ry)
        internal
        pure
        returns (uint256)
    {
        bytes memory input = abi.encodePacked(
            new bytes(64),
            abi.encodePacked(uint8(2 + (ry & 1)), rx, uint8(2 + (py & 1)), px, message),
            uint16(48),
            uint8(0),
            DST_PRIME
        );
        bytes32 b0 = sha256(input);
        bytes32 b1 = sha256(abi.encodePacked(b0, uint8(1), DST_PRIME));
        bytes32 b2 = sha256(abi.encodePacked(b0 ^ b1, uint8(2), DST_PRIME));
        return addmod(mulmod(uint256(b1), 1 << 128, ORDER), uint256(b2) >> 128, ORDER);
    }

    function _negate(uint256 x) private pure returns (uint256) {
        return x == 0 ? 0 : ORDER - x;
    }
}
