// SettledCheck: a certificate-committed block: locks, bonds, quorum, escape, and both outcomes.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;

namespace Lockstep.Bundles.Check;

/// <summary>One settled block.</summary>
internal sealed class SettledCheck(CheckRun run, SettledBlock block)
{
    /// <summary>What those are who are paid a surplus or pay a shortfall.</summary>
    private static readonly ContractRole[] Roles = [ContractRole.Account, ContractRole.Vault];

    private readonly List<(Leg Leg, FlowCheck Flow)> legs = [];

    private bool BondPays => block.Abort.Any(one => one is ShortfallStatement { From: null });

    public void Check(string path)
    {
        if (block.Legs.Count is < 2 or > SettlementTerms.MaxLegs)
            run.Complain(DiagnosticCode.LegCount, block, $"{block.Legs.Count} legs are settled "
                + $"together; there are 2 to {SettlementTerms.MaxLegs}",
                "one leg alone is 'atomic tx'");
        OwnFundsCheck.LegsOnce(run, block.Legs);
        Quorum();
        Dictionary<string, string> debts = [];
        run.SideBySide(block.Legs.Select(
            (leg, i) => ((Syntax)leg, (Action)(() => CheckLeg(leg, $"{path}.legs[{i}]", debts)))));
        Outcome(block.Commit, DiagnosticCode.CommitIncomplete, "commit", "novate");
        Outcome(block.Abort, DiagnosticCode.AbortIncomplete, "abort", "unwind");
        Surplus();
        Shortfall();
        foreach ((Leg leg, FlowCheck flow) in legs) Bond(leg, flow);
        Escape();
        run.Assume("keeper", "one live keeper finishes what the certificate decides");
        run.Lose("own funds", null, null, "gas of locks, claims and unwinds, beside the bonds");
    }

    private void Quorum()
    {
        (int threshold, int members) = (block.Certificate.Threshold, block.Certificate.Members);
        // Two quorums share 2t - n signers: all but one of them may be faulty.
        int faulty = (2 * threshold) - members - 1;
        if (threshold < 1 || threshold > members || faulty < 0)
        {
            run.Complain(DiagnosticCode.QuorumNotExclusive, block.Certificate,
                $"{threshold} of {members} can sign COMMIT while as many others sign ABORT",
                $"more than half have to sign: {(members / 2) + 1} of {members}");
            return;
        }
        run.Assume("quorum", $"at most {faulty} of the {members} signers of "
            + $"'{block.Certificate.Committee}' sign both outcomes; with fewer than {threshold} "
            + "signing, every leg unwinds at its escape",
            ("threshold", $"{threshold}"), ("members", $"{members}"), ("faulty", $"{faulty}"));
    }

    private void CheckLeg(Leg leg, string path, Dictionary<string, string> debts)
    {
        if (run.Names.Chain(leg.Chain) is not null)
            run.Names.Contract(block.Certificate.Committee, leg.Chain, ContractRole.Committee);
        run.ChainsUsed.Add(leg.Chain.Text);
        FlowCheck flow = new(run, ScopeKind.Settled) { DebtsBeside = debts };
        var (inputs, outputs) = flow.Walk(leg.Chain, leg.Body);
        flow.Close();
        if (!flow.Debts.Any(debt => !debt.IsFlash) && flow.Locked.Count == 0)
            run.Complain(DiagnosticCode.LegNotLocked, leg.Name,
                $"leg '{leg.Name}' locks nothing: the decision would not bind it",
                "lend, swap, then: escrow WIRE backing debt(...) ltv <= ...%");
        foreach (CheckedDebt debt in flow.Debts) debts.TryAdd(debt.Name.Text, leg.Chain.Text);
        run.Scopes.Add(OwnFundsCheck.Scope(
            path, leg.Name.Text, leg.Chain, Guarantee.Settled, inputs, outputs));
        legs.Add((leg, flow));
    }

    private void Outcome(
        SyntaxList<Statement> body, DiagnosticCode code, string part, string verb)
    {
        HashSet<string> seen = [];
        foreach (Statement step in body)
        {
            if (!run.Count(step, 1)) return;
            Name? leg = step switch
            {
                NovateStatement one when part == "commit" => one.Leg,
                UnwindStatement one when part == "abort" => one.Leg,
                _ => null,
            };
            if (leg is null)
            {
                bool fits = part == "commit" ? step is PayStatement { Input: null, Amount: null }
                    : step is ShortfallStatement;
                if (!fits)
                    run.Complain(DiagnosticCode.MisplacedStep, step,
                        $"this step does not belong in {part}", part == "commit"
                            ? "commit novates every leg and pays the surplus"
                            : "abort unwinds every leg and says who pays a shortfall");
            }
            else if (!block.Legs.Any(one => one.Name.Text == leg.Text))
            {
                run.Complain(DiagnosticCode.UnknownLeg, leg, $"the block has no leg '{leg}'",
                    "one of " + string.Join(", ", block.Legs.Select(one => one.Name.Text)));
            }
            else if (!seen.Add(leg.Text))
            {
                run.Complain(code, leg, $"{part} has '{verb} {leg}' twice", "once is enough");
            }
        }
        foreach (Leg leg in block.Legs.Where(leg => !seen.Contains(leg.Name.Text)))
            run.Complain(code, leg.Name, $"{part} leaves the escrow of leg '{leg.Name}' locked",
                $"add to {part}: {verb} {leg.Name}");
    }

