// PtxText: a kernel as PTX for a CUDA device that is not there; so that a build can look at it.
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace Lockstep.Detection.Gpu;

/// <summary>Compiles kernels without a device.</summary>
public static class PtxText
{
    /// <summary>The PTX of a kernel for compute capability 9.0 (H100, H200).</summary>
    /// <param name="kernel">A static method that begins with <see cref="Index1D"/>.</param>
    public static string Of(MethodInfo kernel)
    {
        using Context context = Context.Create(builder => builder.CPU());
        using PTXBackend backend = new(
            context, CudaArchitecture.SM_90, CudaInstructionSet.ISA_80, nvvmAPI: null!);
        var compiled = (PTXCompiledKernel)backend.Compile(
            EntryPointDescription.FromImplicitlyGroupedKernel(kernel), KernelSpecialization.Empty);
        return compiled.PTXAssembly;
    }
}
