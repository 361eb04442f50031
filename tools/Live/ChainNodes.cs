// ChainNodes: the nodes of chains, opened and checked in one way, and let back in after a failure.
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Model;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Live;

/// <summary>Opens the nodes of several chains and closes them together.</summary>
/// <param name="clock">For timeouts and waits.</param>
public sealed class ChainNodes(TimeProvider clock) : IAsyncDisposable
{
    private static readonly RpcLimits Limits = new();
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    private readonly List<RpcPool> pools = [];
    private readonly CancellationTokenSource closing = new();
    private Task? rounds;

    /// <summary>One node behind an address, not asked yet.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="at">http(s) or ws(s).</param>
    /// <param name="clock">For timeouts and waits.</param>
    public static RpcEndpoint Endpoint(string name, Uri at, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(at);
        Func<double> jitter = Random.Shared.NextDouble;
        IRpc node = at.Scheme is "ws" or "wss"
            ? DuplexRpc.WebSocket(name, at, Limits, clock, jitter)
            : new HttpRpc(name, at, Limits, clock);
        return new RpcEndpoint(node, RetryPolicy.Default, clock, jitter);
    }

    /// <summary>Opens a chain's nodes and sees that they are that chain's.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="number">Its EIP-155 number.</param>
    /// <param name="nodes">In order of preference.</param>
    /// <param name="quorum">How many have to agree on what is read at a block.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="RefusedException">Too few answer, or one is of another chain.</exception>
    public async Task<IRpc> OpenAsync(
        ChainId chain, long number, IEnumerable<Uri> nodes, int quorum, CancellationToken cancel)
    {
        RpcPool pool = new(
            chain.ToString(), new PoolRules { ChainId = number, Quorum = quorum },
            nodes.Select((at, i) => Endpoint($"{chain}#{i + 1}", at, clock)));
        lock (pools) pools.Add(pool);
        if (await pool.StartAsync(cancel).ConfigureAwait(false) is { } fault)
            throw new RefusedException($"{chain}: {fault}");
        rounds ??= RefreshAsync();
        return quorum > 1 ? new QuorumRpc(pool) : pool;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        if (rounds is not null) await rounds.ConfigureAwait(false);
        foreach (RpcPool pool in pools) await pool.DisposeAsync().ConfigureAwait(false);
        closing.Dispose();
    }

    /// <summary>Lets nodes back that were away, and benches those that lag.</summary>
    private async Task RefreshAsync()
    {
        try
        {
            using PeriodicTimer timer = new(Round, clock);
            while (await timer.WaitForNextTickAsync(closing.Token).ConfigureAwait(false))
            {
                RpcPool[] now;
                lock (pools) now = [.. pools];
                foreach (RpcPool pool in now)
                    await pool.RefreshAsync(closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // All is closed.
        }
    }
}
