// LineSources: several streams of lines read side by side, as lines come; what waits is bounded.
using System.Collections.Concurrent;
using System.CommandLine;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Feeds;

/// <summary>Reads stdin or files, each on a thread of its own: a pipe that is quiet holds up none
/// of the others.</summary>
internal sealed class LineSources : IDisposable
{
    private const int Waiting = 4096;
    private readonly BlockingCollection<FeedLine> lines = new(Waiting);
    private readonly ConcurrentQueue<Exception> faults = [];
    private readonly CancellationTokenSource stop = new();
    private int left;
    private volatile bool isInputOver;

    /// <summary>The argument that names them.</summary>
    public static Argument<string[]> Files() => new("file")
    {
        Description = "Files of lines of any kind, read side by side; - or none is stdin.",
        DefaultValueFactory = _ => ["-"],
    };

    /// <summary>Begins to read.</summary>
    /// <param name="host">Has stdin, which <c>-</c> names.</param>
    /// <param name="files">The files.</param>
    /// <param name="follow">Whether a file's end is waited at for more: until stdin is over, where
    /// that is read too, else for ever.</param>
    /// <exception cref="RefusedException">A file is not there.</exception>
    public LineSources(ToolHost host, IReadOnlyList<string> files, bool follow)
    {
        foreach (string file in files)
            if (file != "-" && !File.Exists(file))
                throw new RefusedException($"{file}: no such file");
        left = files.Count;
        foreach (string file in files)
            new Thread(() => Run(host, file, follow)) { IsBackground = true }.Start();
    }

    /// <summary>Whether everything was read.</summary>
    public bool IsOver => lines.IsCompleted;

    /// <summary>The next line, or null when none came for so long or none is left.</summary>
    /// <exception cref="FeedException">A line is wrong.</exception>
    public FeedLine? Next(TimeSpan wait, CancellationToken cancel)
    {
        if (faults.TryDequeue(out Exception? fault)) throw fault;
        try
        {
            return lines.TryTake(out FeedLine line, (int)wait.TotalMilliseconds, cancel)
                ? line : (FeedLine?)null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Cancel();

    private void Run(ToolHost host, string file, bool follow)
    {
        try
        {
            using Stream source = file == "-" ? host.In
                : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using Stream read = follow && file != "-" ? new Followed(this, source) : source;
            foreach (FeedLine line in FeedReader.Read(read, file == "-" ? "stdin" : file))
                lines.Add(line, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody reads any more.
        }
#pragma warning disable CA1031 // Handed to the reader of the lines, which throws it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            faults.Enqueue(e);
        }
        finally
        {
            isInputOver |= file == "-";
            if (Interlocked.Decrement(ref left) == 0) lines.CompleteAdding();
        }
    }

    /// <summary>A file that may grow: its end is where to wait.</summary>
    private sealed class Followed(LineSources all, Stream file) : Stream
    {
        private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            while (true)
            {
                // What was written before stdin ended is read before this ends.
                bool isLast = all.isInputOver;
                int got = file.Read(buffer, offset, count);
                if (got > 0 || isLast) return got;
                CancellationToken stop = all.stop.Token;
                if (stop.WaitHandle.WaitOne(Every)) stop.ThrowIfCancellationRequested();
            }
        }

        public override void Flush() => file.Flush();

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
