// PageTool: page: the service's page over lines of a pipe, read from files or stdin.
using System.CommandLine;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Page;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Live;

namespace Lockstep.Service;

/// <summary>The tool <c>page</c>: what monitor shows on a terminal, in a browser.</summary>
public static class PageTool
{
    private const int MaxClients = 16, UsualPort = 8780;
    private const long SilentMs = 5_000;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>The tool's row.</summary>
    public static Tool Row { get; } = new(
        "page",
        "Shows lines of any kind as a page on 127.0.0.1, as they come.",
        reads: Tools.Monitor.Row.Reads,
        writes: [],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> files = LineSources.Files();
        Option<bool> follow = new("--follow")
        {
            Description = "Wait for more at a file's end, until a signal.",
        };
        Option<int> port = new("--port")
        {
            Description = "On 127.0.0.1; 0 is any that is free.",
            DefaultValueFactory = _ => UsualPort,
            HelpName = "n",
        };
        Option<int?> parent = new("--parent")
        {
            Description = "End with this process.", HelpName = "pid",
        };
        command.Add(files);
        command.Add(follow);
        command.Add(port);
        command.Add(parent);
        return (host, options) =>
        {
            int at = options.GetValue(port);
            if (at is < 0 or > 65_535) throw new UsageException($"--port {at}: from 0 to 65535");
            using LineSources sources = new(
                host, options.GetRequiredValue(files), options.GetValue(follow));
            using Ending ending = new(null, parent: options.GetValue(parent));
            RunAsync(host, sources, at, ending.Token).GetAwaiter().GetResult();
            return ExitCode.Ok;
        };
    }

    private static async Task RunAsync(
        ToolHost host, LineSources sources, int port, CancellationToken stop)
    {
        BoardState board = new();
        long started = Now(), lastMs = 0;
        await using PageHost page = await PageHost.StartAsync(
            new PageSettings(port, MaxClients, null), false,
            new PageSources(board.Series, () => [], () => true)
            {
                Why = new WhyDesk(board.Recall, null).Ask,
            });
        host.Say($"the page is at {page.Address}");
        Task reading = Task.Run(() => Read(sources, board, at => lastMs = at, stop), stop);
        using PeriodicTimer timer = new(Tick);
        try
        {
            do
            {
                if (reading.IsFaulted) await reading;
                page.Tell(Words());
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // It was stopped.
        }

        BoardWords Words()
        {
            long now = Now();
            string[] why = lastMs == 0 ? ["waiting for lines"]
                : reading.IsCompleted ? ["the lines are over"]
                : now - lastMs > SilentMs ? [$"no line for {(now - lastMs) / 1000} s"]
                : [];
            return new BoardWords(
                now, new RunWords("lines", false, false, false, started, board.Slot,
                    Toolbox.Version, ""),
                new HealthWords(why is [] ? "well" : "degraded", why), board.Funnel, board.Pnl,
                [], board.Clusters(now), [], [], board.Refusals(), board.Best(now), board.Open(),
                board.OpenCount, board.Ends(), null, [], board.SetAside(), [],
                board.Mark(now, 0));
        }
    }

    private static void Read(
        LineSources sources, BoardState board, Action<long> heard, CancellationToken stop)
    {
        while (!sources.IsOver && !stop.IsCancellationRequested)
        {
            if (sources.Next(Tick, stop) is not { } line) continue;
            board.Take(line.Line, Now());
            heard(Now());
        }
        sources.Next(TimeSpan.Zero, stop);
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
