// LineReader: a byte stream as lines, without copies, each line bounded; numbers count from 1.
namespace Lockstep.Tools.Cli;

/// <summary>
/// Splits <paramref name="source"/> at '\n'. Before each read that may wait it calls
/// <paramref name="beforeWait"/>, so that a tool's output leaves before the tool falls asleep:
/// batches under load, no delay when idle.
/// </summary>
public sealed class LineReader(Stream source, Action beforeWait, int maxLineBytes)
{
    private byte[] _buffer = new byte[Math.Min(1 << 16, maxLineBytes + 1)];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The number of the line last returned; 0 before the first.</summary>
    public long LineNumber { get; private set; }

    /// <summary>
    /// The next line without its newline, valid until the next call; false at the end. A last
    /// line without a newline counts as a line.
    /// </summary>
    /// <exception cref="RefusedException">The line is longer than the bound.</exception>
    /// <exception cref="IOException">The read failed.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> pending = _buffer.AsSpan(_start, _end - _start);
            int newline = pending[searched..].IndexOf((byte)'\n');
            int length = newline >= 0 ? searched + newline : pending.Length;
            if (length > maxLineBytes)
            {
                throw new RefusedException(
                    $"stdin line {LineNumber + 1} is longer than {maxLineBytes} bytes; "
                    + "split it, or check that it is newline-delimited");
            }
            if (newline >= 0 || _ended)
            {
                line = pending[..length];
                _start += newline >= 0 ? length + 1 : length;
                LineNumber += newline >= 0 || length > 0 ? 1 : 0;
                return newline >= 0 || length > 0;
            }
            searched = pending.Length;
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
        {
            // One byte more than a line may have: enough to see that it is too long.
            long doubled = Math.Min(2L * _buffer.Length, maxLineBytes + 1L);
            Array.Resize(ref _buffer, (int)doubled);
        }
        beforeWait();
        int got = source.Read(_buffer, _end, _buffer.Length - _end);
        _ended = got == 0;
        _end += got;
    }
}
