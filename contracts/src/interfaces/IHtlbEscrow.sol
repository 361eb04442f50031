// IHtlbEscrow: one chain's legs of certified hash-time locks. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Certificate} from "../types/Certificate.sol";
import {Leg, LegStatus, LegTerms, RefundPath} from "../types/Leg.sol";

/// @notice lock = lend + swap + escrow + bond in one transaction. Then
///   claim  needs  keccak256(s) = h  and a COMMIT certificate  and  now <  T;
///   unwind needs  an ABORT certificate                         or  now >= T.
/// Claim, unwind, bid and settleInKind are open to everyone; the caller earns the keepers' reward,
/// which grows with time from zero to the leg's rewardCap.
interface IHtlbEscrow {
    /// @notice Idle -> Locked. Everything anyone needs to claim or unwind later.
    /// @param legId The leg.
    /// @param bundleId The bundle.
    /// @param searcher Who locked it.
    /// @param index Place of the leg in the bundle.
    /// @param legIds All legs of the bundle, on all chains.
    /// @param terms The leg's terms.
    /// @param amountOut What the swap brought and the escrow holds, in assetOut.
    event Locked(
        bytes32 indexed legId,
        bytes32 indexed bundleId,
        address indexed searcher,
        uint256 index,
        bytes32[] legIds,
        LegTerms terms,
        uint256 amountOut
    );

    /// @notice Locked -> Claimed.
    /// @param legId The leg.
    /// @param bundleId The bundle.
    /// @param keeper Who claimed it.
    /// @param preimage s: what the other legs need.
    /// @param due To the vault, in assetOut.
    /// @param surplus To the searcher, in assetOut.
    /// @param reward To the keeper, in assetIn, out of the bond.
    event Claimed(
        bytes32 indexed legId,
        bytes32 indexed bundleId,
        address indexed keeper,
        bytes32 preimage,
        uint256 due,
        uint256 surplus,
        uint256 reward
    );

    /// @notice Locked -> Unwinding. Refunded follows in the same transaction, or an auction runs.
    /// @param legId The leg.
    /// @param bundleId The bundle.
    /// @param keeper Who unwound it.
    /// @param expired Whether T passed (true) or a certificate said ABORT (false).
    /// @param reward To the keeper, in assetIn, out of the bond.
    event Unwinding(
        bytes32 indexed legId,
        bytes32 indexed bundleId,
        address indexed keeper,
        bool expired,
        uint256 reward
    );

    /// @notice The swap back failed; the escrowed output is for sale.
    /// @param legId The leg.
    /// @param bundleId The bundle.
    /// @param lot How much assetOut.
    /// @param startPrice Asked at first, in assetIn, for the lot.
    /// @param floorPrice Asked at the end: what is owed less the bond.
    /// @param endsAt From then on the leg is settled in kind.
    event AuctionStarted(
        bytes32 indexed legId,
        bytes32 indexed bundleId,
        uint256 lot,
        uint256 startPrice,
        uint256 floorPrice,
        uint256 endsAt
    );

    /// @notice Unwinding -> Refunded.
    /// @param legId The leg.
    /// @param bundleId The bundle.
    /// @param closer Who closed it: keeper or bidder.
    /// @param path How.
    /// @param paidIn To the vault, in assetIn, the bond's part included.
    /// @param paidOut To the vault, in assetOut; only in kind.
    /// @param fromBond Part of paidIn that came out of the bond.
    /// @param shortfall What of principal + fee stayed uncovered, in assetIn at the vault's price;
    /// the excess that liquidity providers bear. With no price in kind: what assetIn did not cover.
    /// @param toSearcher Back to the searcher, in assetIn: the rest of the bond, and what a sale
    /// brought above what was owed.
    /// @param reward To the closer, in assetIn; settleInKind only.
    event Refunded(
        bytes32 indexed legId,
        bytes32 indexed bundleId,
        address indexed closer,
        RefundPath path,
        uint256 paidIn,
        uint256 paidOut,
        uint256 fromBond,
        uint256 shortfall,
        uint256 toSearcher,
        uint256 reward
    );

