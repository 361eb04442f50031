// GasFile: reads gas.toml into the gas model's table; refuses what it does not know.
using System.Collections.Immutable;
using Lockstep.Bundles.Gas;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The file of gas figures.</summary>
public static class GasFile
{
    private const int Version = 1;
    private const ulong MaxGas = 1_000_000_000;
    private const ulong MaxMs = 10_000_000_000;

    /// <summary>Where the file is when nobody says otherwise, from the repository's folder.
    /// </summary>
    public const string DefaultPath = "config/gas.toml";

    private static readonly string[] Known =
        ["", "model", "fork", "chain", "call", "arrival", "lender", "allowance"];

    /// <summary>Reads a file, or the default one.</summary>
    /// <exception cref="RefusedException">The file can't be read or says something wrong.
    /// </exception>
    public static GasTable Read(string? path)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath);
        string shown = path ?? DefaultPath;
        if (!File.Exists(file)) throw new RefusedException($"{shown}: no such file");
        return Parse(File.ReadAllText(file), shown);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static GasTable Parse(string text, string file)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = One("");
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        TomlSection model = One("model");
        var forks = Unique("fork", Fork, fork => fork.Name, "name")
            .ToDictionary(fork => fork.Name, StringComparer.Ordinal);
        GasTable table = new()
        {
            BatchCall = model.Number("batchCall", MaxGas),
            CertificateMs = model.Number("certificateMs", MaxMs),
            Chains = Unique("chain", one => Chain(one, forks), row => row.Chain, "id"),
            Figures = Unique("call", one => Call(one, forks), row => (row.Kind, row.Of), "of"),
            ArrivalMs = Unique("arrival", Arrival, row => row.Bridge, "bridge")
                .ToImmutableSortedDictionary(
                    row => row.Bridge, row => row.Ms, StringComparer.Ordinal),
            FlashSources = Unique("lender", Lender, row => row.Contract, "contract"),
            Allowances = Unique(
                "allowance", Allowance, row => (row.Asset, row.Spender), "spender"),
        };
        foreach ((string name, TomlSection section) in sections)
        {
            if (!Known.Contains(name, StringComparer.Ordinal))
                throw section.Fault("[" + name + "]", "is not a table of this file");
            section.End();
        }
        return Complete(table, file);

        TomlSection One(string name) =>
            sections.Where(s => s.Name == name).Select(s => s.Section).ToArray() is [var only]
                ? only
                : throw new RefusedException($"{file}:1: there must be one [{name}]");

        ImmutableArray<T> Unique<T, TKey>(
            string name, Func<TomlSection, T> read, Func<T, TKey> keyOf, string key)
        {
            HashSet<TKey> seen = [];
            List<T> rows = [];
            foreach ((_, TomlSection section) in sections.Where(s => s.Name == name))
            {
                T row = read(section);
                if (!seen.Add(keyOf(row))) throw section.Fault(key, "is listed twice");
                rows.Add(row);
            }
            return [.. rows];
        }
    }

    /// <summary>Every kind of call has a row for those that are not named, so that no call is
    /// priced at nothing by accident.</summary>
    private static GasTable Complete(GasTable table, string file)
    {
        foreach (StepKind kind in Enum.GetValues<StepKind>())
        {
            if (table.Find(kind, "") is null)
            {
                throw new RefusedException($"{file}:1: there must be a [[call]] with "
                    + $"op = \"{Word(kind)}\" and of = \"\"");
            }
        }
        return table.ArrivalMs.ContainsKey("")
            ? table
            : throw new RefusedException($"{file}:1: there must be an [[arrival]] of bridge \"\"");
    }

    private static GasFork Fork(TomlSection fork)
    {
        GasFork read = new(
            fork.Text("name"), fork.Number("intrinsic", MaxGas), fork.Number("warm", MaxGas),
            fork.Number("coldAccount", MaxGas), fork.Number("coldSlot", MaxGas),
            fork.Number("listAccount", MaxGas), fork.Number("listSlot", MaxGas));
        fork.Text("source");
        if (read.Warm > read.ColdAccount) throw fork.Fault("coldAccount", "is below warm");
        if (read.Warm > read.ColdSlot) throw fork.Fault("coldSlot", "is below warm");
        return read;
    }

    private static ChainGas Chain(TomlSection chain, Dictionary<string, GasFork> forks)
    {
        ChainGas read = new(
            chain.Text("id", ChainId.Parse), ForkOf(chain, forks),
            chain.Number("inclusionMs", MaxMs), chain.Number("finalityMs", MaxMs),
            chain.Number("listGasPerByte", MaxGas));
        chain.Text("source");
        return read;
    }

    private static GasFigure Call(TomlSection call, Dictionary<string, GasFork> forks)
    {
        GasFigure read = new(
            call.Text("op", Kind), call.Text("of"), call.Number("transactionGas", MaxGas),
            ForkOf(call, forks));
        call.Text("source");
        return read;
    }

    private static (string Bridge, ulong Ms) Arrival(TomlSection arrival)
    {
        (string, ulong) read = (arrival.Text("bridge"), arrival.Number("ms", MaxMs));
        arrival.Text("source");
        return read;
    }

    private static FlashSource Lender(TomlSection lender)
    {
        FlashSource read = new(
            lender.Text("name"), lender.Text("of"), lender.Text("contract", AccountId.Parse),
            lender.Pips("feePips"), lender.Flag("pulls"),
            [.. lender.List("assets", AssetId.Parse)]);
        lender.Text("source");
        if (!Bundles.Dsl.Words.IsName(read.Name) || read.Name.Length > 40)
            throw lender.Fault("name", "must be a name of at most 40 characters");
        return read;
    }

    private static StandingAllowance Allowance(TomlSection allowance) => new(
        allowance.Text("asset", AssetId.Parse), allowance.Text("spender", AccountId.Parse),
        allowance.Text("amount", text => UInt256.TryParse(text, null, out UInt256 units)
            ? units
            : throw new FormatException($"'{text}' is no number of base units")));

    private static GasFork ForkOf(TomlSection section, Dictionary<string, GasFork> forks) =>
        forks.TryGetValue(section.Text("fork"), out GasFork? fork)
            ? fork
            : throw section.Fault("fork", "names no [[fork]] of this file");

    private static string Word(StepKind kind) => kind.ToString().ToLowerInvariant();

    private static StepKind Kind(string op)
    {
        foreach (StepKind kind in Enum.GetValues<StepKind>())
            if (string.Equals(Word(kind), op, StringComparison.Ordinal)) return kind;
        throw new FormatException($"'{op}' is no call of a plan");
    }
}
