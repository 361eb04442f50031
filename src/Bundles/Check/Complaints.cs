// Complaints: gathers what a check finds wrong: bounded, once a place and code, in source order.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;

namespace Lockstep.Bundles.Check;

/// <summary>What is wrong with one bundle.</summary>
internal sealed class Complaints
{
    /// <summary>How many are given before the one that says there are more.</summary>
    public const int Most = 50;

    private readonly List<Diagnostic> found = [];
    private readonly HashSet<(DiagnosticCode, SourceSpan, string)> seen = [];

    /// <summary>True when nothing is wrong so far.</summary>
    public bool IsClean => found.Count == 0;

    /// <summary>Takes a complaint; the first beyond the bound says so instead.</summary>
    public void Add(DiagnosticCode code, Syntax place, string message, string hint)
    {
        if (found.Count > Most || !seen.Add((code, place.Span, message))) return;
        found.Add(found.Count < Most
            ? new Diagnostic(code, place.Span, message, hint)
            : new Diagnostic(DiagnosticCode.TooManyErrors, place.Span,
                $"more than {Most} errors; the rest is not shown", "mend those above first"));
    }

    /// <summary>All of them, by place; the one about the bound last.</summary>
    public ImmutableArray<Diagnostic> InOrder() =>
    [
        .. found.OrderBy(one => one.Code == DiagnosticCode.TooManyErrors)
            .ThenBy(one => one.Span.Start),
    ];
}
