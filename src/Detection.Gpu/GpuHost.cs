// GpuHost: one accelerator for the kernels, picked at start: CUDA, OpenCL, or the processor.
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Lockstep.Detection.Gpu;

/// <summary>Which accelerator is wanted.</summary>
public enum GpuChoice
{
    /// <summary>CUDA where there is one, else OpenCL, else the processor.</summary>
    Best,

    /// <summary>An NVIDIA device by its driver.</summary>
    Cuda,

    /// <summary>An OpenCL 2.0 device with a generic address space.</summary>
    OpenCl,

    /// <summary>ILGPU's own interpreter threads: right, and slow; for tests.</summary>
    Processor,
}

/// <summary>An accelerator and what it was picked for. One thread at a time.</summary>
public sealed class GpuHost : IDisposable
{
    private readonly Context context;

    private GpuHost(Context context, Accelerator accelerator, string by, List<string> missed)
    {
        (this.context, Accelerator) = (context, accelerator);
        (Name, Missed) = ($"{accelerator.Name} by {by}", string.Join("; ", missed));
    }

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>What it is, and by which driver.</summary>
    public string Name { get; }

    /// <summary>What was wanted and is not there, and why; empty where all is.</summary>
    public string Missed { get; }

    /// <summary>What runs here, and what did not, in one line.</summary>
    public string Words => (Missed.Length > 0 ? Missed + "; " : "") + (IsDevice
        ? $"kernels run on {Name}" : $"kernels run on the processor, {Accelerator.Name}");

    /// <summary>Whether it is a device of its own, and not the processor.</summary>
    public bool IsDevice => Accelerator.AcceleratorType != AcceleratorType.CPU;

    /// <summary>Opens the wanted accelerator, or the next best.</summary>
    /// <remarks>Drivers that are missing, too old, or fail at their first allocation are passed
    /// over with a word: the search runs without them.</remarks>
    public static GpuHost Open(GpuChoice choice)
    {
        List<string> missed = [];
        foreach (GpuChoice one in choice == GpuChoice.Best
            ? [GpuChoice.Cuda, GpuChoice.OpenCl]
            : choice == GpuChoice.Processor ? (GpuChoice[])[] : [choice])
        {
            if (Try(one, missed) is { } host) return host;
        }
        Context context = Context.Create(builder => builder.CPU());
        Accelerator processor = context.GetCPUDevice(0).CreateCPUAccelerator(context);
        return new GpuHost(context, processor, "ILGPU's threads", missed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Accelerator.Dispose();
        context.Dispose();
    }

    private static GpuHost? Try(GpuChoice choice, List<string> missed)
    {
        string name = choice == GpuChoice.Cuda ? "CUDA" : "OpenCL";
        Context? context = null;
        try
        {
            context = Context.Create(builder =>
                _ = choice == GpuChoice.Cuda ? builder.Cuda() : builder.OpenCL());
            Device? device = context.Devices.FirstOrDefault(one => one.AcceleratorType
                == (choice == GpuChoice.Cuda ? AcceleratorType.Cuda : AcceleratorType.OpenCL));
            if (device is not null)
            {
                Accelerator accelerator = device.CreateAccelerator(context);
                // A driver may accept a context and fail at the first use.
                using (accelerator.Allocate1D<double>(1)) accelerator.Synchronize();
                return new GpuHost(context, accelerator, name, missed);
            }
            missed.Add($"no {name} device");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            missed.Add($"{name}: {e.GetType().Name}: {e.Message.Split('\n')[0]}");
        }
        context?.Dispose();
        return null;
    }
}
