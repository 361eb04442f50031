// Finding: what one check of doctor found, in one line, with a way out where something is wrong.
using System.Text.Json;
using Lockstep.Model;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Health;

/// <summary>How good it is.</summary>
internal enum FindingLevel
{
    Ok,

    /// <summary>Work goes on, but somebody should look.</summary>
    Warn,

    /// <summary>Live work would be refused, or its promises don't hold.</summary>
    Fail,
}

/// <summary>A finding.</summary>
/// <param name="Check">What was looked at, one word or two with a hyphen.</param>
/// <param name="Place">Where: a file, a chain, a node, an account.</param>
/// <param name="Level">How good it is.</param>
/// <param name="Words">What is so.</param>
/// <param name="WayOut">What to do about it; empty where nothing has to be done.</param>
internal sealed record Finding(
    string Check, string Place, FindingLevel Level, string Words, string WayOut = "")
{
    public static Finding Ok(string check, string place, string words) =>
        new(check, place, FindingLevel.Ok, words);

    /// <summary>One line of text.</summary>
    public void Show(ToolHost host) => host.WriteLine(PlainText.OneLine(
        $"{Level.ToString().ToLowerInvariant(),-4}  {Check,-10}  {Place}: {Words}"
        + (WayOut.Length == 0 ? "" : $"; {WayOut}")));

    /// <summary>A line of kind <c>check</c>.</summary>
    public void Write(ToolHost host)
    {
        using (Utf8JsonWriter line = new(host.Out))
        {
            line.WriteStartObject();
            line.WriteNumber("v"u8, 1);
            line.WriteString("kind"u8, "check"u8);
            line.WriteString("check"u8, Check);
            line.WriteString("place"u8, Place);
            line.WriteString("level"u8, Level.ToString().ToLowerInvariant());
            line.WriteString("words"u8, PlainText.OneLine(Words));
            if (WayOut.Length > 0) line.WriteString("wayOut"u8, WayOut);
            line.WriteEndObject();
        }
        host.Out.Write("\n"u8);
    }
}
