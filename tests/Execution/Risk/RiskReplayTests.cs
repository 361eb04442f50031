// RiskReplayTests: the gate's state of a journal is the one that wrote it, whatever happened.
using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Simulator.Actors;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Execution.Risk;

public sealed class RiskReplayTests
{
    private const int Resume = -1;

    private static readonly string Hash = "0x" + new string('1', 64);

    private static readonly AssetId Gas = AssetId.Parse("eip155:1/slip44:60");

    /// <summary>A bundle's number and what it brings; null: nothing that can be valued.</summary>
    private static readonly Gen<(int Bundle, long? Realised, bool Success, bool Sent)[]> Days =
        Gen.Select(Gen.Int[Resume, 6], Gen.Long[-40, 40], Gen.Bool, Gen.Bool).Select(
            (bundle, realised, success, sent) => (
                bundle, realised == 40 ? null : (long?)realised, success, sent)).Array[0, 40];

    [Fact]
    public void State_OfTheJournal_IsTheOneThatWroteIt() => Days.Sample(
        day =>
        {
            using TempFolder folder = new();
            using var journal = SettlementJournal.Open(folder["a.journal"], TimeProvider.System);
            RiskLimits limits = WideGate.Limits with
            {
                TotalMicroUsd = 300,
                ReduceDrawdownMicroUsd = 60,
                HaltDrawdownMicroUsd = 90,
                FailureWindow = 4,
                ReduceFailures = 3,
            };
            var live = RiskHost.Start(
                limits, RiskMode.Active, (_, _) => 0, () => false, journal);
            int names = 0;
            Dictionary<int, string> open = [];
            foreach ((int bundle, long? realised, bool success, bool sent) in day)
            {
                if (bundle == Resume) live.Resume(journal, ++names);
                else if (open.Remove(bundle, out string? name)) End(name);
                else Begin(bundle, $"b{++names}");

                void End(string id)
                {
                    OutcomeLine line = Line(id, realised, success, sent);
                    journal.Append(
                        id, -1, new BundleEnded(SettlementEnd.Aborted, Json(line)));
                    live.End(id, line);
                }
            }
            RiskState now = live.State, again =
                RiskHost.Start(limits, RiskMode.Active, (_, _) => 0, () => false, journal).State;
            Assert.Equal(now.Open.Keys.Order(), again.Open.Keys.Order());
            foreach ((string id, RiskRequest request) in now.Open)
            {
                Assert.Equal<RiskItem>([.. request.Items], [.. again.Open[id].Items]);
                Assert.Equal<PoolId>([.. request.Pools], [.. again.Open[id].Pools]);
                Assert.Equal(request.ExpectedMicroUsd, again.Open[id].ExpectedMicroUsd);
            }
            Assert.Equal<bool>([.. now.Failures], [.. again.Failures]);
            Assert.Equal(
                (now.RealisedMicroUsd, now.PeakMicroUsd, now.Mode, now.Tripped, now.TrippedBy),
                (again.RealisedMicroUsd, again.PeakMicroUsd, again.Mode, again.Tripped,
                    again.TrippedBy));

            void Begin(int bundle, string id)
            {
                RiskRequest request = new()
                {
                    Bundle = id,
                    Items = [new RiskItem(Gas, 50 + bundle)],
                    Pools = [PoolId.Parse("eip155:1:0xaa")],
                    ExpectedMicroUsd = bundle,
                    FeedAgeMs = ImmutableDictionary<ChainId, long>.Empty.Add(Gas.Chain, 0),
                };
                RiskDecision decision = live.Admit(request, out RiskPermit? permit);
                Assert.Equal(decision.IsAdmitted, permit is { MayAddRisk: true });
                if (decision.IsAdmitted) open.Add(bundle, id);
                journal.Append(id, -1, decision.IsAdmitted
                    ? new BundleAccepted(
                        JsonElement.Parse("{}"u8), null, null, RiskText.Of(request))
                    : new RiskDenied(
                        decision.Reason.Code(), decision.Detail, RiskText.Of(request)));
            }
        }, iter: 30);

    [Fact]
    public void Permit_IsOfOpenBundlesOnly_AndSeesTheKillSwitch()
    {
        using TempFolder folder = new();
        using var journal = SettlementJournal.Open(folder["a.journal"], TimeProvider.System);
        bool isKilled = false;
        var host = RiskHost.Start(
            WideGate.Limits, RiskMode.Active, (_, _) => 0, () => isKilled, journal);
        RiskRequest request = new()
        {
            Bundle = "b",
            Items = [],
            Pools = [],
            ExpectedMicroUsd = 0,
            FeedAgeMs = ImmutableDictionary<ChainId, long>.Empty,
        };
        Assert.Null(RiskPermit.Of(host, "b"));
        Assert.True(host.Admit(request, out RiskPermit? permit).IsAdmitted);
        Assert.True(permit!.MayAddRisk);
        isKilled = true;
        Assert.False(permit.MayAddRisk);
        isKilled = false;
        Assert.True(permit.MayAddRisk);
        host.End("b", null);
        Assert.False(permit.MayAddRisk);
        Assert.Null(RiskPermit.Of(host, "b"));
    }

    [Fact]
    public void Start_WhenTheBoundsMakeNoSense_Refuses() => Assert.Throws<ArgumentException>(() =>
        RiskHost.Start(
            WideGate.Limits with { FailureWindow = 0 }, RiskMode.Active, (_, _) => 0,
            () => false));

    private static JsonElement Json(OutcomeLine line)
    {
        ArrayBufferWriter<byte> text = new();
        LineCodec.Write(line, text);
        return JsonElement.Parse(text.WrittenSpan);
    }

    private static OutcomeLine Line(string id, long? realised, bool success, bool sent) => new()
    {
        Name = id,
        Bundle = id,
        Guarantee = Guarantee.Inventory,
        Success = success,
        Reason = success ? "none" : "reverted",
        Detail = "",
        Transactions = sent
            ? [new OutcomeTransaction(Gas.Chain, Hash, "run", 1, success, 1, 1)] : [],
        Realised = [],
        RealisedMicroUsd = realised,
        StartedMs = 1,
        SubmittedMs = sent ? 1 : null,
        EndedMs = 2,
    };
}
