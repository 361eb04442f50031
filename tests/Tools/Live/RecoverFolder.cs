// RecoverFolder: an evm.toml with keys, bounds and journals of a test's world, for the binary.
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Lockstep.Crypto;
using Lockstep.Model.Lines;
using Lockstep.Tests.Execution.Running;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tools;

namespace Lockstep.Tests.Tools.Live;

/// <summary>A chain as the file names it.</summary>
internal sealed record FileChain(
    ulong Number, Uri Rpc, int Finality, EvmAddress Executor, EvmAddress Owner,
    EvmAddress Escrow = default, EvmAddress Verifier = default, EvmAddress Lender = default);

/// <summary>The folder, gone with its test.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class RecoverFolder : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly byte[] Password = Encoding.UTF8.GetBytes("of no worth");

    private readonly TempFolder folder = new();

    /// <summary>Writes everything.</summary>
    /// <param name="chains">Chains, on which sending is allowed.</param>
    /// <param name="keeper">Who signs plans.</param>
    /// <param name="journal">Where plans are written down.</param>
    /// <param name="searcher">Who signs settled bundles, and their journal; null for none.</param>
    /// <param name="committee">Who certifies those, each at <see cref="Place"/>.</param>
    public RecoverFolder(
        IReadOnlyList<FileChain> chains, SigningKey keeper, string journal,
        (SigningKey Key, string Journal)? searcher = null, Committee? committee = null)
    {
        Write("password", "of no worth\n"u8.ToArray());
        Write("keeper.json", Sealed(keeper));
        if (searcher is { } settles) Write("searcher.json", Sealed(settles.Key));
        Write("risk.toml", Encoding.UTF8.GetBytes(Risk));
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            version = 1
            [live]
            allow = [{string.Join(", ", chains.Select(one => $"\"eip155:{one.Number}\""))}]
            journal = "{journal}"
            keyFile = "keeper.json"
            passwordFile = "password"
            settlementKeyFile = "{(searcher is null ? "" : "searcher.json")}"
            settlementJournal = "{searcher?.Journal}"
            risk = "risk.toml"
            killFile = "stop"

            """);
        if (committee is not null) Settles(text, committee);
        foreach (FileChain one in chains) Append(text, one);
        Write("evm.toml", Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Plans alone, on the chains of a world.</summary>
    public static RecoverFolder Of(PlanWorld world) => new(
        [
            .. world.Chains.Select(chain => new FileChain(
                chain.Number, chain.Http, PlanChain.Finality, chain.Executor, chain.Owner,
                Lender: chain.Lender)),
        ], PlanChain.Keeper, world.JournalPath);

    /// <summary>The file.</summary>
    public string Evm => folder["evm.toml"];

    /// <summary>Where a member of the committee listens.</summary>
    public string Place(int member) => folder[$"{member}.sock"];

    /// <summary>Denies this alone from the next look at the bounds on.</summary>
    /// <param name="list">What stands between the list's brackets.</param>
    public void Deny(string list) => Write("risk.toml", Encoding.UTF8.GetBytes(
        Risk.Replace("deny = []", $"deny = [{list}]", StringComparison.Ordinal)));

    /// <summary>Runs the executor with the file.</summary>
    public Ending Executor(params string[] words) =>
        Binary.Run("managed", ["executor", .. words, "--evm", Evm], []);

    /// <summary>The outcomes of what it said.</summary>
    public static OutcomeLine[] Outcomes(Ending ending) =>
    [
        .. ending.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.StartsWith('{'))
            .Select(line => LineCodec.Read(Encoding.UTF8.GetBytes(line), out _))
            .OfType<OutcomeLine>(),
    ];

    public void Dispose() => folder.Dispose();

    private static byte[] Sealed(SigningKey key) => Keystore.Seal(
        key, Password, new byte[Keystore.RandomBytes], KeystoreCost.Light);

    private void Write(string name, byte[] content)
    {
        File.WriteAllBytes(folder[name], content);
        File.SetUnixFileMode(folder[name], Owner);
    }

    private void Settles(StringBuilder text, Committee committee)
    {
        int count = committee.Signers.Count;
        text.Append(CultureInfo.InvariantCulture, $"""
            [escrow]
            loanFeePips = 500
            ltvPips = 1020000
            rewardCapPips = 1000
            rewardDelaySeconds = 60
            rewardSpanSeconds = 600
            auctionStartPips = 1050000
            auctionSpanSeconds = 30
            [committee]
            quorum = {committee.Quorum}
            signers = [{string.Join(", ", committee.Signers.Select(one => $"\"{one}\""))}]
            endpoints = [{string.Join(
                ", ", Enumerable.Range(0, count).Select(i => $"\"{Place(i)}\""))}]

            """);
    }

    private static void Append(StringBuilder text, FileChain one)
    {
        text.Append(CultureInfo.InvariantCulture, $"""
        [[chain]]
        id = "eip155:{one.Number}"
        rpc = ["{one.Rpc}"]
        quorum = 1
        finalityBlocks = {one.Finality}
        blockTimeMs = 1000
        executor = "{one.Executor}"
        owner = "{one.Owner}"
        escrow = "{one.Escrow}"
        verifier = "{one.Verifier}"
        vaults = []
        maxFeeGwei = 1000
        maxTipGwei = 10
        patienceBlocks = 3
        actSeconds = 15

        """);
        if (one.Lender.IsZero) return;
        text.Append(CultureInfo.InvariantCulture, $"""
            [[chain.lender]]
            account = "eip155:{one.Number}:{one.Lender.ToLowerHex()}"
            kind = "balancer-v2"

            """);
    }

    /// <summary>Bounds that nothing here reaches.</summary>
    private const string Risk = """
        version = 1
        mode = "active"
        bundleMicroUsd = 1_000_000_000_000_000
        totalMicroUsd = 1_000_000_000_000_000
        openBundles = 100
        chainMicroUsd = 1_000_000_000_000_000
        assetMicroUsd = 1_000_000_000_000_000
        bridgeMicroUsd = 0
        profitMicroUsd = 0
        reduceDrawdownMicroUsd = 1_000_000_000_000_000_000
        haltDrawdownMicroUsd = 1_000_000_000_000_000_000
        failureWindow = 20
        reduceFailures = 20
        feedAgeMs = 30_000
        deny = []
        allow = []
        """;
}
