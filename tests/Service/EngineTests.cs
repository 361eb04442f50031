// EngineTests: the service on the recorded day: any stage may die, the others go on, it comes back.
using System.Text;
using System.Text.RegularExpressions;
using Lockstep.Model.Lines;
using Lockstep.Service;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Stages;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Service;

public sealed partial class EngineTests(ITestOutputHelper say)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Each stage in turn is killed, twice: the others keep their lives and go on, and
    /// it works again.</summary>
    [Fact]
    public async Task Stage_WhenItIsKilled_ComesBackAndTheOthersGoOn()
    {
        using Running running = new(Settings(), say.WriteLine);
        Engine engine = running.Engine;
        await running.UntilAsync(() => engine.IsReady && engine.Board.Funnel.Planned > 0);
        foreach (Stage stage in engine.Stages)
        {
            long[] before = [.. engine.Stages.Select(one => one.Restarts)];
            long plans = engine.Board.Funnel.Planned, slot = engine.Board.Slot ?? 0;
            stage.Kill("for a test");
            await running.UntilAsync(() => engine.Stages.Sum(one => one.Restarts) > before.Sum());
            Assert.Equal("StageKilledException: for a test", stage.Fault);
            await running.UntilAsync(() => engine.IsReady);
            await running.UntilAsync(() => engine.Board.Slot > slot + 120
                && engine.Board.Funnel.Planned > plans);
            Assert.Equal(
                before.Sum() + 1, engine.Stages.Sum(one => one.Restarts));
        }
    }

    /// <summary>While a cluster is down nothing is composed over its pools; it is told, and what
    /// the others see is still found.</summary>
    [Fact]
    public async Task Cluster_WhenItStaysDown_HasItsPoolsShutAndIsSaid()
    {
        RunSettings settings = Settings() with
        {
            Restart = new RestartSettings(
                TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1)),
        };
        using Running running = new(settings, say.WriteLine);
        Engine engine = running.Engine;
        await running.UntilAsync(() => engine.IsReady && engine.Board.Funnel.Planned > 0);
        engine.Stages.Single(one => one.Name == "cluster optimism").Kill("for a test");
        await running.UntilAsync(() => engine.Faults is { Count: > 0 });
        Assert.Contains("cluster optimism is down", engine.Faults[0], StringComparison.Ordinal);
        Assert.False(engine.IsReady);
        long silent = (engine.Board.Slot ?? 0)
            + (settings.Queues.StaleSeconds + 3) * settings.Speed;
        await running.UntilAsync(() => engine.Board.Slot > silent);
        long plans = engine.Board.Funnel.Planned;
        await running.UntilAsync(() => engine.Board.Funnel.Planned > plans);
        Assert.All(
            running.Trades.Where(one => one.Slot > silent),
            trade => Assert.All(trade.Hops, hop =>
                Assert.NotEqual("eip155:10", hop.Pool.Chain.ToString())));
    }

    /// <summary>A stop ends everything within its bounds; a dry run leaves nothing open.</summary>
    [Fact]
    public async Task Stop_EndsEveryStage()
    {
        Running running = new(Settings(), say.WriteLine);
        await running.UntilAsync(() => running.Engine.IsReady);
        await running.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.All(running.Engine.Stages, one => Assert.Equal(StageState.Ended, one.State));
        Assert.Null(running.Engine.LeftOpen);
        running.Dispose();
    }

    /// <summary>The service's pipe writes what the tools' pipe writes, to the byte.</summary>
    [Fact]
    public void Plans_AreThoseOfThePipe()
    {
        byte[] lines = Binary.Run(
            "managed",
            ["replay", "--json", "--clusters", "arbitrum,base,optimism", "--from", "16:06:00",
                "--to", "16:08:30"], []).Output;
        byte[] piped = lines;
        foreach (string tool in (string[])
            ["bundle-writer", "bundle-parser", "type-checker", "bridge-selector", "gas-optimizer"])
        {
            Ending ending = Binary.Run("managed", [tool], piped);
            Assert.True(ending.Code == 0, ending.Words);
            piped = ending.Output;
        }
        BundlePipe pipe = new(ConfigFile.Read(null), Settings());
        System.Buffers.ArrayBufferWriter<byte> ours = new();
        foreach (Line line in Read(lines))
        {
            pipe.Take(line);
            if (line is not TradeLine trade) continue;
            PlanLine? plan = pipe.Plan(trade, out string by, out string words);
            Assert.True(plan is not null, $"{by}: {words}");
            LineCodec.Write(plan, ours);
        }
        Assert.True(ours.WrittenCount > 0);
        Assert.Equal(Encoding.UTF8.GetString(piped), Encoding.UTF8.GetString(ours.WrittenSpan));
    }

    /// <summary>Every metric that the dashboard and the alerts name is one that is written, but
    /// for those of Prometheus itself.</summary>
    [Fact]
    public async Task Metrics_ThatDashboardAndAlertsName_AreThere()
    {
        using Running running = new(Settings(), say.WriteLine);
        Meters meters = new(running.Engine, () => 0);
        using MemoryStream text = new();
        await meters.WriteAsync(text, CancellationToken.None);
        HashSet<string> there = [.. TypeOf().Matches(Encoding.UTF8.GetString(text.ToArray()))
            .Select(one => one.Groups[1].Value)];
        HashSet<string> named = [];
        foreach (string file in (string[])
            ["deploy/grafana/lockstep.json", "deploy/prometheus/alerts.yml"])
            named.UnionWith(MeterName().Matches(
                File.ReadAllText(Path.Combine(SourceTree.Root, file))).Select(one => one.Value));
        Assert.True(named.Count > 20);
        Assert.DoesNotContain(
            named.Select(one => one.Replace("_bucket", "", StringComparison.Ordinal)),
            one => !there.Contains(one));
        Assert.All(there, one => Assert.StartsWith("lockstep_", one, StringComparison.Ordinal));
        // Nothing is counted that nobody is shown.
        Assert.Equal(
            ["lockstep_build_info", "lockstep_start_time_seconds"],
            there.Where(one => !named.Contains(one) && !named.Contains(one + "_bucket"))
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("base,ethereum", "eip155:8453 is in two of them")]
    [InlineData("solana", "lockstep.toml has no such cluster")]
    public void Clusters_WhenTheyMakeNoSense_AreRefused(string names, string words)
    {
        RunSettings settings = Settings() with { Clusters = [.. names.Split(',')] };
        RefusedException refused = Assert.Throws<RefusedException>(() => new Engine(
            settings, new EngineWishes(false, 0, _ => { }, _ => { }), TimeProvider.System));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sending_NeedsFileAndCommandLine()
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => new Engine(
            Settings(), new EngineWishes(true, 0, _ => { }, _ => { }), TimeProvider.System));
        Assert.Contains("live = true", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<RefusedException>(() => new Engine(
            Settings() with { MaySend = true },
            new EngineWishes(true, 0, _ => { }, _ => { }), TimeProvider.System));
        Assert.Contains("--live needs live chains", refused.Message, StringComparison.Ordinal);
        using Engine dry = new(
            Settings() with { MaySend = true },
            new EngineWishes(false, 0, _ => { }, _ => { }), TimeProvider.System);
        Assert.False(dry.Sends);
    }

    [Fact]
    public void Pause_MayBeTakenBackAtAnyTime()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-pause").FullName;
        string file = Path.Combine(folder, "run", "pause");
        using Engine engine = new(
            Settings() with { PausePath = file },
            new EngineWishes(false, 0, _ => { }, _ => { }), TimeProvider.System);
        Assert.Equal("resumed", engine.Resume());
        Assert.Contains("paused", engine.Pause(), StringComparison.Ordinal);
        Assert.Contains("paused by an operator", engine.Faults);
        engine.Resume();
        Assert.False(File.Exists(file));
        Assert.DoesNotContain("paused by an operator", engine.Faults);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Load_SaysHowLongCyclesTookAndWhatWaited()
    {
        Ending ending = Binary.RunFile("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "lockstep-service.dll"), "run", "load",
                "--updates", "50", "--clusters", "2", "--seconds", "9"], []);
        Assert.True(ending.Code == 0, ending.Words);
        Assert.Contains("cycles; from a slot's end to its trades: p50", ending.Text,
            StringComparison.Ordinal);
        Assert.Contains("aggregator: greatest queue", ending.Text, StringComparison.Ordinal);
        Assert.Contains("restarts 0", ending.Text, StringComparison.Ordinal);
    }

    /// <summary>Fast enough that there is something to find in every second, and from where there
    /// is.</summary>
    internal static RunSettings Settings() => RunFile.Parse(
        """
        version = 1
        clusters = ["arbitrum", "base", "optimism"]
        [feed]
        recorded = "../data/2024-11-01-rollups"
        speed = 120
        skipSeconds = 57000
        [restart]
        firstMs = 50
        [page]
        port = 0
        [record]
        on = false
        """, "service.toml", new Dictionary<string, string>(),
        Path.Combine(SourceTree.Root, "config"));

    private static IEnumerable<Line> Read(byte[] lines)
    {
        foreach (string line in Encoding.UTF8.GetString(lines).Split(
            '\n', StringSplitOptions.RemoveEmptyEntries))
            yield return LineCodec.Read(Encoding.UTF8.GetBytes(line), out _)!;
    }

    [GeneratedRegex("^# TYPE (\\S+) ", RegexOptions.Multiline)]
    private static partial Regex TypeOf();

    [GeneratedRegex("lockstep_[a-z_]+")]
    private static partial Regex MeterName();

    /// <summary>An engine that runs until it is disposed of.</summary>
    internal sealed class Running : IDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task run;
        private readonly Task looking;

        public Running(RunSettings settings, Action<string> say, bool live = false)
        {
            Engine = new Engine(
                settings, new EngineWishes(live, 0, say, Ends.Enqueue), TimeProvider.System);
            Engine.Board.Chosen += Trades.Enqueue;
            run = Engine.RunAsync(stop.Token);
            looking = LookAsync();
        }

        public Engine Engine { get; }

        public System.Collections.Concurrent.ConcurrentQueue<TradeLine> Trades { get; } = [];

        public System.Collections.Concurrent.ConcurrentQueue<OutcomeLine> Ends { get; } = [];

        public async Task UntilAsync(Func<bool> isSo)
        {
            long began = TimeProvider.System.GetTimestamp();
            while (!isSo())
            {
                if (run.IsCompleted) await run;
                Assert.True(
                    TimeProvider.System.GetElapsedTime(began) < Patience,
                    $"not within {Patience}: {string.Join("; ", Engine.Faults)}");
                await Task.Delay(20);
            }
        }

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await run;
            await looking;
        }

        public void Dispose()
        {
            StopAsync().GetAwaiter().GetResult();
            Engine.Dispose();
            stop.Dispose();
        }

        private async Task LookAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                Engine.Look();
                await Task.Delay(500);
            }
        }
    }
}
