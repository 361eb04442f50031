// doctor: looks at everything live work rests on, and says of each thing whether it is well.
using System.CommandLine;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Settlement;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Health;

namespace Lockstep.Tools;

/// <summary>The tool <c>doctor</c>. It sends nothing and changes nothing.</summary>
public static class Doctor
{
    private static readonly TimeSpan VotePatience = TimeSpan.FromSeconds(5);

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "doctor",
        "Looks at nodes, clocks, keys, funds, nonces, journals and risk; says what to do.",
        reads: [],
        writes: ["check"],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> evm = new("--evm")
        {
            Description = $"Contracts, nodes and keys. [default: {EvmFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<bool> json = new("--json") { Description = "One line of kind \"check\" each." };
        Option<bool> all = new("--all")
        {
            Description = "Chains that [live] allow leaves out, too.",
        };
        command.Add(evm);
        command.Add(json);
        command.Add(all);
        return (host, options) =>
        {
            string shown = options.GetValue(evm) ?? EvmFile.DefaultPath;
            EvmSettings settings = EvmFile.Read(options.GetValue(evm));
            bool asLines = options.GetValue(json);
            Dictionary<FindingLevel, int> counts = [];
            void Tell(Finding one)
            {
                counts[one.Level] = counts.GetValueOrDefault(one.Level) + 1;
                if (asLines) one.Write(host);
                else one.Show(host);
                host.Out.Flush();
            }
            Tell(Finding.Ok("config", shown, "reads"));
            LookAsync(settings, options.GetValue(all), Tell).GetAwaiter().GetResult();
            host.Say($"{counts.GetValueOrDefault(FindingLevel.Ok)} ok, "
                + $"{counts.GetValueOrDefault(FindingLevel.Warn)} to look at, "
                + $"{counts.GetValueOrDefault(FindingLevel.Fail)} failed");
            return counts.ContainsKey(FindingLevel.Fail) ? ExitCode.Failed : ExitCode.Ok;
        };
    }

    private static async Task LookAsync(EvmSettings settings, bool all, Action<Finding> tell)
    {
        if (settings.Live.Allow.IsEmpty)
            tell(new Finding("config", "[live] allow", FindingLevel.Warn, "names no chain",
                "nothing may be sent; add the chains on which it may"));
        FileChecks files = new(settings, TimeProvider.System, tell);
        files.Password();
        ReadJournal sent = files.Journal(settings.Live.JournalPath);
        List<OwnAccount> accounts =
            [new("keeper", files.Key(settings.Live.KeyPath), sent)];
        if (settings.Live.Settlement is { } settlement)
            accounts.Add(new OwnAccount(
                "searcher", files.Key(settlement.KeyPath), files.Journal(settlement.JournalPath)));
        files.Risk([.. accounts.Select(one => one.Journal)]);
        foreach (EvmChain chain in settings.Chains)
            if (all || settings.MaySend(chain.Id))
                await new ChainChecks(settings, chain, TimeProvider.System, tell)
                    .LookAsync(accounts, default);
        if (settings.Committee is { } committee && settings.Live.Settlement is not null)
            await CommitteeAsync(committee, tell);
    }

    /// <summary>Asks each signer for what it has to refuse: a refusal is a sign of life.</summary>
    private static async Task CommitteeAsync(CommitteeSettings committee, Action<Finding> tell)
    {
        int alive = 0;
        VoteRequest nothing = new(default(Hash32).ToString(), Decision.Abort, []);
        foreach ((EvmAddress signer, SignerEndpoint at) in committee.Endpoints)
        {
            string words;
            try
            {
                using CancellationTokenSource late = new(VotePatience);
                VoteAnswer? answer = await at.AskAsync(nothing, late.Token);
                if (answer is not null
                    && string.Equals(
                        answer.Signer, signer.ToString(), StringComparison.OrdinalIgnoreCase))
                {
                    alive++;
                    tell(Finding.Ok("signer", at.Text, $"{signer} answers"));
                    continue;
                }
                words = answer is null ? "closed without an answer"
                    : $"answers as {answer.Signer}, the file says {signer}";
            }
            catch (Exception e) when (e is IOException or JsonException
                or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                words = e is OperationCanceledException ? "no answer in time" : e.Message;
            }
            tell(new Finding("signer", at.Text, FindingLevel.Warn, words, "start that signer"));
        }
        int quorum = committee.Committee.Quorum;
        tell(alive >= quorum
            ? Finding.Ok("committee", $"{committee.Committee.Signers.Count} signers",
                $"{alive} answer, {quorum} make a certificate")
            : new Finding("committee", $"{committee.Committee.Signers.Count} signers",
                FindingLevel.Fail, $"{alive} answer, {quorum} make a certificate",
                "bring signers back: without a certificate open bundles wait for T, and unwind"));
    }
}
