// LedgerTests: every entry balances, the accounts are the outcomes' sums, bonds come back.
using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using System.Text.Json;
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Execution.Journal;

public sealed class LedgerTests
{
    private static readonly ChainId Base = ChainId.Parse("eip155:8453");
    private static readonly AssetId Ether = AssetId.Parse("eip155:8453/slip44:60");
    private static readonly AssetId Usdc =
        AssetId.Erc20(Base, "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913");

    private static readonly Gen<OutcomeLine> Outcome = Gen.Select(
        Gen.Long.Array[0, 3], Gen.ULong.Array[0, 3], Gen.Bool, Gen.Long).Select(
        (flows, fees, settled, other) => new OutcomeLine
        {
            Name = "p",
            Bundle = "b",
            Guarantee = settled ? Guarantee.Settled : Guarantee.Inventory,
            Success = true,
            Reason = "none",
            Detail = "",
            Transactions =
            [
                .. fees.Select(fee => new OutcomeTransaction(
                    Base, default(Hash32).ToString(), "run", 1, true, 1, fee)),
            ],
            Realised = [.. flows.Select(one => new OutcomeFlow(Usdc, one))],
            Unexplained = other == 0 ? null : [new OutcomeFlow(Ether, other)],
            StartedMs = 1,
            EndedMs = 2,
        });

    [Fact]
    public void Entries_Balance_AndAccountsAreTheSums() => Outcome.Array[0, 6].Sample(all =>
    {
        Ledger ledger = Ledger.Of(all.Select((one, i) => new JournalRecord(
            $"b{i}", -1, 1, i, new BundleEnded(SettlementEnd.Committed, Json(one)))));
        Assert.All(ledger.Entries, entry => Assert.True(entry.IsBalanced));
        foreach (bool settled in (bool[])[true, false])
        {
            OutcomeLine[] mine =
                [.. all.Where(one => one.Guarantee is Guarantee.Settled == settled)];
            Assert.Equal(
                Sum(mine.SelectMany(one => one.Realised.Select(flow => (BigInteger)flow.Amount))),
                Of(ledger, settled ? LedgerAccount.Searcher : LedgerAccount.Owner, Usdc));
            Assert.Equal(
                Sum(mine.SelectMany(one => (one.Unexplained ?? []).Select(
                    flow => (BigInteger)flow.Amount)))
                - Sum(mine.SelectMany(one => one.Transactions.Select(
                    sent => BigInteger.Parse(sent.FeeWei.ToString())))),
                Of(ledger, settled ? LedgerAccount.Searcher : LedgerAccount.Keeper, Ether));
        }
        foreach (AssetId asset in (AssetId[])[Usdc, Ether])
            Assert.Equal(BigInteger.Zero, Sum(ledger.Balances
                .Where(one => one.Key.Asset == asset).Select(one => one.Value)));
    }, iter: 500);

    [Fact]
    public void Holding_OpensAnAccount_AndThenNamesWhatCameFromOutside()
    {
        Ledger ledger = Ledger.Of(
        [
            Started("a", 1, "1000"),
            Ended("a", 2, -300),
            Started("b", 3, "750"),
        ]);
        Assert.Equal(["opening", "outcome", "outside"], ledger.Entries.Select(one => one.What));
        Assert.True(ledger.IsOpened(LedgerAccount.Owner, Usdc));
        Assert.False(ledger.IsOpened(LedgerAccount.Searcher, Usdc));
        Assert.Equal(750, Of(ledger, LedgerAccount.Owner, Usdc));
        Assert.Equal(300, Of(ledger, LedgerAccount.Trading, Usdc));
        Assert.Equal(-1050, Of(ledger, LedgerAccount.Outside, Usdc));
    }

    private static JournalRecord Started(string bundle, long atMs, string held) => new(
        bundle, -1, 0, atMs, new BundleAccepted(
            JsonElement.Parse("{}"), null,
            new PlanStart(atMs, [new HoldingText(Usdc.ToString(), held)])));

    private static JournalRecord Ended(string bundle, long atMs, long flow) => new(
        bundle, -1, 1, atMs, new BundleEnded(SettlementEnd.Committed, Json(new OutcomeLine
        {
            Name = "p",
            Bundle = bundle,
            Guarantee = Guarantee.Inventory,
            Success = true,
            Reason = "none",
            Detail = "",
            Transactions = [],
            Realised = [new OutcomeFlow(Usdc, flow)],
            StartedMs = 1,
            EndedMs = 2,
        })));

    private static JsonElement Json(OutcomeLine line) =>
        JsonDocument.Parse(Recordings.Text([line])).RootElement;

    private static BigInteger Of(Ledger ledger, LedgerAccount account, AssetId asset) =>
        ledger.Balances.GetValueOrDefault((account, asset));

    private static BigInteger Sum(IEnumerable<BigInteger> all) =>
        all.Aggregate(BigInteger.Zero, (sum, one) => sum + one);
}
