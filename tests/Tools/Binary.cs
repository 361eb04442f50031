// Binary: starts the real `lockstep` binary, managed or native, and gathers how it ended.
using System.Diagnostics;
using System.Text;
using Lockstep.Tests.Tidy;

namespace Lockstep.Tests.Tools;

/// <summary>How a process ended.</summary>
public sealed record Ending(int Code, byte[] Output, string Words)
{
    /// <summary>Stdout as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);
}

/// <summary>
/// The builds under test: "managed" lies beside the tests; "native" is there when the launcher has
/// built it just now and says so in LOCKSTEP_NATIVE (a plain `dotnet test` could meet a stale one).
/// </summary>
public static class Binary
{
    private const int TimeoutMs = 300_000;

    private static readonly string? Native = Environment.GetEnvironmentVariable("LOCKSTEP_NATIVE");

    /// <summary>The builds that are there.</summary>
    public static IReadOnlyList<string> Builds { get; } =
        Native is { Length: > 0 } ? ["managed", "native"] : ["managed"];

    /// <summary>Runs one build and waits, within a bound, for its end.</summary>
    public static Ending Run(
        string build,
        IReadOnlyList<string> args,
        byte[] input,
        params (string Name, string Value)[] variables)
    {
        if (build == "native")
        {
            return RunFile(Native!, args, input, variables);
        }
        string managed = Path.Combine(AppContext.BaseDirectory, "lockstep.dll");
        return RunFile("dotnet", [managed, .. args], input, variables);
    }

    /// <summary>Runs any program.</summary>
    public static Ending RunFile(
        string program,
        IReadOnlyList<string> args,
        byte[] input,
        params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(program, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = SourceTree.Root,
        };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        using MemoryStream output = new();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(output);
        Task<string> words = process.StandardError.ReadToEndAsync();
        Feed(process, input);
        if (!process.WaitForExit(TimeoutMs) || !Task.WaitAll([copied, words], TimeoutMs))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', args)} did not end");
        }
        return new Ending(process.ExitCode, output.ToArray(), words.Result);
    }

    private static void Feed(Process process, byte[] input)
    {
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of its input, as it may.
        }
    }
}
