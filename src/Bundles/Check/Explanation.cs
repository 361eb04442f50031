// Explanation: a checked bundle in words: type, guarantee, assumptions, worst case by party.
using System.Collections.Immutable;
using System.Text;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Check;

/// <summary>Says for people what a check found.</summary>
public static class Explanation
{
    /// <summary>What the word promises, as docs/guarantees.md says it.</summary>
    public static string Promise(Guarantee guarantee) => guarantee switch
    {
        Guarantee.Transaction => "one transaction on one chain: the chain undoes it whole, but for "
            + "gas and nonce",
        Guarantee.Settled => "all legs claimed or all unwound, the loss bounded by the bonds, "
            + "under the assumptions below; no rollback",
        Guarantee.Inventory => "every leg has its own minimum; one can land while another fails",
        _ => "legs in sequence over a bridge: a priced risk, nothing more",
    };

    /// <summary>The page, with a last line feed.</summary>
    /// <param name="name">The bundle's name.</param>
    /// <param name="check">What was found.</param>
    public static string Of(string name, BundleCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        StringBuilder page = new();
        page.Append("bundle ").Append(name).Append('\n');
        Line("guarantee", $"{Word(check.Guarantee)}: {Promise(check.Guarantee)}");
        foreach (BundleScope scope in check.Scopes)
            Line("scope", $"{scope.Name} on {scope.On} : {Wires(scope.Inputs)} -> "
                + $"{Wires(scope.Outputs)}  [{Word(scope.Guarantee)}]");
        foreach (BundleNet net in check.Net)
            Line("net", net.AtLeast is { } least
                ? $"at least {least} {net.Asset}, before gas"
                : $"{net.Asset}: no minimum says");
        foreach (BundleAssumption one in check.Assumptions)
            Line("assumes", $"{one.Code}: {one.Words}" + (one.Figures.IsEmpty ? "" : " ("
                + string.Join(", ", one.Figures.Select(f => $"{f.Name} {f.Value}")) + ")"));
        foreach (BundleLoss loss in check.Losses)
            Line("at worst", $"{loss.Party}: " + (loss.AtMost is { } most
                ? $"{most} {loss.Asset}: {loss.Words}"
                : loss.Words));
        return page.ToString();

        void Line(string what, string words) =>
            page.Append("  ").Append(what.PadRight(10)).Append(words).Append('\n');
    }

    /// <summary>The guarantee's word on lines.</summary>
    public static string Word(Guarantee guarantee) => guarantee switch
    {
        Guarantee.Transaction => "transaction",
        Guarantee.Settled => "settled",
        Guarantee.Inventory => "inventory",
        _ => "bridged",
    };

    private static string Wires(ImmutableArray<BundleWire> wires) => wires.IsEmpty
        ? "I"
        : string.Join(" (x) ", wires.Select(one =>
            $"{one.Wire}: {one.Asset}" + (one.AtLeast is { } least ? $" >= {least}" : "")));
}
