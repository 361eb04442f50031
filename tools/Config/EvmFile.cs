// EvmFile: reads evm.toml: contracts, nodes, keys and caps; refuses what it does not know.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The file of chains, contracts, nodes and keys.</summary>
public static class EvmFile
{
    private const int Version = 1;
    private const int MaxNodes = 16;
    private const uint MaxGwei = 1_000_000;
    private const uint One = 1_000_000;
    private const uint MaxLtvPips = 2 * One;
    private const uint MaxAuctionPips = 10 * One;
    private const uint MaxSpanSeconds = 86_400;
    private const uint MaxBlocks = 1_000_000;
    private const uint MaxSeconds = 30 * 86_400;
    private const uint MaxBlockTimeMs = 3_600_000;
    private const uint WeiPerGwei = 1_000_000_000;
    private const uint MaxPlanAgeMs = 86_400_000;
    private const string Evm = "eip155:";

    /// <summary>Where the file is when nobody says otherwise, from the repository's
    /// folder.</summary>
    public const string DefaultPath = "config/evm.toml";

    /// <summary>Reads a file, or the default one; relative paths in it count from its folder.
    /// </summary>
    /// <exception cref="RefusedException">The file can't be read or says something
    /// wrong.</exception>
    public static EvmSettings Read(string? path)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath);
        string shown = path ?? DefaultPath;
        if (!File.Exists(file)) throw new RefusedException($"{shown}: no such file");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return Parse(File.ReadAllText(file), shown, folder);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="folder">Where relative paths in it count from.</param>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static EvmSettings Parse(string text, string file, string folder)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = sections[0].Section;
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        TomlSection live = Table("live") ?? throw top.Fault("[live]", "is missing");
        CommitteeSettings? committee = Table("committee") is { } members
            ? Members(members, folder) : null;
        EscrowRules? rules = Table("escrow") is { } escrow ? Rules(escrow) : null;
        List<EvmChain> chains = [];
        for (int i = 1; i < sections.Count; i++)
        {
            (string name, TomlSection section) = sections[i];
            if (name == "chain")
            {
                IEnumerable<TomlSection> lenders = sections.Skip(i + 1)
                    .TakeWhile(next => next.Name == "chain.lender").Select(next => next.Section);
                EvmChain chain = Chain(section, lenders, rules, committee);
                if (chains.Any(other => other.Id == chain.Id))
                    throw section.Fault("id", $"{chain.Id} is there twice");
                chains.Add(chain);
            }
            else if (name == "chain.lender" && sections[i - 1].Name is "chain" or "chain.lender")
            {
                continue;
            }
            else if (name is not ("live" or "committee" or "escrow" or "asset"))
            {
                throw section.Fault("[" + name + "]", name == "chain.lender"
                    ? "follows no [[chain]]: put it right behind its chain"
                    : "is not a table of this file");
            }
        }
        EvmSettings settings = new(
            Live(live, folder, chains), [.. chains], committee,
            new AssetClasses(sections.Where(s => s.Name == "asset").Select(s => s.Section)))
        {
            Plans = Plans(live),
        };
        foreach ((_, TomlSection section) in sections) section.End();
        return settings;

        TomlSection? Table(string name)
        {
            TomlSection[] found =
                [.. sections.Where(s => s.Name == name).Select(s => s.Section)];
            return found.Length < 2 ? found.FirstOrDefault()
                : throw found[1].Fault("[" + name + "]", "is there twice");
        }
    }

    private static LiveSettings Live(TomlSection live, string folder, List<EvmChain> chains)
    {
        ImmutableSortedSet<ChainId> allow = [.. live.List("allow", ChainId.Parse)];
        foreach (ChainId id in allow)
            if (chains.All(chain => chain.Id != id))
                throw live.Fault("allow", $"names {id}, which is no [[chain]] of this file");
        string password = live.Text("passwordFile");
        return new LiveSettings(
            allow, live.Text("journal", PathIn(folder)), live.Text("keyFile", PathIn(folder)),
            password.Length == 0 ? null : live.Text("passwordFile", PathIn(folder)),
            Settlement(live, folder, chains), Optional("risk"), Optional("killFile"));

        string? Optional(string key) => !live.Has(key) || live.Text(key).Length == 0
            ? null : live.Text(key, PathIn(folder));
    }

    private static SettlementFiles? Settlement(
        TomlSection live, string folder, List<EvmChain> chains)
    {
        string key = live.Text("settlementKeyFile"), journal = live.Text("settlementJournal");
        if (key.Length == 0 && journal.Length == 0) return null;
        if (chains.All(chain => chain.Contracts.Escrow.IsZero))
            throw live.Fault("settlementKeyFile", "is for chains with an escrow, and none has one");
        SettlementFiles files = new(
            live.Text("settlementKeyFile", PathIn(folder)),
            live.Text("settlementJournal", PathIn(folder)));
        return files.JournalPath != live.Text("journal", PathIn(folder)) ? files
            : throw live.Fault("settlementJournal", "is that of the plans: each has its own");
    }

    /// <summary>How old plans may be.</summary>
    private static PlanRules Plans(TomlSection live)
    {
        if (live.Has("deny"))
            throw live.Fault("deny", "is a list of risk.toml, which is read anew without a "
                + "restart: move its names to deny there, and take this key out");
        ulong age = live.Has("maxPlanAgeMs") ? live.Number("maxPlanAgeMs", MaxPlanAgeMs) : 0;
        return new PlanRules
        {
            MaxAge = age == 0 ? null : TimeSpan.FromMilliseconds(age),
        };
    }

    private static EvmChain Chain(
        TomlSection chain, IEnumerable<TomlSection> lenders, EscrowRules? rules,
        CommitteeSettings? committee)
    {
        ChainId id = chain.Text("id", ChainId.Parse);
        if (!id.ToString().StartsWith(Evm, StringComparison.Ordinal)
            || !ulong.TryParse(id.ToString().AsSpan(Evm.Length), out ulong number) || number == 0)
            throw chain.Fault("id", $"'{id}' is no EVM chain such as eip155:8453");
        EvmAddress escrow = Address(chain, "escrow"), verifier = Address(chain, "verifier");
        if (escrow.IsZero != verifier.IsZero)
            throw chain.Fault("verifier", "and escrow are both there or both the zero address");
        if (!escrow.IsZero && (rules is null || committee is null))
            throw chain.Fault("escrow", "needs the tables [escrow] and [committee]: add them, or "
                + "put the zero address here and at verifier where nothing is settled");
        ImmutableArray<Uri> rpc = [.. chain.List("rpc", Node)];
        if (rpc.Length is 0 or > MaxNodes)
            throw chain.Fault("rpc", $"must name 1 to {MaxNodes} nodes");
        if (rpc.Distinct().Count() != rpc.Length)
            throw chain.Fault("rpc", "names a node twice: it would be its own witness");
        return new EvmChain
        {
            Contracts = new Deployment
            {
                Chain = id,
                ChainNumber = number,
                Executor = Somebody(chain, "executor"),
                Owner = Somebody(chain, "owner"),
                Escrow = escrow,
                Verifier = verifier,
                Vaults = [.. chain.List("vaults", text => EvmAddress.Parse(text))],
                Lenders = Lenders(lenders, id),
                Rules = escrow.IsZero ? null : rules,
            },
            Rpc = rpc,
            Quorum = Whole(chain, "quorum", (uint)rpc.Length),
            FinalityBlocks = Whole(chain, "finalityBlocks", MaxBlocks),
            BlockTimeMs = Whole(chain, "blockTimeMs", MaxBlockTimeMs),
            Fees = Fees(chain),
            PatienceBlocks = Whole(chain, "patienceBlocks", MaxBlocks),
            ActSeconds = Whole(chain, "actSeconds", MaxSeconds),
        };
    }

    private static FeeRules Fees(TomlSection chain)
    {
        int fee = Whole(chain, "maxFeeGwei", MaxGwei), tip = Whole(chain, "maxTipGwei", MaxGwei);
        if (tip > fee)
            throw chain.Fault("maxTipGwei", $"is above maxFeeGwei ({fee}), which holds the tip");
        return new FeeRules
        {
            MaxFeePerGas = (UInt256)(ulong)fee * WeiPerGwei,
            MaxTip = (UInt256)(ulong)tip * WeiPerGwei,
        };
    }

    private static ImmutableDictionary<EvmAddress, LenderKind> Lenders(
        IEnumerable<TomlSection> tables, ChainId id)
    {
        var lenders = ImmutableDictionary.CreateBuilder<EvmAddress, LenderKind>();
        foreach (TomlSection table in tables)
        {
            AccountId account = table.Text("account", AccountId.Parse);
            if (account.Chain != id)
                throw table.Fault("account", $"is on {account.Chain}, its [[chain]] is {id}");
            EvmAddress address = table.Text(
                "account", text => EvmAddress.Parse(AccountId.Parse(text).Address));
            if (!lenders.TryAdd(address, table.Text("kind", Kind)))
                throw table.Fault("account", "is there twice");
        }
        return lenders.ToImmutable();
    }

    /// <summary>Bounds are those of the escrow contract, which takes no leg beyond them.</summary>
    private static EscrowRules Rules(TomlSection escrow)
    {
        EscrowRules rules = new(
            escrow.Pips("loanFeePips"),
            escrow.Pips("ltvPips", MaxLtvPips),
            escrow.Pips("rewardCapPips"),
            escrow.Pips("rewardDelaySeconds", MaxSpanSeconds),
            (uint)Whole(escrow, "rewardSpanSeconds", MaxSpanSeconds),
            escrow.Pips("auctionStartPips", MaxAuctionPips),
            (uint)Whole(escrow, "auctionSpanSeconds", MaxSpanSeconds));
        if (rules.RewardDelaySeconds + rules.RewardSpanSeconds > MaxSpanSeconds)
            throw escrow.Fault("rewardSpanSeconds",
                $"and rewardDelaySeconds together pass the contract's {MaxSpanSeconds}");
        return rules.AuctionStartPips >= One ? rules : throw escrow.Fault("auctionStartPips",
            $"must be at least {One}: an auction starts at what is owed or above");
    }

    private static CommitteeSettings Members(TomlSection section, string folder)
    {
        EvmAddress[] signers = section.List("signers", text => EvmAddress.Parse(text));
        SignerEndpoint[] places = section.List(
            "endpoints", text => SignerEndpoint.Parse(text, folder));
        if (places.Length != signers.Length)
            throw section.Fault("endpoints",
                $"names {places.Length} places for {signers.Length} signers: one each, in order");
        if (places.DistinctBy(place => place.Text).Count() != places.Length)
            throw section.Fault("endpoints", "names a place twice: each signer has its own");
        int quorum = Whole(section, "quorum", Committee.MaxSigners);
        try
        {
            Committee committee = new(signers, quorum);
            return new CommitteeSettings(committee, signers.Zip(places)
                .ToImmutableDictionary(pair => pair.First, pair => pair.Second));
        }
        catch (ArgumentException e)
        {
            throw section.Fault("signers", $"are wrong: {e.Message}");
        }
    }

    private static Uri Node(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
            && address.Scheme is "http" or "https" or "ws" or "wss"
            ? address
            : throw new FormatException($"'{text}' is no address such as http://127.0.0.1:8545 "
                + "or wss://node.example/key");

    private static LenderKind Kind(string word) => word switch
    {
        "balancer-v2" => LenderKind.BalancerV2,
        "aave-v3" => LenderKind.AaveV3,
        "uniswap-v3" => LenderKind.UniswapV3,
        "uniswap-v2" => LenderKind.UniswapV2,
        _ => throw new FormatException(
            $"'{word}' is none of balancer-v2, aave-v3, uniswap-v3, uniswap-v2"),
    };

    private static EvmAddress Address(TomlSection section, string key) =>
        section.Text(key, text => EvmAddress.Parse(text));

    private static EvmAddress Somebody(TomlSection section, string key)
    {
        EvmAddress address = Address(section, key);
        return address.IsZero ? throw section.Fault(key, "is the zero address, nobody's: put "
            + "the address that the deployer printed") : address;
    }

    /// <summary>A whole number from 1 on.</summary>
    private static int Whole(TomlSection section, string key, uint most)
    {
        ulong number = section.Number(key, most);
        return number != 0 ? (int)number : throw section.Fault(key, "must be at least 1");
    }

    private static Func<string, string> PathIn(string folder) => text =>
        text.Length == 0 || text.Contains('\0', StringComparison.Ordinal)
            ? throw new FormatException("it is no path")
            : Path.GetFullPath(text, folder);
}
