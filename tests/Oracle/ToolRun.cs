// ToolRun: what a tool of the real binary prints, as bytes and as lines of JSON.
using System.Text.Json;
using Lockstep.Tests.Tools;

namespace Lockstep.Tests.Oracle;

/// <summary>Runs tools as a user would.</summary>
internal static class ToolRun
{
    /// <summary>What a tool prints.</summary>
    /// <exception cref="InvalidOperationException">It did not end well.</exception>
    public static byte[] Output(IReadOnlyList<string> args, byte[]? input = null)
    {
        Ending ending = Binary.Run("managed", args, input ?? []);
        return ending.Code == 0
            ? ending.Output
            : throw new InvalidOperationException(
                $"lockstep {string.Join(' ', args)} ended with {ending.Code}: {ending.Words}");
    }

    /// <summary>The lines of one kind, in their order.</summary>
    public static IReadOnlyList<JsonElement> Lines(byte[] printed, string kind)
    {
        List<JsonElement> found = [];
        byte[] start = System.Text.Encoding.UTF8.GetBytes($"{{\"v\":1,\"kind\":\"{kind}\",");
        int at = 0;
        while (at < printed.Length)
        {
            int length = Array.IndexOf(printed, (byte)'\n', at) - at;
            if (length < 0) throw new FormatException("the last line has no line feed");
            if (printed.AsSpan(at, length).StartsWith(start))
            {
                using JsonDocument document = JsonDocument.Parse(printed.AsMemory(at, length));
                found.Add(document.RootElement.Clone());
            }
            at += length + 1;
        }
        return found;
    }

    public static long Slot(JsonElement line) => line.GetProperty("slot").GetInt64();
}
