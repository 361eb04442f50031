// TextLaws: how a file of ours reads: mission, width, length, names, whitespace, no leftovers.
using System.Text.RegularExpressions;

namespace Lockstep.Tests.Tidy;

/// <summary>The rules that need nothing but one file's text.</summary>
public static partial class TextLaws
{
    /// <summary>The widest line, in columns.</summary>
    public const int MaxColumns = 100;

    /// <summary>The longest file, in lines.</summary>
    public const int MaxLines = 400;

    /// <summary>Files that may be longer, each with the reason.</summary>
    public static IReadOnlyDictionary<string, string> LongFiles { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The rules.</summary>
    public static IReadOnlyList<Law> All { get; } =
    [
        new("Mission", file => file.IsCode, Mission,
            new SourceFile("src/A/Pool.cs", "namespace Lockstep;\n"),
            new SourceFile("src/A/Pool.cs", "// Pond: holds water, in litres.\n"),
            new SourceFile("src/A/Pool.cs", "// Pool: short.\n"),
            new SourceFile("tests/run.sh", "#!/bin/sh\nset -eu\n"),
            new SourceFile("src/A/A.csproj", "<Project />\n")),
        new("Columns", file => file.IsCode || file.IsProse, Columns,
            new SourceFile("src/A/Pool.cs", new string('x', MaxColumns + 1) + "\n"),
            new SourceFile("README.md", new string('x', MaxColumns + 1) + "\n")),
        new("Length", file => file.IsCode, Length,
            new SourceFile("src/A/Pool.cs", string.Concat(Enumerable.Repeat("\n", MaxLines + 1)))),
        new("Names", file => file.IsCSharp, Names,
            new SourceFile("src/A/Pool.cs", "internal sealed cla" + "ss PoolManager;\n"),
            new SourceFile("src/A/Pool.cs", "public record str" + "uct PoolUtil(int X);\n"),
            new SourceFile("src/A/Pool.cs", "public interf" + "ace IPoolService;\n"),
            new SourceFile("src/A/PoolHelper.cs", "\n")),
        new("Sealed", file => file.IsCSharp, Sealed,
            new SourceFile("src/A/Pool.cs", "public cla" + "ss Pool { }\n"),
            new SourceFile("src/A/Pool.cs", "    internal partial rec" + "ord Pool(int X);\n")),
        new("Leftovers", file => file.IsCode || file.IsProse, Leftovers,
            new SourceFile("src/A/Pool.cs", "// TO" + "DO: later\n"),
            new SourceFile("README.md", "FIX" + "ME\n")),
        new("MachinePaths", file => file.Path != ".gitignore", MachinePaths,
            new SourceFile("README.md", "see /ho" + "me/ada/lockstep\n"),
            new SourceFile("src/A/Pool.cs", "File.Open(\"/t" + "mp/pool\")\n"),
            new SourceFile("README.md", "in C:" + "\\Users\\ada\n")),
        new("Whitespace", file => true, Whitespace,
            new SourceFile("src/A/Pool.cs", "int x; \n"),
            new SourceFile("src/A/Pool.cs", "int x;\r\n"),
            new SourceFile("src/A/Pool.cs", "\tint x;\n"),
            new SourceFile("src/A/Pool.cs", "int x;")),
        new("TestNames", file => file.IsCSharp && file.IsUnder("tests/"), TestNames,
            new SourceFile("tests/A/PoolTests.cs", "[Fa" + "ct]\n    public void Works()\n")),
    ];

    private static IEnumerable<string> Mission(SourceFile file)
    {
        int at = file.Lines[0].StartsWith("#!", StringComparison.Ordinal) ? 1 : 0;
        string line = at < file.Lines.Count ? file.Lines[at] : "";
        Match mission = MissionForm().Match(line);
        if (!mission.Success)
        {
            yield return $"{at + 1}: not its mission: `Name: what it guarantees; units; source.`";
        }
        else if (file.IsCSharp && mission.Groups["name"].Value is var name
            && !file.Name.StartsWith(Stem(name) + ".", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{at + 1}: the mission names {name}, the file is {file.Name}";
        }
    }

    /// <summary>A tool's mission may name the tool: gas-optimizer, GasOptimizer.cs.</summary>
    private static string Stem(string name) => name.Replace("-", "", StringComparison.Ordinal);

    private static IEnumerable<string> Columns(SourceFile file) =>
        Law.EachLine(
            file,
            line => line.Length > MaxColumns && !(file.IsProse && IsUnbreakable(line)),
            $"wider than {MaxColumns} columns");

    private static bool IsUnbreakable(string prose) =>
        prose.StartsWith('|') || prose.Contains("://", StringComparison.Ordinal);

    private static IEnumerable<string> Length(SourceFile file)
    {
        if (file.Lines.Count > MaxLines && !LongFiles.ContainsKey(file.Path))
        {
            yield return $"{MaxLines + 1}: longer than {MaxLines} lines; split it, or name it in "
                + $"{nameof(TextLaws)}.{nameof(LongFiles)} with the reason";
        }
    }

    private static IEnumerable<string> Names(SourceFile file)
    {
        const string Words = "says nothing: Manager, Helper, Util, Service are no names";
        IEnumerable<string> types = Law.EachLine(file, EmptyTypeName().IsMatch, Words);
        return EmptyFileName().IsMatch(file.Name) ? types.Append("1: file name " + Words) : types;
    }

    private static IEnumerable<string> Sealed(SourceFile file) =>
        Law.EachLine(file, OpenClass().IsMatch, "a class is sealed, static or abstract");

    private static IEnumerable<string> Leftovers(SourceFile file) =>
        Law.EachLine(file, Leftover().IsMatch, "a leftover: do it, or let it go");

    private static IEnumerable<string> MachinePaths(SourceFile file) =>
        Law.EachLine(file, MachinePath().IsMatch, "a path of one machine");

    private static IEnumerable<string> Whitespace(SourceFile file)
    {
        IEnumerable<string> lines = Law.EachLine(
            file,
            line => line.Contains('\t', StringComparison.Ordinal) || line.TrimEnd() != line,
            "a tab, a carriage return, or blanks at the end");
        bool closed = file.Text.EndsWith('\n')
            && !file.Text.EndsWith("\n\n", StringComparison.Ordinal);
        return closed ? lines : lines.Append($"{file.Lines.Count}: ends in exactly one newline");
    }

    private static IEnumerable<string> TestNames(SourceFile file) =>
        TestMethod().Matches(file.Text)
            .Where(test => !TestName().IsMatch(test.Groups["name"].Value))
            .Select(test => $"{1 + file.Text[..test.Groups["name"].Index].Count(c => c == '\n')}: "
                + $"{test.Groups["name"].Value} is no Subject_Law or Subject_WhenX_Y");

    [GeneratedRegex(@"^(//|#|<!--) (?<name>[\w.`-]+( [\w.`-]+)*?)[:,] ?.{12,}|^<!-- .{20,}")]
    private static partial Regex MissionForm();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+"
        + @"\w*(Manager|Helper|Util|Service)s?\b")]
    private static partial Regex EmptyTypeName();

    [GeneratedRegex(@"(Manager|Helper|Util|Service)s?\.")]
    private static partial Regex EmptyFileName();

    [GeneratedRegex(@"^\s*((public|internal|private|file|protected|partial|unsafe)\s+)*"
        + @"(class|record(\s+class)?)\s+(?!struct\b)[A-Z]\w*")]
    private static partial Regex OpenClass();

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|XX" + @"X|HA" + @"CK)\b")]
    private static partial Regex Leftover();

    [GeneratedRegex(@"(?<![\w.$}])/(home|root|tmp|work|mnt|Users)/\w|\b[A-Z]:\\\w")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\[(Fact|Theory)\b[^;{]*?public\s+(async\s+)?(void|Task)\s+(?<name>\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"^[A-Z]\w*_[A-Z]\w*$")]
    private static partial Regex TestName();
}
