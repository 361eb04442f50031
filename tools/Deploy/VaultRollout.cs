// VaultRollout: one vault of a pair with its price source: created, set up, filled, read back.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Deploy;

/// <summary>A vault that stands.</summary>
/// <param name="Pair">Its tokens' symbols, as in <c>USDC/WETH</c>.</param>
/// <param name="Asset0">One of its tokens.</param>
/// <param name="Asset1">The other.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Venues">Where its loans may be swapped.</param>
/// <param name="Oracle">The pool whose mean price it takes; zero where its price is fixed.</param>
public sealed record DeployedVault(
    string Pair, WorldToken Asset0, WorldToken Asset1, EvmAddress Address,
    IReadOnlyList<Venue> Venues, EvmAddress Oracle)
{
    /// <summary>Holds every setting against what it was told.</summary>
    /// <exception cref="RefusedException">One differs.</exception>
    public async Task VerifyAsync(RolloutDesk desk, DeployedChain at)
    {
        ArgumentNullException.ThrowIfNull(desk);
        ArgumentNullException.ThrowIfNull(at);
        EvmAddress price = at["price " + Pair];
        if (Oracle.IsZero)
            await desk.ExpectAsync("price " + Pair, price, "priceX128()(uint256)",
                DevnetTerms.PriceX128(Asset0, Asset1)).ConfigureAwait(false);
        else
            await desk.ExpectAsync("price " + Pair, price, "pool()(address)", Oracle)
                .ConfigureAwait(false);
        await ExpectAsync("escrow()(address)", at["escrow"]).ConfigureAwait(false);
        await ExpectAsync("priceSource()(address)", price).ConfigureAwait(false);
        await ExpectAsync($"policy()({VaultRollout.PolicyType})",
            DevnetTerms.Policy(Asset0, Asset1)).ConfigureAwait(false);
        await ExpectAsync("verifierAllowed(address)(bool)", true, at["verifier"])
            .ConfigureAwait(false);
        foreach (Venue venue in Venues)
            await ExpectAsync("venueAllowed(uint256)(bool)", true, venue.ToWord())
                .ConfigureAwait(false);
        AbiValue idle = await desk.ReadAsync(
            AbiFunction.Parse("idle()(uint256,uint256)"), Address).ConfigureAwait(false);
        AbiValue put = AbiValue.List(
            DevnetTerms.Units(Asset0, DevnetTerms.DepositUsd),
            DevnetTerms.Units(Asset1, DevnetTerms.DepositUsd));
        if (idle != put)
            throw new RefusedException(
                $"{at.Chain.Name}: vault {Pair} holds {idle}, not {put}, which was deposited");

        Task ExpectAsync(string function, AbiValue expected, params AbiValue[] arguments) =>
            desk.ExpectAsync("vault " + Pair, Address, function, expected, arguments);
    }
}

/// <summary>The orders of one vault.</summary>
public sealed class VaultRollout
{
    /// <summary>The ABI type of a policy.</summary>
    internal const string PolicyType =
        "(uint128 maxLoan0,uint128 maxLoan1,uint128 maxLent0,uint128 maxLent1,uint24 loanFeePips,"
        + "uint24 minBondPips,uint32 maxLtvPips,uint24 bandPips,uint24 entryFeePips,"
        + "uint32 maxDuration)";

    private static readonly AbiFunction SetPrice = F("setPrice(uint256)");
    private static readonly AbiFunction SetVenue = F("setVenue(uint256,bool)");
    private static readonly AbiFunction SetVerifier = F("setVerifier(address,bool)");
    private static readonly AbiFunction SetPolicy = F($"setPolicy({PolicyType})");
    private static readonly AbiFunction Liquidity = F("liquidity()(uint128)");
    private static readonly AbiFunction Slot0 = F("slot0()(uint160 sqrtPriceX96,int24 tick,"
        + "uint16 index,uint16 cardinality,uint16 cardinalityNext,uint8 protocol,bool unlocked)");

    private static readonly AbiFunction Put =
        F("deposit(uint256,uint256,uint256,address)(uint256)");

    private readonly DeployParties parties;
    private readonly Artifacts artifacts;
    private readonly WorldToken asset0;
    private readonly WorldToken asset1;
    private readonly Venue[] venues;
    private readonly EvmAddress oracle;

    private VaultRollout(
        DeployParties parties, Artifacts artifacts, WorldToken asset0, WorldToken asset1,
        Venue[] venues, EvmAddress oracle)
    {
        (this.parties, this.artifacts) = (parties, artifacts);
        (this.asset0, this.asset1, this.venues, this.oracle) = (asset0, asset1, venues, oracle);
        Pair = string.Join(
            '/', new[] { asset0.Symbol, asset1.Symbol }.Order(StringComparer.Ordinal));
    }

    /// <summary>Its tokens' symbols.</summary>
    public string Pair { get; }

    /// <summary>What results call its price source.</summary>
    public string PriceName => "price " + Pair;

    /// <summary>What results call it.</summary>
    public string VaultName => "vault " + Pair;

