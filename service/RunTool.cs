// RunTool: run: all stages and the page in one process, until a signal, or for so long.
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Lockstep.Model.Lines;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Page;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Live;

namespace Lockstep.Service;

/// <summary>The tool <c>run</c>.</summary>
public static class RunTool
{
    private const int MostSeconds = 2_000_000;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>The tool's row.</summary>
    public static Tool Row { get; } = new(
        "run",
        "Runs detectors, aggregator, bundle pipe and executor in one process, with a page.",
        reads: [],
        writes: ["outcome"],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> config = RunFile.Option();
        Option<string?> world = new("--world")
        {
            Description = "Live chains: a devnet's world.json; stands before [feed].",
            HelpName = "file",
        };
        Option<string?> recorded = new("--recorded")
        {
            Description = "A recorded day's folder; stands before [feed].", HelpName = "folder",
        };
        Option<bool> live = new("--live")
        {
            Description = "Send; only where the settings say live = true too.",
        };
        Option<int?> seconds = new("--seconds")
        {
            Description = "End after so long. [default: by a signal alone]", HelpName = "n",
        };
        Option<int?> port = new("--port")
        {
            Description = "The page's port on 127.0.0.1; 0 is any that is free.", HelpName = "n",
        };
        Option<bool> control = new("--control")
        {
            Description = "Let the page pause, halt and resume; [page] tokenFile has the token.",
        };
        foreach (Option one in (Option[])[config, world, recorded, live, seconds, port, control])
            command.Add(one);
        return (host, options) =>
        {
            RunSettings settings = RunFile.Read(options.GetValue(config));
            if (options.GetValue(world) is { } chains)
                settings = settings with { World = Path.GetFullPath(chains), Recorded = null };
            if (options.GetValue(recorded) is { } day)
                settings = settings with { Recorded = Path.GetFullPath(day), World = null };
            if (options.GetValue(port) is { } at)
                settings = settings with
                {
                    Page = settings.Page with
                    {
                        Port = at is >= 0 and <= 65_535 ? at
                            : throw new UsageException($"--port {at}: from 0 to 65535"),
                    },
                };
            int? time = options.GetValue(seconds);
            if (time is < 0 or > MostSeconds)
                throw new UsageException($"--seconds {time}: from 0 to {MostSeconds}");
            using Ending ending = new(
                time is { } s ? TimeSpan.FromSeconds(s) : null, patient: true);
            return RunAsync(
                host, settings, options.GetValue(live), options.GetValue(control), ending)
                .GetAwaiter().GetResult();
        };
    }

    private static async Task<int> RunAsync(
        ToolHost host, RunSettings settings, bool live, bool withControl, Ending ending)
    {
        Lock writing = new();
        using Engine engine = new(settings, new EngineWishes(live, 0, Say, Tell),
            TimeProvider.System);
        PageHost? page = null;
        Meters meters = new(engine, () => page?.Hub.Count ?? 0);
        PageSources sources = new(engine.Board.Series, () => engine.Faults, () => engine.IsReady)
        {
            Metrics = meters.WriteAsync,
            Why = engine.Why.Ask,
            History = engine.Kept is { } kept ? kept.Ask : null,
            Acts = new Dictionary<string, Func<string>>
            {
                ["pause"] = () => Act(engine.Pause()),
                ["halt"] = () => Act(engine.Halt()),
                ["resume"] = () => Act(engine.Resume()),
            },
        };
        page = await PageHost.StartAsync(settings.Page, withControl, sources);
        await using PageHost shown = page;
        engine.HasControl = page.HasControl;
        Say($"the page is at {page.Address}");
        Say(engine.Sends ? "LIVE: plans are sent" : "dry run: nothing is sent");
        using Notify notify = new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            engine.Reload();
        });
        using CancellationTokenSource over = new();
        Task ticking = TickAsync(engine, page, notify, ending.Token, over.Token);
        try
        {
            await engine.RunAsync(ending.Token);
        }
        finally
        {
            await over.CancelAsync();
            await ticking;
            if (engine.LeftOpen is { } open) Say(open);
        }
        FunnelWords steps = engine.Board.Funnel;
        Say(string.Create(CultureInfo.InvariantCulture,
            $"{steps.Detected} detected, {steps.Chosen} chosen, {steps.Planned} planned, ")
            + string.Create(CultureInfo.InvariantCulture,
            $"{steps.Submitted} submitted, {steps.Landed} landed"));
        return ExitCode.Ok;

        void Say(string words)
        {
            lock (writing) host.Say(words);
        }

        void Tell(OutcomeLine outcome)
        {
            lock (writing)
            {
                LineCodec.Write(outcome, host.Out);
                host.Out.Flush();
            }
        }

        string Act(string words)
        {
            Say($"by the page: {words}");
            return words;
        }
    }

    /// <summary>Once a second: the page's word, the watchdog's, and files that changed.</summary>
    private static async Task TickAsync(
        Engine engine, PageHost page, Notify notify, CancellationToken stop,
        CancellationToken over)
    {
        Dictionary<string, DateTime> seen = engine.Watched.ToDictionary(
            file => file, File.GetLastWriteTimeUtc, StringComparer.Ordinal);
        bool wasReady = false, wasStopped = false;
        using PeriodicTimer timer = new(Tick);
        try
        {
            do
            {
                page.Tell(engine.Look());
                if (!wasReady && engine.IsReady)
                {
                    wasReady = true;
                    notify.Ready();
                }
                notify.Alive();
                if (stop.IsCancellationRequested)
                {
                    if (!wasStopped) notify.Stopping("finishing what is open");
                    wasStopped = true;
                    notify.Extend(TimeSpan.FromSeconds(30));
                }
                foreach (string file in engine.Watched)
                {
                    DateTime now = File.GetLastWriteTimeUtc(file);
                    if (seen[file] == now) continue;
                    seen[file] = now;
                    engine.Reload();
                }
            }
            while (await timer.WaitForNextTickAsync(over));
        }
        catch (OperationCanceledException)
        {
            // All is over.
        }
    }
}
