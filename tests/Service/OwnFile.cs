// OwnFile: a file that its owner alone can read, or others too where a test wants that.
namespace Lockstep.Tests.Service;

/// <summary>Writes one.</summary>
internal static class OwnFile
{
    /// <summary>Writes a file of mode 0600, and more where asked.</summary>
    public static void Write(string file, string text, UnixFileMode more = UnixFileMode.None)
    {
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
    }
}
