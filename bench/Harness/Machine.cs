// Machine: what the numbers were taken on, in words that can be compared.
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Bench.Harness;

/// <summary>Describes this machine.</summary>
public static class Machine
{
    /// <summary>Processor, cores, vector width, system and runtime in one line.</summary>
    public static string Describe()
    {
        string vectors = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Processor()}, {Environment.ProcessorCount} cores, {vectors}; "
            + $"{RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}");
    }

    /// <summary>How busy the machine is: Linux's load averages, or empty.</summary>
    public static string Load()
    {
        const string File = "/proc/loadavg";
        return System.IO.File.Exists(File)
            ? string.Join(' ', System.IO.File.ReadAllText(File).Split(' ').Take(3))
            : "";
    }

    private static string Processor()
    {
        const string Cpu = "/proc/cpuinfo";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString();
        if (!File.Exists(Cpu)) return architecture;
        string[] lines = File.ReadAllLines(Cpu);
        string family = Value("cpu family"), model = Value("model");
        string name = Value("model name");
        // Hypervisors shorten the name; family and model tell the generation all the same.
        return name.Length == 0 ? architecture : $"{name} (family {family}, model {model})";

        string Value(string key) => lines
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(pair => pair.Length == 2 && pair[0] == key)?[1] ?? "";
    }
}