    /// @notice A payment that the token refused is kept for its payee.
    event Credited(address indexed token, address indexed account, uint256 amount);

    /// @notice A kept payment was taken.
    event Collected(address indexed token, address indexed account, address to, uint256 amount);

    error NotSearcher(address caller);
    error NotSelf();
    error InvalidTerms();

    /// @notice legIds[index] is not this leg, or there are more than 16 legs.
    error LegNotInBundle(bytes32 legId);

    /// @notice The leg is not where this call needs it.
    error WrongStatus(bytes32 legId, LegStatus status);

    error WrongPreimage();
    error WrongCertificate();
    error InvalidProof();

    /// @notice now >= T: too late to claim, or to lock.
    error Expired(uint256 deadline);

    /// @notice now < T: unwinding needs an ABORT certificate.
    error NotExpired(uint256 deadline);

    error TooLittleOut(uint256 amountOut, uint256 minOut);
    error TransferShort(address token, uint256 received, uint256 expected);

    /// @notice The caller's gas might let the swap back fail for want of it.
    error TooLittleGas();

    error AuctionOver(uint256 endsAt);
    error AuctionRunning(uint256 endsAt);
    error PriceAboveMax(uint256 price, uint256 maxPrice);
    error NothingToCollect();

    /// @notice The id of a leg with these terms in this escrow on this chain.
    function legIdOf(LegTerms calldata terms) external view returns (bytes32);

    /// @notice What is remembered of a leg; all zero while Idle.
    function leg(bytes32 legId) external view returns (Leg memory);

    /// @notice A payment that the token refused, still kept for the account.
    function credit(address token, address account) external view returns (uint256);

    /// @notice What a keeper would earn now: for a claim or unwinding of a Locked leg, for settling
    /// in kind of an Unwinding one; in assetIn.
    function rewardNow(LegTerms calldata terms) external view returns (uint256);

    /// @notice What a bidder would pay now for the lot, in assetIn; reverts without an auction.
    function auctionPrice(LegTerms calldata terms) external view returns (uint256);

    /// @notice Locks a leg: takes the bond from the caller, borrows, swaps and escrows, all or
    /// nothing.
    /// @param terms The terms; the caller is terms.searcher.
    /// @param legIds All legs of the bundle in order, 1 to 16.
    /// @param index Where this one is among them.
    /// @return legId The leg.
    /// @return amountOut What the swap brought.
    function lock(LegTerms calldata terms, bytes32[] calldata legIds, uint256 index)
        external
        returns (bytes32 legId, uint256 amountOut);

    /// @notice Locked -> Claimed: due to the vault, surplus to the searcher, bond less reward back.
    /// @param terms The leg's terms, as in Locked.
    /// @param preimage s.
    /// @param certificate COMMIT of the leg's bundle.
    /// @param proof What the leg's verifier takes.
    function claim(
        LegTerms calldata terms,
        bytes32 preimage,
        Certificate calldata certificate,
        bytes calldata proof
    ) external;

    /// @notice Locked -> Unwinding on an ABORT certificate; swaps back, or opens the auction.
    function unwind(LegTerms calldata terms, Certificate calldata certificate, bytes calldata proof)
        external;

    /// @notice Locked -> Unwinding from T on; swaps back, or opens the auction.
    function unwindExpired(LegTerms calldata terms) external;

    /// @notice Unwinding -> Refunded: buys the whole lot at the auction's price.
    /// @param terms The leg's terms.
    /// @param maxPrice The most the caller pays, in assetIn.
    /// @param to Gets the lot.
    /// @return price Paid.
    function bid(LegTerms calldata terms, uint256 maxPrice, address to)
        external
        returns (uint256 price);

    /// @notice Unwinding -> Refunded after the auction: the vault takes the lot, up to the worth of
    /// what is owed, and of the bond what is missing.
    function settleInKind(LegTerms calldata terms) external;

    /// @notice Takes a kept payment of the caller.
    /// @param token Which.
    /// @param to Where.
    /// @return amount Paid.
    function collect(address token, address to) external returns (uint256 amount);
}
