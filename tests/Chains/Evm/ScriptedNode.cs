// ScriptedNode: a loopback node that answers, drops, stalls, lies or cuts off as a test says.
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lockstep.Tests.Evm;

/// <summary>What the node does with one message.</summary>
/// <param name="Body">Bytes to send, or null for none.</param>
/// <param name="Close">Whether the connection is closed then.</param>
/// <param name="Status">HTTP status, where it is HTTP.</param>
/// <param name="Claimed">The length claimed over HTTP; the true one when null.</param>
public sealed record Script(byte[]? Body, bool Close = false, int Status = 200, int? Claimed = null)
{
    /// <summary>Closes without a word.</summary>
    public static Script Drop { get; } = new(null, Close: true);

    /// <summary>Says nothing, and keeps the line open.</summary>
    public static Script Stall { get; } = new((byte[]?)null);

    /// <summary>Says a text.</summary>
    public static Script Say(string text, int status = 200) =>
        new(Encoding.UTF8.GetBytes(text), Status: status);

    /// <summary>Answers a request with a result, given as JSON.</summary>
    public static Script Result(JsonElement request, string json) =>
        Say($"{{\"jsonrpc\":\"2.0\",\"id\":{Id(request)},\"result\":{json}}}");

    /// <summary>Answers a request with an error, given as JSON.</summary>
    public static Script Error(JsonElement request, string json, int status = 200) =>
        Say($"{{\"jsonrpc\":\"2.0\",\"id\":{Id(request)},\"error\":{json}}}", status);

    private static string Id(JsonElement request) => request.GetProperty("id").GetRawText();
}

/// <summary>A node under the test's hand, over HTTP, WebSocket or a unix domain socket.</summary>
public sealed class ScriptedNode : IAsyncDisposable
{
    private const string WebSocketSecret = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private readonly Socket listener;
    private readonly Func<JsonElement, Script> answer;
    private readonly CancellationTokenSource closing = new();
    private readonly Lock guard = new();
    private readonly List<Socket> connections = [];
    private readonly List<Func<byte[], Task>> voices = [];
    private readonly List<string> asked = [];
    private string headers = "";

    private ScriptedNode(Socket listener, Func<JsonElement, Script> answer)
    {
        (this.listener, this.answer) = (listener, answer);
        listener.Listen();
        _ = AcceptAsync();
    }

    /// <summary>The HTTP address.</summary>
    public Uri Http => new($"http://{listener.LocalEndPoint}");

    /// <summary>The WebSocket address.</summary>
    public Uri WebSocket => new($"ws://{listener.LocalEndPoint}");

