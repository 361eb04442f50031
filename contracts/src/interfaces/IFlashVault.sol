// IFlashVault: two assets of liquidity providers, lent to one escrow. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IPriceSource} from "./IPriceSource.sol";
import {Venue} from "../types/Venue.sol";

/// @notice What an escrow asks for when it locks a leg. Amounts are base units.
/// @param legId The leg; one loan a leg, ever.
/// @param asset asset0 or asset1.
/// @param principal How much of it.
/// @param fee Premium in the same asset.
/// @param bond What the searcher posts in the same asset, without the keepers' part.
/// @param venue Where the principal will be swapped.
/// @param verifier Who checks the leg's certificates.
/// @param ltvPips Highest share of the escrow's value that the debt may be.
/// @param deadline T of the leg.
struct LoanRequest {
    bytes32 legId;
    address asset;
    uint128 principal;
    uint128 fee;
    uint128 bond;
    Venue venue;
    address verifier;
    uint32 ltvPips;
    uint40 deadline;
}

/// @notice A loan that is out.
/// @param principal What is out, in the asset; zero: no such loan, or closed.
/// @param fee What is owed besides.
/// @param isAsset0 Which of the two.
/// @param distressed Its leg is in an auction.
struct Loan {
    uint128 principal;
    uint112 fee;
    bool isAsset0;
    bool distressed;
}

/// @notice What the vault allows.
/// @param maxLoan0 Most principal of one loan of asset0.
/// @param maxLoan1 Most principal of one loan of asset1.
/// @param maxLent0 Most principal of asset0 out at a time.
/// @param maxLent1 Most principal of asset1 out at a time.
/// @param loanFeePips Least fee, of the principal.
/// @param minBondPips Least bond (without the keepers' part), of principal + fee.
/// @param maxLtvPips Highest ltvPips of a leg; 1,010,000 is 101 %.
/// @param bandPips How far from the vault's price a swap, a due or a swap back may be.
/// @param entryFeePips Of each deposit, left to those already in; at least the error of the price.
/// @param maxDuration Longest time from lock to T, in seconds.
struct VaultPolicy {
    uint128 maxLoan0;
    uint128 maxLoan1;
    uint128 maxLent0;
    uint128 maxLent1;
    uint24 loanFeePips;
    uint24 minBondPips;
    uint32 maxLtvPips;
    uint24 bandPips;
    uint24 entryFeePips;
    uint32 maxDuration;
}

/// @notice A vault holds asset0 and asset1 for its liquidity providers. Its shares are an ERC-20.
/// Balances are booked: what is merely sent to the vault changes no share's worth.
interface IFlashVault {
    event Deposited(
        address indexed from, address indexed to, uint256 amount0, uint256 amount1, uint256 shares
    );
    event Withdrawn(
        address indexed from, address indexed to, uint256 amount0, uint256 amount1, uint256 shares
    );
    event Lent(bytes32 indexed legId, address indexed asset, uint256 principal, uint256 fee);

    /// @notice A loan is closed.
    /// @param legId The leg.
    /// @param paidIn Came in of the lent asset.
    /// @param paidOut Came in of the other asset.
    event Repaid(bytes32 indexed legId, uint256 paidIn, uint256 paidOut);

    event Distressed(bytes32 indexed legId);
    event PolicySet(VaultPolicy policy);
    event VenueSet(Venue indexed venue, bool allowed);
    event VerifierSet(address indexed verifier, bool allowed);
    event PriceSourceSet(IPriceSource source);
    event OwnerSet(address indexed owner);

    error NotOwner();
    error NotEscrow();
    error InvalidPolicy();
    error InvalidAsset(address asset);
    error AmountTooLarge(uint256 amount);
    error ZeroShares();
    error TooFewShares(uint256 shares, uint256 minShares);
    error TooLittleOut(uint256 amount0, uint256 amount1);

    /// @notice What is asked for is out on loan.
    error InsufficientIdle(uint256 idle0, uint256 idle1);

