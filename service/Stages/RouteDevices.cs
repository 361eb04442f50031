// RouteDevices: the process's one accelerator, lent to detectors in turn; it may fail, they go on.
using Lockstep.Detection.Gpu;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Scoring;
using Lockstep.Model;

namespace Lockstep.Service.Stages;

/// <summary>Opened once at the start. Where there is none, or once it failed, the solvers are alone
/// on the processor, which costs time and loses nothing: what it says are proposals.</summary>
public sealed class RouteDevices : IDisposable
{
    private readonly Lock turn = new();
    private readonly RouteRules? rules;
    private readonly Action<string> say;
    private readonly List<RouteSeat> seats = [];
    private GpuHost? host;
    private string without = "the processor";

    private RouteDevices(RouteRules? rules, Action<string> say) => (this.rules, this.say) =
        (rules, say);

    /// <summary>What all pools at once are searched on, in words; empty where nothing is.</summary>
    public string Words
    {
        get
        {
            lock (turn)
            {
                if (rules is null) return "";
                if (host is null) return without;
                string on = string.Join(
                    ", ", seats.Where(one => one.IsOnDevice).Select(one => one.Cluster));
                return on.Length == 0 ? $"the processor: no graph is large enough for {host.Name}"
                    : $"{host.Name} ({on})";
            }
        }
    }

    /// <summary>What is less than was asked for, in words; null where nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>1 where an accelerator works, 0 where the one that was asked for does not, -1 where
    /// none was, or the best there is, which is none.</summary>
    public int State => Fault is not null ? 0 : host is null ? -1 : 1;

    /// <summary>Opens what the rules ask for, and says what became of it.</summary>
    public static RouteDevices Open(RouteRules? rules, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        RouteDevices devices = new(rules, say);
        if (rules is not null && rules.Device != RouteDevice.None) devices.Open(rules.Device);
        return devices;
    }

    /// <summary>A detector's place at it; to be disposed of with the detector.</summary>
    /// <param name="cluster">Whose.</param>
    internal RouteSeat Seat(string cluster)
    {
        lock (turn)
        {
            RouteSeat seat = new(this, cluster);
            if (host is not null) seats.Add(seat);
            return seat;
        }
    }

    /// <summary>For tests: told in each turn, under way; what it throws is the device's fault.
    /// </summary>
    internal Action? InTurn { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (turn) Close();
    }

    private void Open(RouteDevice wish)
    {
        GpuHost opened = GpuHost.Open(wish switch
        {
            RouteDevice.Cuda => GpuChoice.Cuda,
            RouteDevice.OpenCl => GpuChoice.OpenCl,
            RouteDevice.Processor => GpuChoice.Processor,
            _ => GpuChoice.Best,
        });
        if (opened.IsDevice || wish == RouteDevice.Processor)
        {
            host = opened;
            say($"routing: {opened.Words}; graphs of fewer than {rules!.DevicePools} pools and "
                + "links stay with the solver");
            return;
        }
        // The kernels on the processor would be slower than the solver, which is there anyway.
        opened.Dispose();
        without = $"the processor ({opened.Missed})";
        if (wish != RouteDevice.Best) Fault = $"routing: {opened.Missed}; the processor searches";
        say($"routing: {opened.Missed}; the processor searches");
    }

    /// <summary>A seat's turn. A device that failed once is not asked again.</summary>
    private ReadOnlySpan<double> Take(RouteSeat seat, RoutingSolver solver, bool anew)
    {
        lock (turn)
        {
            if (host is null) return [];
            if (solver.PoolCount < rules!.DevicePools)
            {
                seat.IsOnDevice = false;
                return [];
            }
            try
            {
                host.Accelerator.Bind();
                ReadOnlySpan<double> roots = seat.Turn(host, solver, anew);
                InTurn?.Invoke();
                seat.IsOnDevice = true;
                return roots;
            }
#pragma warning disable CA1031 // Whatever a driver throws, the solver can do without.
            catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
            {
                string words = PlainText.OneLine($"{e.GetType().Name}: {e.Message}");
                Fault = $"routing: {host.Name} failed: {words}; the processor searches";
                without = $"the processor ({host.Name} failed)";
                Close();
                say(Fault);
                return [];
            }
        }
    }

    private void Close()
    {
        foreach (RouteSeat seat in seats) Quietly(seat.Drop);
        seats.Clear();
        if (host is { } open) Quietly(open.Dispose);
        host = null;
    }

    /// <summary>A device that is gone can't take its memory back.</summary>
    private static void Quietly(Action act)
    {
        try
        {
            act();
        }
#pragma warning disable CA1031 // There is nothing left to lose.
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            // The driver's own clean-up is all there is.
        }
    }

    /// <summary>A detector's place: the pools of its solver, resident.</summary>
    internal sealed class RouteSeat(RouteDevices owner, string cluster) : IDisposable
    {
        private RoutingSolver? of;
        private GpuRoutes? routes;

        /// <summary>Whose.</summary>
        public string Cluster { get; } = cluster;

        /// <summary>Whether its last slot began where the accelerator proposed.</summary>
        public bool IsOnDevice { get; set; }

        /// <summary>What the detector is given; null where there is no accelerator.</summary>
        public RouteAccelerator? Accelerator => owner.host is not { } host ? null
            : new RouteAccelerator(
                host.Name, (solver, anew) => owner.Take(this, solver, anew));

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (owner.turn)
            {
                Quietly(Drop);
                owner.seats.Remove(this);
            }
        }

        /// <summary>A graph that changed has another solver; its pools are carried over anew.
        /// </summary>
        internal ReadOnlySpan<double> Turn(GpuHost host, RoutingSolver solver, bool anew)
        {
            if (!ReferenceEquals(of, solver))
            {
                Drop();
                (routes, of) = (new GpuRoutes(host, solver), solver);
            }
            return routes!.Propose(anew);
        }

        internal void Drop()
        {
            GpuRoutes? old = routes;
            (routes, of, IsOnDevice) = (null, null, false);
            old?.Dispose();
        }
    }
}
