// DeployFiles: the files of a deployment: evm.toml, bundles.toml beside it, signers' settings, and
// key files that only their owner reads; written whole or not at all, never over anybody else's.
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Crypto;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Live;

namespace Lockstep.Tools.Deploy;

/// <summary>A signer of the committee: its key, where the devnet has it.</summary>
public sealed record DeploySigner(EvmAddress Address, SigningKey? Key);

/// <summary>Where a deployment's files lie.</summary>
public sealed class DeployFiles
{
    private const string BundlesName = "bundles.toml";
    private const string KeeperName = "keeper.json";
    private const string SettlementName = "settlement.json";
    private const string PasswordName = "password";
    private const string JournalName = "sent.journal";
    private const string SettledName = "settled.journal";
    private const string RiskName = "risk.toml";
    private const string KillName = "stop";
    private const string CommitteeWord = "ops";

    // The keys are published with the devnet, so this guards nothing.
    private const string Password = "devnet";
    private const string Mark = ": a devnet's deployment, written by deployer;";

    private readonly string folder;

    /// <summary>Files in the folder of <paramref name="path"/>, which is evm.toml's.</summary>
    /// <exception cref="RefusedException">There are others of these names.</exception>
    public DeployFiles(string path)
    {
        Path = path;
        folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        if (System.IO.Path.GetFileName(path) is BundlesName or RiskName)
            throw new RefusedException(
                $"{path}: {BundlesName} and {RiskName} are written beside it: name another");
        IsThere = File.Exists(path);
        foreach (string one in new[] { path, At(BundlesName), At(RiskName) })
            if (File.Exists(one) && !(File.ReadLines(one).FirstOrDefault() ?? "").Contains(
                Mark, StringComparison.Ordinal))
                throw new RefusedException($"{one} was not written by deployer and would be "
                    + "overwritten: name another --out");
    }

    /// <summary>evm.toml's path.</summary>
    public string Path { get; }

    /// <summary>Whether a deployment was written here before.</summary>
    public bool IsThere { get; }

    /// <summary>Writes all of them, evm.toml last.</summary>
    public void Write(
        DevnetWorld world, DeployParties parties, IReadOnlyList<DeploySigner> signers,
        IReadOnlyList<DeployedChain> chains, SearchConfig search)
    {
        Directory.CreateDirectory(folder);
        Put(At(PasswordName), Encoding.UTF8.GetBytes(Password + "\n"));
        Seal(At(KeeperName), parties.Keeper);
        Seal(At(SettlementName), parties.Settlement);
        byte[] signer = SignerText(world, parties, signers, chains, search);
        // A journal of a deployment that is gone would tell of transactions that nobody has.
        File.Delete(At(JournalName));
        File.Delete(At(SettledName));
        for (int i = 0; i < signers.Count; i++)
        {
            if (signers[i].Key is not { } key) continue;
            Seal(At($"signer-{i + 1}.json"), key);
            Put(At($"signer-{i + 1}.toml"), signer);
            File.Delete(At($"votes-{i + 1}.journal"));
        }
        Put(At(BundlesName), Bundles(parties, chains, search));
        Put(At(RiskName), Risk());
        Put(Path, Evm(world, parties, signers, chains, search));
    }

    private string At(string name) => System.IO.Path.Combine(folder, name);

    private static void Seal(string path, SigningKey key) => Put(path, Keystore.Seal(
        key, Encoding.UTF8.GetBytes(Password),
        RandomNumberGenerator.GetBytes(Keystore.RandomBytes), KeystoreCost.Light));

