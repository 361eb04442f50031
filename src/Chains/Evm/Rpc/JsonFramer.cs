// JsonFramer: cuts a byte stream into whole JSON messages; holds at most the bytes allowed.
namespace Lockstep.Chains.Evm.Rpc;

/// <summary>Finds where a message ends by counting brackets outside of strings: a socket of a
/// node's IPC has no other frame. Each byte is looked at once.</summary>
public sealed class JsonFramer
{
    private readonly int maxBytes;
    private byte[] buffer = new byte[4096];
    private int start, end, scanned, depth;
    private bool inText, escaped;

    /// <summary>A framer for messages of at most <paramref name="maxBytes"/>.</summary>
    public JsonFramer(int maxBytes) => this.maxBytes = maxBytes;

    /// <summary>Room for more bytes; follow with <see cref="Advance"/>.</summary>
    public Memory<byte> Room()
    {
        if (start > 0 && start == end) (start, end, scanned) = (0, 0, 0);
        if (end == buffer.Length) MakeRoom();
        return buffer.AsMemory(end);
    }

    /// <summary>Says that <paramref name="count"/> bytes were put into <see cref="Room"/>.
    /// </summary>
    public void Advance(int count) => end += count;

    /// <summary>Takes the next whole message; false when more bytes are needed.</summary>
    /// <exception cref="RpcPipeException">The message is longer than allowed, or the bytes between
    /// messages are no white space.</exception>
    public bool TryTake(out ReadOnlyMemory<byte> message)
    {
        message = default;
        for (; scanned < end; scanned++)
        {
            if (!Step(buffer[scanned])) continue;
            message = buffer.AsSpan(start..(scanned + 1)).ToArray();
            start = ++scanned;
            return true;
        }
        if (end - start > maxBytes)
            throw new RpcPipeException(RpcReason.Oversize, $"a message beyond {maxBytes} bytes");
        return false;
    }

    /// <summary>Takes one byte; true when it closes the message.</summary>
    private bool Step(byte next)
    {
        if (inText)
        {
            if (escaped) escaped = false;
            else if (next == '\\') escaped = true;
            else if (next == '"') inText = false;
            return false;
        }
        switch (next)
        {
            case (byte)'"' when depth > 0:
                inText = true;
                return false;
            case (byte)'{' or (byte)'[':
                if (depth++ == 0) start = scanned;
                return false;
            case (byte)'}' or (byte)']' when depth > 0:
                return --depth == 0;
            default:
                if (depth > 0 || next is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
                    return false;
                throw new RpcPipeException(RpcReason.Malformed, $"byte {next} between messages");
        }
    }

    private void MakeRoom()
    {
        int held = end - start;
        byte[] to = held * 2 > buffer.Length ? new byte[buffer.Length * 2] : buffer;
        Buffer.BlockCopy(buffer, start, to, 0, held);
        (scanned, start, end, buffer) = (scanned - start, 0, held, to);
    }
}