    private void Surplus()
    {
        PayStatement[] pays = [.. block.Commit.OfType<PayStatement>().Where(p => p.Input is null)];
        if (pays.Length != 1)
            run.Complain(DiagnosticCode.SurplusUnpaid, pays.Length > 1 ? pays[1] : block,
                $"commit says {pays.Length} times who gets the surplus", "say it once: pay surplus "
                    + "to ACCOUNT");
        foreach (PayStatement pay in pays) OnSomeLeg(pay.To);
    }

    private void Shortfall()
    {
        ShortfallStatement[] all = [.. block.Abort.OfType<ShortfallStatement>()];
        if (all.Length != 1)
            run.Complain(DiagnosticCode.ShortfallUnpaid, all.Length > 1 ? all[1] : block,
                $"abort says {all.Length} times who pays what an unwind leaves owing",
                "say it once: shortfall from bond");
        foreach (ShortfallStatement one in all)
            if (one.From is { } from) OnSomeLeg(from);
    }

    private void OnSomeLeg(Name who)
    {
        if (block.Legs.Count > 0
            && !block.Legs.Any(leg => Roles.Any(role => run.Names.Has(role, who, leg.Chain))))
            run.Names.Contract(who, block.Legs[0].Chain, Roles);
    }

    private void Bond(Leg leg, FlowCheck flow)
    {
        if (leg.Bond is not { } bond)
        {
            run.Complain(DiagnosticCode.BondMissing, leg.Name,
                $"leg '{leg.Name}' posts no bond: its unwinding would be paid by the vault",
                $"leg {leg.Name} on {leg.Chain} bond AMOUNT ASSET {{ ... }}");
            return;
        }
        AssetDeclaration? asset = run.Names.Asset(bond.Asset, leg.Chain);
        if (run.Names.Exact(bond.Quantity, asset, "the bond") is not { } posted || asset is null)
            return;
        if (BondPays) run.Lose("own funds", asset, posted, $"the bond of leg '{leg.Name}'");
        CheckedDebt[] lent = [.. flow.Debts.Where(debt => !debt.IsFlash)];
        UnwindStatement? unwind = block.Abort.OfType<UnwindStatement>()
            .FirstOrDefault(one => one.Leg.Text == leg.Name.Text);
        string lender = $"vault of leg '{leg.Name}'";
        if (lent is not [{ Asset: { } owedIn, Owed: { } owed, Lent: { } loan }])
        {
            run.Lose(lender, null, null, "all that the escrows are not worth, beyond the bond");
            return;
        }
        BigInteger? back = unwind?.Min is { } min
            ? run.Names.Exact(min, owedIn, "the minimum")
            : null;
        if (BondPays && owedIn.Asset == asset.Asset)
            Cover(leg, bond, posted, owed, loan, back, owedIn, flow);
        else
            run.Lose(BondPays ? lender : Payer(leg), owedIn,
                back is { } least ? BigInteger.Max(0, owed - least) : owed,
                BondPays ? $"what unwinding leaves owing, less the bond's worth of {asset.Symbol}"
                    : $"what the unwinding of leg '{leg.Name}' leaves owing");
    }

    /// <summary>Who pays a shortfall where it is not the bond; on a chain without that contract
    /// the bond does.</summary>
    private string Payer(Leg leg) => block.Abort.OfType<ShortfallStatement>()
        .FirstOrDefault()?.From is { } from
            && Roles.Any(role => run.Names.Has(role, from, leg.Chain))
                ? $"{from}"
                : $"vault of leg '{leg.Name}'";

