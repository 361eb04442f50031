// CliCase: one command line with its input and its expected ending; source: tests/cli/*.test.
using Lockstep.Tests.Tidy;

namespace Lockstep.Tests.Tools;

/// <summary>
/// A case of a .test file; the format is told at the top of <c>tests/cli/tools.test</c>.
/// <paramref name="Pipeline"/> holds the argument list of each stage.
/// </summary>
public sealed record CliCase(
    string Place,
    IReadOnlyList<IReadOnlyList<string>> Pipeline,
    byte[] Input,
    byte[] Output,
    IReadOnlyList<string> OutputParts,
    IReadOnlyList<string> WordParts,
    int Code)
{
    /// <summary>Every case of every file, in order.</summary>
    public static IReadOnlyList<CliCase> All { get; } =
    [
        .. SourceTree.Files
            .Where(file => Path.GetExtension(file.Path) == ".test")
            .SelectMany(Parse),
    ];

    /// <summary>The cases of one file.</summary>
    /// <exception cref="FormatException">A line is no part of a case.</exception>
    public static IEnumerable<CliCase> Parse(SourceFile file)
    {
        CliCaseBuilder? open = null;
        foreach ((int index, string line) in file.Lines.Index())
        {
            string place = $"{file.Name}:{index + 1}";
            if (line.Length == 0)
            {
                if (open is not null)
                {
                    yield return open.Build();
                }
                open = null;
            }
            else if (line[0] == '$' && open is null)
            {
                open = new CliCaseBuilder(place, line[1..]);
            }
            else if (line[0] != '#')
            {
                CliCaseBuilder to =
                    open ?? throw new FormatException($"{place}: a case opens with `$`");
                to.Add(place, line);
            }
        }
        if (open is not null)
        {
            yield return open.Build();
        }
    }
}
