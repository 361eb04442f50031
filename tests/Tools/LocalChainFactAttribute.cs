// LocalChainFactAttribute: a test on real nodes of this machine; skipped, in words, where none run.
using System.Runtime.InteropServices;
using Xunit;

namespace Lockstep.Tests.Tools;

/// <summary>npm installs what such a test starts: the pinned anvil, forge and solc.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LocalChainFactAttribute : FactAttribute
{
    private static readonly string[] Needed = ["node", "npm"];

    /// <summary>Decides whether it can run here.</summary>
    public LocalChainFactAttribute() => Skip = WhyNot;

    /// <summary>What is missing here; null when nothing is.</summary>
    public static string? WhyNot { get; } =
        !OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64
            ? "npm has the pinned anvil for Linux on x86-64 only"
            : Array.Find(Needed, one => !Programs.IsThere(one)) is { } missing
                ? $"no {missing} on the PATH: local chains need Node 20.12 or later with npm"
                : null;
}
