// bridge-selector: fills in every crossing of a bundle by expected cost and writes why on the line.
using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Writing;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>The tool <c>bridge-selector</c>.</summary>
public static class BridgeSelector
{
    /// <summary>The field of a line that says what was chosen and why.</summary>
    internal const string Part = "crossings";

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "bridge-selector",
        "fills in how each value of a bundle changes chains, and writes why on the line",
        ["price", "bundle"],
        ["bundle"],
        Define);

    private static ToolBody Define(Command command)
    {
        Func<ParseResult, CrossingSettings> settings = Settings(command);
        return (host, options) =>
        {
            Run(host, settings(options));
            return ExitCode.Ok;
        };
    }

    /// <summary>Adds the options that say what a choice rests on; the answer reads their files.
    /// </summary>
    internal static Func<ParseResult, CrossingSettings> Settings(Command command)
    {
        Option<string?> config = new("--config")
        {
            Description = $"Settings of the search: asset groups. [default: "
                + $"{ConfigFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<string?> bridges = new("--bridges")
        {
            Description = $"The ways across. [default: {BridgesFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<string?> policy = new("--policy")
        {
            Description = $"What is forbidden or forced; limits; prices. [default: "
                + $"{CrossingsFile.DefaultPath}]",
            HelpName = "file",
        };
        command.Add(config);
        command.Add(bridges);
        command.Add(policy);
        return options => Settings(
            ConfigFile.Read(options.GetValue(config)), options.GetValue(bridges),
            options.GetValue(policy));
    }

    /// <summary>What a choice rests on; its prices follow those of the stream.</summary>
    internal static CrossingSettings Settings(SearchConfig search, string? bridges, string? policy)
    {
        CrossingSettings settings =
            CrossingsFile.Read(policy, search, BridgesFile.Read(bridges));
        Dictionary<string, ulong> prices = new(settings.PriceMicroUsd, StringComparer.Ordinal);
        return settings with { PriceMicroUsd = prices };
    }

    private static void Run(ToolHost host, CrossingSettings settings)
    {
        foreach (FeedLine line in FeedReader.Read(host.In, "stdin", host.Out.Flush))
        {
            if (line.Line is PriceLine price) Take(price, settings);
            LineCodec.Write(
                line.Line is BundleLine bundle ? Choose(bundle, settings, line) : line.Line,
                host.Out);
        }
    }

    /// <summary>A price of the stream stands before a planning price of its group.</summary>
    internal static void Take(PriceLine price, CrossingSettings settings)
    {
        UInt256 microUsd = price.UsdE18 / UInt256.Pow10(12);
        if (settings.Groups.TryGetValue(price.Asset, out string? group)
            && microUsd <= (UInt256)CrossingsFile.MaxPriceMicroUsd)
            ((Dictionary<string, ulong>)settings.PriceMicroUsd)[group] = (ulong)microUsd;
    }

    internal static BundleLine Choose(
        BundleLine line, CrossingSettings settings, in FeedLine place)
    {
        Bundle? bundle = BundleJson.FromLine(line, out LineFault fault);
        if (bundle is null) Detector.TakeOrRefuse(fault, place);
        Bundle? filled = BundleCrossings.Choose(
            bundle!, settings, out ImmutableArray<BundleCrossing> crossings, out string? refusal);
        if (filled is null)
            throw new RefusedException($"{place.File}:{place.Number}: {line.Name}: {refusal}");
        Dictionary<string, JsonElement> extra = line.Extra is null ? [] : new(line.Extra);
        extra[Part] = Explain(crossings);
        return line with { Blocks = BundleJson.ToLine(filled).Blocks, Extra = extra };
    }

    /// <summary>What was chosen and why, as a field of a line.</summary>
    internal static JsonElement Explain(ImmutableArray<BundleCrossing> crossings)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartArray();
            foreach (BundleCrossing crossing in crossings) Write(json, crossing);
            json.WriteEndArray();
        }
        using JsonDocument document = JsonDocument.Parse(text.ToArray());
        return document.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter json, BundleCrossing crossing)
    {
        json.WriteStartObject();
        json.WriteString("place"u8, crossing.Place);
        if (crossing.Unvalued is { } words) json.WriteString("unvalued"u8, words);
        if (crossing.Request is { } request)
        {
            json.WriteString("asset"u8, request.Asset);
            json.WriteString("from"u8, request.From.ToString());
            json.WriteString("to"u8, request.To.ToString());
            json.WriteString("amount"u8, request.Amount.ToString());
            json.WriteNumber("valueMicroUsd"u8, request.ValueMicroUsd);
        }
        if (crossing.Choice is { } choice)
        {
            if (choice.Refusal is { } reason) json.WriteString("refusal"u8, reason.Code());
            if (choice.Chosen is { } chosen) json.WriteString("chosen"u8, chosen.Id);
            json.WriteString("arrives"u8, choice.AmountArrivingFloor.ToString());
            json.WriteStartArray("ways"u8);
            foreach (CrossingVerdict verdict in choice.Verdicts)
            {
                json.WriteStartObject();
                json.WriteString("way"u8, verdict.Candidate.Id);
                json.WriteString("reason"u8, verdict.Reason.Code());
                if (verdict.Costs is { } costs)
                    json.WriteNumber("costMicroUsd"u8, costs.TotalMicroUsd);
                json.WriteString("why"u8, verdict.Explain());
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
