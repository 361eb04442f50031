// StandardOutput: stdout as a buffered byte stream that loses nothing silently; write(2).
using System.Buffers;
using System.Runtime.InteropServices;

namespace Lockstep.Tools.Cli;

/// <summary>
/// Writes to a file descriptor through one bounded buffer. The runtime's own choices do not serve
/// a pipe tool: the console stream swallows EPIPE (a tool under <c>| head</c> would run on for
/// nobody), and a FileStream writes at its own offset (two tools that share one redirected stdout
/// would overwrite each other).
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed partial class StandardOutput(int descriptor) : IBufferWriter<byte>
{
    private const int InterruptedErrno = 4; // EINTR
    private const int BrokenPipeErrno = 32; // EPIPE, on Linux and on macOS
    private const short WritableEvent = 4; // POLLOUT

    private static readonly int TryAgainErrno = OperatingSystem.IsMacOS() ? 35 : 11; // EAGAIN

    private byte[] _buffer = new byte[1 << 16];
    private int _used;
    private bool _broken;

    /// <summary>Puts <paramref name="bytes"/> into the buffer, and out when it is full.</summary>
    /// <exception cref="OutputClosedException">The reader is gone.</exception>
    /// <exception cref="IOException">The write failed; the message names the reason.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _used)
        {
            Flush();
        }
        if (bytes.Length >= _buffer.Length)
        {
            WriteThrough(bytes);
            return;
        }
        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _used);
        _used += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_used);
    }

    /// <summary>Writes out what is buffered.</summary>
    /// <exception cref="OutputClosedException">The reader is gone.</exception>
    /// <exception cref="IOException">The write failed; the message names the reason.</exception>
    public void Flush()
    {
        int pending = _used;
        _used = 0;
        WriteThrough(_buffer.AsSpan(0, pending));
    }

    /// <summary>Flushes on the way out of a failure, whose own words matter more.</summary>
    public void TryFlush()
    {
        try
        {
            Flush();
        }
        catch (IOException)
        {
            // The tool fails already and says why.
        }
    }

    private void Reserve(int sizeHint)
    {
        int wanted = Math.Max(sizeHint, 1);
        if (wanted <= _buffer.Length - _used)
        {
            return;
        }
        Flush();
        if (wanted > _buffer.Length)
        {
            _buffer = new byte[wanted];
        }
    }

    private unsafe void WriteThrough(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            int done = 0;
            while (done < bytes.Length && !_broken)
            {
                nint wrote = WriteNative(descriptor, start + done, bytes.Length - done);
                if (wrote >= 0)
                {
                    done += (int)wrote;
                }
                else
                {
                    WaitOrThrow(Marshal.GetLastPInvokeError());
                }
            }
        }
    }

    /// <summary>Returns when the write is worth another try; else never writes again.</summary>
    private unsafe void WaitOrThrow(int errno)
    {
        if (errno == InterruptedErrno)
        {
            return;
        }
        if (errno == TryAgainErrno)
        {
            // Someone up the pipeline made the pipe non-blocking; wait until it takes more.
            PollEntry entry = new() { Descriptor = descriptor, Events = WritableEvent };
            PollNative(&entry, 1, -1);
            return;
        }
        _broken = true;
        throw errno == BrokenPipeErrno
            ? new OutputClosedException()
            : new IOException("cannot write output: " + Marshal.GetPInvokeErrorMessage(errno));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteNative(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int PollNative(PollEntry* entries, nint count, int timeoutMs);
}
