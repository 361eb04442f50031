// ChainRollout: puts our contracts on one devnet chain, sets them up, and reads every setting back.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Deploy;

/// <summary>Who deploys, and for whom.</summary>
/// <param name="Deployer">Pays for the contracts and owns the vault and its price.</param>
/// <param name="Owner">Owns the executor and the funds it may pull.</param>
/// <param name="Keeper">Signs what the executor runs; may be the owner.</param>
/// <param name="Provider">Puts liquidity into the vault.</param>
/// <param name="Committee">Certifies bundles.</param>
public sealed record DeployParties(
    SigningKey Deployer, SigningKey Owner, SigningKey Keeper, SigningKey Provider,
    Committee Committee);

/// <summary>What stands on a chain now.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Results">What was sent, in order.</param>
public sealed record DeployedChain(WorldChain Chain, ImmutableArray<DeskResult> Results)
{
    /// <summary>The contract of a name.</summary>
    public EvmAddress this[string name] => Results.First(one => one.Name == name).Address;
}

/// <summary>One chain's deployment.</summary>
public sealed class ChainRollout
{
    private static readonly AbiFunction Approve = F("approve(address,uint256)");
    private static readonly AbiFunction Allowance = F("allowance(address,address)(uint256)");
    private static readonly AbiFunction SetKeeper = F("setKeeper(address,bool)");
    private static readonly AbiFunction SetPrice = F("setPrice(uint256)");
    private static readonly AbiFunction SetVenue = F("setVenue(uint256,bool)");
    private static readonly AbiFunction SetVerifier = F("setVerifier(address,bool)");
    private static readonly AbiFunction SetPolicy = F($"setPolicy({PolicyType})");
    private static readonly AbiFunction Deposit =
        F("deposit(uint256,uint256,uint256,address)(uint256)");

    private const string PolicyType =
        "(uint128 maxLoan0,uint128 maxLoan1,uint128 maxLent0,uint128 maxLent1,uint24 loanFeePips,"
        + "uint24 minBondPips,uint32 maxLtvPips,uint24 bandPips,uint24 entryFeePips,"
        + "uint32 maxDuration)";

    private readonly WorldChain chain;
    private readonly DeployParties parties;
    private readonly Artifacts artifacts;
    private readonly RolloutDesk desk;
    private readonly WorldToken asset0;
    private readonly WorldToken asset1;
    private readonly List<DeskResult> results = [];

    private ChainRollout(
        WorldChain chain, DeployParties parties, Artifacts artifacts, RolloutDesk desk)
    {
        (this.chain, this.parties, this.artifacts, this.desk) = (chain, parties, artifacts, desk);
        WorldToken[] pair = [.. new[] { Token("USDC"), Token("WETH") }.OrderBy(t => t.Address)];
        (asset0, asset1) = (pair[0], pair[1]);
    }

    /// <summary>Deploys, sets up and verifies.</summary>
    /// <exception cref="RefusedException">A transaction reverted, or a contract says something else
    /// than it was told.</exception>
    public static async Task<DeployedChain> RunAsync(
        WorldChain chain, DeployParties parties, Artifacts artifacts, TimeProvider clock)
    {
        RolloutDesk desk = await RolloutDesk.OpenAsync(
            chain.Name, chain.Http, chain.Number, DevnetTerms.Fees, clock).ConfigureAwait(false);
        await using (desk.ConfigureAwait(false))
        {
            ChainRollout rollout = new(chain, parties, artifacts, desk);
            DeployedChain deployed = await rollout.DeployAsync().ConfigureAwait(false);
            await rollout.VerifyAsync(deployed).ConfigureAwait(false);
            return deployed;
        }
    }

    /// <summary>The pools of the pair, as the vault's allowlist names them.</summary>
    private IEnumerable<Venue> Venues => chain.Pools
        .Where(pool => pool.Token0 == asset0.Address && pool.Token1 == asset1.Address)
        .Select(pool => new Venue(
            pool.Family switch
            {
                "constant-product" => VenueKind.UniswapV2,
                "concentrated" => VenueKind.UniswapV3,
                _ => VenueKind.None,
            },
            pool.FeePips, pool.Address))
        .Where(venue => venue.Kind is not VenueKind.None);

    private EvmAddress[] Majors => [.. chain.Tokens.Where(t => t.IsMajor).Select(t => t.Address)];

    private SigningKey[] Bonders => parties.Owner.Address == parties.Keeper.Address
        ? [parties.Owner] : [parties.Owner, parties.Keeper];

    /// <summary>Four waves: what a wave needs, those before it brought.</summary>
    private async Task<DeployedChain> DeployAsync()
    {
        Committee committee = parties.Committee;
        AbiValue[] signers = [.. committee.Signers.Select(signer => (AbiValue)signer)];
        await WaveAsync(
            Create("verifier", artifacts.Creation("EcdsaCommitVerifier",
                "(uint256,address[])", committee.Quorum, AbiValue.List(signers))),
            Create("escrow", artifacts.Creation("HtlbEscrow")),
            Create("executor", artifacts.Creation(
                "Executor", "(address)", parties.Owner.Address)),
            Create("price", artifacts.Creation("FixedPriceSource",
                "(address,address,address,uint256)", asset0.Address, asset1.Address,
                parties.Deployer.Address, (ulong)DevnetTerms.PriceSeconds)))
            .ConfigureAwait(false);
        DeployedChain at = new(chain, [.. results]);
        await WaveAsync(
            Create("vault", artifacts.Creation("FlashVault", "(address,address,address)",
                at["price"], at["escrow"], parties.Deployer.Address)),
            new DeskOrder("price is set", parties.Deployer, at["price"],
                SetPrice.Encode(DevnetTerms.PriceX128(asset0, asset1))),
            new DeskOrder("keeper is set", parties.Owner, at["executor"],
                SetKeeper.Encode(parties.Keeper.Address, true))).ConfigureAwait(false);
        at = new(chain, [.. results]);
        await WaveAsync([.. Settings(at), .. Approvals(at)]).ConfigureAwait(false);
        await WaveAsync(new DeskOrder("liquidity is provided", parties.Provider, at["vault"],
            Deposit.Encode(
                DevnetTerms.Units(asset0, DevnetTerms.DepositUsd),
                DevnetTerms.Units(asset1, DevnetTerms.DepositUsd), 1,
                parties.Provider.Address))).ConfigureAwait(false);
        return new DeployedChain(chain, [.. results]);
    }

