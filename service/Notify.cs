// Notify: tells systemd that the service is up, alive or stopping (sd_notify, datagrams).
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Lockstep.Service;

/// <summary>Does nothing where no NOTIFY_SOCKET is named.</summary>
internal sealed class Notify : IDisposable
{
    private readonly Socket? socket;
    private readonly UnixDomainSocketEndPoint? address;

    /// <summary>Opens it as the environment says.</summary>
    public Notify(string? path)
    {
        if (string.IsNullOrEmpty(path)) return;
        // An @ stands for the zero byte of the abstract namespace.
        address = new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
        socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    }

    /// <summary>It is up.</summary>
    public void Ready() => Tell("READY=1");

    /// <summary>It is alive.</summary>
    public void Alive() => Tell("WATCHDOG=1");

    /// <summary>It is going down, and says what it waits for.</summary>
    public void Stopping(string words) => Tell($"STOPPING=1\nSTATUS={words}");

    /// <summary>A line that <c>systemctl status</c> shows.</summary>
    public void Status(string words) => Tell($"STATUS={words}");

    /// <summary>It needs so long to stop, from now.</summary>
    public void Extend(TimeSpan time) => Tell(string.Create(
        CultureInfo.InvariantCulture, $"EXTEND_TIMEOUT_USEC={time.TotalMicroseconds:F0}"));

    /// <inheritdoc/>
    public void Dispose() => socket?.Dispose();

    private void Tell(string text)
    {
        try
        {
            socket?.SendTo(Encoding.UTF8.GetBytes(text), address!);
        }
        catch (SocketException)
        {
            // Nobody listens: the service does not depend on being watched.
        }
    }
}
