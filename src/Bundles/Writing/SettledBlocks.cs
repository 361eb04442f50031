// SettledBlocks: writes two certified loans as the language says them: lock, commit, abort.
using System.Globalization;
using Lockstep.Bundles.Dsl;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Writing;

/// <summary>Writes settled blocks.</summary>
internal static class SettledBlocks
{
    /// <summary>The block of a trade.</summary>
    public static SettledBlock Of(
        SettledTrade trade, SettledTerms terms, BundleDeclarations names)
    {
        SettledTradeLeg[] legs = [trade.First, trade.Second];
        Leg[] written = [.. legs.Select((leg, i) => Write(leg, i + 1, terms, names))];
        Name searcher = default!, committee = default!;
        foreach (SettledTradeLeg leg in legs)
        {
            committee = names.Committee(leg.Hop.Pool.Chain, terms.Committee);
            searcher = names.Searcher(leg.Hop.Pool.Chain);
        }
        return new SettledBlock(
            new Certificate(committee, terms.Threshold, terms.Members),
            new Duration(terms.EscapeSeconds * 1000L),
            [.. written],
            [
                .. written.Select(leg => new NovateStatement(leg.Name)),
                new PayStatement(null, null, searcher),
            ],
            [
                .. written.Select((leg, i) => new UnwindStatement(
                    leg.Name, names.Quantity(legs[i].Hop.AssetIn, legs[i].MinBack))),
                new ShortfallStatement(null),
            ]);
    }

    private static Leg Write(
        SettledTradeLeg leg, int number, SettledTerms terms, BundleDeclarations names)
    {
        Hop hop = leg.Hop;
        Name lent = Numbered("u"), swapped = Numbered("w");
        return new Leg(
            Numbered("leg"), names.Chain(hop.Pool.Chain), names.Amount(hop.AssetIn, leg.Bond),
            [
                new LendStatement(
                    lent, names.Amount(hop.AssetIn, leg.Principal),
                    names.LpVault(leg.Vault, terms.LoanFeePips)),
                new SwapStatement(
                    swapped, lent, new AssetRef(names.Symbol(hop.AssetOut), null), names.Pool(hop),
                    names.Quantity(hop.AssetOut, leg.MinOut)),
                new EscrowStatement(swapped, lent, Percent.OfPips(terms.LtvPips)),
            ],
            null);

        Name Numbered(string what) =>
            new(string.Create(CultureInfo.InvariantCulture, $"{what}{number}"));
    }
}