    private static void Put(string path, byte[] content)
    {
        string fresh = path + ".new";
        File.Delete(fresh);
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (FileStream file = new(fresh, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }

    private static byte[] Evm(
        DevnetWorld world, DeployParties parties, IReadOnlyList<DeploySigner> signers,
        IReadOnlyList<DeployedChain> chains, SearchConfig search)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            # evm.toml{Mark} config/evm.toml explains every key.
            version = 1

            [live]
            allow = {List(chains.Select(one => one.Chain.Id.ToString()))}
            journal = "{JournalName}"
            keyFile = "{KeeperName}"
            passwordFile = "{PasswordName}"
            settlementKeyFile = "{SettlementName}"
            settlementJournal = "{SettledName}"
            risk = "{RiskName}"
            killFile = "{KillName}"

            [escrow]
            loanFeePips = {DevnetTerms.Rules.LoanFeePips}
            ltvPips = {DevnetTerms.Rules.LtvPips}
            rewardCapPips = {DevnetTerms.Rules.RewardCapPips}
            rewardDelaySeconds = {DevnetTerms.Rules.RewardDelaySeconds}
            rewardSpanSeconds = {DevnetTerms.Rules.RewardSpanSeconds}
            auctionStartPips = {DevnetTerms.Rules.AuctionStartPips}
            auctionSpanSeconds = {DevnetTerms.Rules.AuctionSpanSeconds}

            [committee]
            quorum = {parties.Committee.Quorum}
            signers = {List(signers.Select(one => one.Address.ToLowerHex()))}
            endpoints = {List(signers.Select((_, i) => $"./signer-{i + 1}.sock"))}

            """);
        AppendAssets(text, chains, search);
        foreach (DeployedChain one in chains) AppendChain(text, world, parties, one);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Bounds as wide as play money allows: a million dollars of each.</summary>
    private static byte[] Risk() => Encoding.UTF8.GetBytes($"""
        # risk.toml{Mark} config/risk.toml explains every key.
        version = 1
        mode = "active"
        bundleMicroUsd = 1_000_000_000_000
        totalMicroUsd = 1_000_000_000_000
        openBundles = 64
        chainMicroUsd = 1_000_000_000_000
        assetMicroUsd = 1_000_000_000_000
        bridgeMicroUsd = 0
        profitMicroUsd = 0
        reduceDrawdownMicroUsd = 1_000_000_000_000
        haltDrawdownMicroUsd = 1_000_000_000_000
        failureWindow = 1_000
        reduceFailures = 1_000
        feedAgeMs = 60_000
        deny = []
        allow = []

        """);

    /// <summary>A signer's settings; its key and its journal are what it has of its own.</summary>
    private static byte[] SignerText(
        DevnetWorld world, DeployParties parties, IReadOnlyList<DeploySigner> signers,
        IReadOnlyList<DeployedChain> chains, SearchConfig search)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            # signer.toml{Mark} docs/settlement.md explains it.
            version = 1
            signers = {List(signers.Select(one => one.Address.ToLowerHex()))}
            quorum = {parties.Committee.Quorum}

            """);
        AppendAssets(text, chains, search);
        foreach (DeployedChain at in chains)
            text.Append(CultureInfo.InvariantCulture, $"""

                [[chain]]
                id = "{at.Chain.Id}"
                rpc = {List([Address(at.Chain.Http)])}
                quorum = 1
                finalityBlocks = {DevnetTerms.FinalityBlocks}
                escrow = "{at["escrow"].ToLowerHex()}"
                verifier = "{at["verifier"].ToLowerHex()}"
                actSeconds = {DevnetTerms.ActSeconds}

                """);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>What counts as one asset: the search's groups, as far as they stand here in one
    /// number of decimals.</summary>
    private static void AppendAssets(
        StringBuilder text, IReadOnlyList<DeployedChain> chains, SearchConfig search)
    {
        foreach (AssetGroup group in search.Groups)
        {
            var here = chains.SelectMany(at => at.Chain.Tokens
                    .Select(token => (
                        Asset: AssetId.Erc20(at.Chain.Id, token.Address.ToLowerHex()),
                        token.Decimals)))
                .Where(one => group.Assets.Contains(one.Asset)).ToArray();
            if (here.Length == 0 || here.Any(one => one.Decimals != here[0].Decimals)) continue;
            text.Append(CultureInfo.InvariantCulture, $"""

                [[asset]]
                name = "{group.Name}"
                decimals = {here[0].Decimals}
                tokens = {List(here.Select(one => one.Asset.ToString()))}

                """);
        }
    }

    private static void AppendChain(
        StringBuilder text, DevnetWorld world, DeployParties parties, DeployedChain at)
    {
        text.Append(CultureInfo.InvariantCulture, $"""

            # {at.Chain.Name}
            [[chain]]
            id = "{at.Chain.Id}"
            rpc = {List([Address(at.Chain.WebSocket)])}
            quorum = 1
            finalityBlocks = {DevnetTerms.FinalityBlocks}
            blockTimeMs = {world.BlockTimeMs}
            executor = "{at["executor"].ToLowerHex()}"
            owner = "{parties.Owner.Address.ToLowerHex()}"
            escrow = "{at["escrow"].ToLowerHex()}"
            verifier = "{at["verifier"].ToLowerHex()}"
            vaults = {List(at.Vaults.Select(vault => vault.Address.ToLowerHex()))}
            maxFeeGwei = {DevnetTerms.MaxFeeGwei}
            maxTipGwei = {DevnetTerms.MaxTipGwei}
            patienceBlocks = {DevnetTerms.PatienceBlocks}
            actSeconds = {DevnetTerms.ActSeconds}

            """);
        foreach (WorldLender lender in at.Chain.Lenders)
            text.Append(CultureInfo.InvariantCulture, $"""

                [[chain.lender]]
                account = "{at.Chain.Id}:{lender.Address.ToLowerHex()}"
                kind = "{lender.Protocol}"

                """);
    }

    /// <summary>Chains that trades are not searched on have no place in bundles.toml.</summary>
    private static byte[] Bundles(
        DeployParties parties, IReadOnlyList<DeployedChain> chains, SearchConfig search)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            # bundles.toml{Mark} config/bundles.toml explains it.
            version = 1
            slippagePips = 0
            swapBackLossPips = 5_000
            netSharePips = 500_000
            gasHeadroomPips = 250_000
            ttlSeconds = 90
            holdSeconds = 600

            [settled]
            preferred = true
            committee = "{CommitteeWord}"
            threshold = {parties.Committee.Quorum}
            members = {parties.Committee.Signers.Count}
            escapeSeconds = {DevnetTerms.EscapeSeconds}
            loanFeePips = {DevnetTerms.Rules.LoanFeePips}
            minBondPips = {DevnetTerms.MinBondPips}
            rewardCapPips = {DevnetTerms.Rules.RewardCapPips}
            ltvPips = {DevnetTerms.Rules.LtvPips}
            slackPips = {DevnetTerms.SlackPips}
            unwindLossPips = {DevnetTerms.UnwindLossPips}
            gasUnits = 900_000
            leastNetMicroUsd = 2_000_000

            """);
        foreach (DeployedChain at in chains)
        {
            if (search.Chains.All(one => one.Chain != at.Chain.Id)) continue;
            WorldLender lender = at.Chain.Lenders.First(one => one.Protocol == "balancer-v2");
            text.Append(CultureInfo.InvariantCulture, $"""

                [[chain]]
                id = "{at.Chain.Id}"
                lender = "balancer"
                lenderAccount = "{at.Chain.Id}:{lender.Address.ToLowerHex()}"
                vault = "house"
                vaultAccount = "{at.Chain.Id}:{parties.Owner.Address.ToLowerHex()}"
                committeeAccount = "{at.Chain.Id}:{at["verifier"].ToLowerHex()}"
                searcherAccount = "{at.Chain.Id}:{parties.Settlement.Address.ToLowerHex()}"

                """);
            for (int i = 0; i < at.Vaults.Length; i++)
                text.Append(CultureInfo.InvariantCulture, $"""

                    # {at.Vaults[i].Pair}
                    [[chain.lp]]
                    name = "lp{i + 1}"
                    account = "{at.Chain.Id}:{at.Vaults[i].Address.ToLowerHex()}"
                    assets = {List(new[] { at.Vaults[i].Asset0, at.Vaults[i].Asset1 }.Select(one =>
                        AssetId.Erc20(at.Chain.Id, one.Address.ToLowerHex()).ToString()))}

                    """);
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Address(Uri node) => node.AbsoluteUri.TrimEnd('/');

    private static string List(IEnumerable<string> words) =>
        "[" + string.Join(", ", words.Select(word => $"\"{word}\"")) + "]";
}
