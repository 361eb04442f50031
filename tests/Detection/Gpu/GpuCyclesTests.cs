// GpuCyclesTests: kernels find what the processor's own code finds, to the bit, touch after touch.
using System.Reflection;
using Lockstep.Bench.Cases;
using Lockstep.Detection.Gpu;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Detection.Gpu;

/// <summary>On the best accelerator there is: ILGPU's processor threads on most machines.</summary>
public sealed class GpuCyclesTests(ITestOutputHelper say)
{
    private const int Pools = 60, Groups = 12;

    /// <summary>CUDA compilers may fuse a product and a sum: relative, of each amount.</summary>
    private const double DeviceRounding = 1e-12;

    [Fact]
    public void Find_GivesTheCyclesAndSizesOfTheProcessor()
    {
        using GpuHost host = GpuHost.Open(GpuChoice.Best);
        say.WriteLine(host.Words);
        CycleIndex index = Index();
        CycleSizer sizer = new(index);
        double ScaleOf(int cycle, int place) => 1 - (1e-4 * ((cycle + place) % 7));
        for (int cycle = 0; cycle < index.Count; cycle++)
            for (int place = 0; place < CycleIndex.Width; place++)
                sizer.SetScale(cycle, place, ScaleOf(cycle, place));
        using GpuCycles resident = new(host, index, ScaleOf, index.Count);
        Seeded random = new(11);
        int walks = 0;
        for (int touch = 0; touch < 8; touch++)
        {
            // All at first, then a few: what was not touched stays where it is.
            for (int edge = touch == 0 ? 0 : random.Below(index.NoEdge);
                edge < index.NoEdge; edge += touch == 0 ? 1 : 9)
            {
                CurveSegment first = new(
                    0, 0, 0.99 + (0.015 * random.Unit()), 1e-9 * (1 + random.Unit()),
                    edge % 3 == 0 ? 1e6 * random.Unit() : double.PositiveInfinity);
                if (random.Below(13) == 0) first = default;
                sizer.SetEdge(edge, first);
                resident.SetEdge(edge, first);
            }
            CycleHit[] expected =
            [
                .. Enumerable.Range(0, index.Count)
                    .Select(cycle => (cycle, sizer.SizeOne(cycle)))
                    .Where(one => one.Item2.AmountIn != 0)
                    .Select(one => new CycleHit(
                        one.cycle, one.Item2.AmountIn, one.Item2.AmountOut)),
            ];
            CycleHit[] found = [.. resident.Find(out int total)];
            Assert.Equal(expected.Length, total);
            Assert.Equal(expected.Select(one => one.Cycle), found.Select(one => one.Cycle));
            foreach ((CycleHit one, CycleHit other) in expected.Zip(found))
            {
                if (one.AmountIn == CycleSizer.NeedsWalk) walks++;
                Same(host, one.AmountIn, other.AmountIn);
                Same(host, one.AmountOut, other.AmountOut);
            }
            Assert.InRange(total, 1, index.Count - 1);
        }
        Assert.True(walks > 0);
    }

    [Fact]
    public void Find_WhenThereIsNoRoom_SaysHowManyThereAre()
    {
        using GpuHost host = GpuHost.Open(GpuChoice.Processor);
        CycleIndex index = Index();
        using GpuCycles all = new(host, index, null, index.Count);
        using GpuCycles few = new(host, index, null, 3);
        for (int edge = 0; edge < index.NoEdge; edge++)
        {
            CurveSegment first = new(0, 0, 1.01, 1e-9, double.PositiveInfinity);
            all.SetEdge(edge, first);
            few.SetEdge(edge, first);
        }
        int[] known = [.. all.Find(out int total).ToArray().Select(one => one.Cycle)];
        CycleHit[] given = [.. few.Find(out int again)];
        Assert.Equal((index.Count, index.Count, 3), (total, again, given.Length));
        Assert.All(given, one => Assert.Contains(one.Cycle, known));
    }

    [Fact]
    public void Open_WhenThereIsNoSuchDevice_FallsBackWithAWord()
    {
        foreach (GpuChoice choice in Enum.GetValues<GpuChoice>())
        {
            using GpuHost host = GpuHost.Open(choice);
            Assert.NotEmpty(host.Words);
            Assert.Equal(
                host.IsDevice, !host.Words.Contains("processor", StringComparison.Ordinal));
            Assert.True(choice != GpuChoice.Processor || !host.IsDevice);
        }
    }

    /// <summary>No device is needed to see that a kernel compiles for one.</summary>
    [Fact]
    public void Kernels_CompileToPtx()
    {
        const BindingFlags Own =
            BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;
        MethodInfo[] kernels =
            [
                .. typeof(CycleKernels).GetMethods(Own), .. typeof(RouteKernels).GetMethods(Own),
                .. typeof(CurveKernels).GetMethods(Own),
            ];
        Assert.True(kernels.Length > 2);
        foreach (MethodInfo kernel in kernels)
        {
            string ptx = PtxText.Of(kernel);
            Assert.Contains(".visible .entry", ptx, StringComparison.Ordinal);
            Assert.DoesNotContain("fma.", ptx, StringComparison.Ordinal);
        }
    }

    private static void Same(GpuHost host, double expected, double actual)
    {
        if (!host.IsDevice) Assert.Equal(expected, actual);
        else Assert.InRange(actual, expected - Math.Abs(expected * DeviceRounding),
            expected + Math.Abs(expected * DeviceRounding));
    }

    private static CycleIndex Index()
    {
        Seeded random = new(5);
        GraphPool[] pools =
        [
            .. Enumerable.Range(0, Pools).Select(_ =>
            {
                int one = random.Below(Groups);
                return new GraphPool(one, (one + 1 + random.Below(Groups - 1)) % Groups, 0, 0);
            }),
        ];
        return CycleIndex.Build(
            Groups, pools, new int[Pools],
            new CycleRules(4, 0, false, [.. Enumerable.Range(0, Groups)]));
    }
}
