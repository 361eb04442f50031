// FuzzTrail: a file that holds each worker's run of this moment, for a process that dies in it.
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;

namespace Lockstep.Tests.Fuzz;

/// <summary>One line a worker, written in place: a stack that overflows ends the process, and no
/// code of ours sees it.</summary>
internal sealed class FuzzTrail : IDisposable
{
    private const int Width = 80;

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    /// <summary>Makes the file.</summary>
    public FuzzTrail(string path, int workers)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, workers * Width);
        view = file.CreateViewAccessor();
        for (int i = 0; i < workers; i++) Write(i, "idle");
    }

    /// <summary>Notes what a worker does next.</summary>
    public void Note(int worker, ulong seed, string target, long run) => Write(
        worker, string.Create(
            CultureInfo.InvariantCulture, $"--seed {seed} --target {target} --run {run}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }

    private void Write(int worker, string words)
    {
        byte[] line = Encoding.ASCII.GetBytes(words.PadRight(Width - 1) + "\n");
        view.WriteArray((long)worker * Width, line, 0, Width);
    }
}
