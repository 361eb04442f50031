// SignerFile: reads signer.toml: committee, chains and assets of one signer; refuses the unknown.
using System.Collections.Immutable;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Model;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>A chain of a signer.</summary>
/// <param name="Number">EIP-155.</param>
/// <param name="Rpc">The signer's own nodes.</param>
/// <param name="Quorum">How many of them have to agree.</param>
/// <param name="FinalityBlocks">So many blocks make a block final.</param>
/// <param name="Served">What it serves there.</param>
public sealed record SignerChainSettings(
    long Number, ImmutableArray<Uri> Rpc, int Quorum, int FinalityBlocks, ServedChain Served);

/// <summary>All of a signer's settings but its key and its journal.</summary>
/// <param name="Committee">Whose member it is.</param>
/// <param name="Chains">What it serves.</param>
public sealed record SignerSettings(
    Committee Committee, ImmutableDictionary<ChainId, SignerChainSettings> Chains);

/// <summary>The file; docs/settlement.md has an example.</summary>
public static class SignerFile
{
    private const int Version = 1;
    private const int MaxBlocks = 100_000;
    private const string Evm = "eip155:";

    /// <summary>Reads a file.</summary>
    /// <exception cref="RefusedException">It can't be read or says something wrong.</exception>
    public static SignerSettings Read(string file) => File.Exists(file)
        ? Parse(File.ReadAllText(file), file)
        : throw new RefusedException($"{file}: no such file");

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static SignerSettings Parse(string text, string file)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = sections[0].Section;
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        Committee committee = Members(top);
        AssetClasses assets =
            new(sections.Where(s => s.Name == "asset").Select(s => s.Section));
        var chains = ImmutableDictionary.CreateBuilder<ChainId, SignerChainSettings>();
        foreach ((string name, TomlSection section) in sections)
        {
            if (name == "chain")
            {
                ChainId id = section.Text("id", ChainId.Parse);
                if (chains.ContainsKey(id)) throw section.Fault("id", $"{id} is there twice");
                chains.Add(id, Chain(section, id, assets));
            }
            else if (name is not ("" or "asset"))
            {
                throw section.Fault($"[{name}]", "is not a table of this file");
            }
            section.End();
        }
        if (chains.Count == 0) throw top.Fault("[[chain]]", "is missing: a signer serves one");
        return new SignerSettings(committee, chains.ToImmutable());
    }

    private static Committee Members(TomlSection top)
    {
        EvmAddress[] members = top.List("signers", text => EvmAddress.Parse(text));
        try
        {
            return new Committee(members, (int)top.Number("quorum", Committee.MaxSigners));
        }
        catch (ArgumentException e)
        {
            throw top.Fault("signers", $"make no committee: {e.Message}");
        }
    }

    private static SignerChainSettings Chain(
        TomlSection chain, ChainId id, AssetClasses assets)
    {
        string text = id.ToString();
        if (!text.StartsWith(Evm, StringComparison.Ordinal)
            || !long.TryParse(text.AsSpan(Evm.Length), out long number) || number <= 0)
            throw chain.Fault("id", $"'{id}' is no EVM chain such as eip155:8453");
        Uri[] rpc = chain.List("rpc", Node);
        if (rpc.Length == 0) throw chain.Fault("rpc", "names no node");
        int quorum = (int)chain.Number("quorum", (ulong)rpc.Length);
        if (quorum == 0) throw chain.Fault("quorum", "is at least 1");
        int finality = (int)chain.Number("finalityBlocks", MaxBlocks);
        if (finality == 0) throw chain.Fault("finalityBlocks", "is at least 1: the block itself");
        return new SignerChainSettings(
            number, [.. rpc], quorum, finality, new ServedChain(
                chain.Text("escrow", one => EvmAddress.Parse(one)),
                chain.Text("verifier", one => EvmAddress.Parse(one)),
                (long)chain.Number("actSeconds", uint.MaxValue),
                assets.On(id)));
    }

    private static Uri Node(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? uri! : throw new FormatException("a node is http://... or https://...");
}