    private IEnumerable<DeskOrder> Settings(DeployedChain at)
    {
        yield return new("policy is set", parties.Deployer, at["vault"],
            SetPolicy.Encode(DevnetTerms.Policy(asset0, asset1)));
        yield return new("verifier is allowed", parties.Deployer, at["vault"],
            SetVerifier.Encode(at["verifier"], true));
        foreach (Venue venue in Venues)
            yield return new("venue is allowed", parties.Deployer, at["vault"],
                SetVenue.Encode(venue.ToWord(), true));
    }

    /// <summary>Own funds go to the executor, bonds to the escrow, liquidity to the vault.
    /// </summary>
    private IEnumerable<DeskOrder> Approvals(DeployedChain at)
    {
        foreach (EvmAddress token in Majors)
        {
            yield return Approving(token, parties.Owner, at["executor"]);
            foreach (SigningKey bonder in Bonders)
                yield return Approving(token, bonder, at["escrow"]);
        }
        yield return Approving(asset0.Address, parties.Provider, at["vault"]);
        yield return Approving(asset1.Address, parties.Provider, at["vault"]);
    }

    private async Task VerifyAsync(DeployedChain at)
    {
        byte[] escrow = await desk.CodeAsync(at["escrow"]).ConfigureAwait(false);
        Require(escrow.AsSpan().SequenceEqual(artifacts.Runtime("HtlbEscrow")),
            "escrow", "is not the code that was built");
        await ExpectAsync("verifier", "committeeId()(bytes32)",
            CommitCertificate.CommitteeId(parties.Committee)).ConfigureAwait(false);
        await ExpectAsync("executor", "owner()(address)", parties.Owner.Address)
            .ConfigureAwait(false);
        await ExpectAsync("executor", "isKeeper(address)(bool)", true, parties.Keeper.Address)
            .ConfigureAwait(false);
        await ExpectAsync("price", "priceX128()(uint256)", DevnetTerms.PriceX128(asset0, asset1))
            .ConfigureAwait(false);
        await ExpectAsync("vault", "escrow()(address)", at["escrow"]).ConfigureAwait(false);
        await ExpectAsync("vault", "priceSource()(address)", at["price"]).ConfigureAwait(false);
        await ExpectAsync("vault", $"policy()({PolicyType})", DevnetTerms.Policy(asset0, asset1))
            .ConfigureAwait(false);
        await ExpectAsync("vault", "verifierAllowed(address)(bool)", true, at["verifier"])
            .ConfigureAwait(false);
        foreach (Venue venue in Venues)
            await ExpectAsync("vault", "venueAllowed(uint256)(bool)", true, venue.ToWord())
                .ConfigureAwait(false);
        AbiValue idle = await desk.ReadAsync(F("idle()(uint256,uint256)"), at["vault"])
            .ConfigureAwait(false);
        Require(idle == AbiValue.List(
                DevnetTerms.Units(asset0, DevnetTerms.DepositUsd),
                DevnetTerms.Units(asset1, DevnetTerms.DepositUsd)),
            "vault", $"holds {idle}, not what was deposited");
        foreach (EvmAddress token in Majors)
            foreach (EvmAddress spender in new[] { at["executor"], at["escrow"] })
            {
                AbiValue allowed = await desk.ReadAsync(
                    Allowance, token, parties.Owner.Address, spender).ConfigureAwait(false);
                Require(allowed[0] == UInt256.MaxValue,
                    "owner", $"allows {spender} {allowed[0]} of {token}");
            }

        async Task ExpectAsync(
            string name, string function, AbiValue expected, params AbiValue[] arguments)
        {
            AbiFunction asked = F(function);
            AbiValue said = await desk.ReadAsync(asked, at[name], arguments).ConfigureAwait(false);
            Require(said[0] == expected, name, $"{asked.Name} is {said[0]}, not {expected}");
        }
    }

    private async Task WaveAsync(params DeskOrder[] orders) =>
        results.AddRange(await desk.SendAsync(orders).ConfigureAwait(false));

    private DeskOrder Create(string name, byte[] code) => new(name, parties.Deployer, null, code);

    private static DeskOrder Approving(EvmAddress token, SigningKey from, EvmAddress spender) =>
        new("allowance is given", from, token, Approve.Encode(spender, UInt256.MaxValue));

    private WorldToken Token(string symbol) => chain.Tokens.FirstOrDefault(
            token => token.IsMajor && token.Symbol == symbol && token.UsdE18 is { IsZero: false })
        ?? throw new RefusedException($"{chain.Id} has no {symbol} with a price");

    private void Require(bool holds, string name, string fault)
    {
        if (!holds) throw new RefusedException($"{chain.Name}: {name}: {fault}");
    }

    private static AbiFunction F(string signature) => AbiFunction.Parse(signature);
}
