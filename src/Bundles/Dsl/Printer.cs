// Printer: a bundle's tree as canonical text; parsing that text gives the tree back.
using System.Text;

namespace Lockstep.Bundles.Dsl;

/// <summary>Writes trees as text: one item a line, two blanks a level, no comments.</summary>
public sealed partial class Printer
{
    private readonly StringBuilder text = new();
    private int depth;

    private Printer() { }

    /// <summary>The bundle's text, with a last line feed.</summary>
    public static string Print(Bundle bundle)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        Printer printer = new();
        printer.Write(bundle);
        return printer.text.ToString();
    }

    /// <summary>Several bundles' text, a blank line between two.</summary>
    public static string Print(SyntaxList<Bundle> bundles) =>
        string.Join('\n', bundles.Select(Print));

    /// <summary>One statement's text, with a last line feed.</summary>
    public static string Print(Statement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        Printer printer = new();
        printer.Write(statement);
        return printer.text.ToString();
    }

    private void Write(Bundle bundle)
    {
        Open($"bundle {bundle.Name}");
        foreach (ChainDeclaration chain in bundle.Chains)
            Line($"chain {chain.Name} = {chain.Chain}");
        foreach (AssetDeclaration asset in bundle.Assets)
            Line($"asset {asset.Symbol} on {asset.On} = {asset.Asset} decimals {asset.Decimals}");
        foreach (PoolDeclaration pool in bundle.Pools)
            Line($"pool {pool.Name} on {pool.On} = {pool.Pool} family {pool.Family} "
                + $"fee {Text(pool.Fee)}");
        foreach (ContractDeclaration contract in bundle.Contracts)
            Line($"{WordOf(contract.Role)} {contract.Name} on {contract.On} = {contract.Account}"
                + (contract.Fee is { } fee ? $" fee {Text(fee)}" : ""));
        if (bundle.Limits is { } limits) Write(limits);
        foreach (Block block in bundle.Blocks) Write(block);
        Close();
    }

    /// <summary>The word a declaration of this role starts with.</summary>
    internal static string WordOf(ContractRole role) => role switch
    {
        ContractRole.Vault => "vault",
        ContractRole.Lender => "lender",
        ContractRole.Bridge => "bridge",
        ContractRole.Committee => "committee",
        _ => "account",
    };

    private void Write(Limits limits)
    {
        Open("limits");
        if (limits.MinNet is { } net) Line($"net >= {Text(net)}");
        if (limits.Ttl is { } ttl) Line($"ttl {ttl}");
        foreach (GasLimit gas in limits.Gas)
            Line($"gas {gas.Chain} <= {GasUnits(gas.Units)} @ {GasPrice(gas.PriceWei)}");
        if (limits.FoundSeconds is { } found) Line($"found {Grouped(found)}");
        if (limits.Expected is { } expected) Line($"expect {Text(expected)}");
        Close();
    }

    private void Write(Block block)
    {
        switch (block)
        {
            case TransactionBlock tx:
                Statements($"atomic tx on {tx.Chain}", tx.Body);
                break;
            case SettledBlock settled:
                Certificate cert = settled.Certificate;
                Open($"atomic htlb(cert: {cert.Committee}({Grouped(cert.Threshold)} of "
                    + $"{Grouped(cert.Members)}), escape: {settled.Escape})");
                Write(settled.Legs);
                Statements("commit", settled.Commit);
                Statements("abort", settled.Abort);
                Close();
                break;
            case InventoryBlock inventory:
                Open("inventory");
                Write(inventory.Legs);
                Close();
                break;
            case BridgedBlock bridged:
                Open("bridged");
                Write(bridged.Legs);
                Statements("compensate", bridged.Compensate);
                Close();
                break;
            case ParallelBlock parallel:
                Branches(parallel.Branches, branch =>
                {
                    foreach (Block one in branch.Blocks) Write(one);
                });
                break;
        }
    }

    private void Write(SyntaxList<Leg> legs)
    {
        foreach (Leg leg in legs)
        {
            string bond = leg.Bond is { } amount ? $" bond {Text(amount)}" : "";
            Open($"leg {leg.Name} on {leg.Chain}{bond}");
            foreach (Statement statement in leg.Body) Write(statement);
            if (leg.Failed is { } failed) Statements("failed", failed);
            Close();
        }
    }

    private void Statements(string header, SyntaxList<Statement> body)
    {
        Open(header);
        foreach (Statement statement in body) Write(statement);
        Close();
    }

    private void Branches<T>(SyntaxList<T> branches, Action<T> write)
    {
        Open("par");
        for (int i = 0; i < branches.Count; i++)
        {
            if (i > 0) Reopen();
            write(branches[i]);
        }
        Close();
    }

    private void Write(Statement statement)
    {
        if (statement is ParallelStatement parallel)
        {
            Branches(parallel.Branches, branch =>
            {
                foreach (Statement one in branch.Body) Write(one);
            });
        }
        else
        {
            Line(Text(statement));
        }
    }

    private void Line(string line) => text.Append(' ', 2 * depth).Append(line).Append('\n');

    private void Open(string header)
    {
        Line(header + " {");
        depth++;
    }

    private void Close()
    {
        depth--;
        if (CloseEmpty("}\n")) return;
        Line("}");
    }

    private void Reopen()
    {
        depth--;
        if (!CloseEmpty("} {\n")) Line("} {");
        depth++;
    }

    /// <summary>A block without items stands on one line: <c>{ }</c>.</summary>
    private bool CloseEmpty(string end)
    {
        if (text[^2] != '{') return false;
        text.Length--;
        text.Append(' ').Append(end);
        return true;
    }
}
