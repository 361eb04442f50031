// LedgerFold: the ledger's entries as journal rows come, one at a time; base units, exact.
using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Journal;

/// <summary>Keeps what the next entry rests on: balances, and what is bound for bundles that are
/// open. What it says of a bundle depends on the rows of that bundle's journal alone and on their
/// order there: plans and settled bundles move no account in common that was ever counted.
/// </summary>
public sealed class LedgerFold
{
    private readonly SortedDictionary<(LedgerAccount, AssetId), BigInteger> balances = [];
    private readonly HashSet<(LedgerAccount, AssetId)> opened = [];
    private readonly Dictionary<(string Bundle, int Leg), LedgerEntry> bonds = [];
    private readonly Dictionary<string, TermsText> terms = new(StringComparer.Ordinal);

    /// <summary>What each account has by now; bonds of open bundles count from
    /// <see cref="Close"/> on.</summary>
    public IReadOnlyDictionary<(LedgerAccount Account, AssetId Asset), BigInteger> Balances =>
        balances;

    /// <summary>Whether a balance was read from the chain at some time.</summary>
    public bool IsOpened(LedgerAccount account, AssetId asset) =>
        opened.Contains((account, asset));

    /// <summary>Takes the next row.</summary>
    /// <returns>The entries it makes; none for most rows.</returns>
    public IReadOnlyList<LedgerEntry> Take(JournalRecord row)
    {
        ArgumentNullException.ThrowIfNull(row);
        List<LedgerEntry> made = [];
        switch (row.Entry)
        {
            case BundleAccepted accepted:
                if (accepted.Terms is { } told) terms[row.Bundle] = told;
                foreach (HoldingText held in accepted.Start?.Held ?? [])
                    Hold(row, held, made);
                break;
            case ActOver { Act: ActKind.Lock, Refused: false }
                when terms.TryGetValue(row.Bundle, out TermsText? bound):
                bonds[(row.Bundle, row.Leg)] = Bond(row, bound.Legs[row.Leg]);
                break;
            case BundleEnded ended:
                // What came back of a bond is in the outcome.
                foreach (var key in bonds.Keys.Where(one => one.Bundle == row.Bundle).ToArray())
                    bonds.Remove(key);
                terms.Remove(row.Bundle);
                if (Outcome(ended) is { } line) End(row, line, made);
                break;
        }
        return made;
    }

    /// <summary>Ends it: what is in escrows by now, as entries.</summary>
    public IReadOnlyList<LedgerEntry> Close()
    {
        List<LedgerEntry> made = [];
        foreach (LedgerEntry bond in bonds.Values) Add(bond, made);
        bonds.Clear();
        return made;
    }

    /// <summary>The outcome of a bundle's end; null where it has none.</summary>
    public static OutcomeLine? Outcome(BundleEnded ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        return ended.Outcome is { ValueKind: JsonValueKind.Object } told
            ? LineCodec.Read(Encoding.UTF8.GetBytes(told.GetRawText()), out _) as OutcomeLine
            : null;
    }

    /// <summary>What was read on chain before a plan; what the ledger had otherwise came or went
    /// outside.</summary>
    private void Hold(JournalRecord row, HoldingText held, List<LedgerEntry> made)
    {
        if (!AssetId.TryParse(held.Asset, out AssetId asset)) return;
        LedgerAccount account = IsNative(asset) ? LedgerAccount.Keeper : LedgerAccount.Owner;
        bool first = opened.Add((account, asset));
        BigInteger more = ReferencePrices.Big(UInt256.Parse(held.Units))
            - balances.GetValueOrDefault((account, asset));
        if (!more.IsZero)
            Add(new LedgerEntry(
                row.Bundle, row.AtMs, first ? "opening" : "outside",
                Sides(account, LedgerAccount.Outside, asset, more)), made);
    }

    private void End(JournalRecord row, OutcomeLine line, List<LedgerEntry> made)
    {
        bool settled = line.Guarantee is Guarantee.Settled;
        LedgerAccount funds = settled ? LedgerAccount.Searcher : LedgerAccount.Owner;
        LedgerAccount payer = settled ? LedgerAccount.Searcher : LedgerAccount.Keeper;
        List<Posting> sides = [];
        foreach (OutcomeFlow flow in line.Realised)
            sides.AddRange(Sides(funds, LedgerAccount.Trading, flow.Asset, flow.Amount));
        foreach (OutcomeTransaction sent in line.Transactions)
            sides.AddRange(Sides(
                payer, LedgerAccount.Gas, AssetId.Parse($"{sent.Chain}/slip44:60"),
                -ReferencePrices.Big(sent.FeeWei)));
        foreach (OutcomeFlow flow in line.Unexplained ?? [])
            sides.AddRange(Sides(
                IsNative(flow.Asset) ? payer : funds, LedgerAccount.Outside, flow.Asset,
                flow.Amount));
        Add(new LedgerEntry(
            row.Bundle, row.AtMs, "outcome",
            [
                .. sides.GroupBy(one => (one.Account, one.Asset)).Select(side => new Posting(
                    side.Key.Account, side.Key.Asset,
                    side.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Units)))
                    .Where(one => !one.Units.IsZero),
            ]), made);
    }

    private void Add(LedgerEntry entry, List<LedgerEntry> made)
    {
        if (entry.Postings.IsEmpty) return;
        made.Add(entry);
        foreach (Posting one in entry.Postings)
            balances[(one.Account, one.Asset)] =
                balances.GetValueOrDefault((one.Account, one.Asset)) + one.Units;
    }

    private static LedgerEntry Bond(JournalRecord row, LegTermsText leg)
    {
        EscrowLeg bound = EscrowLeg.Decode(Hex.Parse(leg.Body));
        return new LedgerEntry(row.Bundle, row.AtMs, "bond", Sides(
            LedgerAccount.Searcher, LedgerAccount.Bond,
            AssetId.Erc20(ChainId.Parse(leg.Chain), bound.AssetIn.ToLowerHex()),
            -ReferencePrices.Big(bound.Bond)));
    }

    private static ImmutableArray<Posting> Sides(
        LedgerAccount one, LedgerAccount other, AssetId asset, BigInteger units) =>
        [new Posting(one, asset, units), new Posting(other, asset, -units)];

    private static bool IsNative(AssetId asset) =>
        asset.ToString().Contains("/slip44:", StringComparison.Ordinal);
}
