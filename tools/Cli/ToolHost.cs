// ToolHost: what a tool has of the world: stdin and stdout as bytes, words, its home folder.
using System.Text;

namespace Lockstep.Tools.Cli;

/// <summary>
/// One tool's standard streams. Data goes to <see cref="Out"/>, which is flushed before every wait
/// for input and when the tool ends, and whose failures fail the tool; words go to stderr.
/// </summary>
public sealed class ToolHost : IDisposable
{
    private readonly string _name;
    private readonly Lazy<Stream> _input = new(Console.OpenStandardInput);

    /// <summary>Opens the streams for the tool called <paramref name="name"/>.</summary>
    public ToolHost(string name) => _name = name;

    /// <summary>Stdin as bytes, unbuffered.</summary>
    public Stream In => _input.Value;

    /// <summary>Stdout as bytes, buffered; UTF-8 by convention.</summary>
    public StandardOutput Out { get; } = new(1);

    /// <summary>Writes one line of text to stdout.</summary>
    public void WriteLine(string text)
    {
        Out.Write(Encoding.UTF8.GetBytes(text));
        Out.Write("\n"u8);
    }

    /// <summary>Writes one line of UTF-8 to stdout.</summary>
    public void WriteLine(ReadOnlySpan<byte> utf8)
    {
        Out.Write(utf8);
        Out.Write("\n"u8);
    }

    /// <summary>Says one line on stderr: the tool's name, then the words.</summary>
    public void Say(string words)
    {
        using Stream error = Console.OpenStandardError();
        error.Write(Encoding.UTF8.GetBytes($"{_name}: {words}\n"));
    }

    /// <summary>
    /// A file of the repository, such as <c>data/NAME</c>: under LOCKSTEP_HOME where that is set,
    /// else under the nearest folder above the binary that holds Lockstep.slnx.
    /// </summary>
    /// <exception cref="RefusedException">There is no such folder.</exception>
    public static string HomePath(string relative) => Path.Combine(FindHome(), relative);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_input.IsValueCreated)
        {
            _input.Value.Dispose();
        }
    }

    private static string FindHome()
    {
        if (Environment.GetEnvironmentVariable("LOCKSTEP_HOME") is { Length: > 0 } told)
        {
            return Directory.Exists(told)
                ? told
                : throw new RefusedException($"LOCKSTEP_HOME is no folder: {told}");
        }
        for (string? up = AppContext.BaseDirectory; up is not null; up = Path.GetDirectoryName(up))
        {
            if (File.Exists(Path.Combine(up, "Lockstep.slnx")))
            {
                return up;
            }
        }
        throw new RefusedException(
            "cannot find the data folder: set LOCKSTEP_HOME to the repository's folder");
    }
}
