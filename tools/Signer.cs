// signer: one member of a committee: one key, one journal, one socket; votes by its own nodes.
using System.CommandLine;
using System.Net.Sockets;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;
using Committees = Lockstep.Execution.Committees;

namespace Lockstep.Tools;

/// <summary>The tool <c>signer</c>.</summary>
public static class Signer
{
    private const string PasswordVariable = "LOCKSTEP_SIGNER_PASSWORD";

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "signer",
        "Certifies settled bundles as one member of a committee; listens on this machine only.",
        reads: [],
        writes: [],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string> config = Required("--config", "file", "Committee, chains and assets.");
        Option<string> key = Required("--key", "file", "Keystore (version 3) of the signer's key.");
        Option<string> journal = Required("--journal", "file", "Its votes; shared with nobody.");
        Option<string> listen = Required(
            "--listen", "place", "127.0.0.1:PORT, or the path of a unix socket.");
        Option<string?> password = new("--password-file")
        {
            Description = $"Its first line opens the key. [default: {PasswordVariable}, or stdin]",
            HelpName = "file",
        };
        Option<int?> parent = new("--parent")
        {
            Description = "End when this process does.",
            HelpName = "pid",
        };
        foreach (Option one in (Option[])[config, key, journal, listen, password, parent])
            command.Add(one);
        return (host, options) =>
        {
            SignerSettings settings = SignerFile.Read(options.GetValue(config)!);
            Committees.SignerEndpoint place = Place(options.GetValue(listen)!);
            using SigningKey opened = KeyFile.Open(
                options.GetValue(key)!, options.GetValue(password),
                new PasswordSource(PasswordVariable, host.In));
            return Run(
                host, settings, place, opened, options.GetValue(journal)!,
                options.GetValue(parent)).GetAwaiter().GetResult();
        };
    }

    private static Option<string> Required(string name, string value, string words) =>
        new(name) { Description = words, HelpName = value, Required = true };

    private static Committees.SignerEndpoint Place(string text)
    {
        try
        {
            return Committees.SignerEndpoint.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--listen: {e.Message}");
        }
    }

    private static async Task<int> Run(
        ToolHost host, SignerSettings settings, Committees.SignerEndpoint place, SigningKey key,
        string journalFile, int? parent)
    {
        using Ending ending = new(null, patient: true, parent);
        await using ChainNodes nodes = new(TimeProvider.System);
        Dictionary<ChainId, SignerChain> chains = [];
        try
        {
            foreach ((ChainId id, SignerChainSettings chain) in settings.Chains)
                chains.Add(id, new SignerChain(
                    chain.Served,
                    await nodes.OpenAsync(
                        id, chain.Number, chain.Rpc, chain.Quorum, ending.Token),
                    chain.FinalityBlocks));
            using SettlementJournal journal =
                SettlementJournal.Open(journalFile, TimeProvider.System);
            using Committees.Signer signer = Member(settings, key, chains, journal);
            using Socket listener = place.Listen();
            host.Say($"{signer.Address} listens on {place.Text}");
            await new SignerServer(signer, new SignerLimits(), TimeProvider.System)
                .ServeAsync(listener, ending.Token);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (ending.Token.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (JournalException e)
        {
            throw new RefusedException(e.Message);
        }
    }

    private static Committees.Signer Member(
        SignerSettings settings, SigningKey key, Dictionary<ChainId, SignerChain> chains,
        SettlementJournal journal)
    {
        try
        {
            return new Committees.Signer(
                key, settings.Committee, chains, journal, TimeProvider.System);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException($"{e.Message}: add its address to signers, or take its key");
        }
    }
}
