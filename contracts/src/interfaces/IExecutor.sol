// IExecutor: one plan leg in one transaction, to a profit. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Runs programs of packed steps (docs/contracts.md has the bytes) for its owner's keepers.
/// Swaps, flash loans, payments; at the end it holds nothing of what it touched.
interface IExecutor {
    event KeeperSet(address indexed keeper, bool allowed);
    event PayeeSet(address indexed payee, bool allowed);

    /// @notice A program ran.
    /// @param planId What the keeper calls it: plan and transaction, off chain.
    /// @param keeper Who started it.
    /// @param asset What profit is counted in.
    /// @param profit Gained of it, in base units; what the owner put in is counted off.
    event Executed(
        bytes32 indexed planId, address indexed keeper, address indexed asset, uint256 profit
    );

    error NotOwner();
    error NotKeeper(address caller);
    error NotPayee(address payee);
    error WrongChain(uint256 expected);
    error DeadlinePassed(uint256 deadline);
    error UnknownOpcode(uint256 opcode, uint256 offset);
    error UnknownLender(uint256 kind, uint256 offset);
    error UnknownFlags(uint256 flags);
    error TooLittleOut(uint256 offset, uint256 amountOut, uint256 minOut);

    /// @notice At the end the executor has less than it had and pulled, and minProfit.
    error TooLittleProfit(uint256 have, uint256 spent, uint256 minProfit);

    /// @notice Where what is left goes, and whose allowances `pull` draws on.
    function owner() external view returns (address);

    function isKeeper(address account) external view returns (bool);

    /// @notice Whom `pay` may pay besides the owner.
    function isPayee(address account) external view returns (bool);

    function setKeeper(address keeper, bool allowed) external;
    function setPayee(address payee, bool allowed) external;

    /// @notice Keepers only: runs a program.
    /// @param planId For the event.
    /// @param chainId Has to be this chain's.
    /// @param deadline Last second, in chain time, in which it may run.
    /// @param profitAsset What profit is counted in.
    /// @param minProfit Least gain of it, after repaying lenders and counting off pulls.
    /// @param program Packed steps.
    /// @return profit Gained.
    function execute(
        bytes32 planId,
        uint256 chainId,
        uint256 deadline,
        address profitAsset,
        uint256 minProfit,
        bytes calldata program
    ) external returns (uint256 profit);

    /// @notice Owner only: takes what someone sent here by mistake.
    function rescue(address asset, uint256 amount) external;
}
