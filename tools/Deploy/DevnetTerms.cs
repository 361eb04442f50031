// DevnetTerms: figures of a devnet's deployment: the vault's policy, the legs' rules, what a gas
// may cost. They are wide: a devnet's prices move by an hour a minute; no measure for real ones.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Execution.Compile;
using Lockstep.Numerics;

namespace Lockstep.Tools.Deploy;

/// <summary>The figures.</summary>
public static class DevnetTerms
{
    /// <summary>The pairs that vaults hold, where a chain has pools of them.</summary>
    public static ImmutableArray<(string, string)> Pairs { get; } =
        [("USDC", "WETH"), ("USDT", "WETH"), ("DAI", "WETH"), ("USDC", "USDT")];

    /// <summary>The window of a vault's mean price: the shortest that the contract takes.</summary>
    public const uint PriceWindowSeconds = 60;

    /// <summary>Dollars of each major token from which bonds are posted.</summary>
    public const uint BondsUsd = 200_000;

    /// <summary>Dollars of each asset that `second` puts into a vault.</summary>
    public const uint DepositUsd = 1_000_000;

    /// <summary>Dollars of one loan at most.</summary>
    public const uint MaxLoanUsd = 200_000;

    /// <summary>Dollars of each asset out at a time.</summary>
    public const uint MaxLentUsd = 800_000;

    /// <summary>How far below the trade's amount a settled swap may come out.</summary>
    public const uint SlackPips = 1_000;

    /// <summary>What a swap back may lose beside the pool's fee both ways.</summary>
    public const uint UnwindLossPips = 20_000;

    /// <summary>After so long a leg unwinds without a certificate: 48 h.</summary>
    public const uint EscapeSeconds = 172_800;

    /// <summary>How long a fixed price is good: longer than a devnet lives.</summary>
    public const uint PriceSeconds = 30 * 86_400;

    /// <summary>No transaction pays more a gas.</summary>
    public const uint MaxFeeGwei = 100;

    /// <summary>Of it, the block's maker gets at most.</summary>
    public const uint MaxTipGwei = 2;

    /// <summary>There are no reorganisations.</summary>
    public const int FinalityBlocks = 1;

    /// <summary>Blocks until the lowest nonce is replaced.</summary>
    public const int PatienceBlocks = 3;

    /// <summary>A claim is in a block within.</summary>
    public const int ActSeconds = 30;

    private const uint LoanFeePips = 500;
    /// <summary>The vaults' least bond, of what is owed.</summary>
    public const uint MinBondPips = 5_000;
    private const uint MaxLtvPips = 1_100_000;
    private const uint BandPips = 100_000;
    private const uint EntryFeePips = 0;
    private const uint MaxDurationSeconds = 30 * 86_400;
    private const ulong WeiPerGwei = 1_000_000_000;

    /// <summary>The legs' rules.</summary>
    public static EscrowRules Rules { get; } = new(
        LoanFeePips: LoanFeePips, LtvPips: 1_010_000, RewardCapPips: 100,
        RewardDelaySeconds: 5, RewardSpanSeconds: 60, AuctionStartPips: 1_050_000,
        AuctionSpanSeconds: 120);

    /// <summary>What deploying may pay.</summary>
    public static FeeRules Fees { get; } = new()
    {
        MaxFeePerGas = MaxFeeGwei * WeiPerGwei,
        MaxTip = MaxTipGwei * WeiPerGwei,
    };

    /// <summary>The policy of a vault of two tokens with prices.</summary>
    public static AbiValue Policy(WorldToken asset0, WorldToken asset1) => AbiValue.List(
        Units(asset0, MaxLoanUsd), Units(asset1, MaxLoanUsd), Units(asset0, MaxLentUsd),
        Units(asset1, MaxLentUsd), (ulong)LoanFeePips, (ulong)MinBondPips, (ulong)MaxLtvPips,
        (ulong)BandPips, (ulong)EntryFeePips, (ulong)MaxDurationSeconds);

    /// <summary>Base units of a token that are worth so many dollars, rounded down.</summary>
    public static UInt256 Units(WorldToken token, uint usd) => UInt256.MulDivFloor(
        UInt256.Pow10(18 + token.Decimals), usd, token.UsdE18!.Value);

    /// <summary>Base units of asset1 for one of asset0, times 2^128, rounded down.</summary>
    public static UInt256 PriceX128(WorldToken asset0, WorldToken asset1) => UInt256.MulDivFloor(
        asset0.UsdE18!.Value * UInt256.Pow10(asset1.Decimals), UInt256.One << 128,
        asset1.UsdE18!.Value * UInt256.Pow10(asset0.Decimals));
}
