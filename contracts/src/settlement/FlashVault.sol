// FlashVault: keeps two assets of LPs, lends within its policy. SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IFlashVault, Loan, LoanRequest, VaultPolicy} from "../interfaces/IFlashVault.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {FullMath} from "../libraries/FullMath.sol";
import {Guarded} from "../libraries/Guarded.sol";
import {Pips} from "../libraries/Pips.sol";
import {SafeTransfer} from "../libraries/SafeTransfer.sol";
import {Venue} from "../types/Venue.sol";
import {VaultShares} from "./VaultShares.sol";

/// @notice Lends to one escrow only. What it holds is booked, so a donation moves no share, and
/// virtual shares make rounding worthless to a first depositor.
contract FlashVault is IFlashVault, VaultShares, Guarded {
    using SafeTransfer for address;

    /// @notice The token moved another amount than it was told to.
    error InexactTransfer(address token);

    /// @dev Shares nobody has, worth one unit of value: the price of a share starts at 1/1000.
    uint256 private constant VIRTUAL_SHARES = 1000;
    uint256 private constant ONE_X128 = 1 << 128;

    /// @dev What the vault has of one asset; distressed is part of lent.
    struct Book {
        uint128 idle;
        uint128 lent;
        uint128 distressed;
    }

    address public immutable asset0;
    address public immutable asset1;
    address public immutable escrow;
    address public owner;
    IPriceSource public priceSource;
    Book private _book0;
    Book private _book1;
    VaultPolicy private _policy;

    mapping(Venue venue => bool) public venueAllowed;
    mapping(address verifier => bool) public verifierAllowed;
    mapping(bytes32 legId => Loan) private _loans;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner();
        _;
    }

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert NotEscrow();
        _;
    }

    /// @param source Prices asset0 in asset1; the two are the vault's assets.
    /// @param escrow_ The one borrower.
    /// @param owner_ Who sets the policy; liquidity providers trust it, so let it be slow.
    constructor(IPriceSource source, address escrow_, address owner_) {
        (asset0, asset1) = (source.asset0(), source.asset1());
        (priceSource, escrow, owner) = (source, escrow_, owner_);
        emit PriceSourceSet(source);
        emit OwnerSet(owner_);
    }

    /// @inheritdoc IFlashVault
    function deposit(uint256 amount0, uint256 amount1, uint256 minShares, address to)
        external
        guarded
        returns (uint256 shares)
    {
        uint256 price = priceSource.priceX128();
        uint256 value = amount0 + _toAsset0(amount1, price);
        value -= Pips.shareCeiling(value, _policy.entryFeePips);
        shares = FullMath.mulDivFloor(value, totalSupply + VIRTUAL_SHARES, _totalValue0(price) + 1);
        if (shares == 0) revert ZeroShares();
        if (shares < minShares) revert TooFewShares(shares, minShares);
        _pullExact(asset0, amount0);
        _pullExact(asset1, amount1);
        _book0.idle += _u128(amount0);
        _book1.idle += _u128(amount1);
        _mint(to, shares);
        emit Deposited(msg.sender, to, amount0, amount1, shares);
    }

    /// @inheritdoc IFlashVault
    function withdraw(uint256 shares, uint256 min0, uint256 min1, address to)
        external
        guarded
        returns (uint256 amount0, uint256 amount1)
    {
        (Book memory book0, Book memory book1) = (_book0, _book1);
        uint256 all = totalSupply + VIRTUAL_SHARES;
        amount0 = FullMath.mulDivFloor(_sound(book0), shares, all);
        amount1 = FullMath.mulDivFloor(_sound(book1), shares, all);
        if (amount0 < min0 || amount1 < min1) revert TooLittleOut(amount0, amount1);
        if (amount0 > book0.idle || amount1 > book1.idle) {
            revert InsufficientIdle(book0.idle, book1.idle);
        }
        _burn(msg.sender, shares);
        _book0.idle = _u128(book0.idle - amount0);
        _book1.idle = _u128(book1.idle - amount1);
        asset0.send(to, amount0);
        asset1.send(to, amount1);
        emit Withdrawn(msg.sender, to, amount0, amount1, shares);
    }

    /// @inheritdoc IFlashVault
    function lend(LoanRequest calldata request) external onlyEscrow guarded {
        bool isAsset0 = request.asset == asset0;
        if (!isAsset0 && request.asset != asset1) revert InvalidAsset(request.asset);
        if (_loans[request.legId].principal != 0) revert LoanExists(request.legId);
        Book storage book = isAsset0 ? _book0 : _book1;
        _checkPolicy(request, isAsset0, book);
        book.idle -= request.principal;
        book.lent += request.principal;
        _loans[request.legId] = Loan(request.principal, _u112(request.fee), isAsset0, false);
        request.asset.send(escrow, request.principal);
        emit Lent(request.legId, request.asset, request.principal, request.fee);
    }

    /// @inheritdoc IFlashVault
    function admit(bytes32 legId, uint256 amountOut, uint256 due, uint256 ltvPips) external view {
        Loan memory loan_ = _known(legId);
        uint256 band = _policy.bandPips;
        uint256 price = priceSource.priceX128();
        uint256 fair = _quote(loan_.isAsset0, loan_.principal, price);
        uint256 low = fair - Pips.shareFloor(fair, band);
        if (amountOut < low || amountOut > fair + Pips.shareFloor(fair, band)) {
            revert OutOfBand(amountOut, fair);
        }
        if (due < low) revert OutOfBand(due, fair);
        uint256 owed = _quote(loan_.isAsset0, uint256(loan_.principal) + loan_.fee, price);
        if (owed > Pips.shareFloor(amountOut, ltvPips)) {
            revert Undercollateralised(owed, amountOut);
        }
    }

    /// @inheritdoc IFlashVault
    function distress(bytes32 legId) external onlyEscrow {
        Loan memory loan_ = _known(legId);
        if (loan_.distressed) return;
        _loans[legId].distressed = true;
        (loan_.isAsset0 ? _book0 : _book1).distressed += loan_.principal;
        emit Distressed(legId);
    }

    /// @inheritdoc IFlashVault
    function repay(bytes32 legId, uint256 paidIn, uint256 paidOut) external onlyEscrow guarded {
        Loan memory loan_ = _known(legId);
        (uint256 paid0, uint256 paid1) = loan_.isAsset0 ? (paidIn, paidOut) : (paidOut, paidIn);
        (Book memory book0, Book memory book1) = (_book0, _book1);
        book0.idle += _u128(_arrived(asset0, book0.idle, paid0));
        book1.idle += _u128(_arrived(asset1, book1.idle, paid1));
        Book memory book = loan_.isAsset0 ? book0 : book1;
        book.lent -= loan_.principal;
        if (loan_.distressed) book.distressed -= loan_.principal;
        (_book0, _book1) = (book0, book1);
        delete _loans[legId];
        emit Repaid(legId, paidIn, paidOut);
    }

    /// @inheritdoc IFlashVault
    function setPolicy(VaultPolicy calldata policy_) external onlyOwner {
        bool ok = policy_.bandPips < Pips.ONE && policy_.entryFeePips < Pips.ONE
            && policy_.loanFeePips < Pips.ONE && policy_.minBondPips <= Pips.ONE;
        if (!ok) revert InvalidPolicy();
        _policy = policy_;
        emit PolicySet(policy_);
    }

    /// @inheritdoc IFlashVault
    function setVenue(Venue venue, bool allowed) external onlyOwner {
        venue.kind();
        venueAllowed[venue] = allowed;
        emit VenueSet(venue, allowed);
    }

    /// @inheritdoc IFlashVault
    function setVerifier(address verifier, bool allowed) external onlyOwner {
        verifierAllowed[verifier] = allowed;
        emit VerifierSet(verifier, allowed);
    }

    /// @inheritdoc IFlashVault
    function setPriceSource(IPriceSource source) external onlyOwner {
        if (source.asset0() != asset0) revert InvalidAsset(source.asset0());
        if (source.asset1() != asset1) revert InvalidAsset(source.asset1());
        priceSource = source;
        emit PriceSourceSet(source);
    }

    /// @inheritdoc IFlashVault
    function setOwner(address owner_) external onlyOwner {
        owner = owner_;
        emit OwnerSet(owner_);
    }

    /// @inheritdoc IFlashVault
    function policy() external view returns (VaultPolicy memory) {
        return _policy;
    }

    /// @inheritdoc IFlashVault
    function loan(bytes32 legId) external view returns (Loan memory) {
        return _loans[legId];
    }

    /// @inheritdoc IFlashVault
    function idle() external view returns (uint256 idle0, uint256 idle1) {
        return (_book0.idle, _book1.idle);
    }

    /// @inheritdoc IFlashVault
    function lent() external view returns (uint256 lent0, uint256 lent1) {
        return (_book0.lent, _book1.lent);
    }

    /// @inheritdoc IFlashVault
    function distressed() external view returns (uint256 distressed0, uint256 distressed1) {
        return (_book0.distressed, _book1.distressed);
    }

    /// @inheritdoc IFlashVault
    function totalValue0() external view returns (uint256) {
        return _totalValue0(priceSource.priceX128());
    }

    /// @inheritdoc IFlashVault
    function quote(address assetIn, uint256 amountIn) external view returns (uint256) {
        if (assetIn != asset0 && assetIn != asset1) revert InvalidAsset(assetIn);
        return _quote(assetIn == asset0, amountIn, priceSource.priceX128());
    }

    function _checkPolicy(LoanRequest calldata request, bool isAsset0, Book storage book)
        private
        view
    {
        VaultPolicy memory p = _policy;
        uint256 principal = request.principal;
        uint256 most = isAsset0 ? p.maxLoan0 : p.maxLoan1;
        if (principal == 0 || principal > most) revert LoanLimit(principal, most);
        uint256 lent_ = book.lent + principal;
        uint256 mostLent = isAsset0 ? p.maxLent0 : p.maxLent1;
        if (lent_ > mostLent) revert TotalLimit(lent_, mostLent);
        if (principal > book.idle) revert InsufficientIdle(_book0.idle, _book1.idle);
        uint256 least = Pips.shareCeiling(principal, p.loanFeePips);
        if (request.fee < least) revert FeeTooLow(request.fee, least);
        least = Pips.shareCeiling(principal + request.fee, p.minBondPips);
        if (request.bond < least) revert BondTooLow(request.bond, least);
        if (request.ltvPips > p.maxLtvPips) revert LtvTooHigh(request.ltvPips, p.maxLtvPips);
        uint256 latest = block.timestamp + p.maxDuration;
        if (request.deadline > latest) revert DeadlineTooFar(request.deadline, latest);
        if (!venueAllowed[request.venue]) revert VenueNotAllowed(request.venue);
        if (!verifierAllowed[request.verifier]) revert VerifierNotAllowed(request.verifier);
    }

    function _known(bytes32 legId) private view returns (Loan memory loan_) {
        loan_ = _loans[legId];
        if (loan_.principal == 0) revert UnknownLoan(legId);
    }

    /// @dev What whoever leaves now gets a part of: not a loan whose loss is not known yet.
    function _sound(Book memory book) private pure returns (uint256) {
        return uint256(book.idle) + book.lent - book.distressed;
    }

    function _totalValue0(uint256 price) private view returns (uint256) {
        uint256 amount1 = uint256(_book1.idle) + _book1.lent;
        return uint256(_book0.idle) + _book0.lent + _toAsset0(amount1, price);
    }

    function _quote(bool fromAsset0, uint256 amount, uint256 price) private pure returns (uint256) {
        if (fromAsset0) return FullMath.mulDivFloor(amount, price, ONE_X128);
        return _toAsset0(amount, price);
    }

    function _toAsset0(uint256 amount1, uint256 price) private pure returns (uint256) {
        return FullMath.mulDivFloor(amount1, ONE_X128, price);
    }

    function _pullExact(address token, uint256 amount) private {
        if (token.pull(msg.sender, amount) != amount) revert InexactTransfer(token);
    }

    /// @dev What of a payment is really here: a token that started to take a fee must not make the
    /// books say more than the vault holds, nor keep a leg from ending.
    function _arrived(address token, uint256 idle_, uint256 paid) private view returns (uint256) {
        if (paid == 0) return 0;
        uint256 held = token.held();
        uint256 surplus = held > idle_ ? held - idle_ : 0;
        return surplus < paid ? surplus : paid;
    }

    function _u128(uint256 x) private pure returns (uint128) {
        if (x > type(uint128).max) revert AmountTooLarge(x);
        return uint128(x);
    }

    function _u112(uint256 x) private pure returns (uint112) {
        if (x > type(uint112).max) revert AmountTooLarge(x);
        return uint112(x);
    }
}
