// ChainWatch: a chain's news as lines of slots; shuts its pools while its word is old; pure.
using System.Globalization;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Live;

/// <summary>Knows how current a chain is. While it is not, every pool of it is shut as
/// <see cref="Reason.StaleState"/>; once it is again, each is let back in but for what else stands
/// against it. Slots are Unix seconds.</summary>
/// <param name="chain">Its name in words.</param>
/// <param name="pools">Its pools.</param>
/// <param name="maxAgeSeconds">The longest that a block may be the last one, by its own timestamp
/// and by when it came.</param>
public sealed class ChainWatch(
    string chain, IReadOnlyList<PoolIdentity> pools, long maxAgeSeconds)
{
    private readonly Dictionary<PoolId, QuarantineLine> verdicts = [];
    private readonly HashSet<RpcReason> told = [];
    private BlockHeader? tip;
    private long newsSlot;
    private bool wasRead;
    private bool isRead;

    /// <summary>Whether its pools are shut because its word is old.</summary>
    public bool IsStale { get; private set; }

    /// <summary>The newest block that was heard of; null before the first.</summary>
    public BlockHeader? Tip => tip;

    /// <summary>Whether its states were read at least once.</summary>
    public bool HasBegun => wasRead;

    /// <summary>Takes news.</summary>
    /// <param name="news">The news, each in its turn.</param>
    /// <param name="slot">The slot that is to be ended next.</param>
    /// <param name="lines">Gets what the detector has to hear.</param>
    /// <param name="say">Hears what people have to.</param>
    public void Take(ChainNews news, long slot, List<Line> lines, Action<string> say)
    {
        isRead = news.IsRead;
        foreach (Line line in news.Lines) Take(line, slot, lines);
        switch (news.Event)
        {
            case FeedRestarted restart:
                Reach(restart.At, slot);
                say($"{chain}: begins at block {restart.At.Number}: {restart.Why}");
                break;
            case BlockAdded block:
                Reach(block.Header, slot);
                break;
            case RolledBack back:
                say($"{chain}: reorganised: back from block {tip?.Number} to {back.To.Number}");
                tip = back.To;
                break;
        }
        if (news.Fault is { } fault && told.Add(fault.Reason)) say($"{chain}: {fault}");
        if (!isRead || wasRead) return;
        wasRead = true;
        say($"{chain}: read {pools.Count} pools at block {tip?.Number}");
    }

    /// <summary>Before a slot ends: shuts the pools if the chain's word is old by then, or lets
    /// them in again.</summary>
    public void BeforeEnd(long slot, List<Line> lines, Action<string> say)
    {
        if (!wasRead || tip is null) return;
        long age = Math.Max(0, slot - Math.Min(newsSlot, tip.TimestampS));
        bool stale = !isRead || age > maxAgeSeconds;
        if (stale == IsStale) return;
        IsStale = stale;
        if (stale)
        {
            string why = isRead
                ? string.Create(CultureInfo.InvariantCulture, $"block {tip.Number} is {age} s old")
                : "its states could not be read";
            foreach (PoolIdentity pool in pools)
                lines.Add(Verdict(pool.Pool, slot, Reason.StaleState, $"{chain}: {why}"));
            say($"{chain}: {why}; its {pools.Count} pools are shut");
            return;
        }
        foreach (PoolIdentity pool in pools)
            lines.Add(verdicts.TryGetValue(pool.Pool, out QuarantineLine? verdict)
                ? verdict with { Slot = slot }
                : Verdict(pool.Pool, slot, Reason.None, $"{chain}: block {tip.Number} came"));
        say($"{chain}: current again at block {tip.Number}");
    }

    private void Reach(BlockHeader header, long slot)
    {
        (tip, newsSlot) = (header, slot);
        told.Clear();
    }

    /// <summary>Slots are the machine's seconds, and no state is from the future.</summary>
    private void Take(Line line, long slot, List<Line> lines)
    {
        switch (line)
        {
            case QuoteLine quote:
                lines.Add(quote with { Slot = slot, AsOf = Math.Min(quote.AsOf, slot) });
                break;
            case SyncLine sync:
                lines.Add(sync with { Slot = Math.Min(sync.Slot, slot) });
                break;
            case QuarantineLine verdict:
                if (verdict.Reason == Reason.None) verdicts.Remove(verdict.Pool);
                else verdicts[verdict.Pool] = verdict;
                if (!IsStale) lines.Add(verdict with { Slot = slot });
                break;
            default:
                lines.Add(line);
                break;
        }
    }

    private static QuarantineLine Verdict(PoolId pool, long slot, Reason reason, string detail) =>
        new() { Slot = slot, Pool = pool, Reason = reason, Detail = detail };
}
