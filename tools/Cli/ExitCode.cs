// ExitCode: how a tool ends, as a number and as the exceptions that lead to it.
using Lockstep.Model;

namespace Lockstep.Tools.Cli;

/// <summary>The exit codes every tool keeps.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The input was refused, or the work failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong.</summary>
    public const int Usage = 2;
}

/// <summary>
/// Ends the tool with exit code 1. The message is one line: what is wrong, where (file, line),
/// and the way out.
/// </summary>
public sealed class RefusedException(string message) : Exception(PlainText.OneLine(message));

/// <summary>Ends the tool with exit code 2. The message says what to write instead.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>The reader of stdout is gone; the tool ends quietly with exit code 0.</summary>
public sealed class OutputClosedException() : IOException("the reader of stdout is gone");
