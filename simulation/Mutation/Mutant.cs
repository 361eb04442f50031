// Mutant: one line of the safety-critical code made wrong, and all those that are tried.
namespace Lockstep.Simulator.Mutation;

/// <summary>A mutant.</summary>
/// <param name="Name">What it does, in words.</param>
/// <param name="File">Under src/.</param>
/// <param name="Old">The text that is replaced; there once.</param>
/// <param name="New">What stands there instead.</param>
public sealed record Mutant(string Name, string File, string Old, string New)
{
    private const string Stage = "Execution/Settlement/SettlementStage.cs",
        Rule = "Execution/Committees/VoteRule.cs", Signing = "Execution/Committees/Signer.cs",
        Asking = "Execution/Committees/CommitteeClient.cs",
        Replay = "Execution/Journal/Recovery.cs", Lane = "Execution/Running/SettlementLane.cs",
        Host = "Execution/Running/SettlementRun.cs", Header = "Chains/Evm/Feed/BlockHeader.cs",
        Sender = "Chains/Evm/Submission/AccountSender.cs",
        Table = "Bundles/Check/TimelocksTiming.cs", Gate = "Execution/Risk/RiskGate.cs";

    /// <summary>Those that start nodes.</summary>
    internal static IReadOnlyList<string> OnNodes { get; } =
    [
        "SettlementRunnerTests", "SettlementDepthTests", "SettlementFaultTests",
        "PlanRunnerTests", "PlanRiskTests",
    ];

    private static readonly string[] Settling = [.. OnNodes.Take(3)];