    error LoanExists(bytes32 legId);
    error UnknownLoan(bytes32 legId);
    error LoanLimit(uint256 principal, uint256 limit);
    error TotalLimit(uint256 lent, uint256 limit);
    error FeeTooLow(uint256 fee, uint256 least);
    error BondTooLow(uint256 bond, uint256 least);
    error LtvTooHigh(uint256 ltvPips, uint256 most);
    error DeadlineTooFar(uint256 deadline, uint256 latest);
    error VenueNotAllowed(Venue venue);
    error VerifierNotAllowed(address verifier);

    /// @notice The swap's price, or the due's, is out of the band around the vault's price.
    error OutOfBand(uint256 amount, uint256 fairAmount);

    /// @notice The debt is more than ltvPips of what is escrowed.
    error Undercollateralised(uint256 owed, uint256 value);

    function asset0() external view returns (address);
    function asset1() external view returns (address);
    function escrow() external view returns (address);
    function owner() external view returns (address);
    function policy() external view returns (VaultPolicy memory);
    function priceSource() external view returns (IPriceSource);
    function venueAllowed(Venue venue) external view returns (bool);
    function verifierAllowed(address verifier) external view returns (bool);
    function loan(bytes32 legId) external view returns (Loan memory);

    /// @notice Booked balances that are not lent.
    function idle() external view returns (uint256 idle0, uint256 idle1);

    /// @notice Principal that is out.
    function lent() external view returns (uint256 lent0, uint256 lent1);

    /// @notice Principal that is out on legs in an auction; part of lent.
    function distressed() external view returns (uint256 distressed0, uint256 distressed1);

    /// @notice Everything, idle and lent, at the vault's price, in asset0, rounded down.
    function totalValue0() external view returns (uint256);

    /// @notice What an amount of one asset is in the other, at the vault's price, rounded down.
    /// @param assetIn asset0 or asset1.
    /// @param amountIn Base units of it.
    /// @return amountOut Base units of the other.
    function quote(address assetIn, uint256 amountIn) external view returns (uint256 amountOut);

    /// @notice Takes both assets, in any proportion, for shares at the vault's price less the entry
    /// fee.
    /// @param amount0 Exactly this much of asset0 is pulled; a token that takes a fee is refused.
    /// @param amount1 The same of asset1.
    /// @param minShares Least shares.
    /// @param to Gets the shares.
    /// @return shares Minted.
    function deposit(uint256 amount0, uint256 amount1, uint256 minShares, address to)
        external
        returns (uint256 shares);

    /// @notice Burns shares for the same part of both assets, in kind; needs no price. Distressed
    /// loans are not counted: who leaves before their loss is known leaves that part behind.
    /// @param shares Of the caller.
    /// @param min0 Least asset0.
    /// @param min1 Least asset1.
    /// @param to Gets them.
    /// @return amount0 Paid.
    /// @return amount1 Paid.
    function withdraw(uint256 shares, uint256 min0, uint256 min1, address to)
        external
        returns (uint256 amount0, uint256 amount1);

    /// @notice Escrow only: books a loan within the policy and sends the principal to the escrow.
    function lend(LoanRequest calldata request) external;

    /// @notice Escrow only, after the swap: refuses what is out of the band or above the ltv.
    /// @param legId The leg.
    /// @param amountOut What the swap brought.
    /// @param due What the vault gets of it on COMMIT.
    /// @param ltvPips The leg's own bound.
    function admit(bytes32 legId, uint256 amountOut, uint256 due, uint256 ltvPips) external view;

    /// @notice Escrow only: the leg's swap back failed, its loss is not known yet.
    function distress(bytes32 legId) external;

    /// @notice Escrow only, after the transfers: closes a loan with what came in.
    /// @param legId The leg.
    /// @param paidIn Sent of the lent asset.
    /// @param paidOut Sent of the other asset.
    function repay(bytes32 legId, uint256 paidIn, uint256 paidOut) external;

    function setPolicy(VaultPolicy calldata policy) external;
    function setVenue(Venue venue, bool allowed) external;
    function setVerifier(address verifier, bool allowed) external;
    function setPriceSource(IPriceSource source) external;
    function setOwner(address owner) external;
}
