// SignerServer: a signer behind a socket: bounded connections, lines and patience; ends on demand.
using System.Net.Sockets;
using System.Text.Json;
using Lockstep.Execution.Journal;

namespace Lockstep.Execution.Committees;

/// <summary>Bounds of a server.</summary>
public sealed record SignerLimits
{
    /// <summary>Most connections at a time; more wait to be accepted.</summary>
    public int MaxConnections { get; init; } = 16;

    /// <summary>Most requests of one connection.</summary>
    public int MaxRequests { get; init; } = 1000;

    /// <summary>How long a connection may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Answers requests, a line each.</summary>
public sealed class SignerServer(Signer signer, SignerLimits limits, TimeProvider clock)
{
    private JournalException? broken;

    /// <summary>Serves until it is cancelled.</summary>
    /// <param name="listener">From <see cref="SignerEndpoint.Listen"/>; disposed at the end.
    /// </param>
    /// <param name="cancel">Ends it; the request in hand is finished.</param>
    /// <exception cref="JournalException">A vote could not be written down: a signer that can't
    /// remember must not go on.</exception>
    public async Task ServeAsync(Socket listener, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(listener);
        using Socket owned = listener;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using SemaphoreSlim places = new(limits.MaxConnections, limits.MaxConnections);
        List<Task> open = [];
        try
        {
            while (true)
            {
                await places.WaitAsync(ending.Token).ConfigureAwait(false);
                Socket one = await listener.AcceptAsync(ending.Token).ConfigureAwait(false);
                open.RemoveAll(task => task.IsCompleted);
                open.Add(ConverseAsync(one, places, ending));
            }
        }
        catch (OperationCanceledException)
        {
            // Told to end, or the journal broke.
        }
        await Task.WhenAll(open).ConfigureAwait(false);
        if (broken is not null) throw broken;
    }

    private async Task ConverseAsync(
        Socket socket, SemaphoreSlim places, CancellationTokenSource ending)
    {
        using Socket owned = socket;
        try
        {
            using NetworkStream stream = new(socket);
            BoundedLines lines = new(stream, VoteRequest.MaxBytes);
            for (int count = 0; count < limits.MaxRequests; count++)
            {
                using var silent = new CancellationTokenSource(limits.Silence, clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(
                    ending.Token, silent.Token);
                if (await lines.ReadAsync(either.Token).ConfigureAwait(false) is not { } line)
                    return;
                VoteAnswer answer = await AnswerAsync(line).ConfigureAwait(false);
                byte[] text =
                [
                    .. JsonSerializer.SerializeToUtf8Bytes(answer, VoteJson.Default.VoteAnswer),
                    (byte)'\n',
                ];
                await stream.WriteAsync(text, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or SocketException
            or OperationCanceledException)
        {
            // The other side left, said nothing, or said too much: it is let go.
        }
        catch (JournalException e)
        {
            broken = e;
            await ending.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Not cancelled: a vote that is written down is answered.</summary>
    private async ValueTask<VoteAnswer> AnswerAsync(ReadOnlyMemory<byte> line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line.Span, VoteJson.Default.VoteRequest) is { } request)
                return await signer.AnswerAsync(request, CancellationToken.None)
                    .ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            return Malformed(e.Message);
        }
        return Malformed("a request is an object");
    }

    private VoteAnswer Malformed(string detail) => new(
        "", Settlement.Decision.None, signer.Address.ToString(), null,
        nameof(VoteRefusal.Malformed), detail);
}
