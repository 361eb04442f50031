// PlanQueue: plans on their way to the executor: bounded, none dropped; a full one makes wait.
using System.Threading.Channels;
using Lockstep.Execution.Running;
using Lockstep.Model.Lines;

namespace Lockstep.Service.Stages;

/// <summary>Settled plans beside the others, so that neither waits for the other kind's outcome.
/// </summary>
/// <param name="most">Of each kind.</param>
internal sealed class PlanQueue(int most)
{
    private readonly Channel<PlanLine> run = Channel.CreateBounded<PlanLine>(most);
    private readonly Channel<PlanLine> settle = Channel.CreateBounded<PlanLine>(most);

    /// <summary>Plans that are run.</summary>
    public ChannelReader<PlanLine> Run => run.Reader;

    /// <summary>Plans that are settled.</summary>
    public ChannelReader<PlanLine> Settle => settle.Reader;

    /// <summary>How many wait.</summary>
    public int Count => run.Reader.Count + settle.Reader.Count;

    /// <summary>Puts a plan behind the others; waits while too many do.</summary>
    public ValueTask PutAsync(PlanLine plan, CancellationToken stop) =>
        (SettlementPlan.IsSettled(plan) ? settle : run).Writer.WriteAsync(plan, stop);
}
