// CalibrationPage: what was learnt from outcomes, held against what came, as text and as JSON.
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Detection.Scoring;
using Lockstep.Model;

namespace Lockstep.Tools.Report;

/// <summary>Writes it. Scores are floats and stand as such: they settle nothing.</summary>
public static class CalibrationPage
{
    /// <summary>So many pools are shown, the ones that lost the most gaps.</summary>
    private const int MostPools = 10;

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Lines of text without the last line feed.</summary>
    public static string Text(Feedback feedback)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        StringBuilder page = new();
        page.Append(Plain, $"{feedback.Outcomes} outcomes of chosen trades, in order of time; ")
            .Append(Plain, $"{feedback.PassedOver} taught nothing\n")
            .Append("chance of landing      Brier  log loss  calibration error\n");
        foreach ((string name, Calibration one) in Scores(feedback))
            page.Append(Plain, $"  {name,-18} {one.Brier,7:F4}  {one.LogLoss,8:F4}  ")
                .Append(Plain, $"{one.Error,7:F4}\n");
        if (feedback.Learnt.Count > 0) page.Append("reliability of what was learnt\n");
        foreach (ReliabilityBar bar in feedback.Learnt.Diagram)
            page.Append(Plain, $"  {bar.From:F1} to {bar.To:F1}  {bar.Count,6} trades  ")
                .Append(Plain, $"predicted {bar.Predicted:F3}  landed {bar.Happened:F3}\n");
        AppendTips(page, feedback.Bids);
        foreach (var (guarantee, sums) in feedback.Sums)
            page.Append(Plain, $"{OutcomePage.Word(guarantee)}: gas came to ")
                .Append(Plain, $"{sums.GasPpm / 10_000m:F1} % of the model, profit to ")
                .Append(Plain, $"{sums.ProfitPpm / 10_000m:F1} %, a failure to ")
                .Append(Plain, $"{OutcomePage.Usd(sums.FailureMicroUsd)} beyond gas\n");
        foreach (string route in feedback.Times.Routes)
            page.Append(Plain, $"{route}: {feedback.Times.Count(route)} took p50 ")
                .Append(Plain, $"{feedback.Times.QuantileMs(route, 50)} ms, p90 ")
                .Append(Plain, $"{feedback.Times.QuantileMs(route, 90)} ms, p99 ")
                .Append(Plain, $"{feedback.Times.QuantileMs(route, 99)} ms\n");
        foreach ((string route, string group, uint ppm) in feedback.TimeRisk.Shares)
            page.Append(Plain, $"{route}: time risk of {group} came to ")
                .Append(Plain, $"{ppm / 10_000m:F1} % of the configured\n");
        foreach ((PoolId pool, PoolRivalry its) in feedback.Rivals.Worst.Take(MostPools))
            page.Append(Plain, $"{pool}: gone before us {its.Closed} of {its.Trades} times\n");
        return page.ToString().TrimEnd();
    }

    /// <summary>One JSON object.</summary>
    public static void WriteJson(Feedback feedback, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        using Utf8JsonWriter json = new(output);
        json.WriteStartObject();
        json.WriteNumber("outcomes"u8, feedback.Outcomes);
        json.WriteNumber("passedOver"u8, feedback.PassedOver);
        foreach ((string name, Calibration one) in Scores(feedback))
        {
            json.WriteStartObject(name);
            json.WriteNumber("brier"u8, one.Brier);
            json.WriteNumber("logLoss"u8, one.LogLoss);
            json.WriteNumber("calibrationError"u8, one.Error);
            json.WriteStartArray("reliability"u8);
            foreach (ReliabilityBar bar in one.Diagram)
            {
                json.WriteStartObject();
                json.WriteNumber("from"u8, bar.From);
                json.WriteNumber("to"u8, bar.To);
                json.WriteNumber("count"u8, bar.Count);
                json.WriteNumber("predicted"u8, bar.Predicted);
                json.WriteNumber("landed"u8, bar.Happened);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        WriteTips(json, feedback.Bids);
        json.WriteStartArray("guarantees"u8);
        foreach (var (guarantee, sums) in feedback.Sums)
        {
            json.WriteStartObject();
            json.WriteString("guarantee"u8, OutcomePage.Word(guarantee));
            json.WriteNumber("gasPpm"u8, sums.GasPpm);
            json.WriteNumber("profitPpm"u8, sums.ProfitPpm);
            json.WriteNumber("failureMicroUsd"u8, sums.FailureMicroUsd);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("routes"u8);
        foreach (string route in feedback.Times.Routes)
        {
            json.WriteStartObject();
            json.WriteString("route"u8, route);
            json.WriteNumber("count"u8, feedback.Times.Count(route));
            json.WriteNumber("p50Ms"u8, feedback.Times.QuantileMs(route, 50)!.Value);
            json.WriteNumber("p90Ms"u8, feedback.Times.QuantileMs(route, 90)!.Value);
            json.WriteNumber("p99Ms"u8, feedback.Times.QuantileMs(route, 99)!.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("timeRisk"u8);
        foreach ((string route, string group, uint ppm) in feedback.TimeRisk.Shares)
        {
            json.WriteStartObject();
            json.WriteString("route"u8, route);
            json.WriteString("group"u8, group);
            json.WriteNumber("ppm"u8, ppm);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("rivals"u8);
        foreach ((PoolId pool, PoolRivalry its) in feedback.Rivals.Worst.Take(MostPools))
        {
            json.WriteStartObject();
            json.WriteString("pool"u8, pool.ToString());
            json.WriteNumber("closed"u8, its.Closed);
            json.WriteNumber("trades"u8, its.Trades);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void AppendTips(StringBuilder page, TipTable bids)
    {
        if (bids.Rows is not []) page.Append("landed by tip, of the profit before gas\n");
        foreach (TipRow row in bids.Rows)
            page.Append(Plain, $"  {Words(row),-24}  {row.Count,6} trades  ")
                .Append(Plain, $"predicted {row.Predicted:F3}  landed {row.Happened:F3}\n");

        static string Words(TipRow row) => row.FromPpm is not { } from ? "none is known"
            : row.ToPpm is not { } to ? string.Create(Plain, $"from {from / 10_000m:0.####} %")
            : string.Create(Plain, $"{from / 10_000m:0.####} to {to / 10_000m:0.####} %");
    }

    private static void WriteTips(Utf8JsonWriter json, TipTable bids)
    {
        json.WriteStartArray("tips"u8);
        foreach (TipRow row in bids.Rows)
        {
            json.WriteStartObject();
            if (row.FromPpm is { } from) json.WriteNumber("fromPpm"u8, from);
            if (row.ToPpm is { } to) json.WriteNumber("toPpm"u8, to);
            json.WriteNumber("count"u8, row.Count);
            json.WriteNumber("predicted"u8, row.Predicted);
            json.WriteNumber("landed"u8, row.Happened);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static (string Name, Calibration Score)[] Scores(Feedback feedback) =>
        [("learnt", feedback.Learnt), ("configured", feedback.Prior),
            ("baseRate", feedback.BaseRate)];
}