    /// <summary>Parts of the names of the unit tests that hold its room.</summary>
    public IReadOnlyList<string> Tests => File switch
    {
        Table => ["Bundles.Check", "Bundles.Bridges"],
        Stage => ["Execution.Settlement", .. Settling],
        Rule or Signing or Asking => ["Execution.Committees"],
        Replay => ["Execution.Settlement", "Execution.Journal", .. Settling],
        Sender => ["Chains.Evm.Submission", .. OnNodes],
        Gate => ["Execution.Risk", "PlanRiskTests"],
        _ => Settling,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("the timelock table leaves out O", Table,
            "(2 * InclusionSeconds) + OutageSeconds + ReorgSeconds",
            "(2 * InclusionSeconds) + ReorgSeconds"),
        new("the timelock table leaves out S, O and R but once S", Table,
            "(2 * InclusionSeconds) + OutageSeconds + ReorgSeconds", "InclusionSeconds"),
        new("COMMIT is asked for before every lock is final", Stage,
            "state.Asked is not Decision.Abort && state.AllLocked", "state.Asked is not "
            + "Decision.Abort"),
        new("COMMIT is asked for after ABORT was", Stage,
            "state.Asked is not Decision.Abort && state.AllLocked", "state.AllLocked"),
        new("COMMIT is asked for after T_sign", Stage,
            "state.Requests < MaxCommitRequests && MaySign(state)",
            "state.Requests < MaxCommitRequests"),
        new("ABORT is not asked for when T_sign is past", Stage,
            "state.Asked is not Decision.None || !MaySign(state)",
            "state.Asked is not Decision.None"),
        new("ABORT is not asked for when a leg fell out", Stage,
            "            || state.Legs.Any(leg => leg.IsIdle && leg.LockClosed)\n            || (",
            "            || ("),
        new("a second certificate takes the place of the first", Stage,
            "state.Certificate is not Decision.None\n                    ? state",
            "state.Certificate == certified.Decision\n                    ? state"),
        new("locks are sent after the window", Stage,
            "        && state.NowSeconds < state.Terms.LockBySeconds\n", ""),
        new("locks are sent while a leg has fallen out", Stage,
            "\n        && !state.Legs.Any(leg => leg.IsIdle && leg.LockClosed);", ";"),
        new("a lock that is astray is left so", Stage,
            "if (astray && (leg.Pending is null or ActKind.Lock)) return ActKind.CancelLock;", ""),
        new("a lock that is astray is cancelled although COMMIT is held", Stage,
            " && state.Certificate is not Decision.Commit;", ";"),
        new("a claim is wanted from T on", Stage,
            "            LegStage.Locked when expired => ActKind.UnwindExpired,\n", ""),
        new("a leg is unwound without any certificate", Stage,
            "LegStage.Locked when state.Certificate is Decision.Abort",
            "LegStage.Locked when state.Asked is Decision.Abort"),
        new("an auction's end is not looked after", Stage,
            "            LegStage.Unwinding => ActKind.SettleInKind,\n", ""),
        new("a bundle ends before its end is final", Stage,
            "leg.Final is LegStage.Locked or LegStage.Unwinding || leg.Head != leg.Final",
            "leg.Head is LegStage.Locked or LegStage.Unwinding"),
        new("a bundle ends while a lock may still be included", Stage,
            "\n            || (leg.IsIdle && leg.LockWanted && !leg.LockClosed));", ");"),
        new("a refused cancellation closes the lock", Stage,
            "ended.Kind is ActKind.CancelLock && !ended.Refused", "ended.Kind is "
            + "ActKind.CancelLock"),
        new("two acts of a leg at a time", Stage,
            "        if (leg.Pending is not null) return null;\n", ""),
        new("a signer votes both ways", Rule,
            "before is not null && before.Decision != asked.Decision", "before is { } && "
            + "before.LegsHash.Length == 0"),
        new("a signer certifies after T_sign", Rule,
            "            if (now <= signBy) continue;", "            if (now >= 0) continue;"),
        new("a signer looks at its own clock only", Rule,
            "Math.Max(nowSeconds, reading.ChainSeconds)", "nowSeconds"),
        new("a signer certifies legs that are not locked", Rule,
            "reading.State.Stage is LegStage.Locked\n", "reading.State.Stage is not "
            + "LegStage.Refunded\n"),
        new("a signer certifies legs of another bundle", Rule,
            "                || reading.State.BundleId != asked.BundleId)", "                )"),
        new("a signer certifies dues below principals", Rule,
            "one.Value.In < one.Value.Out", "one.Value.In > one.Value.Out + one.Value.Out"),
        new("a signer believes the newest block", Signing,
            "gone ? read[i].Head : read[i].Final", "read[i].Head"),
        new("a signer does not see that a final leg has moved on", Signing,
            "gone ? read[i].Head : read[i].Final", "gone ? read[i].Final : read[i].Final"),
        new("a vote is not written down", Signing,
            "        if (before is null)\n            journal.Append(bundle, -1, new VoteCast("
            + "asked.Decision, asked.LegsHash.ToString()));\n", ""),
        new("answers of signers are not checked", Asking,
            "Secp256k1.TryRecover(digest, signature, out EvmAddress by) && by == signer",
            "signature.IsCanonical"),
        new("replay forgets that a lock was wanted", Replay,
            "LockWanted = leg.LockWanted || begun.Act is ActKind.Lock,", "LockWanted = "
            + "leg.LockWanted,"),
        new("replay forgets what is under way", Replay, "Pending = begun.Act,", "Pending = null,"),
        new("replay forgets what the committee was asked", Replay,
            "Asked = asked.Act is ActKind.RequestCommit ? Decision.Commit : Decision.Abort,",
            "Asked = Decision.None,"),
        new("replay forgets certificates", Replay,
            "return SettlementStage.Step(state, new Certified(held.Decision), out _);",
            "return state;"),
        new("a transaction is handed over before it is journalled", Sender,
            "            await journal.SignedAsync(made, CancellationToken.None)"
            + ".ConfigureAwait(false);\n            Lane.Append(made, head.Number);\n"
            + "            SubmitReply reply = await HandOverAsync(made, head)"
            + ".ConfigureAwait(false);\n",
            "            SubmitReply reply = await HandOverAsync(made, head)"
            + ".ConfigureAwait(false);\n            await journal.SignedAsync(made, "
            + "CancellationToken.None).ConfigureAwait(false);\n            Lane.Append(made, "
            + "head.Number);\n"),
        new("the kill switch is not looked at right before a lock is signed", Sender,
            "            if (objection?.Invoke() is { } words) return (null, words);\n", ""),
        new("the gate forgets what is open", Gate,
            "state with { Open = state.Open.Add(request.Bundle, request) }", "state"),
        new("the gate knows no bounds of chains and assets", Gate,
            "foreach (T one in request.Items.Select(group).Distinct())\n        {\n",
            "foreach (T one in request.Items.Select(group).Distinct().Take(0))\n        {\n"),
        new("a receipt is final at once", Sender,
            ">= rules.Confirmations)", ">= 1)"),
        new("a reorganisation is not noticed", Sender,
            "            entry.Mined = now;\n            if (now is null) continue;",
            "            if (now is null) continue;\n            entry.Mined = now;"),
        new("a start believes the newest block's nonces", Lane,
            "head.FinalNumber(Chain.Rules.Confirmations)", "head.Number"),
        new("an unmined transaction still counts as mined", Lane,
            "                nonce.Mined = null;\n", "                _ = nonce;\n"),
        new("a lock that reverted is over before that is final", Host,
            "else if (act is not ActKind.Lock || nonce.IsFinal) End(leg, true", "else End(leg, "
            + "true"),
        new("a cancellation is over before it is final", Host,
            "else if (gone is { IsFinal: true, Mined: { } last })",
            "else if (gone is { Mined: { } last })"),
        new("a certificate is used before it is journalled, and not after", Host,
            "            journal.Append(Id, -1, new CertificateHeld(decision, Hex.Format(proof)));"
            + "\n", ""),
        new("an act is not journalled", Host,
            "            journal.Append(Id, act.Leg, new ActBegun(act.Kind, act.Attempt));\n", ""),
        new("final is the newest block", Header,
            "Math.Max(0, Number - finalityBlocks + 1)", "Math.Max(0, Number)"),
        new("final is a block too new", Header,
            "Math.Max(0, Number - finalityBlocks + 1)", "Math.Max(0, Number - finalityBlocks + 2)"),
    ];
}
