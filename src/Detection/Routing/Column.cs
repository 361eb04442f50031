// Column: one pinned, cache-line aligned array of a structure of arrays; zeroed; freed by the GC.
namespace Lockstep.Detection.Routing;

/// <summary>
/// The kernels run over plain pointers; the arrays behind them never move, and live as long as
/// the struct that holds them. Sixty-four bytes beyond the end may be read, never written.
/// </summary>
internal readonly unsafe struct Column<T>
    where T : unmanaged
{
    private const int Line = 64;

    private readonly T[] _owner;

    public Column(int length)
    {
        int spare = (2 * Line / sizeof(T)) + 1;
        _owner = GC.AllocateArray<T>(length + spare, pinned: true);
        nint start = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _owner[0]);
        At = (T*)((start + Line - 1) & ~(nint)(Line - 1));
        Length = length;
    }

    /// <summary>The first element.</summary>
    public readonly T* At;

    /// <summary>Elements in it.</summary>
    public readonly int Length;

    public ref T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Length) throw new ArgumentOutOfRangeException(nameof(index));
            return ref At[index];
        }
    }

    public Span<T> Span => _owner is null ? default : new Span<T>(At, Length);
}
