// EventHub: one word a second to many pages; each gets the newest, none can hold up another.
using System.Threading.Channels;

namespace Lockstep.Service.Page;

/// <summary>Watchers have a buffer of one: who is slow misses words, and gets a whole newer one.
/// </summary>
/// <param name="most">So many may watch.</param>
public sealed class EventHub(int most)
{
    private readonly Lock turn = new();
    private readonly HashSet<Channel<byte[]>> watchers = [];

    /// <summary>How many watch.</summary>
    public int Count
    {
        get { lock (turn) return watchers.Count; }
    }

    /// <summary>The last word; null before the first.</summary>
    public byte[]? Last { get; private set; }

    /// <summary>Begins to watch; null where too many do.</summary>
    public Channel<byte[]>? Enter()
    {
        Channel<byte[]> made = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (turn)
        {
            if (watchers.Count >= most) return null;
            watchers.Add(made);
            if (Last is { } last) made.Writer.TryWrite(last);
            return made;
        }
    }

    /// <summary>Watches no more.</summary>
    public void Leave(Channel<byte[]> watcher)
    {
        lock (turn) watchers.Remove(watcher);
    }

    /// <summary>Tells everybody; never waits.</summary>
    public void Tell(byte[] word)
    {
        lock (turn)
        {
            Last = word;
            foreach (Channel<byte[]> one in watchers) one.Writer.TryWrite(word);
        }
    }
}
