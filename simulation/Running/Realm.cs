// Realm: one chain of a world with its tokens, pool and vault, its timings, and orders for it.
using System.Collections.Immutable;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Check;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Running;

/// <summary>A chain's things. USD has 6 decimals, ETH 18.</summary>
public sealed class Realm
{
    private const uint FeePips = 3000, LoanFeePips = 500, MinBondPips = 20_000, Ltv = 1_020_000;
    private static readonly UInt256 Much = UInt256.Pow10(30);
    private static readonly UInt256 Million = 1_000_000u;

    /// <summary>Its names and bounds.</summary>
    /// <param name="number">EIP-155.</param>
    /// <param name="manners">How it behaves.</param>
    /// <param name="turnMs">How often the coordinator looks.</param>
    /// <param name="outageSeconds">O.</param>
    public Realm(ulong number, ChainManners manners, long turnMs, long outageSeconds)
    {
        (Number, Id) = (number, ChainId.Parse($"eip155:{number}"));
        long block = Seconds(manners.BlockMs), turn = Seconds(turnMs);
        // A lost transaction is noticed after three blocks and handed over again.
        long inclusion = Seconds(manners.InclusionMs) + (4 * block) + (2 * turn);
        Timing = new ChainTiming(
            Id, FinalityTier.Final, block * manners.Finality, (2 * turn) + 2, inclusion,
            block * manners.Finality, outageSeconds, SkewSeconds,
            ImmutableSortedDictionary<string, Provenance>.Empty);
        (Usd, Eth) = (Cast.Place($"usd {number}"), Cast.Place($"eth {number}"));
        (Pool, Vault) = (Cast.Place($"pool {number}"), Cast.Place($"vault {number}"));
        (Escrow, Verifier) = (Cast.Place($"escrow {number}"), Cast.Place($"verifier {number}"));
        Manners = manners;
    }

    /// <summary>eps: no clock and no chain is off by more.</summary>
    public const long SkewSeconds = 4;

    public ulong Number { get; }

    public ChainId Id { get; }

    public ChainTiming Timing { get; }

    public ChainManners Manners { get; }

    public EvmAddress Usd { get; }

    public EvmAddress Eth { get; }

    public EvmAddress Pool { get; }

    public EvmAddress Vault { get; }

    public EvmAddress Escrow { get; }

    public EvmAddress Verifier { get; }

    private Venue Venue => new(VenueKind.UniswapV2, FeePips, Pool);

    /// <summary>Everything deployed and funded.</summary>
    /// <param name="usdPerEth">The pool's and the vault's price.</param>
    public ChainState Genesis(ulong usdPerEth)
    {
        UInt256 eth = UInt256.Pow10(18), idleUsd = Million * Million, idleEth = eth * 1000u;
        bool usdFirst = Usd.CompareTo(Eth) < 0;
        var balances = ImmutableDictionary.CreateBuilder<(EvmAddress, EvmAddress), UInt256>();
        balances[(Usd, Pool)] = Million * 10_000u * usdPerEth;
        balances[(Eth, Pool)] = eth * 10_000u;
        (balances[(Usd, Vault)], balances[(Eth, Vault)]) = (idleUsd, idleEth);
        foreach (EvmAddress rich in (EvmAddress[])
            [Cast.Searcher.Address, Cast.Bidder.Address])
        {
            balances[(Usd, rich)] = Million * Million;
            balances[(Eth, rich)] = eth * 1000u;
        }
        Vault vault = new()
        {
            Asset0 = Usd,
            Asset1 = Eth,
            Policy = new VaultPolicy(
                Much, Much, Much, Much, LoanFeePips, MinBondPips, Ltv, 30_000, 1000, 172_800),
            PriceX128 = (UInt256.Pow10(12) << 128) / usdPerEth,
            Book0 = new VaultBook(idleUsd, default, default),
            Book1 = new VaultBook(idleEth, default, default),
            Venues = [Venue.ToWord()],
            Verifiers = [Verifier],
        };
        return new ChainState
        {
            ChainNumber = Number,
            Escrow = Escrow,
            Balances = balances.ToImmutable(),
            Vaults = ImmutableDictionary<EvmAddress, Vault>.Empty.Add(Vault, vault),
            Pairs = ImmutableDictionary<EvmAddress, Pair>.Empty.Add(
                Pool, usdFirst ? new Pair(Usd, Eth, FeePips) : new Pair(Eth, Usd, FeePips)),
        };
    }

    /// <summary>What the pool gives now.</summary>
    public UInt256 Quote(ChainState state, bool buysEth, in UInt256 amountIn)
    {
        bool usdFirst = Usd.CompareTo(Eth) < 0;
        UInt256 usd = state.Balance(Usd, Pool), eth = state.Balance(Eth, Pool);
        return ConstantProductMarket.TryCreate(
            usdFirst ? usd : eth, usdFirst ? eth : usd, FeePips,
            out ConstantProductMarket? market, out _)
            ? market.QuoteExactIn(buysEth == usdFirst, amountIn).AmountOut : default;
    }

    /// <summary>The vault's least fee for a loan.</summary>
    public static UInt256 FeeOf(in UInt256 principal) =>
        UInt256.DivCeiling(principal * LoanFeePips, Million);

    /// <summary>A leg; its hash lock is filled in later.</summary>
    public EscrowLeg Leg(
        bool buysEth, in UInt256 principal, in UInt256 due, long deadline, in Hash32 salt,
        uint auctionSpan) => new()
        {
            HashLock = default,
            Searcher = Cast.Searcher.Address,
            Vault = Vault,
            Verifier = Verifier,
            AssetIn = buysEth ? Usd : Eth,
            AssetOut = buysEth ? Eth : Usd,
            Venue = Venue,
            Principal = principal,
            Fee = FeeOf(principal),
            MinOut = due,
            Due = due,
            Bond = (principal * 3u / 100u) + (principal / 1000u),
            RewardCap = principal / 1000u,
            MinBack = default,
            AuctionStart = principal * 105u / 100u,
            LtvPips = Ltv,
            DeadlineSeconds = deadline,
            RewardDelaySeconds = 20,
            RewardSpanSeconds = 300,
            AuctionSpanSeconds = auctionSpan,
            Salt = salt,
        };

    /// <summary>As a signer knows it.</summary>
    public ServedChain Served => new(Escrow, Verifier, Timing.ActSeconds,
        new Dictionary<EvmAddress, AssetClass>
        {
            [Usd] = new("USD", 6), [Eth] = new("ETH", 18),
        });

    /// <summary>How its transactions are priced.</summary>
    public SenderRules Rules => new()
    {
        Fees = new FeeRules { MaxFeePerGas = UInt256.Pow10(12), MaxTip = UInt256.Pow10(10) },
        Confirmations = Manners.Finality,
    };

    private static long Seconds(long ms) => (ms + 999) / 1000;
}
