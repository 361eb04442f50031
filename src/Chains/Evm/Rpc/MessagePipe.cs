// MessagePipe: whole messages over a WebSocket or a unix socket; an answer too long is refused.
using System.Net.Sockets;
using System.Net.WebSockets;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>A pipe that can carry no more.</summary>
public sealed class RpcPipeException : Exception
{
    /// <summary>A broken pipe.</summary>
    public RpcPipeException(RpcReason reason, string detail) : base(detail) => Reason = reason;

    /// <summary>Why it broke.</summary>
    public RpcReason Reason { get; }
}

/// <summary>A connection that carries whole messages both ways. One reader, one writer.</summary>
public interface IMessagePipe : IAsyncDisposable
{
    /// <summary>Sends one message.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> utf8, CancellationToken cancel);

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="RpcPipeException">The peer closed, or sent what is not allowed.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel);
}

/// <summary>Messages over a WebSocket.</summary>
public sealed class WebSocketPipe : IMessagePipe
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);
    private readonly ClientWebSocket socket;
    private readonly int maxBytes;
    private byte[] buffer = new byte[16 << 10];

    private WebSocketPipe(ClientWebSocket socket, int maxBytes) =>
        (this.socket, this.maxBytes) = (socket, maxBytes);

    /// <summary>Dials.</summary>
    public static async ValueTask<IMessagePipe> DialAsync(
        Uri address, int maxBytes, CancellationToken cancel)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = KeepAlive;
            socket.Options.KeepAliveTimeout = KeepAlive;
            await socket.ConnectAsync(address, cancel).ConfigureAwait(false);
            return new WebSocketPipe(socket, maxBytes);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> utf8, CancellationToken cancel) =>
        socket.SendAsync(utf8, WebSocketMessageType.Text, true, cancel);

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel)
    {
        for (int length = 0; ;)
        {
            if (length == buffer.Length)
            {
                if (length >= maxBytes)
                    throw new RpcPipeException(RpcReason.Oversize, $"beyond {maxBytes} bytes");
                Array.Resize(ref buffer, (int)Math.Min(maxBytes, length * 2L));
            }
            ValueWebSocketReceiveResult part = await socket
                .ReceiveAsync(buffer.AsMemory(length), cancel).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new RpcPipeException(RpcReason.Transport, "closed by the peer");
            length += part.Count;
            if (part.EndOfMessage) return buffer.AsSpan(0, length).ToArray();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        socket.Abort();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Messages over a unix domain socket: a node's IPC.</summary>
public sealed class UnixSocketPipe : IMessagePipe
{
    private readonly Socket socket;
    private readonly JsonFramer framer;

    private UnixSocketPipe(Socket socket, int maxBytes) =>
        (this.socket, framer) = (socket, new JsonFramer(maxBytes));

    /// <summary>Dials.</summary>
    public static async ValueTask<IMessagePipe> DialAsync(
        string path, int maxBytes, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel)
                .ConfigureAwait(false);
            return new UnixSocketPipe(socket, maxBytes);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> utf8, CancellationToken cancel)
    {
        while (!utf8.IsEmpty)
        {
            int sent = await socket.SendAsync(utf8, SocketFlags.None, cancel).ConfigureAwait(false);
            utf8 = utf8[sent..];
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel)
    {
        ReadOnlyMemory<byte> message;
        while (!framer.TryTake(out message))
        {
            int count = await socket.ReceiveAsync(framer.Room(), SocketFlags.None, cancel)
                .ConfigureAwait(false);
            if (count == 0) throw new RpcPipeException(RpcReason.Transport, "closed by the peer");
            framer.Advance(count);
        }
        return message;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
