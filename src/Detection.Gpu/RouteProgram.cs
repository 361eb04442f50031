// RouteProgram: the routing kernels loaded on one accelerator, ready to launch.
using ILGPU;
using ILGPU.Runtime;

namespace Lockstep.Detection.Gpu;

using Doubles = ArrayView<double>;
using Tallies = ArrayView<Tally>;

/// <summary>Each is a kernel of <see cref="RouteKernels"/>; a launch waits for nothing.</summary>
internal sealed class RouteProgram(Accelerator accelerator)
{
    public Action<Index1D, ArrayView<HalfChange>, Doubles, Doubles> PutHalves { get; } =
        accelerator.LoadAutoGroupedStreamKernel<
            Index1D, ArrayView<HalfChange>, Doubles, Doubles>(RouteKernels.PutHalves);

    public Action<Index1D, ArrayView<RowChange>, Doubles> PutRows { get; } =
        accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<RowChange>, Doubles>(
            RouteKernels.PutRows);

    public Action<Index1D, HalfEdges, Doubles, Tallies> Pass { get; } =
        accelerator.LoadAutoGroupedStreamKernel<Index1D, HalfEdges, Doubles, Tallies>(
            RouteKernels.Pass);

    public Action<Index1D, ArrayView<int>, Tallies, Tallies> FoldStarts { get; } =
        accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, Tallies, Tallies>(
            RouteKernels.FoldStarts);

    public Action<Index1D, int, int, Tallies, Tallies> FoldStrides { get; } =
        accelerator.LoadAutoGroupedStreamKernel<Index1D, int, int, Tallies, Tallies>(
            RouteKernels.FoldStrides);

    public Action<Index1D, RouteRows, Tallies, CurveRows, Doubles, int, Tallies> Move { get; } =
        accelerator.LoadAutoGroupedStreamKernel<
            Index1D, RouteRows, Tallies, CurveRows, Doubles, int, Tallies>(RouteKernels.Move);

    public Action<Index1D, Tallies, Doubles> Settle { get; } =
        accelerator.LoadAutoGroupedStreamKernel<Index1D, Tallies, Doubles>(RouteKernels.Settle);

    public Action<Index1D, RouteRows, Doubles> Follow { get; } =
        accelerator.LoadAutoGroupedStreamKernel<Index1D, RouteRows, Doubles>(
            RouteKernels.Follow);
}
