// TimelySubmitter: hands over what may still be included, and no call of ours after its deadline.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;

namespace Lockstep.Execution.Running;

/// <summary>The last gate before a node. A sender that finds a transaction lost hands it over
/// again; a call of an executor contract whose deadline is past would only revert and cost gas. It
/// is let through where nothing else can use its nonce up.</summary>
/// <param name="to">Who takes the others.</param>
/// <param name="executor">Whose calls have deadlines.</param>
/// <param name="clock">The clock.</param>
internal sealed class TimelySubmitter(ISubmitter to, EvmAddress executor, TimeProvider clock)
    : ISubmitter
{
    private readonly HashSet<ulong> fillers = [];

    /// <summary>Lets a nonce be used up by a call that can only revert: no empty transaction may
    /// take its place under the cap.</summary>
    public void LetFill(ulong nonce) => fillers.Add(nonce);

    /// <inheritdoc/>
    public string Name => to.Name;

    /// <inheritdoc/>
    public ValueTask<SubmitReply> SubmitAsync(
        IReadOnlyList<SignedTransaction> transactions, long targetBlock, CancellationToken cancel)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (SignedTransaction one in transactions)
        {
            if (one.Transaction.To == executor
                && ExecutorCalls.DeadlineSeconds(one.Transaction.Data.Span) is { } deadline
                && deadline < now && !fillers.Contains(one.Transaction.Nonce))
                return ValueTask.FromResult(new SubmitReply(
                    SubmitStatus.Refused, $"its deadline {deadline} is past: it is {now}"));
        }
        return to.SubmitAsync(transactions, targetBlock, cancel);
    }
}
