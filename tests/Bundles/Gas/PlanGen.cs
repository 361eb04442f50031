// PlanGen: any sound plan over two chains, and a gas table to price it; for the laws of the rules.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Bundles.Gas;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Tests.Bundles.Gas;

/// <summary>Makes plans whose every pull is approved and whose every loan is repaid.</summary>
internal static class PlanGen
{
    internal static readonly ChainId Near = ChainId.Parse("eip155:1");
    internal static readonly ChainId Far = ChainId.Parse("eip155:10");

    internal static readonly GasFork Fork =
        new("test", 21_000, 100, 2_600, 2_100, 2_400, 1_900);

    /// <summary>Costs of the right size; listing pays on <see cref="Near"/> alone.</summary>
    internal static GasTable Table { get; } = new()
    {
        BatchCall = 1_500,
        CertificateMs = 700,
        Chains = [new(Near, Fork, 1_000, 40_000, 0), new(Far, Fork, 300, 50_000, 16)],
        Figures =
        [
            .. Enum.GetValues<StepKind>().Select(kind =>
                new GasFigure(kind, "", kind is StepKind.Repay ? 0UL : 90_000, Fork)),
            new(StepKind.Flash, "cheap", 65_000, Fork),
            new(StepKind.Flash, "dear", 148_000, Fork),
        ],
        ArrivalMs = ImmutableSortedDictionary<string, ulong>.Empty.Add("", 5_000),
        FlashSources = [Source("cheap", 0, false), Source("dear", 500, true)],
        Allowances =
        [
            new(Asset(Near, 1), Contract(Near, "pool1"), UInt256.MaxValue),
            new(Asset(Near, 2), Contract(Near, "pool2"), 1_500),
        ],
    };

    internal static GasModel Model { get; } = new(Table);

    internal static AssetId Asset(ChainId chain, int number) =>
        AssetId.Erc20(chain, $"0x{number:x2}");

    internal static AccountId Contract(ChainId chain, string party) =>
        AccountId.Parse($"{chain}:{party}");

    internal static FlashSource Source(string name, uint pips, bool pulls) =>
        new(name, name, Contract(Near, name), pips, pulls, [Asset(Near, 0), Asset(Near, 1)]);

    internal static PlanStep Call(
        StepKind kind, ChainId chain, int asset, string party, SymbolicAmount amount) => new()
        {
            Kind = kind,
            Party = party,
            Contract = Contract(chain, party),
            Asset = Asset(chain, asset),
            Amount = amount,
        };

    internal static SymbolicAmount Known(ulong units) => SymbolicAmount.Known(units);

    /// <summary>An approval and the swap that draws on it.</summary>
    internal static PlanStep[] Swap(
        ChainId chain, int asset, string pool, SymbolicAmount amount, string brings) =>
    [
        Call(StepKind.Approve, chain, asset, pool, amount),
        Call(StepKind.Swap, chain, asset, pool, amount) with
        {
            Pulls = true,
            AssetOut = Asset(chain, asset + 1),
            AmountOut = SymbolicAmount.Unknown(brings),
        },
    ];

    /// <summary>A loan, what is done with it, and its repayment.</summary>
    internal static PlanStep[] Loan(
        ChainId chain, string lender, bool pulls, ulong units, uint pips, string debt,
        params PlanStep[] between)
    {
        UInt256 fee = UInt256.MulDivCeiling(units, pips, 1_000_000);
        PlanStep repay = Call(
            StepKind.Repay, chain, 0, lender, Known(units) + SymbolicAmount.Known(fee)) with
        {
            Of = lender, Fee = fee, Pulls = pulls, Closes = [debt],
        };
        PlanStep[] approval = pulls
            ? [Call(StepKind.Approve, chain, 0, lender, repay.Amount)]
            : [];
        PlanStep loan = Call(StepKind.Flash, chain, 0, lender, Known(units)) with
        {
            Of = lender, Opens = debt,
        };
        return [loan, .. between, .. approval, repay];
    }

    internal static PlanTransaction Transaction(
        string id, ChainId chain, string scope, params PlanStep[] steps) => new()
        {
            Id = id,
            Chain = chain,
            Scope = new PlanScope(scope, PlanPhase.Run, scope != "apart"),
            Steps = [.. steps],
        };

    private sealed record Draft(int Chain, int Scope, bool Split, int[] Seeds, int[] Needs);

    private static readonly Gen<Draft> Drafts = Gen.Select(
        Gen.Int[0, 1], Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 9_999].Array[1, 4],
        Gen.Int[0, 30].Array[0, 2], (chain, scope, split, seeds, needs) =>
            new Draft(chain, scope, split, seeds, needs));

    /// <summary>Up to sixteen transactions, in the order in which they were written.</summary>
    internal static Gen<Plan> Any { get; } = Drafts.Array[1, 8].Select(Build);

    private static Plan Build(Draft[] drafts)
    {
        List<PlanTransaction> all = [];
        foreach (Draft draft in drafts)
        {
            ChainId chain = draft.Chain == 0 ? Near : Far;
            string scope = draft.Scope == 3 ? "apart" : $"s{draft.Scope}.{draft.Chain}";
            PlanStep[] steps =
                [.. draft.Seeds.SelectMany((seed, i) => Steps(chain, seed, $"{all.Count}.{i}"))];
            // A plain client sends the approvals first; only where none overwrites another.
            PlanStep[] grants = [.. steps.Where(step => step.Kind is StepKind.Approve)];
            bool split = draft.Split && grants.Length > 0 && grants.Length < steps.Length
                && grants.DistinctBy(g => (g.Asset, g.Party)).Count() == grants.Length
                && grants.All(g => g.Amount.TryKnown(out _));
            if (split)
            {
                Add(Transaction($"t{all.Count + 1}", chain, scope, grants), draft);
                steps = [.. steps.Except(grants)];
            }
            Add(Transaction($"t{all.Count + 1}", chain, scope, steps), draft);
        }
        return new Plan("any", [.. all]);

        void Add(PlanTransaction one, Draft draft) => all.Add(one with
        {
            Needs = [.. draft.Needs.Where(n => n < all.Count).Select(n => all[n].Id)],
            Follows = all.Count == 0 ? [] : [all[^1].Id],
        });
    }

    private static PlanStep[] Steps(ChainId chain, int seed, string name)
    {
        ulong units = (ulong)(seed % 1_000 + 1);
        int pick = seed / 1_000;
        string pool = pick % 2 == 0 ? "pool1" : "pool2";
        return pick switch
        {
            0 or 1 => Swap(chain, 1 + seed % 2, pool, Known(units), name),
            2 => Swap(chain, 1, pool, SymbolicAmount.Unknown($"in{name}"), name),
            3 or 4 => [Call(StepKind.Take, chain, seed % 3, "house", Known(units))],
            5 or 6 => [Call(StepKind.Transfer, chain, seed % 3, "house", Known(units))],
            7 => Loan(chain, "dear", true, units, 500, name),
            8 => Loan(chain, "other", false, units, 900, name,
                Swap(chain, 2, "pool2", Known(units), name)),
            _ => [Call(StepKind.Transfer, chain, 1, "bank", SymbolicAmount.Unknown(name))],
        };
    }
}