    /// <summary>Fees are certain, and a stated minimum is a promise: the bond covers both. What the
    /// price may do beyond is an assumption, with its figures.</summary>
    private void Cover(
        Leg leg, Amount bond, BigInteger posted, BigInteger owed, BigInteger loan,
        BigInteger? back, AssetDeclaration asset, FlowCheck flow)
    {
        BigInteger fees = owed - loan;
        foreach (Percent fee in flow.PoolFees)
            fees += 2 * Quantity36.ShareCeiling(loan, fee, asset.Decimals);
        BigInteger need = BigInteger.Max(fees, back is { } least ? owed - least : 0);
        if (posted < need)
            run.Complain(DiagnosticCode.BondTooSmall, bond,
                $"the bond of leg '{leg.Name}' is {Quantity36.Text(posted)}, unwinding can cost "
                    + $"{Quantity36.Text(need)} {asset.Symbol}: " + (need == fees
                        ? "the vault's fee and twice the pools'" : "the debt less the minimum"),
                $"post at least {Quantity36.Text(need)} {asset.Symbol}"
                    + (need == fees ? "" : ", or unwind for more"));
        BigInteger room = BigInteger.Max(0, posted - fees) * 10_000 / loan;
        run.Assume("bond", $"unwinding leg '{leg.Name}' loses no more than its bond: beyond the "
            + "fees it covers a price move of so many basis points",
            ("bond", Quantity36.Text(posted)), ("fees", Quantity36.Text(fees)),
            ("coveredBasisPoints", OwnFundsCheck.Text(room)));
        run.Lose($"vault of leg '{leg.Name}'", asset, back is { } b
            ? BigInteger.Max(0, owed - b - posted) : BigInteger.Max(0, owed - posted),
            back is null ? "all that the escrow is not worth, beyond the bond"
                : "the minimum of its unwind and the bond cover the debt");
    }

    private void Escape()
    {
        List<ChainTiming> timings = [];
        foreach (Leg leg in block.Legs)
        {
            ChainId? id = run.Bundle.Chains
                .FirstOrDefault(one => one.Name.Text == leg.Chain.Text)?.Chain;
            if (id is not { } chain) return;
            if (run.Policy.TimingOf(chain) is { } timing)
            {
                timings.Add(timing);
                continue;
            }
            run.Complain(DiagnosticCode.TimingUnknown, leg.Chain,
                $"how long {leg.Chain} ({chain}) takes is not known: no deadline can be judged",
                "add the chain to config/timelocks.toml, or settle on chains that are there");
            return;
        }
        if (timings.Count is < 1 or > SettlementTerms.MaxLegs) return;
        SettlementTerms terms = new([.. timings], 0, run.Policy.LockWindowSeconds,
            run.Policy.CertLatencySeconds);
        // Rounded down: a deadline is a whole second of block time.
        long escape = Math.Max(0, block.Escape.Milliseconds) / 1000;
        TimelocksVerdict verdict = Timelocks.Check(
            terms, [.. timings.Select(_ => Math.Min(escape, SettlementTerms.MaxMoment))]);
        if (verdict.Violations.MaxBy(one => one.LeastDeadline) is { } worst)
        {
            long known = timings.Max(timing => timing.KnownSeconds);
            run.Complain(DiagnosticCode.EscapeTooShort, block.Escape,
                $"the escape of {escape} s breaks {worst.Rule} for leg "
                    + $"'{block.Legs[worst.Leg].Name}' on {worst.Timing.Chain}: {escape} < "
                    + $"{terms.LockWindowSeconds} + {known} + {terms.CertLatencySeconds} + "
                    + $"{worst.Timing.ActSeconds} = {worst.LeastDeadline}",
                $"the least escape is {worst.LeastDeadline}s");
            return;
        }
        Delays(terms, verdict.Schedule, escape);
    }

    private void Delays(SettlementTerms terms, TimelocksSchedule schedule, long escape)
    {
        foreach (ChainTiming one in terms.Legs.DistinctBy(timing => timing.Chain))
            run.Assume("delays", $"{one.Chain} keeps these bounds ({Word(one.Tier)})",
                ("finalitySeconds", $"{one.FinalitySeconds}"),
                ("observationSeconds", $"{one.ObservationSeconds}"),
                ("inclusionSeconds", $"{one.InclusionSeconds}"),
                ("reorgSeconds", $"{one.ReorgSeconds}"),
                ("outageSeconds", $"{one.OutageSeconds}"),
                ("skewSeconds", $"{one.SkewSeconds}"));
        run.Assume("deadlines", "the locks and the certificate come in time, or every leg unwinds",
            ("lockWindowSeconds", $"{terms.LockWindowSeconds}"),
            ("certLatencySeconds", $"{terms.CertLatencySeconds}"),
            ("fastPathSeconds", $"{schedule.FastPathSeconds}"),
            ("signBySeconds", $"{schedule.SignBy}"),
            ("escapeSeconds", $"{escape}"),
            ("leastEscapeSeconds", $"{schedule.Legs.Max(leg => leg.LeastDeadline)}"));
    }

    private static string Word(FinalityTier tier) =>
        tier == FinalityTier.Final ? "final by consensus" : "the sequencer's word";
}
