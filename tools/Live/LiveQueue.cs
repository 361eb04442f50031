// LiveQueue: plans to those who carry them out, outcomes back in one stream; bounded both ways.
using System.Threading.Channels;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Running;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Live;

/// <summary>Where lines and words of the executor go.</summary>
/// <param name="Write">Gets each line, one at a time.</param>
/// <param name="Flush">Hands on what was written.</param>
/// <param name="Say">Hears words.</param>
internal sealed record LineSink(Action<Line> Write, Action Flush, Action<string> Say)
{
    /// <summary>A tool's stdout and stderr.</summary>
    public static LineSink Of(ToolHost host) =>
        new(line => LineCodec.Write(line, host.Out), host.Out.Flush, host.Say);
}

/// <summary>Settled plans don't wait for the others, nor these for them.</summary>
internal sealed class LiveQueue(LineSink sink, ReferencePrices prices)
{
    private const int MaxWaiting = 256;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly Lock writing = new();
    private readonly Channel<Line> others = Channel.CreateBounded<Line>(MaxWaiting);
    private readonly Channel<PlanLine> settled = Channel.CreateBounded<PlanLine>(MaxWaiting);

    /// <summary>Takes a line; waits while too many do. Where nobody takes any more, the end was
    /// asked for. A price is known at once: no plan behind it, of either kind, is judged without.
    /// </summary>
    public ValueTask TakeAsync(Line line)
    {
        PriceFiles.Take(prices, line);
        return line is PlanLine plan && SettlementPlan.IsSettled(plan)
            ? PutAsync(settled.Writer, plan) : PutAsync(others.Writer, line);
    }

    /// <summary>No more plans come.</summary>
    public void End()
    {
        others.Writer.TryComplete();
        settled.Writer.TryComplete();
    }

    /// <summary>Hands on what was written.</summary>
    public void Flush()
    {
        lock (writing) sink.Flush();
    }

    /// <summary>Ends what an earlier process began, then runs plans one after the other; other
    /// lines pass in their turn.</summary>
    /// <returns>Whether all ended well.</returns>
    public async Task<bool> RunAsync(PlanRunner runner, PoolsInFlight? pools, Ending ending)
    {
        bool clean = true;
        try
        {
            await runner.RecoverAsync(one => clean &= Tell(one));
            await foreach (Line line in others.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (line is not PlanLine plan)
                {
                    lock (writing) sink.Write(line);
                }
                // What was not begun when the end was asked for is not begun.
                else if (!ending.Token.IsCancellationRequested)
                {
                    // A lock is in a block soon, or refused.
                    while (pools?.TryTake(plan, plan, out _) == false
                        && !ending.Token.IsCancellationRequested) await Task.Delay(Look);
                    await runner.RunAsync(plan, one => clean &= Tell(one), ending.Token);
                    pools?.Release(plan);
                }
            }
            return clean;
        }
        catch (JournalException e)
        {
            ending.Ask();
            throw new RefusedException(e.Message);
        }
        catch
        {
            ending.Ask();
            throw;
        }
        finally
        {
            others.Writer.TryComplete();
        }
    }

    /// <summary>Settles plans beside each other.</summary>
    /// <returns>Whether all ended well.</returns>
    public async Task<bool> SettleAsync(LiveSettlement? settlement, Ending ending)
    {
        bool clean = true;
        try
        {
            if (settlement is not null)
                await settlement.RunAsync(
                    settled.Reader,
                    one => clean &= Tell(one), sink.Say,
                    ending.Token);
            else
                await foreach (PlanLine plan in settled.Reader.ReadAllAsync())
                    clean &= Tell(Nobody(plan));
            return clean;
        }
        catch
        {
            // Without it nothing that is settled may go on, and the rest is not left alone either.
            ending.Ask();
            throw;
        }
        finally
        {
            while (settled.Reader.TryRead(out _)) clean = false;
            settled.Writer.TryComplete();
        }
    }

    private bool Tell(OutcomeLine outcome)
    {
        lock (writing)
        {
            sink.Write(outcome);
            sink.Flush();
        }
        return outcome.Success;
    }

    private static async ValueTask PutAsync<T>(ChannelWriter<T> to, T item)
    {
        while (await to.WaitToWriteAsync())
            if (to.TryWrite(item)) return;
    }

    private static OutcomeLine Nobody(PlanLine plan) => SettlementPlan.Refused(
        plan,
        new SettlementRefusal("not-executable",
            "[live] names no settlementKeyFile and settlementJournal: nothing is settled"),
        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
}
