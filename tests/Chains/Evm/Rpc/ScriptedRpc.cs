// ScriptedRpc: an in-memory node for the laws of pools and feeds; counts what it is asked.
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;

namespace Lockstep.Tests.Evm.Rpc;

/// <summary>Answers at once, without a wire.</summary>
public sealed class ScriptedRpc(string name, Func<RpcCall, RpcReply> answer) : IRpc
{
    private readonly List<string> asked = [];

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>The methods that were asked, in order.</summary>
    public IReadOnlyList<string> Asked => asked;

    /// <summary>A result, given as JSON.</summary>
    public static RpcReply Result(string json) =>
        RpcReply.Of(JsonElement.Parse(Encoding.UTF8.GetBytes(json)));

    /// <inheritdoc/>
    public ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel)
    {
        lock (asked) asked.Add(request.Method);
        return ValueTask.FromResult(answer(request));
    }

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        var replies = new RpcReply[requests.Length];
        for (int i = 0; i < replies.Length; i++)
            replies[i] = await CallAsync(requests.Span[i], cancel);
        return replies;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
