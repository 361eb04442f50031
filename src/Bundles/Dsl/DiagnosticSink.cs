// DiagnosticSink: gathers diagnostics in a bound, at most one a place, and hands them out in order.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Dsl;

/// <summary>Gathers what is wrong with one text.</summary>
internal sealed class DiagnosticSink(int most)
{
    private readonly List<Diagnostic> found = [];
    private readonly HashSet<int> places = [];

    /// <summary>How many were offered, taken or not.</summary>
    public int Offered { get; private set; }

    /// <summary>True when no more are taken.</summary>
    public bool IsFull => found.Count > most;

    /// <summary>Takes a diagnostic, unless one stands at the same place; the first beyond the bound
    /// says so instead.</summary>
    public void Add(DiagnosticCode code, SourceSpan span, string message, string hint)
    {
        Offered++;
        if (IsFull || !places.Add(span.Start)) return;
        found.Add(found.Count < most
            ? new Diagnostic(code, span, message, hint)
            : new Diagnostic(DiagnosticCode.TooManyErrors, span,
                $"more than {most} errors; the rest is not shown", "mend those above first"));
    }

    /// <summary>True when one stands inside the stretch.</summary>
    public bool Touches(SourceSpan span) =>
        found.Exists(one => one.Span.Start >= span.Start && one.Span.Start <= span.End);

    /// <summary>All of them, by place; the one about the bound last.</summary>
    public ImmutableArray<Diagnostic> InOrder() =>
    [
        .. found.OrderBy(one => one.Code == DiagnosticCode.TooManyErrors)
            .ThenBy(one => one.Span.Start),
    ];
}
