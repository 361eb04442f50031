// Ledger: double entry from journals: what each bundle moved between accounts; base units.
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

/// <summary>Where something is. The first three are on chain and can be counted there.</summary>
public enum LedgerAccount
{
    /// <summary>Own funds of plans: the executor's owner.</summary>
    Owner,

    /// <summary>Who pays gas for plans.</summary>
    Keeper,

    /// <summary>Who locks settled bundles: bonds, surplus and gas.</summary>
    Searcher,

    /// <summary>In the escrow, as the bond of a leg that is not over.</summary>
    Bond,

    /// <summary>Traded away, or come from trades.</summary>
    Trading,

    /// <summary>Paid for gas and data.</summary>
    Gas,

    /// <summary>Came or went otherwise: deposits, withdrawals, other programs.</summary>
    Outside,
}

/// <summary>A side of an entry.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what; it names the chain.</param>
/// <param name="Units">Base units: more there where positive.</param>
public readonly record struct Posting(LedgerAccount Account, AssetId Asset, BigInteger Units);

/// <summary>What belongs together. Of each asset the postings add up to nothing.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="AtMs">UNIX milliseconds.</param>
/// <param name="What"><c>opening</c>, <c>outside</c>, <c>outcome</c> or <c>bond</c>.</param>
/// <param name="Postings">The sides.</param>
public sealed record LedgerEntry(
    string Bundle, long AtMs, string What, ImmutableArray<Posting> Postings)
{
    /// <summary>Whether nothing was made or lost.</summary>
    public bool IsBalanced => Postings.GroupBy(one => one.Asset).All(
        side => side.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Units).IsZero);
}

/// <summary>All entries of some journals, and what they come to.</summary>
public sealed class Ledger
{
    private readonly List<LedgerEntry> entries = [];
    private readonly SortedDictionary<(LedgerAccount, AssetId), BigInteger> balances = [];
    private readonly HashSet<(LedgerAccount, AssetId)> opened = [];

    private Ledger()
    {
    }

    /// <summary>The entries, in the order they were written down.</summary>
    public IReadOnlyList<LedgerEntry> Entries => entries;

    /// <summary>What each account has by them. Where no opening balance is known, that is what it
    /// has more or less.</summary>
    public IReadOnlyDictionary<(LedgerAccount Account, AssetId Asset), BigInteger> Balances =>
        balances;

    /// <summary>Whether a balance was read from the chain at some time, so that the ledger's is
    /// the whole of it and not a change.</summary>
    public bool IsOpened(LedgerAccount account, AssetId asset) =>
        opened.Contains((account, asset));

    /// <summary>Reads journals.</summary>
    /// <exception cref="JournalException">A row is missing, changed or unreadable.</exception>
    public static Ledger Of(params IEnumerable<SettlementJournal> journals)
    {
        ArgumentNullException.ThrowIfNull(journals);
        List<JournalRecord> rows = [];
        foreach (SettlementJournal journal in journals) journal.ReadAll(rows.Add);
        return Of(rows.OrderBy(row => row.AtMs));
    }

    /// <summary>The same of rows, by their time.</summary>
    public static Ledger Of(IEnumerable<JournalRecord> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Ledger ledger = new();
        Dictionary<(string Bundle, int Leg), LedgerEntry> bonds = [];
        Dictionary<string, TermsText> terms = new(StringComparer.Ordinal);
        foreach (JournalRecord row in rows)
            switch (row.Entry)
            {
                case BundleAccepted accepted:
                    if (accepted.Terms is { } told) terms[row.Bundle] = told;
                    foreach (HoldingText held in accepted.Start?.Held ?? [])
                        ledger.Hold(row, held);
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
                    if (Outcome(ended) is { } line) ledger.End(row, line);
                    break;
            }
        foreach (LedgerEntry bond in bonds.Values) ledger.Add(bond);
        return ledger;
    }

    /// <summary>What was read on chain before a plan; what the ledger had otherwise came or went
    /// outside.</summary>
    private void Hold(JournalRecord row, HoldingText held)
    {
        if (!AssetId.TryParse(held.Asset, out AssetId asset)) return;
        LedgerAccount account = IsNative(asset) ? LedgerAccount.Keeper : LedgerAccount.Owner;
        bool first = opened.Add((account, asset));
        BigInteger more = ReferencePrices.Big(UInt256.Parse(held.Units))
            - balances.GetValueOrDefault((account, asset));
        if (!more.IsZero)
            Add(new LedgerEntry(
                row.Bundle, row.AtMs, first ? "opening" : "outside",
                Sides(account, LedgerAccount.Outside, asset, more)));
    }

    private void End(JournalRecord row, OutcomeLine line)
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
            ]));
    }

    private void Add(LedgerEntry entry)
    {
        if (entry.Postings.IsEmpty) return;
        entries.Add(entry);
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

    private static OutcomeLine? Outcome(BundleEnded ended) =>
        ended.Outcome is { ValueKind: JsonValueKind.Object } told
            ? LineCodec.Read(Encoding.UTF8.GetBytes(told.GetRawText()), out _) as OutcomeLine
            : null;
}
