// FuzzFailure: an input that broke a law, shrunk, with the command that makes it again.
using System.Globalization;
using System.Text;

namespace Lockstep.Tests.Fuzz;

/// <summary>One failure.</summary>
/// <param name="Target">The reader.</param>
/// <param name="Seed">The seed of the runs.</param>
/// <param name="Run">The number of the run.</param>
/// <param name="Kind">What failed, alike for like failures.</param>
/// <param name="Words">What happened.</param>
/// <param name="Input">The input, as small as it got.</param>
/// <param name="WasBytes">The length of the input before it was shrunk.</param>
internal sealed record FuzzFailure(
    string Target, ulong Seed, long Run, string Kind, string Words, byte[] Input, int WasBytes)
{
    private const int MaxShown = 2000;

    /// <summary>The failure for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"""
        {Target}: {Kind}
          seed {Seed}, run {Run}, {Input.Length} bytes (shrunk from {WasBytes})
          input: {Escape(Input)}
          again: ./lockstep fuzz --seed {Seed} --target {Target} --run {Run}
        {Words}
        """);

    /// <summary>ASCII as it is, the rest as <c>\xNN</c>; cut where it is long.</summary>
    public static string Escape(byte[] input)
    {
        StringBuilder text = new();
        foreach (byte b in input.AsSpan(0, Math.Min(input.Length, MaxShown)))
        {
            if (b == '\\') text.Append(@"\\");
            else if (b == '\n') text.Append(@"\n");
            else if (b is >= 0x20 and < 0x7F) text.Append((char)b);
            else text.Append(CultureInfo.InvariantCulture, $@"\x{b:x2}");
        }
        if (input.Length > MaxShown)
            text.Append(
                CultureInfo.InvariantCulture, $"... ({input.Length - MaxShown} bytes more)");
        return text.ToString();
    }
}
