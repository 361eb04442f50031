// Test: the little of a test base that is used here; assertions revert.
// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice forge's cheat codes, the ones used here.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    struct Wallet {
        address addr;
        uint256 publicKeyX;
        uint256 publicKeyY;
        uint256 privateKey;
    }

    function createWallet(uint256 key) external returns (Wallet memory);
    function warp(uint256 timestamp) external;
    function chainId(uint256 id) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function assume(bool condition) external pure;
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectEmit(address emitter) external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8, bytes32, bytes32);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function toString(bytes32 word) external pure returns (string memory);
    function toString(uint256 number) external pure returns (string memory);
    function toString(address account) external pure returns (string memory);
    function eip712HashTypedData(string calldata json) external pure returns (bytes32);
    function snapshotGasLastCall(string calldata group, string calldata name)
        external
        returns (uint256);
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
    function toString(bytes calldata data) external pure returns (string memory);
    function getCode(string calldata artifact) external view returns (bytes memory);
    function parseJsonString(string calldata json, string calldata key)
        external
        pure
        returns (string memory);
    function parseBytes(string calldata text) external pure returns (bytes memory);
    function envOr(string calldata name, bool otherwise) external view returns (bool);
    function readFile(string calldata path) external view returns (string memory);
    function writeFile(string calldata path, string calldata text) external;
}

/// @notice Assertions and the arithmetic of fuzzed arguments.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice forge's mark of a contract with tests.
    bool public constant IS_TEST = true;

    error Failed(string what, uint256 left, uint256 right);

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert Failed(what, 0, 1);
    }

    function assertEq(uint256 left, uint256 right, string memory what) internal pure {
        if (left != right) revert Failed(what, left, right);
    }

    function assertEq(bytes32 left, bytes32 right, string memory what) internal pure {
        if (left != right) revert Failed(what, uint256(left), uint256(right));
    }

    function assertEq(address left, address right, string memory what) internal pure {
        if (left != right) revert Failed(what, uint160(left), uint160(right));
    }

    function assertLe(uint256 left, uint256 right, string memory what) internal pure {
        if (left > right) revert Failed(what, left, right);
    }

    function assertGe(uint256 left, uint256 right, string memory what) internal pure {
        if (left < right) revert Failed(what, left, right);
    }

    /// @dev x itself where it fits, else wrapped into lo .. hi.
    function bound(uint256 x, uint256 lo, uint256 hi) internal pure returns (uint256) {
        if (x >= lo && x <= hi) return x;
        uint256 size = hi - lo + 1;
        return size == 0 ? x : lo + x % size;
    }
}
