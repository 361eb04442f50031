// Remedies: swap back, hold, hedge: each possible for the wire it names, and what it may cost.
using System.Numerics;
using Lockstep.Bundles.Dsl;

namespace Lockstep.Bundles.Check;

/// <summary>What one remedy does for one wire.</summary>
/// <param name="Wire">The wire.</param>
/// <param name="Back">What it is swapped back to; null for a hold or hedge.</param>
/// <param name="Min">The least that brings, in 10^-36 tokens.</param>
/// <param name="Words">What it does, in words.</param>
internal sealed record Remedy(
    CheckedWire Wire, AssetDeclaration? Back, BigInteger? Min, string Words);

/// <summary>Checks remedies.</summary>
internal static class Remedies
{
    /// <summary>The wire a remedy is for; null when the statement is none.</summary>
    public static Name? InputOf(Statement statement) => statement switch
    {
        SwapBackStatement one => one.Input,
        HoldStatement one => one.Input,
        HedgeStatement one => one.Input,
        _ => null,
    };

    /// <summary>Checks one; null when it can't be carried out, which has been complained of.
    /// </summary>
    public static Remedy? Check(CheckRun run, Statement statement, CheckedWire wire)
    {
        if (wire.Asset is not { } asset) return null;
        switch (statement)
        {
            case SwapBackStatement back:
                AssetDeclaration? to = run.Names.Asset(back.To, wire.On);
                if (to is not null && to.Asset == asset.Asset)
                {
                    run.Complain(DiagnosticCode.WrongAsset, back.To,
                        $"wire '{wire.Name}' is {to.Symbol} already", "hold it, or another asset");
                    return null;
                }
                run.Names.Pool(back.Via, wire.On, asset, to);
                BigInteger? min = run.Names.Exact(back.Min, to, "the minimum");
                return to is null || min is null ? null : new Remedy(wire, to, min,
                    $"swapped back for at least {Quantity36.Text(min.Value)} {to.Symbol}");
            case HoldStatement hold:
                return Hold(run, hold, wire, asset);
            case HedgeStatement hedge:
                return new Remedy(wire, null, null,
                    $"hedged via {hedge.Via.Name} for at most {hedge.MaxLoss.Value}%");
            default:
                return null;
        }
    }

    private static Remedy? Hold(
        CheckRun run, HoldStatement hold, CheckedWire wire, AssetDeclaration asset)
    {
        AssetDeclaration? of = run.Names.Asset(hold.Max.Asset, wire.On);
        BigInteger? most = run.Names.Exact(hold.Max.Quantity, of, "the most to hold");
        if (of is null || most is null) return null;
        if (of.Asset != asset.Asset)
        {
            run.Complain(DiagnosticCode.WrongAsset, hold.Max.Asset,
                $"wire '{wire.Name}' is {asset.Symbol}, not {of.Symbol}",
                $"bound it in {asset.Symbol}");
            return null;
        }
        if (hold.Longest.Milliseconds <= 0)
            run.Complain(DiagnosticCode.AmountZero, hold.Longest, "a hold of no time holds nothing",
                "say how long: for 10m");
        if (wire.Low is { } low && low > most)
        {
            run.Complain(DiagnosticCode.RemedyImpossible, hold,
                $"wire '{wire.Name}' is at least {Quantity36.Text(low)} {asset.Symbol}, at most "
                    + $"{Quantity36.Text(most.Value)} may be held",
                "hold more, or swap it back");
            return null;
        }
        return new Remedy(wire, null, null,
            $"held for {hold.Longest}, up to {Quantity36.Text(most.Value)} {of.Symbol}");
    }
}
