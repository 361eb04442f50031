// WhyPage: the decisions about one thing as text for people and as one JSON object for programs.
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lockstep.Tools.Report;

/// <summary>Writes them.</summary>
public static class WhyPage
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Lines of text without the last line feed.</summary>
    public static string Text(string id, IReadOnlyCollection<WhyStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        StringBuilder page = new();
        page.Append(id).Append('\n');
        foreach (WhyStep step in steps)
        {
            page.Append(Plain, $"  {step.Stage,-10} ");
            if (step.Slot is { } slot) page.Append(Plain, $"slot {slot}  ");
            page.Append(step.Decision);
            if (step.Reason != "none") page.Append(Plain, $": {step.Reason}");
            page.Append('\n');
            foreach ((string name, string value) in step.Numbers)
                page.Append(Plain, $"             {name} {value}\n");
        }
        return page.ToString().TrimEnd();
    }

    /// <summary>One JSON object: <c>id</c>, <c>steps</c>, and <c>note</c> where there is one.
    /// </summary>
    public static void WriteJson(
        string id, IReadOnlyCollection<WhyStep> steps, IBufferWriter<byte> output,
        string? note = null)
    {
        ArgumentNullException.ThrowIfNull(steps);
        using Utf8JsonWriter json = new(output);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteStartArray("steps"u8);
        foreach (WhyStep step in steps)
        {
            json.WriteStartObject();
            json.WriteString("stage"u8, step.Stage);
            if (step.Slot is { } slot) json.WriteNumber("slot"u8, slot);
            json.WriteString("decision"u8, step.Decision);
            json.WriteString("reason"u8, step.Reason);
            json.WriteStartArray("numbers"u8);
            foreach ((string name, string value) in step.Numbers)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                json.WriteString("value"u8, value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (note is not null) json.WriteString("note"u8, note);
        json.WriteEndObject();
    }
}
