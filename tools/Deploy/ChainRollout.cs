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
/// <param name="Provider">Puts liquidity into the vaults.</param>
/// <param name="Settlement">Locks settled bundles and posts their bonds, from funds that the owner
/// gives it.</param>
/// <param name="Committee">Certifies bundles.</param>
public sealed record DeployParties(
    SigningKey Deployer, SigningKey Owner, SigningKey Keeper, SigningKey Provider,
    SigningKey Settlement, Committee Committee);

/// <summary>What stands on a chain now.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Results">What was sent, in order.</param>
/// <param name="Vaults">The vaults.</param>
public sealed record DeployedChain(
    WorldChain Chain, ImmutableArray<DeskResult> Results, ImmutableArray<DeployedVault> Vaults)
{
    /// <summary>The contract of a name.</summary>
    public EvmAddress this[string name] => Results.First(one => one.Name == name).Address;
}

/// <summary>One chain's deployment.</summary>
public sealed class ChainRollout
{
    private static readonly AbiFunction Approve = F("approve(address,uint256)");
    private static readonly AbiFunction Allowance = F("allowance(address,address)(uint256)");
    private static readonly AbiFunction Transfer = F("transfer(address,uint256)");
    private static readonly AbiFunction SetKeeper = F("setKeeper(address,bool)");

    private readonly WorldChain chain;
    private readonly DeployParties parties;
    private readonly Artifacts artifacts;
    private readonly RolloutDesk desk;
    private readonly List<DeskResult> results = [];

    private ChainRollout(
        WorldChain chain, DeployParties parties, Artifacts artifacts, RolloutDesk desk)
    {
        (this.chain, this.parties, this.artifacts, this.desk) = (chain, parties, artifacts, desk);
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

    private EvmAddress[] Majors => [.. chain.Tokens.Where(t => t.IsMajor).Select(t => t.Address)];

    private SigningKey[] Bonders => [.. new[]
    {
        parties.Owner, parties.Keeper, parties.Settlement,
    }.DistinctBy(one => one.Address)];

    /// <summary>Waves: what a wave needs, those before it brought.</summary>
    private async Task<DeployedChain> DeployAsync()
    {
        Committee committee = parties.Committee;
        AbiValue[] signers = [.. committee.Signers.Select(signer => (AbiValue)signer)];
        VaultRollout[] vaults = await VaultRollout.PlanAsync(chain, parties, artifacts, desk)
            .ConfigureAwait(false);
        await WaveAsync(
        [
            Create("verifier", artifacts.Creation("EcdsaCommitVerifier",
                "(uint256,address[])", committee.Quorum, AbiValue.List(signers))),
            Create("escrow", artifacts.Creation("HtlbEscrow")),
            Create("executor", artifacts.Creation(
                "Executor", "(address)", parties.Owner.Address)),
            .. vaults.Select(vault => vault.Price()),
        ]).ConfigureAwait(false);
        (EvmAddress escrow, EvmAddress verifier) = (At("escrow"), At("verifier"));
        await WaveAsync(
        [
            .. vaults.SelectMany(vault => vault.Creation(At(vault.PriceName), escrow)),
            new DeskOrder("keeper is set", parties.Owner, At("executor"),
                SetKeeper.Encode(parties.Keeper.Address, true)),
        ]).ConfigureAwait(false);
        await WaveAsync(
        [
            .. vaults.SelectMany(vault => vault.Settings(At(vault.VaultName), verifier)),
            .. Approvals(),
            .. Funds(),
        ]).ConfigureAwait(false);
        await WaveAsync([.. vaults.Select(vault => vault.Deposit(At(vault.VaultName)))])
            .ConfigureAwait(false);
        return new DeployedChain(
            chain, [.. results],
            [.. vaults.Select(vault => vault.Deployed(At(vault.VaultName)))]);
    }

    /// <summary>Own funds go to the executor, bonds to the escrow.</summary>
    private IEnumerable<DeskOrder> Approvals()
    {
        foreach (EvmAddress token in Majors)
        {
            yield return Approving(token, parties.Owner, At("executor"));
            foreach (SigningKey bonder in Bonders)
                yield return Approving(token, bonder, At("escrow"));
        }
    }

    /// <summary>What bonds are posted from.</summary>
    private IEnumerable<DeskOrder> Funds() => chain.Tokens
        .Where(token => token.IsMajor && token.UsdE18 is { IsZero: false })
        .Select(token => new DeskOrder(
            "bonds are funded", parties.Owner, token.Address, Transfer.Encode(
                parties.Settlement.Address, DevnetTerms.Units(token, DevnetTerms.BondsUsd))));

    private async Task VerifyAsync(DeployedChain at)
    {
        byte[] escrow = await desk.CodeAsync(at["escrow"]).ConfigureAwait(false);
        Require(escrow.AsSpan().SequenceEqual(artifacts.Runtime("HtlbEscrow")),
            "escrow", "is not the code that was built");
        await desk.ExpectAsync("verifier", at["verifier"], "committeeId()(bytes32)",
            CommitCertificate.CommitteeId(parties.Committee)).ConfigureAwait(false);
        await desk.ExpectAsync(
            "executor", at["executor"], "owner()(address)", parties.Owner.Address)
            .ConfigureAwait(false);
        await desk.ExpectAsync(
            "executor", at["executor"], "isKeeper(address)(bool)", true, parties.Keeper.Address)
            .ConfigureAwait(false);
        foreach (DeployedVault vault in at.Vaults)
            await vault.VerifyAsync(desk, at).ConfigureAwait(false);
        foreach (EvmAddress token in Majors)
        {
            await AllowsAsync(parties.Owner, at["executor"], token).ConfigureAwait(false);
            foreach (SigningKey bonder in Bonders)
                await AllowsAsync(bonder, at["escrow"], token).ConfigureAwait(false);
        }

        async Task AllowsAsync(SigningKey owner, EvmAddress spender, EvmAddress token)
        {
            AbiValue allowed = await desk.ReadAsync(
                Allowance, token, owner.Address, spender).ConfigureAwait(false);
            Require(allowed[0] == UInt256.MaxValue,
                $"{owner.Address}", $"allows {spender} {allowed[0]} of {token}");
        }
    }

    private EvmAddress At(string name) => results.First(one => one.Name == name).Address;

    private async Task WaveAsync(params DeskOrder[] orders) =>
        results.AddRange(await desk.SendAsync(orders).ConfigureAwait(false));

    private DeskOrder Create(string name, byte[] code) => new(name, parties.Deployer, null, code);

    /// <summary>An allowance without end.</summary>
    internal static DeskOrder Approving(EvmAddress token, SigningKey from, EvmAddress spender) =>
        new("allowance is given", from, token, Approve.Encode(spender, UInt256.MaxValue));

    private void Require(bool holds, string name, string fault)
    {
        if (!holds) throw new RefusedException($"{chain.Name}: {name}: {fault}");
    }

    private static AbiFunction F(string signature) => AbiFunction.Parse(signature);
}
