// LogDiff: two courses of decisions held against each other: the first that differs, and where.
using System.Text;
using System.Text.Json;
using Lockstep.Model.Lines;

namespace Lockstep.Recording;

/// <summary>Where two courses part.</summary>
/// <param name="Run">The run.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Line">The number of the line in the stream's run, from 1.</param>
/// <param name="Slot">The line's slot, where it has one.</param>
/// <param name="Field">JSON path of the first field that differs; <c>$</c> is the line.</param>
/// <param name="Left">What the left one has there; null where it has no such line.</param>
/// <param name="Right">What the right one has.</param>
public sealed record Divergence(
    int Run, string Stream, long Line, long? Slot, string Field, string? Left, string? Right);

/// <summary>Compares decisions stream by stream; how streams interleave is no difference. Memory is
/// bounded: courses that run apart by more than <see cref="MaxWaiting"/> bytes differ.</summary>
public sealed class LogDiff
{
    /// <summary>The most bytes of lines that wait for the other side.</summary>
    public const long MaxWaiting = 256L << 20;

    private const int MaxShown = 200;

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = LineCodec.MaxDepth };

    private readonly Dictionary<(int, string), Queue<ReadOnlyMemory<byte>>>[] waiting = [[], []];
    private readonly Dictionary<(int, string), long> compared = [];
    private long waitingBytes;

    private LogDiff() { }

    /// <summary>The first difference, or null where all is equal.</summary>
    /// <param name="left">One course.</param>
    /// <param name="right">The other.</param>
    /// <param name="equal">How many lines were equal by then, by stream.</param>
    public static Divergence? First(
        IEnumerable<Decision> left, IEnumerable<Decision> right,
        out IReadOnlyDictionary<string, long> equal)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        LogDiff diff = new();
        Divergence? found = diff.Run(left, right);
        equal = diff.compared.GroupBy(one => one.Key.Item2, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key, group => group.Sum(one => one.Value), StringComparer.Ordinal);
        return found;
    }

    private Divergence? Run(IEnumerable<Decision> left, IEnumerable<Decision> right)
    {
        using IEnumerator<Decision> a = left.GetEnumerator();
        using IEnumerator<Decision> b = right.GetEnumerator();
        bool hasA = true, hasB = true;
        while (hasA || hasB)
        {
            hasA = hasA && a.MoveNext();
            if (hasA && Take(0, a.Current) is { } one) return one;
            hasB = hasB && b.MoveNext();
            if (hasB && Take(1, b.Current) is { } other) return other;
            if (waitingBytes > MaxWaiting) break;
        }
        foreach (int side in (int[])[0, 1])
            foreach (var (key, queue) in waiting[side].OrderBy(pair => pair.Key))
                if (queue.TryPeek(out ReadOnlyMemory<byte> line)) return Alone(key, side, line);
        return null;
    }

    private Divergence? Take(int side, in Decision decision)
    {
        var key = (decision.Run, decision.Stream);
        if (!waiting[1 - side].TryGetValue(key, out var others)
            || !others.TryDequeue(out ReadOnlyMemory<byte> other))
        {
            if (!waiting[side].TryGetValue(key, out var own)) waiting[side][key] = own = new();
            own.Enqueue(decision.Utf8);
            waitingBytes += decision.Utf8.Length;
            return null;
        }
        waitingBytes -= other.Length;
        compared[key] = compared.GetValueOrDefault(key) + 1;
        if (other.Span.SequenceEqual(decision.Utf8.Span)) return null;
        compared[key]--;
        return side == 0 ? Parted(key, decision.Utf8, other) : Parted(key, other, decision.Utf8);
    }

    private Divergence Alone((int Run, string Stream) key, int side, ReadOnlyMemory<byte> line)
    {
        string? shown = Shown(Encoding.UTF8.GetString(line.Span));
        return new Divergence(
            key.Run, key.Stream, compared.GetValueOrDefault(key) + 1, SlotOf(line), "$",
            side == 0 ? shown : null, side == 0 ? null : shown);
    }

    private Divergence Parted(
        (int Run, string Stream) key, ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right)
    {
        long number = compared[key] + 1;
        using JsonDocument a = JsonDocument.Parse(left, Deep), b = JsonDocument.Parse(right, Deep);
        (string field, string? x, string? y) = FirstField(a.RootElement, b.RootElement, "$")
            ?? ("$", Encoding.UTF8.GetString(left.Span), Encoding.UTF8.GetString(right.Span));
        return new Divergence(
            key.Run, key.Stream, number, SlotOf(left), field, Shown(x), Shown(y));
    }

    /// <summary>The first field in which two values differ, in the left one's order.</summary>
    private static (string Field, string? Left, string? Right)? FirstField(
        JsonElement a, JsonElement b, string path)
    {
        if (a.ValueKind != b.ValueKind) return (path, a.GetRawText(), b.GetRawText());
        if (a.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty field in a.EnumerateObject())
            {
                string place = $"{path}.{field.Name}";
                if (!b.TryGetProperty(field.Name, out JsonElement other))
                    return (place, field.Value.GetRawText(), null);
                if (FirstField(field.Value, other, place) is { } found) return found;
            }
            foreach (JsonProperty field in b.EnumerateObject())
                if (!a.TryGetProperty(field.Name, out _))
                    return ($"{path}.{field.Name}", null, field.Value.GetRawText());
            return null;
        }
        if (a.ValueKind == JsonValueKind.Array)
        {
            int shared = Math.Min(a.GetArrayLength(), b.GetArrayLength());
            for (int i = 0; i < shared; i++)
                if (FirstField(a[i], b[i], $"{path}[{i}]") is { } found) return found;
            if (a.GetArrayLength() == b.GetArrayLength()) return null;
            return ($"{path}[{shared}]", Item(a), Item(b));

            string? Item(JsonElement list) =>
                shared < list.GetArrayLength() ? list[shared].GetRawText() : null;
        }
        return a.GetRawText() == b.GetRawText() ? null : (path, a.GetRawText(), b.GetRawText());
    }

    private static long? SlotOf(ReadOnlyMemory<byte> line)
    {
        using JsonDocument json = JsonDocument.Parse(line, Deep);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("slot", out JsonElement slot)
            && slot.ValueKind == JsonValueKind.Number && slot.TryGetInt64(out long number)
                ? number : null;
    }

    private static string? Shown(string? text) =>
        text is { Length: > MaxShown } ? text[..MaxShown] + ".." : text;
}
