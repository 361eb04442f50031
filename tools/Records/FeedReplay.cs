// FeedReplay: a log's feeds run again over what nodes gave them; what they tell the detectors now.
using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Live;

namespace Lockstep.Tools.Records;

/// <summary>Puts market lines that are made anew where the log has those of its feeds. Logs and
/// runs without recorded feeds pass as they are.</summary>
internal sealed class FeedReplay
{
    // What one slot of a chain may have been given: more is no log of ours.
    private const long MostWaiting = 512L << 20;

    private readonly ArrayBufferWriter<byte> text = new(1 << 12);
    private readonly List<Chain> chains = [];
    private readonly Dictionary<string, PackedText.Joiner> joiners = new(StringComparer.Ordinal);
    private int slotTakers;
    private LogRecord? tick;

    /// <summary>Lines that were made anew.</summary>
    public long Made { get; private set; }

    /// <summary>The log with its feeds' lines made anew; what feeds were given is left out.
    /// </summary>
    /// <param name="log">The records, in order.</param>
    /// <exception cref="RecordException">What a feed was given leads elsewhere than it led when it
    /// was recorded, or is none; the message names the record.</exception>
    public IEnumerable<LogRecord> Anew(IEnumerable<LogRecord> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        bool hasRun = false;
        foreach (LogRecord record in log)
        {
            if (record.Stream == Streams.Run) Begin();
            hasRun |= record.Stream == Streams.Run;
            if (Streams.IsFeed(record.Stream))
            {
                if (hasRun)
                    foreach (LogRecord line in Take(record)) yield return line;
            }
            else if (!IsMade(record.Stream) || IsProposal(record)) yield return record;
            else if (tick is { } end && IsTick(record))
            {
                // Between a slot's lines and its end stands what an accelerator proposed for it.
                tick = null;
                yield return end;
            }
        }
    }

    private static bool IsProposal(in LogRecord record) =>
        record.Payload.Span.IndexOf("\"kind\":\"proposal\""u8) >= 0;

    private static bool IsTick(in LogRecord record) =>
        record.Payload.Span.IndexOf("\"kind\":\"tick\""u8) >= 0;

    /// <summary>A log's own market lines that feeds can make anew: those of runs whose feeds were
    /// recorded.</summary>
    public static IEnumerable<Decision> Recorded(IEnumerable<LogRecord> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        int run = 0;
        bool hasFeeds = false;
        foreach (LogRecord record in log)
        {
            if (record.Stream == Streams.Run) (run, hasFeeds) = (run + 1, false);
            hasFeeds |= run > 0 && Streams.IsFeed(record.Stream);
            if (StageReplay.IsStages(record.Stream)
                || (hasFeeds && Streams.ClusterOfInput(record.Stream) is not null))
                yield return new Decision(run, record.Stream, record.Payload);
        }
    }

    /// <summary>Whether lines of a stream are made here, in the run that is on.</summary>
    public bool IsMade(string stream) =>
        chains.Count > 0 && Streams.ClusterOfInput(stream) is not null;

    private void Begin()
    {
        chains.Clear();
        joiners.Clear();
        slotTakers = 0;
        tick = null;
    }

    private List<LogRecord> Take(LogRecord record)
    {
        if (!joiners.TryGetValue(record.Stream, out PackedText.Joiner? joiner))
            joiners[record.Stream] = joiner = new PackedText.Joiner();
        List<LogRecord> made = [];
        try
        {
            if (joiner.Take(record.Payload.Span) is { } whole) Take(record, whole, made);
        }
        catch (Exception e) when (e is RecordException or InvalidDataException or JsonException
            or RefusedException)
        {
            throw new RecordException(
                $"record {record.Sequence} ({record.Stream}): {e.Message}", e);
        }
        return made;
    }

    private void Take(LogRecord record, byte[] whole, List<LogRecord> made)
    {
        // What a link gave is not looked at before the feed asks for it.
        bool isOurs = whole.AsSpan().StartsWith("{\"feed\""u8)
            || whole.AsSpan().StartsWith("{\"slot\""u8);
        Chain? chain = chains.Find(one => one.Stream == record.Stream);
        if (!isOurs)
        {
            if (chain is null) throw new RecordException("a feed is given what it did not begin");
            if ((chain.WaitingBytes += whole.Length) > MostWaiting)
                throw new RecordException($"no slot takes what {MostWaiting} bytes lead to");
            chain.Given.Enqueue(whole);
            return;
        }
        JsonElement told = JsonElement.Parse(whole);
        if (FeedText.TryBegin(told, out string cluster, out var facts, out TimeSpan blockTime))
            chains.Add(new Chain(
                record.Stream, cluster, facts!, blockTime, new PlaybackLink(facts!.Name)));
        else if (chain is not null && FeedText.TrySlot(told, out long slot, out int news))
            EndSlot(record, chain, slot, news, made);
        else throw new RecordException("a slot takes news of a feed that did not begin");
    }

    /// <summary>A slot takes a chain's news. The first one's opening lines stand before it; behind
    /// the last chain's the tick waits until the log's own comes.</summary>
    private void EndSlot(
        LogRecord record, Chain chain, long slot, int news, List<LogRecord> made)
    {
        if (tick is { } before) made.Add(before);
        tick = null;
        if (!chain.HasOpened)
            foreach (Chain one in chains)
            {
                one.HasOpened = true;
                foreach (Line line in one.Followed.Opening(slot)) Add(one.Cluster, line);
            }
        foreach (Line line in chain.Followed.Lines(chain.Read(news), slot, _ => { }))
            Add(chain.Cluster, line);
        if (++slotTakers < chains.Count) return;
        slotTakers = 0;
        tick = Record(chain.Cluster, new TickLine { Slot = slot });

        void Add(string cluster, Line line) => made.Add(Record(cluster, line));

        LogRecord Record(string cluster, Line line)
        {
            text.ResetWrittenCount();
            LineCodec.Write(line, text);
            Made++;
            return new LogRecord(
                Streams.DetectorIn(cluster), record.Sequence, record.TimeMs,
                text.WrittenSpan[..^1].ToArray());
        }
    }

    /// <summary>A chain of the run that is on.</summary>
    private sealed class Chain
    {
        private readonly PlaybackLink link;
        private readonly Channel<ChainNews> news = Channel.CreateUnbounded<ChainNews>();

        public Chain(
            string stream, string cluster, LiveWorldChain facts, TimeSpan blockTime,
            PlaybackLink link)
        {
            (Stream, Cluster, this.link) = (stream, cluster, link);
            Followed = new FollowedChain(facts, blockTime, link, TimeProvider.System, news);
        }

        public string Stream { get; }

        public string Cluster { get; }

        public FollowedChain Followed { get; }

        public Queue<byte[]> Given { get; } = [];

        public long WaitingBytes { get; set; }

        public bool HasOpened { get; set; }

        private bool HasStarted { get; set; }

        /// <summary>Gives the feed until it has told so many news.</summary>
        public List<ChainNews> Read(int count)
        {
            if (!HasStarted) link.Start(_ => Followed.Follower.RunAsync(CancellationToken.None));
            HasStarted = true;
            while (news.Reader.Count < count)
            {
                if (!Given.TryDequeue(out byte[]? next))
                    throw new RecordException(
                        $"a slot took {count} news, what the feed was given before leads to "
                        + $"{news.Reader.Count}");
                WaitingBytes -= next.Length;
                link.Give(next);
            }
            return Followed.Read(count);
        }
    }
}