    /// <summary>The vaults of a chain: each pair of <see cref="DevnetTerms.Pairs"/> that has a
    /// pool there.</summary>
    public static async Task<VaultRollout[]> PlanAsync(
        WorldChain chain, DeployParties parties, Artifacts artifacts, RolloutDesk desk)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(desk);
        List<VaultRollout> vaults = [];
        foreach ((string one, string other) in DevnetTerms.Pairs)
        {
            WorldToken[] pair = [.. chain.Tokens.Where(token => token.IsMajor
                && (token.Symbol == one || token.Symbol == other)
                && token.UsdE18 is { IsZero: false }).OrderBy(token => token.Address)];
            if (pair.Length != 2) continue;
            Venue[] venues = [.. VenuesOf(chain, pair[0], pair[1])];
            if (venues.Length == 0) continue;
            vaults.Add(new VaultRollout(
                parties, artifacts, pair[0], pair[1], venues,
                await OracleAsync(venues, desk).ConfigureAwait(false)));
        }
        return vaults.Count > 0 ? [.. vaults]
            : throw new RefusedException($"{chain.Id} has no pair of majors with a pool");
    }

    /// <summary>The price: the mean of a pool that remembers, else one that is set.</summary>
    public DeskOrder Price() => new(PriceName, parties.Deployer, null, oracle.IsZero
        ? artifacts.Creation("FixedPriceSource", "(address,address,address,uint256)",
            asset0.Address, asset1.Address, parties.Deployer.Address,
            (ulong)DevnetTerms.PriceSeconds)
        : artifacts.Creation("TwapPriceSource", "(address,uint32)", oracle,
            (ulong)DevnetTerms.PriceWindowSeconds));

    /// <summary>The vault, and its price where that is set.</summary>
    public IEnumerable<DeskOrder> Creation(EvmAddress price, EvmAddress escrow)
    {
        yield return new(VaultName, parties.Deployer, null, artifacts.Creation(
            "FlashVault", "(address,address,address)", price, escrow, parties.Deployer.Address));
        if (oracle.IsZero)
            yield return new("price is set", parties.Deployer, price,
                SetPrice.Encode(DevnetTerms.PriceX128(asset0, asset1)));
    }

    /// <summary>Policy, verifier, venues, and that it may take its deposit.</summary>
    public IEnumerable<DeskOrder> Settings(EvmAddress vault, EvmAddress verifier)
    {
        yield return new("policy is set", parties.Deployer, vault,
            SetPolicy.Encode(DevnetTerms.Policy(asset0, asset1)));
        yield return new("verifier is allowed", parties.Deployer, vault,
            SetVerifier.Encode(verifier, true));
        foreach (Venue venue in venues)
            yield return new("venue is allowed", parties.Deployer, vault,
                SetVenue.Encode(venue.ToWord(), true));
        yield return ChainRollout.Approving(asset0.Address, parties.Provider, vault);
        yield return ChainRollout.Approving(asset1.Address, parties.Provider, vault);
    }

    /// <summary>The liquidity.</summary>
    public DeskOrder Deposit(EvmAddress vault) => new(
        "liquidity is provided", parties.Provider, vault, Put.Encode(
            DevnetTerms.Units(asset0, DevnetTerms.DepositUsd),
            DevnetTerms.Units(asset1, DevnetTerms.DepositUsd), 1, parties.Provider.Address));

    /// <summary>What stands when all of that is done.</summary>
    public DeployedVault Deployed(EvmAddress vault) =>
        new(Pair, asset0, asset1, vault, venues, oracle);

    private static IEnumerable<Venue> VenuesOf(WorldChain chain, WorldToken x, WorldToken y) =>
        chain.Pools.Where(pool => pool.Token0 == x.Address && pool.Token1 == y.Address)
            .Select(pool => new Venue(
                pool.Family switch
                {
                    "constant-product" => VenueKind.UniswapV2,
                    "concentrated" => VenueKind.UniswapV3,
                    _ => VenueKind.None,
                },
                pool.FeePips, pool.Address))
            .Where(venue => venue.Kind is not VenueKind.None);

    /// <summary>The deepest V3 pool that keeps enough observations for the window.</summary>
    private static async Task<EvmAddress> OracleAsync(Venue[] venues, RolloutDesk desk)
    {
        EvmAddress deepest = default;
        UInt256 most = UInt256.Zero;
        foreach (Venue venue in venues.Where(one => one.Kind is VenueKind.UniswapV3))
        {
            AbiValue slot = await desk.ReadAsync(Slot0, venue.Pool).ConfigureAwait(false);
            if (slot[4].AsUInt64() <= DevnetTerms.PriceWindowSeconds) continue;
            UInt256 liquidity = (await desk.ReadAsync(Liquidity, venue.Pool)
                .ConfigureAwait(false))[0].AsUInt256();
            if (liquidity > most) (deepest, most) = (venue.Pool, liquidity);
        }
        return deepest;
    }

    private static AbiFunction F(string signature) => AbiFunction.Parse(signature);
}
