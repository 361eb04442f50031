// Programs: which of a machine's programs a test can start.
namespace Lockstep.Tests.Tools;

/// <summary>Looks along the PATH.</summary>
internal static class Programs
{
    /// <summary>Whether there is one of this name.</summary>
    public static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
