// NotifyTests: systemd hears on its socket what the service says, and nothing without one.
using System.Net.Sockets;
using System.Text;
using Lockstep.Service;
using Xunit;

namespace Lockstep.Tests.Service;

public sealed class NotifyTests
{
    [Fact]
    public void Words_ComeAsDatagrams()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-notify").FullName;
        string path = Path.Combine(folder, "socket");
        using Socket systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        systemd.ReceiveTimeout = 10_000;
        using (Notify notify = new(path))
        {
            notify.Ready();
            notify.Alive();
            notify.Stopping("finishing");
            notify.Extend(TimeSpan.FromSeconds(30));
        }
        Assert.Equal("READY=1", Next());
        Assert.Equal("WATCHDOG=1", Next());
        Assert.Equal("STOPPING=1\nSTATUS=finishing", Next());
        Assert.Equal("EXTEND_TIMEOUT_USEC=30000000", Next());
        Directory.Delete(folder, recursive: true);

        string Next()
        {
            byte[] datagram = new byte[256];
            return Encoding.UTF8.GetString(datagram, 0, systemd.Receive(datagram));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no-such-folder/socket")]
    public void Words_WhenNobodyListens_AreLost(string? path)
    {
        using Notify notify = new(path);
        notify.Ready();
    }
}
