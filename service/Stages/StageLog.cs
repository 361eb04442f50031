// StageLog: the record log of a stage through all its lives; each life begins with a run line.
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Records;

namespace Lockstep.Service.Stages;

/// <summary>One folder with one writer. A stage that can't record what it takes dies of it, for a
/// decision that nobody can look at again is none to trade by; its next life opens the log anew.
/// </summary>
internal sealed class StageLog : IDisposable
{
    private readonly Lock turn = new();
    private readonly string folder;
    private readonly RecordLimits limits;
    private readonly RunLine run;
    private readonly TimeProvider clock;
    private readonly Action<string> say;
    private LineRecorder recorder;

    /// <summary>Opens a log and begins no run yet.</summary>
    /// <exception cref="RefusedException">Another process writes it, or it can't be kept.
    /// </exception>
    public StageLog(
        string folder, RecordLimits limits, RunLine run, TimeProvider clock, Action<string> say)
    {
        (this.folder, this.limits, this.run, this.clock, this.say) =
            (folder, limits, run, clock, say);
        try
        {
            recorder = RunLog.Guarded(Open);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"[record] folder: {e.Message}; name another, or put "
                + "on = false");
        }
    }

    /// <summary>Lines that the disk did not take: <see cref="Note"/> goes on without them.
    /// </summary>
    public long Lost { get; private set; }

    /// <summary>Begins a run: what is recorded from here on, a replay gives to a new stage.
    /// </summary>
    /// <param name="learnt">Whether it begins with what the log's trades and outcomes taught.
    /// </param>
    /// <exception cref="RecordException">The disk does not take it.</exception>
    public LineRecorder Begin(bool learnt)
    {
        RunLine begun = learnt ? run with { Learnt = true } : run;
        lock (turn)
        {
            try
            {
                recorder.Take(Streams.Run, begun, Now);
            }
            catch (RecordException)
            {
                recorder.Dispose();
                recorder = Open();
                recorder.Take(Streams.Run, begun, Now);
            }
            return recorder;
        }
    }

    /// <summary>Records what became of a stage's words. Whoever says it goes on where the disk does
    /// not take it: an executor with bundles open must not end for that.</summary>
    public void Note(string stream, Line line)
    {
        lock (turn)
        {
            try
            {
                recorder.Take(stream, line, Now);
            }
            catch (RecordException e)
            {
                if (Lost++ == 0) say($"{folder}: lines are lost: {e.Message}");
            }
        }
    }

    /// <summary>What earlier processes taught, by the log; null where it has nothing, or nothing
    /// that this program can read.</summary>
    public Feedback? Learnt()
    {
        if (!RecordReader.IsLog(folder)) return null;
        try
        {
            return FeedbackFold.Of(
                one => RunLog.Settings(one, null),
                RecordReader.Open(folder).Read(0, damage => say(damage.ToString())));
        }
        catch (Exception e) when (e is RecordException or RefusedException)
        {
            say($"{folder}: what it taught is passed over: {e.Message}");
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (turn) recorder.Dispose();
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private LineRecorder Open()
    {
        RecordWriter writer = RecordWriter.Open(folder, limits);
        foreach (RecordDamage damage in writer.Found) say(damage.ToString());
        return new LineRecorder(writer);
    }
}
