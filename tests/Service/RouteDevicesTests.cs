// RouteDevicesTests: the service takes an accelerator, says so, loses it and goes on; logs replay.
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Service;
using Lockstep.Service.Config;
using Lockstep.Service.Stages;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Config;
using Lockstep.Tools.Records;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Service;

public sealed class RouteDevicesTests(ITestOutputHelper say) : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The kernels run on ILGPU's threads, which every machine has; then each turn throws.
    /// </summary>
    [Fact]
    public async Task Device_ThatFailsUnderWay_IsSaidOnce_AndNothingElseChanges()
    {
        List<string> words = [];
        long before, after;
        using (EngineTests.Running running = new(Settings("processor"), Say))
        {
            Engine engine = running.Engine;
            await running.UntilAsync(() => engine.Devices.Words.Contains("base"));
            Assert.Equal(1, engine.Devices.State);
            await running.UntilAsync(() => engine.Board.Funnel.Planned > 0);
            Assert.Contains("ILGPU's threads (", engine.Look().Run.Routing,
                StringComparison.Ordinal);
            before = engine.Board.Slot ?? 0;
            engine.Devices.InTurn = () => throw new InvalidOperationException("it fell out");
            await running.UntilAsync(() => engine.Devices.Fault is not null);
            long slot = engine.Board.Slot ?? 0, plans = engine.Board.Funnel.Planned;
            await running.UntilAsync(() => engine.Board.Slot > slot + 600
                && engine.Board.Funnel.Planned > plans);
            after = engine.Board.Slot ?? 0;
            Assert.Equal(0, engine.Devices.State);
            Assert.Contains(engine.Faults, one => one.Contains("it fell out"));
            Assert.Contains("failed", engine.Look().Run.Routing, StringComparison.Ordinal);
            Assert.All(engine.Stages, one => Assert.Equal(0, one.Restarts));
            await running.StopAsync();
        }
        Assert.Single(words, one => one.Contains("it fell out", StringComparison.Ordinal));
        Assert.True(after > before);
        foreach (string log in RunLog.Logs(folder.Path)) RunRecordTests.AssertReplays(log, 1);
        ProposalLine[] proposals = [.. RecordReader.Open(Path.Combine(folder.Path, "cluster-base"))
            .Read().Where(one => one.Stream == Streams.DetectorIn("base"))
            .Select(one => StageReplay.Line(one)).OfType<ProposalLine>()];
        Assert.NotEmpty(proposals);
        Assert.All(proposals, one => Assert.Contains("ILGPU", one.Device));
        Assert.True(proposals[^1].Slot < after);

        void Say(string line)
        {
            say.WriteLine(line);
            lock (words) words.Add(line);
        }
    }

    /// <summary>Where there is no such device, the setting's word and the processor stay.</summary>
    [Fact]
    public void Device_ThatIsNotThere_IsSaid()
    {
        foreach (RouteDevice wish in Enum.GetValues<RouteDevice>())
        {
            List<string> words = [];
            using RouteDevices devices = RouteDevices.Open(
                RouteRules.Usual with { Device = wish }, words.Add);
            say.WriteLine($"{wish}: {devices.Words}; {devices.Fault}");
            Assert.Equal(wish == RouteDevice.None, words is []);
            bool isThere = devices.State == 1;
            Assert.Equal(isThere, devices.Seat("all").Accelerator is not null);
            Assert.Equal(
                !isThere && wish is RouteDevice.Cuda or RouteDevice.OpenCl,
                devices.Fault is not null && !isThere);
            Assert.True(isThere || wish != RouteDevice.Processor);
            Assert.StartsWith("the processor", devices.Words, StringComparison.Ordinal);
        }
        using RouteDevices off = RouteDevices.Open(null, say.WriteLine);
        Assert.Equal(("", -1), (off.Words, off.State));
    }

    /// <summary>Small graphs are left to the solver, by the setting.</summary>
    [Fact]
    public async Task Device_IsNotAskedAboutSmallGraphs()
    {
        using EngineTests.Running running = new(
            Settings("processor", 1_000_000), say.WriteLine);
        Engine engine = running.Engine;
        await running.UntilAsync(() => engine.IsReady && engine.Board.Funnel.Planned > 0);
        Assert.Equal(1, engine.Devices.State);
        Assert.Contains("no graph is large enough", engine.Devices.Words,
            StringComparison.Ordinal);
        await running.StopAsync();
    }

    /// <summary>The tools host none; they say so, and search all the same.</summary>
    [Fact]
    public void Tools_SayThatTheyHaveNone()
    {
        string search = Settings("cuda").SearchPath!;
        Ending ending = Binary.Run(
            "managed", ["detector", "--to", "00:00:00", "--config", search], []);
        Assert.True(ending.Code == 0, ending.Words);
        Assert.Contains("[routing] device: this tool hosts no accelerator", ending.Words,
            StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"bound\"", ending.Text, StringComparison.Ordinal);
    }

    private RunSettings Settings(string device, int pools = 0)
    {
        string search = Path.Combine(folder.Path, "lockstep.toml");
        File.WriteAllText(search, ConfigFile.Text(Path.Combine(
            SourceTree.Root, ConfigFile.DefaultPath))
            .Replace("device = \"none\"", $"device = \"{device}\"", StringComparison.Ordinal)
            .Replace("devicePools = 50_000", $"devicePools = {pools}", StringComparison.Ordinal));
        return EngineTests.Settings() with
        {
            SearchPath = search,
            Record = new RecordSettings(folder.Path, 1L << 30, 30),
        };
    }
}
