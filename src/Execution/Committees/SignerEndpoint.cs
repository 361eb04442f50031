// SignerEndpoint: where a signer listens, a port of 127.0.0.1 or a unix socket; one line each way.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Lockstep.Execution.Committees;

/// <summary>An address on this machine. Between machines there is a tunnel: what is asked carries
/// the secret.</summary>
public sealed class SignerEndpoint
{
    private readonly EndPoint address;
    private readonly string? file;

    private SignerEndpoint(EndPoint address, string text, string? file) =>
        (this.address, Text, this.file) = (address, text, file);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Reads <c>127.0.0.1:7003</c>, or the path of a unix socket, which has a slash.
    /// </summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static SignerEndpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string Local = "127.0.0.1:";
        if (text.StartsWith(Local, StringComparison.Ordinal)
            && ushort.TryParse(
                text.AsSpan(Local.Length), NumberStyles.None, CultureInfo.InvariantCulture,
                out ushort port))
            return new SignerEndpoint(new IPEndPoint(IPAddress.Loopback, port), text, null);
        if (!text.Contains('/', StringComparison.Ordinal))
            throw new FormatException(
                $"'{text}' is no address of a signer: write 127.0.0.1:PORT or a path with a slash");
        try
        {
            return new SignerEndpoint(new UnixDomainSocketEndPoint(text), text, text);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new FormatException($"'{text}' is too long for a unix socket");
        }
    }

    /// <summary>Reads one in a file; a relative path counts from the file's folder.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static SignerEndpoint Parse(string text, string folder)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(text, folder) : text);
    }

    /// <summary>Listens. A unix socket is for its owner only; one that a dead process left is
    /// replaced, one that is listened on is not.</summary>
    /// <exception cref="IOException">Somebody listens there, or nobody may.</exception>
    public Socket Listen()
    {
        Socket listener = NewSocket();
        try
        {
            if (file is not null && File.Exists(file))
            {
                if (IsListenedOn()) throw new IOException($"{file}: somebody listens there");
                File.Delete(file);
            }
            listener.Bind(address);
            if (file is not null && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"{Text}: {e.Message}", e);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Asks the signer there: one connection, one request, one answer.</summary>
    public async ValueTask<VoteAnswer?> AskAsync(VoteRequest request, CancellationToken cancel)
    {
        using Socket socket = NewSocket();
        await socket.ConnectAsync(address, cancel).ConfigureAwait(false);
        using NetworkStream stream = new(socket);
        byte[] line =
        [
            .. JsonSerializer.SerializeToUtf8Bytes(request, VoteJson.Default.VoteRequest),
            (byte)'\n',
        ];
        await stream.WriteAsync(line, cancel).ConfigureAwait(false);
        BoundedLines lines = new(stream, VoteRequest.MaxBytes);
        return await lines.ReadAsync(cancel).ConfigureAwait(false) is { } answer
            ? JsonSerializer.Deserialize(answer.Span, VoteJson.Default.VoteAnswer)
            : null;
    }

    /// <summary>Whether anybody takes connections there.</summary>
    public bool IsListenedOn()
    {
        using Socket probe = NewSocket();
        try
        {
            probe.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Socket NewSocket() => file is null
        ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}

/// <summary>Lines of a stream, none longer than a bound.</summary>
internal sealed class BoundedLines(Stream stream, int maxBytes)
{
    private readonly byte[] buffer = new byte[maxBytes + 1];
    private int used;

    /// <summary>The next line without its line feed, good until the next call; null at the end.
    /// </summary>
    /// <exception cref="IOException">It is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            int end = buffer.AsSpan(0, used).IndexOf((byte)'\n');
            if (end >= 0)
            {
                byte[] line = buffer[..end];
                buffer.AsSpan(end + 1, used - end - 1).CopyTo(buffer);
                used -= end + 1;
                return line;
            }
            if (used == buffer.Length)
                throw new IOException($"a line has more than {maxBytes} bytes");
            int count = await stream.ReadAsync(buffer.AsMemory(used), cancel)
                .ConfigureAwait(false);
            if (count == 0) return null;
            used += count;
        }
    }
}
