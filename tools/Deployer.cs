// deployer: puts our contracts on the chains of a devnet, funds and verifies them, writes evm.toml.
using System.CommandLine;
using System.Globalization;
using Lockstep.Crypto;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Deploy;
using Lockstep.Tools.Live;

namespace Lockstep.Tools;

/// <summary>The tool <c>deployer</c>; docs/deploying.md says what it leaves behind.</summary>
public static class Deployer
{
    private const string OwnerRole = "searcher";
    private const string SettlementRole = "spare-9";
    private static readonly string[] SignerRoles = ["spare-6", "spare-7", "spare-8"];

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "deployer",
        "Puts our contracts on a devnet's chains, verifies them, and writes their evm.toml.",
        reads: [],
        writes: [],
        Define);

    private sealed record Wishes(
        string? World, string Out, string? Artifacts, int? KeyIndex, string[] Signers, int? Quorum,
        bool Again);

    private static ToolBody Define(Command command)
    {
        Option<string?> world = Name("--world", "file",
            $"The devnet's addresses. [default: {WorldFile.DefaultPath}]");
        Option<string?> target = Name("--out", "file",
            "The evm.toml to write; bundles.toml and key files go beside it.");
        target.Required = true;
        Option<string?> artifacts = Name("--artifacts", "folder",
            $"What forge built. [default: {Artifacts.DefaultFolder}]");
        Option<int?> key = new("--key-index")
        {
            Description = $"The devnet's account that signs as keeper. [default: {OwnerRole}'s]",
            HelpName = "n",
        };
        Option<string[]> signers = new("--signer")
        {
            Description = "A member of the committee, repeatable. [default: "
                + string.Join(", ", SignerRoles) + "]",
            HelpName = "address",
        };
        Option<int?> quorum = new("--quorum")
        {
            Description = "How many of them decide. [default: a majority]",
            HelpName = "n",
        };
        Option<bool> again = new("--again")
        {
            Description = "Deploy anew where a deployment stands already.",
        };
        foreach (Option option in new Option[]
            { world, target, artifacts, key, signers, quorum, again })
            command.Add(option);
        return (host, options) =>
        {
            Wishes wishes = new(
                options.GetValue(world),
                options.GetValue(target)!, options.GetValue(artifacts), options.GetValue(key),
                options.GetValue(signers) ?? [], options.GetValue(quorum),
                options.GetValue(again));
            return RunAsync(host, wishes).GetAwaiter().GetResult();
        };
    }

    private static Option<string?> Name(string name, string what, string words) =>
        new(name) { Description = words, HelpName = what };

    private static async Task<int> RunAsync(ToolHost host, Wishes wishes)
    {
        DevnetWorld world = DevnetWorld.Read(wishes.World);
        Artifacts artifacts = new(
            wishes.Artifacts ?? ToolHost.HomePath(Artifacts.DefaultFolder));
        artifacts.Runtime("HtlbEscrow");
        DeployFiles files = new(wishes.Out);
        using SigningKey deployer = world.Account("deployer").Open();
        using SigningKey owner = world.Account(OwnerRole).Open();
        using SigningKey provider = world.Account("second").Open();
        using SigningKey keeper = wishes.KeyIndex is { } index
            ? (world.Accounts.FirstOrDefault(one => one.Index == index)
                ?? throw new UsageException($"--key-index {index} is no account of the devnet"))
                .Open()
            : world.Account(OwnerRole).Open();
        using SigningKey settlement = world.Account(SettlementRole).Open();
        if (keeper.Address == settlement.Address)
            throw new UsageException($"--key-index {wishes.KeyIndex} is {SettlementRole}, who "
                + "locks settled bundles: nobody else may sign for it");
        List<DeploySigner> signers = Signers(world, wishes.Signers);
        DeployParties parties = new(
            deployer, owner, keeper, provider, settlement, Members(signers, wishes.Quorum));
        if (files.IsThere && !wishes.Again
            && await StandsAsync(world, EvmFile.Read(wishes.Out)).ConfigureAwait(false))
        {
            host.Say($"{wishes.Out} tells of contracts that stand on this devnet, so nothing was "
                + "sent; --again deploys others and overwrites it");
            return ExitCode.Failed;
        }
        DeployedChain[] chains = await Task.WhenAll(world.Chains.Select(chain =>
            ChainRollout.RunAsync(chain, parties, artifacts, TimeProvider.System)))
            .ConfigureAwait(false);
        files.Write(world, parties, signers, chains, ConfigFile.Read(null));
        foreach (DeployedChain chain in chains) Report(host, chain);
        EvmFile.Read(wishes.Out);
        foreach (DeploySigner signer in signers) signer.Key?.Dispose();
        host.Say($"wrote {wishes.Out}, with bundles.toml and key files beside it");
        return ExitCode.Ok;
    }

    /// <summary>Whether all contracts of a file are there: a devnet that was started anew has none.
    /// </summary>
    private static async Task<bool> StandsAsync(DevnetWorld world, EvmSettings written)
    {
        foreach (WorldChain chain in world.Chains)
        {
            if (written.Chain(chain.Id) is not { } known) return false;
            RolloutDesk desk = await RolloutDesk.OpenAsync(
                chain.Name, chain.Http, chain.Number, DevnetTerms.Fees, TimeProvider.System)
                .ConfigureAwait(false);
            await using (desk.ConfigureAwait(false))
            {
                foreach (EvmAddress one in known.Contracts.Vaults.Append(known.Contracts.Executor)
                    .Append(known.Contracts.Escrow).Append(known.Contracts.Verifier))
                    if ((await desk.CodeAsync(one).ConfigureAwait(false)).Length == 0)
                        return false;
            }
        }
        return true;
    }

    private static List<DeploySigner> Signers(DevnetWorld world, string[] given)
    {
        if (given.Length == 0)
            return [.. SignerRoles.Select(world.Account)
                .Select(one => new DeploySigner(one.Address, one.Open()))];
        return [.. given.Select(text =>
        {
            if (!EvmAddress.TryParse(text, out EvmAddress address))
                throw new UsageException($"--signer '{text}' is no address");
            WorldAccount? known = world.Accounts.FirstOrDefault(one => one.Address == address);
            return new DeploySigner(address, known?.Open());
        })];
    }

    private static Committee Members(List<DeploySigner> signers, int? quorum)
    {
        try
        {
            return new Committee(
                signers.Select(one => one.Address), quorum ?? signers.Count / 2 + 1);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--signer and --quorum: {e.Message}");
        }
    }

    private static void Report(ToolHost host, DeployedChain at)
    {
        host.WriteLine($"{at.Chain.Id} {at.Chain.Name}");
        foreach (DeskResult made in at.Results.Where(one => one.IsCreation))
            host.WriteLine($"  {made.Name,-16}{made.Address.ToLowerHex()}  "
                + $"{Count(made.Receipt.GasUsed)} gas");
        foreach (DeployedVault vault in at.Vaults)
            host.WriteLine($"  {vault.Pair} at " + (vault.Oracle.IsZero ? "a fixed price"
                : $"the mean of {vault.Oracle.ToLowerHex()}"));
        host.WriteLine($"  {at.Results.Length} transactions, "
            + $"{Count(at.Results.Sum(one => one.Receipt.GasUsed))} gas in all");
    }

    private static string Count(long number) =>
        number.ToString("#,0", CultureInfo.InvariantCulture);
}
