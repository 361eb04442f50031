// Mistaken: one mistake in a good file is refused at its place, in words, on one line.
using Lockstep.Tools.Cli;
using Xunit;

namespace Lockstep.Tests.Config;

/// <summary>What all readers of settings owe their users.</summary>
internal static class Mistaken
{
    /// <summary>Makes one mistake and reads.</summary>
    /// <param name="text">A good file.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="parse">The reader.</param>
    /// <param name="good">What stands in it; its first place counts.</param>
    /// <param name="bad">What is put there.</param>
    /// <param name="line">The line that has to be named; 0 for the file as a whole.</param>
    /// <param name="words">What has to be said.</param>
    public static void IsRefused(
        string text, string name, Func<string, string, object> parse, string good, string bad,
        int line, string words)
    {
        int at = text.IndexOf(good, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{good}' is not in the good file");
        string mistaken = text[..at] + bad + text[(at + good.Length)..];
        string message = Assert.Throws<RefusedException>(() => parse(mistaken, name)).Message;
        Assert.StartsWith(line == 0 ? $"{name}:" : $"{name}:{line}:", message);
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
