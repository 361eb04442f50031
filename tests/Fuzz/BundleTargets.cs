// BundleTargets: the bundle language and bundle lines under attack, up to check and plan.
using System.Collections.Immutable;
using System.Text;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Model.Lines;
using Xunit;

namespace Lockstep.Tests.Fuzz;

internal static class BundleTargets
{
    public static FuzzTarget[] All { get; } =
    [
        new("language", Corpus.BundleTexts, 1 << 18, 512, Language),
        new("bundle-line", Corpus.BundleLines, 1 << 18, 1024, BundleLine),
        new("checker", [.. Corpus.BundleTexts, .. Corpus.BundleLines], 1 << 20, 1024, Check),
        new("optimizer", [.. Corpus.BundleTexts, .. Corpus.BundleLines], 1 << 30, 4096, Optimize),
    ];

    /// <summary>The text an input stands for. U+E000 and U+E001 stand for halves of a surrogate
    /// pair, which UTF-8 can't carry and a caller in this process can.</summary>
    public static string Text(byte[] input) => Encoding.UTF8.GetString(input)
        .Replace('\uE000', '\uD800').Replace('\uE001', '\uDC00');

    private static Answer Language(byte[] input)
    {
        string text = Text(input);
        ParsedBundles parsed = Parser.Parse(text);
        ParsedBundles again = Formatter.Format(text, out string? formatted);
        return new Answer(parsed.IsClean, () =>
        {
            Say(parsed.Diagnostics, text);
            Assert.InRange(parsed.Diagnostics.Length, 0, Parser.MaxDiagnostics + 1);
            Assert.Equal(parsed.Bundles, again.Bundles);
            foreach (Bundle bundle in parsed.Bundles)
                Assert.Equal(bundle, Assert.Single(Parser.Parse(Printer.Print(bundle)).Bundles));
            Assert.Equal(parsed.IsClean, formatted is not null);
            if (formatted is null) return;
            Assert.Equal(parsed.Bundles, Parser.Parse(formatted).Bundles);
            Formatter.Format(formatted, out string? stays);
            Assert.Equal(formatted, stays);
        });
    }

    private static Answer BundleLine(byte[] input)
    {
        Bundle? bundle = Read(input, out LineFault fault);
        return new Answer(bundle is not null, () =>
        {
            if (bundle is not null) Assert.Equal(bundle, Back(BundleJson.ToLine(bundle)));
            else if (fault != default) LineTargets.Say(fault);
        });
    }

    private static Answer Check(byte[] input)
    {
        ImmutableArray<Bundle> bundles = Bundles(input);
        CheckResult[] results = [.. bundles.Select(one => Checker.Check(one, Corpus.Policy))];
        return new Answer(results.Any(one => one.IsSound), () =>
        {
            foreach ((Bundle bundle, CheckResult result) in bundles.Zip(results))
            {
                Assert.Equal(result.IsSound, result.Diagnostics.IsEmpty);
                Say(result.Diagnostics, null);
                if (result.Type is not { } type) continue;
                Assert.NotEqual("", Explanation.Of(bundle.Name.Text, type));
                BundleLine line = BundleJson.ToLine(bundle) with { Check = type };
                LineTargets.StaysAsWritten(line);
                Assert.Equal(bundle, Back(line));
            }
        });
    }

    private static Answer Optimize(byte[] input)
    {
        List<(Bundle Bundle, Optimized Plan)> plans = [];
        List<LoweringFault> faults = [];
        foreach (Bundle bundle in Bundles(input))
        {
            if (Lowering.Lower(bundle, Corpus.Gas.Table, out LoweringFault? fault) is { } plan)
                plans.Add((bundle, Optimizer.Optimize(plan, Corpus.Gas)));
            else
                faults.Add(fault!);
        }
        PlanLine[] lines = [.. plans.Select(one =>
            PlanJson.ToLine(one.Bundle, one.Plan, Corpus.Gas))];
        return new Answer(plans.Count > 0, () =>
        {
            foreach (LoweringFault fault in faults) LineTargets.OneLine(fault.Words);
            foreach (PlanLine line in lines) LineTargets.StaysAsWritten(line);
            foreach ((_, Optimized plan) in plans)
                Assert.True(Corpus.Gas.Total(plan.After) <= Corpus.Gas.Total(plan.Before));
        });
    }

    /// <summary>The bundles of a text or of a line; none where it has none.</summary>
    private static ImmutableArray<Bundle> Bundles(byte[] input)
    {
        if (!input.AsSpan().StartsWith("{"u8)) return Parser.Parse(Text(input)).Bundles.Items;
        return Read(input, out _) is { } bundle ? [bundle] : [];
    }

    private static Bundle? Read(byte[] input, out LineFault fault) =>
        LineCodec.Read(LineTargets.FirstLine(input), out fault) is BundleLine line
            ? BundleJson.FromLine(line, out fault)
            : null;

    private static Bundle? Back(BundleLine line) =>
        Read(LineTargets.Written(line), out _);

    /// <summary>Each diagnostic stands inside the text and can be shown on a terminal.</summary>
    private static void Say(ImmutableArray<Diagnostic> diagnostics, string? text)
    {
        foreach (Diagnostic one in diagnostics)
        {
            LineTargets.OneLine(one.Message);
            LineTargets.OneLine(one.Hint);
            if (text is null) continue;
            Assert.InRange(one.Span.Start, 0, text.Length);
            Assert.InRange(one.Span.End, one.Span.Start, text.Length);
            string shown = one.Render("made", text);
            Assert.Equal(4, shown.Split('\n').Length);
            Assert.All(shown.Split('\n'), LineTargets.OneLine);
        }
    }
}
