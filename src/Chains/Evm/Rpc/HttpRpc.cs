// HttpRpc: JSON-RPC over HTTP POST; one answer in bounded time and size; bodies may be signed.
using System.Net;
using System.Net.Http.Headers;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>A header that depends on the body, as a relay's signature does.</summary>
/// <returns>The header's name and value.</returns>
public delegate (string Name, string Value) BodyHeader(ReadOnlySpan<byte> body);

/// <summary>A node behind an HTTP address.</summary>
public sealed class HttpRpc : IRpc
{
    private readonly HttpClient http;
    private readonly Uri address;
    private readonly RpcLimits limits;
    private readonly TimeProvider clock;
    private readonly BodyHeader? header;
    private long lastId;
    private int inFlight;

    /// <summary>A connection to <paramref name="address"/>; nothing is sent yet.</summary>
    /// <param name="name">Who this is, in messages: without the address' secrets.</param>
    /// <param name="address">http or https.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="clock">For timeouts.</param>
    /// <param name="header">A header made of each body, or none.</param>
    public HttpRpc(
        string name, Uri address, RpcLimits limits, TimeProvider clock, BodyHeader? header = null)
    {
        (Name, this.address, this.limits) = (name, address, limits);
        (this.clock, this.header) = (clock, header);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = limits.Timeout,
            MaxConnectionsPerServer = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel)
    {
        long id = Interlocked.Increment(ref lastId);
        (ReadOnlyMemory<byte> body, RpcFault? fault) =
            await PostAsync(RpcWire.Request(id, request), cancel).ConfigureAwait(false);
        if (fault is not null && body.IsEmpty) return RpcReply.Failed(fault);
        if (!RpcWire.TryParse(body.Span, out var root, out string detail))
            return fault is null ? RpcWire.Malformed(Name, detail) : RpcReply.Failed(fault);
        RpcReply reply = RpcWire.Reply(root, Name);
        if (fault is not null)
            return reply.Fault is { Reason: RpcReason.Refused or RpcReason.Reverted }
                ? reply : RpcReply.Failed(fault);
        return reply.IsOk && (!RpcWire.TryId(root, out long answered) || answered != id)
            ? RpcWire.Malformed(Name, $"an answer to {answered}, not to {id}")
            : reply;
    }

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        if (requests.IsEmpty) return [];
        long first = Interlocked.Add(ref lastId, requests.Length) - requests.Length + 1;
        (ReadOnlyMemory<byte> body, RpcFault? fault) =
            await PostAsync(RpcWire.Batch(first, requests.Span), cancel).ConfigureAwait(false);
        if (fault is null && !RpcWire.TryParse(body.Span, out _, out string detail))
            fault = new RpcFault(RpcReason.Malformed, Name, detail);
        if (fault is null && RpcWire.TryParse(body.Span, out var root, out _))
            return RpcWire.Replies(root, first, requests.Length, Name);
        var replies = new RpcReply[requests.Length];
        Array.Fill(replies, RpcReply.Failed(fault!));
        return replies;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The answer's body; with a status that is no success, a fault besides.</summary>
    private async ValueTask<(ReadOnlyMemory<byte> Body, RpcFault? Fault)> PostAsync(
        ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref inFlight) > limits.MaxInFlight)
        {
            Interlocked.Decrement(ref inFlight);
            return (default, Fault(RpcReason.Overloaded, $"{limits.MaxInFlight} calls wait"));
        }
        using var timeout = new CancellationTokenSource(limits.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            using HttpRequestMessage request = Request(body);
            using HttpResponseMessage response = await http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            ReadOnlyMemory<byte>? answer =
                await ReadAsync(response, either.Token).ConfigureAwait(false);
            if (answer is null)
                return (default, Fault(
                    RpcReason.Oversize, $"an answer beyond {limits.MaxAnswerBytes} bytes"));
            int status = (int)response.StatusCode;
            return (answer.Value, response.IsSuccessStatusCode ? null
                : new RpcFault(RpcReason.Transport, Name, $"HTTP {status}", status));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (default, Fault(RpcReason.Timeout, $"no answer in {limits.Timeout}"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            or ObjectDisposedException)
        {
            return (default, Fault(RpcReason.Transport, e.Message));
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private HttpRequestMessage Request(ReadOnlyMemory<byte> body)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        if (header is not null)
        {
            (string name, string value) = header(body.Span);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    /// <summary>The body, or null when it is longer than allowed.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(
        HttpResponseMessage response, CancellationToken cancel)
    {
        Stream stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            byte[] buffer = new byte[8 << 10];
            for (int length = 0; ;)
            {
                if (length == buffer.Length) Array.Resize(ref buffer, checked(buffer.Length * 2));
                int count = await stream.ReadAsync(buffer.AsMemory(length), cancel)
                    .ConfigureAwait(false);
                if (count == 0) return buffer.AsMemory(0, length);
                length += count;
                if (length > limits.MaxAnswerBytes) return null;
            }
        }
    }

    private RpcFault Fault(RpcReason reason, string detail) => new(reason, Name, detail);
}
