// CalibrationPageTests: the page says what was learnt of tips and times, in text and in JSON alike.
using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Detection;
using Lockstep.Tests.Detection.Scoring;
using Lockstep.Tools.Report;
using Xunit;

namespace Lockstep.Tests.Tools;

public sealed class CalibrationPageTests
{
    /// <summary>Every trade is in one row, by the tip's share of what it brings before gas: at the
    /// gas price of the settings, so many wei are so many hundredths of a tenth.</summary>
    [Fact]
    public void Tips_CountEachTradeOnce_ByItsShare() =>
        Gen.Select(Gen.Int[-1, 200], Gen.Bool).Array[1, 40].Sample(past =>
        {
            Feedback feedback = new(World.Config());
            SortedDictionary<long, (int Count, int Landed)> rows = [];
            for (int slot = 0; slot < past.Length; slot++)
            {
                (int percent, bool lands) = past[slot];
                TradeLine trade = FeedbackWorld.On(0, slot);
                OutcomeLine end = FeedbackWorld.Outcome(trade, lands ? 0 : 1, 1, 1);
                feedback.Choose(trade);
                feedback.Take(
                    FeedbackWorld.Bid(end, 0, percent < 0 ? null : (ulong)percent * 1_000_000),
                    slot);
                long row = percent < 0 ? -1 : Row(trade, (ulong)percent * 1_000_000);
                var its = rows.GetValueOrDefault(row);
                rows[row] = (its.Count + 1, its.Landed + (lands ? 1 : 0));
            }
            if (!rows.Keys.Any(row => row >= 0)) rows.Clear();
            JsonElement[] said = [.. Json(feedback).GetProperty("tips").EnumerateArray()];
            Assert.Equal(rows.Keys, said.Select(row =>
                row.TryGetProperty("fromPpm", out JsonElement from) ? from.GetInt64() : -1));
            Assert.Equal(
                rows.Values.Select(row => (row.Count, (double)row.Landed / row.Count)),
                said.Select(row => (row.GetProperty("count").GetInt32(),
                    row.GetProperty("landed").GetDouble())));
            string text = CalibrationPage.Text(feedback);
            Assert.Equal(
                rows.Count > 0, text.Contains("landed by tip", StringComparison.Ordinal));
            foreach ((int count, int landed) in rows.Values)
                Assert.Contains(
                    string.Create(CultureInfo.InvariantCulture,
                        $"landed {(double)landed / count:F3}"), text, StringComparison.Ordinal);
        }, iter: 50);

    /// <summary>The mean of what was told is that of the one diagram over all rows.</summary>
    [Fact]
    public void Tips_TellTheMeanChance() =>
        Gen.Select(Gen.Int[0, 200], Gen.Bool).Array[1, 40].Sample(past =>
        {
            Feedback feedback = new(World.Config());
            for (int slot = 0; slot < past.Length; slot++)
            {
                TradeLine trade = FeedbackWorld.On(0, slot);
                feedback.Choose(trade);
                feedback.Take(
                    FeedbackWorld.Bid(
                        FeedbackWorld.Outcome(trade, past[slot].Item2 ? 0 : 1, 1, 1), 0,
                        (ulong)past[slot].Item1 * 1_000_000), slot);
            }
            Assert.Equal(
                feedback.Learnt.Diagram.Sum(bar => bar.Predicted * bar.Count),
                feedback.Bids.Rows.Sum(row => row.Predicted * row.Count), 9);
        }, iter: 50);

    /// <summary>The least magnitude's row begins at nothing.</summary>
    private static long Row(TradeLine trade, UInt256 tipWei)
    {
        Cost gas = trade.Costs[0];
        decimal units = (decimal)(double)(gas.Amount - World.Config().Chains[0].DataFeeWei)
            / (decimal)(double)World.Config().Chains[0].GasPriceWei;
        long ppm = (long)Math.Floor(
            Math.Floor((decimal)(double)tipWei * units * gas.MicroUsd / (decimal)(double)gas.Amount)
            * 1_000_000 / (trade.NetMicroUsd + (long)gas.MicroUsd));
        long from = 1;
        while (from * 2 <= ppm) from *= 2;
        return from == 1 ? 0 : from;
    }

    private static JsonElement Json(Feedback feedback)
    {
        ArrayBufferWriter<byte> text = new();
        CalibrationPage.WriteJson(feedback, text);
        return JsonElement.Parse(text.WrittenSpan);
    }
}