    /// <summary>The methods that were asked, in order.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (guard) return [.. asked];
        }
    }

    /// <summary>The last HTTP head that came.</summary>
    public string Headers => Volatile.Read(ref headers);

    /// <summary>Listens on a free port for HTTP and WebSocket.</summary>
    public static ScriptedNode OnTcp(Func<JsonElement, Script> answer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new ScriptedNode(socket, answer);
    }

    /// <summary>Listens on a unix domain socket.</summary>
    public static ScriptedNode OnUnix(string path, Func<JsonElement, Script> answer)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return new ScriptedNode(socket, answer);
    }

    /// <summary>Says something unasked on every open WebSocket or unix connection.</summary>
    public async Task SayAsync(string text)
    {
        Func<byte[], Task>[] all;
        lock (guard) all = [.. voices];
        foreach (Func<byte[], Task> voice in all) await voice(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Breaks every open connection.</summary>
    public void Cut()
    {
        lock (guard)
        {
            foreach (Socket one in connections) one.Dispose();
            connections.Clear();
            voices.Clear();
        }
    }

    /// <summary>Waits until a method was asked so many times.</summary>
    public async Task UntilAskedAsync(string method, int times = 1)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Asked.Count(one => one == method) < times)
            await Task.Delay(TimeSpan.FromMilliseconds(2), patience.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        Cut();
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync(closing.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException
                or ObjectDisposedException)
            {
                return;
            }
            lock (guard) connections.Add(connection);
            _ = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            if (connection.AddressFamily == AddressFamily.Unix) await ServeUnixAsync(stream);
            else await ServeTcpAsync(stream);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException
            or OperationCanceledException or WebSocketException)
        {
            // The client went away, or the test cut the line.
        }
    }

    private async Task ServeTcpAsync(NetworkStream stream)
    {
        while (await HeadAsync(stream) is { Length: > 0 } head)
        {
            Volatile.Write(ref headers, head);
            if (Field(head, "Sec-WebSocket-Key") is { } key)
            {
                await ServeWebSocketAsync(stream, key);
                return;
            }
            byte[] body = new byte[int.Parse(
                Field(head, "Content-Length")!, System.Globalization.CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body, closing.Token);
            Script script = Answer(body);
            if (script.Body is { } said)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 {script.Status} Scripted\r\nContent-Type: application/json\r\n"
                    + $"Content-Length: {script.Claimed ?? said.Length}\r\n\r\n"), closing.Token);
                await stream.WriteAsync(said, closing.Token);
            }
            if (script.Close) return;
            if (script.Body is null) await Task.Delay(Timeout.Infinite, closing.Token);
        }
    }

    private async Task ServeWebSocketAsync(NetworkStream stream, string key)
    {
#pragma warning disable CA5350 // RFC 6455 says SHA-1.
        string accept = Convert.ToBase64String(
            SHA1.HashData(Encoding.ASCII.GetBytes(key + WebSocketSecret)));
#pragma warning restore CA5350
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {accept}\r\n\r\n"), closing.Token);
        using var socket = System.Net.WebSockets.WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true });
        Task Speak(byte[] said) => socket.SendAsync(
            said, WebSocketMessageType.Text, true, closing.Token);
        lock (guard) voices.Add(Speak);
        byte[] buffer = new byte[1 << 20];
        while (true)
        {
            WebSocketReceiveResult got = await socket.ReceiveAsync(buffer, closing.Token);
            if (got.MessageType == WebSocketMessageType.Close) return;
            Script script = Answer(buffer.AsSpan(0, got.Count).ToArray());
            if (script.Body is { } said) await Speak(said);
            if (script.Close) return;
        }
    }

    private async Task ServeUnixAsync(NetworkStream stream)
    {
        async Task Speak(byte[] said) => await stream.WriteAsync(said, closing.Token);
        lock (guard) voices.Add(Speak);
        var framer = new Lockstep.Chains.Evm.Rpc.JsonFramer(1 << 20);
        while (true)
        {
            while (framer.TryTake(out ReadOnlyMemory<byte> message))
            {
                Script script = Answer(message.ToArray());
                if (script.Body is { } said) await Speak(said);
                if (script.Close) return;
            }
            int count = await stream.ReadAsync(framer.Room(), closing.Token);
            if (count == 0) return;
            framer.Advance(count);
        }
    }

    /// <summary>Answers a request, or each one of a batch.</summary>
    private Script Answer(byte[] body)
    {
        JsonElement root = JsonElement.Parse(body);
        if (root.ValueKind != JsonValueKind.Array) return AnswerOne(root);
        Script[] all = [.. root.EnumerateArray().Select(AnswerOne)];
        if (Array.Find(all, one => one.Body is null || one.Close || one.Status != 200) is { } odd)
            return odd;
        IEnumerable<string> said = all.Select(one => Encoding.UTF8.GetString(one.Body!));
        return Script.Say($"[{string.Join(",", said)}]");
    }

    private Script AnswerOne(JsonElement request)
    {
        Script script = answer(request);
        lock (guard) asked.Add(request.GetProperty("method").GetString()!);
        return script;
    }

    private static async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            head.Append((char)one[0]);
            if (head.Length > 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n")
                return head.ToString();
        }
        return "";
    }

    private static string? Field(string head, string name) => head.Split("\r\n")
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();
}
