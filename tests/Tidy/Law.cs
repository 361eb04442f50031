// Law: one rule over one file, with texts that break it, so that no rule can sleep.
namespace Lockstep.Tests.Tidy;

/// <summary>
/// A style rule: <paramref name="Check"/> yields one complaint a breach ("LINE: words"), and each
/// of <paramref name="Breaches"/> must make it complain.
/// </summary>
public sealed record Law(
    string Name,
    Func<SourceFile, bool> Covers,
    Func<SourceFile, IEnumerable<string>> Check,
    params SourceFile[] Breaches)
{
    /// <summary>The complaints about <paramref name="file"/>, each with its place.</summary>
    public IEnumerable<string> Complaints(SourceFile file) =>
        Covers(file) ? Check(file).Select(words => $"{file.Path}:{words}") : [];

    /// <summary>One complaint for each line that <paramref name="isWrong"/>.</summary>
    public static IEnumerable<string> EachLine(
        SourceFile file, Func<string, bool> isWrong, string words) =>
        file.Lines.Index().Where(line => isWrong(line.Item))
            .Select(line => $"{line.Index + 1}: {words}");
}
