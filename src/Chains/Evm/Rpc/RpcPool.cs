// RpcPool: several nodes of one chain as one: failover, lagging nodes benched, reads by quorum.
using System.Text.Json;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>Rules of a pool.</summary>
public sealed record PoolRules
{
    /// <summary>The chain every endpoint has to serve (EIP-155).</summary>
    public required long ChainId { get; init; }

    /// <summary>How many endpoints have to agree on a read that decides about money.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>An endpoint more blocks behind the best head than this is benched.</summary>
    public long MaxLagBlocks { get; init; } = 3;

    /// <summary>Failures in a row that bench an endpoint.</summary>
    public int MaxFailures { get; init; } = 3;

    /// <summary>How long the bench lasts.</summary>
    public TimeSpan BenchTime { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Several endpoints. Plain reads go to the first fit one and on to the next; a quorum
/// read asks all the fit ones. Endpoints stand in order of preference.</summary>
public sealed class RpcPool : IRpc
{
    private readonly PoolRules rules;
    private readonly RpcEndpoint[] endpoints;

    /// <summary>A pool; call <see cref="StartAsync"/> before anything else.</summary>
    /// <exception cref="ArgumentException">The quorum is not within 1 and the number of endpoints.
    /// </exception>
    public RpcPool(string name, PoolRules rules, IEnumerable<RpcEndpoint> endpoints)
    {
        (Name, this.rules, this.endpoints) = (name, rules, [.. endpoints]);
        if (rules.Quorum < 1 || rules.Quorum > this.endpoints.Length)
            throw new ArgumentException(
                $"a quorum of {rules.Quorum} out of {this.endpoints.Length} endpoints can't be");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The endpoints.</summary>
    public IReadOnlyList<RpcEndpoint> Endpoints => endpoints;

    /// <summary>The best head an endpoint has shown.</summary>
    public long BestHead => endpoints.Max(one => one.IsChecked ? one.Head : 0);

    /// <summary>Checks every endpoint's chain. One that serves another chain refuses the whole
    /// pool: the configuration is wrong, and nobody knows in what else. One that does not answer
    /// stays out until <see cref="RefreshAsync"/> has checked it.</summary>
    /// <returns>Null when enough endpoints for a quorum are there.</returns>
    public async ValueTask<RpcFault?> StartAsync(CancellationToken cancel)
    {
        RpcFault? down = null;
        RpcFault?[] checks = await Task.WhenAll(endpoints.Select(
            one => one.CheckChainAsync(rules.ChainId, cancel).AsTask())).ConfigureAwait(false);
        foreach (RpcFault? fault in checks)
        {
            if (fault is { Reason: RpcReason.WrongChain }) return fault;
            down ??= fault;
        }
        await RefreshAsync(cancel).ConfigureAwait(false);
        int ready = endpoints.Count(one => one.IsChecked);
        return ready >= rules.Quorum ? null : new RpcFault(
            RpcReason.NoQuorum, Name, $"{ready} of {rules.Quorum} endpoints answer; {down}");
    }

    /// <summary>Asks every endpoint for its head, checks those that were away, and benches the
    /// ones that lag or don't answer.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancel)
    {
        await Task.WhenAll(endpoints.Select(async one =>
        {
            if (!one.IsChecked
                && await one.CheckChainAsync(rules.ChainId, cancel).ConfigureAwait(false)
                    is not null)
                return;
            if (await one.RefreshHeadAsync(cancel).ConfigureAwait(false) is not null)
                one.Bench(rules.BenchTime);
        })).ConfigureAwait(false);
        long best = BestHead;
        foreach (RpcEndpoint one in endpoints)
            if (best - one.Head > rules.MaxLagBlocks) one.Bench(rules.BenchTime);
    }

    /// <inheritdoc/>
    public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel)
    {
        RpcFault? last = null;
        foreach (RpcEndpoint one in endpoints)
        {
            if (!one.IsFit) continue;
            RpcReply reply = await one.CallAsync(request, cancel).ConfigureAwait(false);
            if (reply.Fault is not { IsPassing: true }) return reply;
            last = reply.Fault;
            BenchIfFailing(one);
            if (!request.IsIdempotent) return reply;
        }
        return RpcReply.Failed(last ?? NoEndpoint());
    }

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        RpcReply[]? last = null;
        foreach (RpcEndpoint one in endpoints)
        {
            if (!one.IsFit) continue;
            RpcReply[] replies = await one.BatchAsync(requests, cancel).ConfigureAwait(false);
            if (!Array.Exists(replies, reply => reply.Fault is { IsPassing: true }))
                return replies;
            last = replies;
            BenchIfFailing(one);
            if (!IsAllIdempotent(requests)) return replies;
        }
        if (last is not null) return last;
        var none = new RpcReply[requests.Length];
        Array.Fill(none, RpcReply.Failed(NoEndpoint()));
        return none;
    }

    /// <summary>A read that decides about money: enough endpoints have to give the same answer.
    /// </summary>
    /// <param name="request">Pinned to a block hash, or endpoints at different heads will
    /// differ.</param>
    /// <param name="value">What has to be equal; null where the answer holds no such thing.</param>
    /// <param name="cancel">Stops it.</param>
    /// <remarks>A revert is an answer too: the same revert data from enough endpoints is the
    /// verdict.</remarks>
    public async ValueTask<RpcReply> QuorumAsync(
        RpcCall request, Func<JsonElement, string?> value, CancellationToken cancel)
    {
        RpcEndpoint[] fit = [.. endpoints.Where(one => one.IsFit)];
        if (fit.Length < rules.Quorum)
            return RpcReply.Failed(RpcReason.NoQuorum, Name,
                $"{fit.Length} endpoints are fit, {rules.Quorum} have to agree");
        var asked = fit.Select(one => one.CallAsync(request, cancel).AsTask()).ToList();
        var votes = new Dictionary<string, int>(StringComparer.Ordinal);
        var said = new List<string>();
        while (asked.Count > 0)
        {
            Task<RpcReply> done = await Task.WhenAny(asked).ConfigureAwait(false);
            asked.Remove(done);
            RpcReply reply = await done.ConfigureAwait(false);
            string? vote = Vote(reply, value);
            if (vote is null)
            {
                said.Add(reply.Fault?.ToString() ?? "an answer without the value asked for");
                continue;
            }
            int count = votes[vote] = votes.GetValueOrDefault(vote) + 1;
            if (count >= rules.Quorum) return reply;
        }
        said.AddRange(votes.Select(one => $"{one.Value} say {Short(one.Key)}"));
        return RpcReply.Failed(RpcReason.NoQuorum, Name,
            $"{rules.Quorum} have to agree on {request.Method}: {string.Join("; ", said)}");
    }

    /// <summary>A quorum read whose answer is one hex string.</summary>
    public ValueTask<RpcReply> QuorumAsync(RpcCall request, CancellationToken cancel) =>
        QuorumAsync(request, static answer => answer.ValueKind == JsonValueKind.String
            ? answer.GetString()!.ToLowerInvariant() : null, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RpcEndpoint one in endpoints) await one.DisposeAsync().ConfigureAwait(false);
    }

    private static string? Vote(RpcReply reply, Func<JsonElement, string?> value) =>
        reply.IsOk ? value(reply.Result)
        : reply.Fault!.Reason == RpcReason.Reverted
            ? "reverted " + Convert.ToHexStringLower(reply.Fault.Data.Span)
        : null;

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "...";

    private static bool IsAllIdempotent(ReadOnlyMemory<RpcCall> requests)
    {
        foreach (RpcCall one in requests.Span)
            if (!one.IsIdempotent) return false;
        return true;
    }

    private void BenchIfFailing(RpcEndpoint one)
    {
        if (one.Failures >= rules.MaxFailures) one.Bench(rules.BenchTime);
    }

    private RpcFault NoEndpoint() =>
        new(RpcReason.NoEndpoint, Name, $"none of {endpoints.Length} endpoints is fit to be asked");
}
