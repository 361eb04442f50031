// KeyFile: opens a key and its password, wherever that comes from; files are their owner's alone.
using System.Security.Cryptography;
using System.Text;
using Lockstep.Crypto;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Live;

/// <summary>Where a key's password comes from besides a file.</summary>
/// <param name="Variable">A variable of the environment.</param>
/// <param name="In">A stream whose first line it is; null where that is for other things.</param>
internal readonly record struct PasswordSource(string Variable, Stream? In);

/// <summary>Keystore files (version 3).</summary>
internal static class KeyFile
{
    private const int MaxPasswordBytes = 1024;

    /// <summary>Opens a key.</summary>
    /// <param name="file">The keystore; 0600.</param>
    /// <param name="passwordFile">Its first line opens it, 0600; null where it comes from
    /// <paramref name="source"/>.</param>
    /// <param name="source">The other places, in order.</param>
    /// <exception cref="RefusedException">A file is missing, readable by others or wrong.
    /// </exception>
    public static SigningKey Open(string file, string? passwordFile, PasswordSource source)
    {
        byte[] password = passwordFile is null ? Told(source)
            : FirstLine(Private(passwordFile, MaxPasswordBytes));
        try
        {
            return Keystore.Open(Private(file, Keystore.MaxFileBytes), password);
        }
        catch (KeystoreException e)
        {
            throw new RefusedException($"{file}: {e.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    /// <summary>The first line of a file that only its owner can read.</summary>
    /// <exception cref="RefusedException">It is missing, or others can read it.</exception>
    public static byte[] Secret(string file) => FirstLine(Private(file, MaxPasswordBytes));

    private static byte[] Told(PasswordSource source)
    {
        if (Environment.GetEnvironmentVariable(source.Variable) is { Length: > 0 } told)
            return Encoding.UTF8.GetBytes(told);
        if (source.In is not { } stream)
            throw new RefusedException(
                $"no password for the key: name a password file, or set {source.Variable}");
        if (!Console.IsInputRedirected)
            throw new RefusedException(
                $"no password: give --password-file, {source.Variable}, or a line on stdin");
        byte[] read = new byte[MaxPasswordBytes];
        int length = stream.ReadAtLeast(read, 1, throwOnEndOfStream: false);
        while (length > 0 && length < read.Length && !read.AsSpan(0, length).Contains((byte)'\n'))
        {
            int more = stream.Read(read, length, read.Length - length);
            if (more == 0) break;
            length += more;
        }
        return FirstLine(read[..length]);
    }

    private static byte[] FirstLine(byte[] text)
    {
        int end = text.AsSpan().IndexOfAny((byte)'\n', (byte)'\r');
        return end < 0 ? text : text[..end];
    }

    /// <summary>A file that only its owner can read.</summary>
    private static byte[] Private(string file, int most)
    {
        if (!File.Exists(file)) throw new RefusedException($"{file}: no such file");
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~Owner) != 0)
            throw new RefusedException($"{file}: others may read it; chmod 600 it");
        if (new FileInfo(file).Length > most)
            throw new RefusedException($"{file}: more than {most} bytes");
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"{file}: {e.Message}");
        }
    }
}
