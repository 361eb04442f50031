// EscrowErrors: the errors that a leg may end with, so that a refusal is said in words.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;

namespace Lockstep.Execution.Evm;

/// <summary>Errors of contracts/src/interfaces/IHtlbEscrow.sol, IFlashVault.sol and what they call.
/// </summary>
public static class EscrowErrors
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<AbiError> All { get; } =
    [
        .. ((string[])
        [
            "NotSearcher(address)", "InvalidTerms()", "LegNotInBundle(bytes32)",
            "WrongStatus(bytes32,uint8)", "WrongPreimage()", "WrongCertificate()",
            "InvalidProof()", "Expired(uint256)", "NotExpired(uint256)",
            "TooLittleOut(uint256,uint256)", "TransferShort(address,uint256,uint256)",
            "TooLittleGas()", "AuctionRunning(uint256)", "TransferFailed(address,address,uint256)",
            "NotEscrow()", "InvalidAsset(address)", "InsufficientIdle(uint256,uint256)",
            "LoanExists(bytes32)", "LoanLimit(uint256,uint256)", "TotalLimit(uint256,uint256)",
            "FeeTooLow(uint256,uint256)", "BondTooLow(uint256,uint256)",
            "LtvTooHigh(uint256,uint256)", "DeadlineTooFar(uint256,uint256)",
            "VenueNotAllowed(uint256)", "VerifierNotAllowed(address)",
            "OutOfBand(uint256,uint256)", "Undercollateralised(uint256,uint256)",
            "PriceUnavailable()", "PartialFill(uint256)", "PoolShort(address,address)",
        ]).Select(AbiError.Parse),
    ];
}
