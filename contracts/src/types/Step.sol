// Step: the packed steps of an executor's program, read from calldata. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Venue} from "./Venue.sol";

/// @notice What a step does; the first byte of each. docs/contracts.md has the whole layout.
enum Opcode {
    None,
    Swap,
    BalancerSwap,
    Flash,
    Pull,
    Pay
}

/// @notice Who lends in a flash step; its second byte.
enum LenderKind {
    None,
    BalancerV2,
    AaveV3,
    UniswapV3,
    UniswapV2
}

/// @notice Where a reader stands in a program. Offsets count from the start of the program or, in
/// a flash loan's body, of that body.
struct Cursor {
    uint256 offset;
}

/// @notice Big-endian fields of fixed width, one after the other, without padding.
library StepReader {
    /// @notice The program ends within a step.
    error TruncatedProgram(uint256 offset);

    /// @notice The next byte.
    function readByte(Cursor memory self, bytes calldata program) internal pure returns (uint256) {
        return _read(self, program, 1);
    }

    /// @notice 3 bytes: a fee in pips, or a length.
    function readUint24(Cursor memory self, bytes calldata program)
        internal
        pure
        returns (uint256)
    {
        return _read(self, program, 3);
    }

    /// @notice 16 bytes: an amount in base units.
    function readAmount(Cursor memory self, bytes calldata program)
        internal
        pure
        returns (uint256)
    {
        return _read(self, program, 16);
    }

    /// @notice 20 bytes: an address.
    function readAddress(Cursor memory self, bytes calldata program)
        internal
        pure
        returns (address)
    {
        return address(uint160(_read(self, program, 20)));
    }

    /// @notice 24 bytes: kind, feePips (3), pool (20).
    function readVenue(Cursor memory self, bytes calldata program) internal pure returns (Venue) {
        return Venue.wrap(_read(self, program, 24));
    }

    /// @notice 32 bytes: a word.
    function readWord(Cursor memory self, bytes calldata program) internal pure returns (bytes32) {
        return bytes32(_read(self, program, 32));
    }

    /// @notice A slice of the program.
    function readSlice(Cursor memory self, bytes calldata program, uint256 length)
        internal
        pure
        returns (bytes calldata slice)
    {
        uint256 from = self.offset;
        if (program.length - from < length) revert TruncatedProgram(from);
        self.offset = from + length;
        slice = program[from:from + length];
    }

    function _read(Cursor memory self, bytes calldata program, uint256 width)
        private
        pure
        returns (uint256 value)
    {
        uint256 from = self.offset;
        if (program.length - from < width) revert TruncatedProgram(from);
        assembly ("memory-safe") {
            value := shr(shl(3, sub(32, width)), calldataload(add(program.offset, from)))
        }
        self.offset = from + width;
    }
}
