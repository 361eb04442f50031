// WallTime: nodes and a test's clock handed over to the machine's clock, as other processes see it.
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Tests.Evm;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

/// <summary>A clock that keeps up with the machine's until it is disposed; it never goes back.
/// </summary>
internal sealed class WallTime : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource ending = new();
    private readonly Task beating;

    public WallTime(FakeClock clock) => beating = BeatAsync(clock);

    /// <summary>The machine's clock.</summary>
    public static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The next block of a node has that time.</summary>
    public static async Task SetAsync(IRpc node, long seconds)
    {
        await AskAsync(node, "evm_setNextBlockTimestamp", seconds);
        await AskAsync(node, "evm_mine", null);
    }

    /// <summary>A node makes a block a second from now on, with the machine's time.</summary>
    public static async Task BeginAsync(IRpc node)
    {
        await AskAsync(node, "anvil_removeBlockTimestampInterval", null);
        await AskAsync(node, "evm_setTime", Now);
        await AskAsync(node, "evm_setIntervalMining", 1);
    }

    /// <summary>A node makes blocks only when asked for.</summary>
    public static async Task EndAsync(IRpc node)
    {
        await AskAsync(node, "evm_setIntervalMining", 0);
        await AskAsync(node, "anvil_setBlockTimestampInterval", 1);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await beating;
        ending.Dispose();
    }

    private async Task BeatAsync(FakeClock clock)
    {
        while (!ending.IsCancellationRequested)
        {
            TimeSpan behind = TimeProvider.System.GetUtcNow() - clock.GetUtcNow();
            if (behind > TimeSpan.Zero) clock.Advance(behind);
            await Task.Delay(Beat);
        }
    }

    private static async Task AskAsync(IRpc node, string method, long? number)
    {
        RpcReply reply = await node.CallAsync(
            number is { } value ? RpcCall.Of(
                method, value, static (writer, one) => writer.WriteNumberValue(one))
            : RpcCall.Of(method), CancellationToken.None);
        Assert.True(reply.IsOk, $"{method}: {reply.Fault}");
    }
}
