// doctor: looks at everything live work rests on, and says of each thing whether it is well.
using System.CommandLine;
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
            [new(OwnAccount.Keeper, files.Key(settings.Live.KeyPath), sent)];
        if (settings.Live.Settlement is { } settlement)
            accounts.Add(new OwnAccount(
                OwnAccount.Searcher, files.Key(settlement.KeyPath),
                files.Journal(settlement.JournalPath)));
        if (accounts is [{ Address: { } keeper }, { Address: { } searcher }] && keeper == searcher)
            tell(new Finding("key", settings.Live.Settlement!.KeyPath, FindingLevel.Fail,
                $"{searcher} also signs the other plans",
                "settled bundles need an account that nobody else signs for: name another key"));
        files.Risk([.. accounts.Select(one => one.Journal)]);
        foreach (EvmChain chain in settings.Chains)
            if (all || settings.MaySend(chain.Id))
                await new ChainChecks(settings, chain, TimeProvider.System, tell)
                    .LookAsync(accounts, default);
        if (settings.Committee is { } committee && settings.Live.Settlement is not null)
            await new CommitteeChecks(committee, VotePatience, tell).LookAsync();
    }
}
