// WhyDesk: what each stage decided of one thing, from memory, else from the record log; bounded.
using System.Buffers;
using System.Diagnostics;
using Lockstep.Recording;
using Lockstep.Service.Board;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Records;
using Lockstep.Tools.Report;

namespace Lockstep.Service.Page;

/// <summary>Answers as <c>bin/why</c> does, with the same book. What the memory of the process has
/// is told at once; for what is older the aggregator's log is run again, for so many bytes and so
/// long at most.</summary>
/// <param name="recall">What was decided lately.</param>
/// <param name="folder">The folder of the service's logs; null where nothing is recorded.</param>
internal sealed class WhyDesk(Recall recall, string? folder)
{
    /// <summary>The longest name that is looked for.</summary>
    public const int MostId = 200;

    /// <summary>An answer has the newest so many steps.</summary>
    public const int MostSteps = 200;

    private const long MostBytes = 256L << 20;

    /// <summary>How long a log is read for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether something can be asked for by this name.</summary>
    public static bool IsName(string id) => id.Length is > 0 and <= MostId
        && id.All(one => !char.IsControl(one) && !char.IsSurrogate(one));

    /// <summary>The answer: the JSON of <c>bin/why --json</c> with a <c>note</c> where something is
    /// left out, or names that are near where nothing is called so.</summary>
    public (byte[]? Json, IReadOnlyList<string> Near) Ask(string id, CancellationToken cancel)
    {
        WhyBook book = recall.Ask(id);
        string? note = null;
        if (book.Steps.Count == 0 && folder is not null)
            (book, note) = OfLog(id, folder, cancel);
        if (book.Steps.Count == 0) return (null, note is null ? book.Near : [.. book.Near, note]);
        IReadOnlyCollection<WhyStep> steps = book.Steps;
        if (steps.Count > MostSteps)
        {
            note ??= $"the newest {MostSteps} of {steps.Count} steps";
            steps = [.. steps.Skip(steps.Count - MostSteps)];
        }
        ArrayBufferWriter<byte> json = new();
        WhyPage.WriteJson(id, steps, json, note);
        return (json.WrittenSpan.ToArray(), []);
    }

    private (WhyBook Book, string? Note) OfLog(string id, string logs, CancellationToken cancel)
    {
        WhyBook book = new(id);
        long began = Stopwatch.GetTimestamp(), bytes = 0;
        bool isCut = false;
        try
        {
            WhyLog.Read(logs, book, _ => { }, record =>
            {
                cancel.ThrowIfCancellationRequested();
                bytes += record.Payload.Length;
                isCut = bytes > MostBytes || Stopwatch.GetElapsedTime(began) > Patience;
                return !isCut;
            });
        }
        catch (RefusedException e)
        {
            return (book, Model.PlainText.OneLine(e.Message));
        }
        return (book, isCut
            ? $"the record is longer than is read here: ./lockstep why {id} FOLDER reads all of it"
            : null);
    }
}
