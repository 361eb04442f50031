// Venue: one word that names a pool, how it swaps and its fee. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A pool to swap in. Bits 0..159 the pool's address, 160..183 feePips (hundredths of a
/// basis point, 3000 = 0.30 %), 184..191 the kind, 192..255 zero.
type Venue is uint256;

/// @notice How a pool swaps. `None` is no venue.
/// `UniswapV2`: reserves and `swap(out0, out1, to, data)`, the fee is feePips.
/// `UniswapV3`: `swap` with a callback; feePips is not used.
/// `Solidly`: as V2, what comes out is asked with `getAmountOut`; feePips is not used.
enum VenueKind {
    None,
    UniswapV2,
    UniswapV3,
    Solidly
}

using VenueLibrary for Venue global;

/// @notice Makes a venue from its parts.
/// @param kind How the pool swaps.
/// @param poolAddress The pool.
/// @param fee The pool's fee in pips, below 1,000,000.
/// @return The packed word.
function toVenue(VenueKind kind, address poolAddress, uint24 fee) pure returns (Venue) {
    return Venue.wrap(
        uint256(uint160(poolAddress)) | (uint256(fee) << 160) | (uint256(uint8(kind)) << 184)
    );
}

/// @notice The parts of a venue.
library VenueLibrary {
    /// @notice The word has bits where none belong, or a kind that does not exist.
    error MalformedVenue(Venue venue);

    /// @notice The pool's address.
    function pool(Venue venue) internal pure returns (address) {
        return address(uint160(Venue.unwrap(venue)));
    }

    /// @notice The pool's fee in pips.
    function feePips(Venue venue) internal pure returns (uint24) {
        return uint24(Venue.unwrap(venue) >> 160);
    }

    /// @notice How the pool swaps; refuses words that are no venue.
    function kind(Venue venue) internal pure returns (VenueKind) {
        uint256 raw = Venue.unwrap(venue) >> 184;
        if (raw == 0 || raw > uint256(type(VenueKind).max)) revert MalformedVenue(venue);
        return VenueKind(raw);
    }
}
