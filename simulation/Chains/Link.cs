// Link: one process's way to one node: delays, losses, repeats and cuts in virtual time.
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Simulator.Kernel;

namespace Lockstep.Simulator.Chains;

/// <summary>A link's weather; times in virtual milliseconds, chances in a million.</summary>
public sealed class LinkWeather
{
    public long LeastMs { get; set; } = 5;

    public long MostMs { get; set; } = 40;

    /// <summary>Requests or answers that get lost.</summary>
    public int Loss { get; set; }

    /// <summary>Requests that arrive twice.</summary>
    public int Repeats { get; set; }

    /// <summary>Nothing passes before.</summary>
    public long CutUntilMs { get; set; }
}

/// <summary>A connection to a node, as the product's clients see one.</summary>
public sealed class Link(
    VirtualTime time, Prng random, Process client, VirtualNode node, LinkWeather weather) : IRpc
{
    private const long TimeoutMs = 2000;

    public string Name { get; } = $"{client.Name} at {node.Chain.Number}";

    public LinkWeather Weather => weather;

    /// <summary>Told when an answer did not come, with the time it was waited for.</summary>
    public event Action<long>? Failed;

    /// <inheritdoc/>
    public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
        (await BatchAsync(new[] { request }, cancel).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        time.RequireThread();
        TaskCompletionSource<RpcReply[]> answer = new();
        if (cancel.CanBeCanceled) cancel.Register(() => answer.TrySetCanceled(cancel));
        int life = client.Life;
        long asked = time.NowMs, there = random.Between(weather.LeastMs, weather.MostMs);
        bool cut = time.NowMs < weather.CutUntilMs;
        bool arrives = !cut && !random.Chance(weather.Loss);
        bool returns = arrives && !random.Chance(weather.Loss);
        bool twice = arrives && random.Chance(weather.Repeats);
        long back = random.Between(weather.LeastMs, weather.MostMs);
        if (arrives) time.After(there, () =>
        {
            RpcReply[] replies = Ask(requests);
            if (returns) time.After(back, () => Complete(replies));
        });
        if (twice) time.After(there + back, () => Ask(requests));
        if (!returns) time.After(TimeoutMs, () =>
        {
            var none = new RpcReply[requests.Length];
            Array.Fill(none, RpcReply.Failed(RpcReason.Timeout, Name, "no answer"));
            if (life == client.Life) Failed?.Invoke(asked);
            Complete(none);
        });
        return new ValueTask<RpcReply[]>(answer.Task);

        void Complete(RpcReply[] replies)
        {
            if (life == client.Life) answer.TrySetResult(replies);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private RpcReply[] Ask(ReadOnlyMemory<RpcCall> requests)
    {
        var replies = new RpcReply[requests.Length];
        for (int i = 0; i < replies.Length; i++) replies[i] = node.Answer(requests.Span[i]);
        return replies;
    }
}
