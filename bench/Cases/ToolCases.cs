// ToolCases: what a user waits for: a tool's start, and lines through a pipe; native and managed.
using System.Buffers;
using System.Diagnostics;
using Lockstep.Bench.Harness;
using Lockstep.Detection;
using Lockstep.Model.Lines;

namespace Lockstep.Bench.Cases;

/// <summary>Whole processes. The native build is the one `./lockstep build` leaves; the managed one
/// lies beside the benchmarks.</summary>
public static class ToolCases
{
    private const int TimeoutMs = 60_000;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("tool.start", setting => Start(Native(setting))),
        new("tool.pipe-aggregator", setting => Aggregator(setting, Native(setting))),
        new("tool.pipe-bundle", setting => Bundle(setting, Native(setting))),
    ];

    private static Benchmark Start(string native) =>
        new("start", 1, () => Run(native, ["detector", "--version"], []))
        {
            PeerName = "managed",
            Peer = () => Run("dotnet", [Managed, "detector", "--version"], []),
            Slow = true,
            Elsewhere = true,
            Note = _ => "detector --version",
        };

    /// <summary>A detector's output into an aggregator's stdin, its trades dropped.</summary>
    private static Benchmark Aggregator(BenchSetting setting, string native)
    {
        byte[] input = DetectorOutput(Day.Read(setting), setting.Quick ? 100 : 1500, out int lines);
        return new Benchmark("line", lines, () => Run(native, ["aggregator"], input))
        {
            PeerName = "managed",
            Peer = () => Run("dotnet", [Managed, "aggregator"], input),
            Slow = true,
            Elsewhere = true,
            Note = ns => $"{lines} lines, {Table.Count(input.Length)}B: "
                + $"{Table.Count(1e9 / ns)} lines/s, start included",
        };
    }

    /// <summary>A trade to a plan's dry run: six processes from a cold start, in one shell pipe.
    /// </summary>
    private static Benchmark Bundle(BenchSetting setting, string native)
    {
        string[] tools = ["bundle-writer", "bundle-parser", "type-checker", "bridge-selector",
            "gas-optimizer", "executor"];
        byte[] trade = FirstTrade(Day.Read(setting));
        return new Benchmark("pipe", 1, () => Run("sh", ["-c", Pipe($"'{native}'")], trade))
        {
            PeerName = "managed",
            Peer = () => Run("sh", ["-c", Pipe($"dotnet '{Managed}'")], trade),
            Slow = true,
            Elsewhere = true,
            Note = _ => $"a trade through {tools.Length} tools; the shell's start included",
        };

        string Pipe(string lockstep) =>
            "set -e; cd '" + setting.Root + "'; "
            + string.Join(" | ", tools.Select(tool => $"{lockstep} {tool}"));
    }

    private static string Managed => Path.Combine(AppContext.BaseDirectory, "lockstep.dll");

    private static string Native(BenchSetting setting)
    {
        string native = Path.Combine(setting.Root, ".build", "native", "lockstep");
        return File.Exists(native)
            ? native
            : throw new SkipException("no native build; ./lockstep build makes it");
    }

    private static byte[] DetectorOutput(Day day, int slots, out int count)
    {
        DetectorStage stage = new(day.Config, Day.Cluster);
        List<Line> output = [];
        foreach ((long slot, Line[] lines) in day.Slots.Take(slots))
        {
            foreach (Line line in lines) stage.Take(line, output);
            stage.EndSlot(slot, output);
        }
        ArrayBufferWriter<byte> bytes = new();
        foreach (Line line in output) LineCodec.Write(line, bytes);
        count = output.Count;
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>What a detector and an aggregator make of the day's first slot with a trade.
    /// </summary>
    private static byte[] FirstTrade(Day day)
    {
        DetectorStage detector = new(day.Config, Day.Cluster);
        AggregatorStage aggregator = new(day.Config);
        List<Line> found = [], trades = [];
        foreach ((long slot, Line[] lines) in day.Slots)
        {
            foreach (Line line in lines) detector.Take(line, found);
            detector.EndSlot(slot, found);
            foreach (Line line in found) aggregator.Take(line, trades);
            found.Clear();
            aggregator.EndSlot(slot, trades);
            if (trades.OfType<TradeLine>().FirstOrDefault() is not { } trade) continue;
            ArrayBufferWriter<byte> bytes = new();
            LineCodec.Write(trade, bytes);
            return bytes.WrittenSpan.ToArray();
        }
        throw new BenchException("the recorded day has no trade");
    }

    private static void Run(string program, string[] args, byte[] input)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new BenchException($"{program} did not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeoutMs))
        {
            process.Kill();
            throw new BenchException($"{program} {args[0]} has run for {TimeoutMs} ms");
        }
        copied.Wait();
        if (process.ExitCode != 0)
            throw new BenchException($"{program} {args[0]} ended with {process.ExitCode}: "
                + errors.Result.Trim());
    }
}
