// SourceTree: the repository's own text files, as the tidy laws read them.
namespace Lockstep.Tests.Tidy;

/// <summary>One text file; <paramref name="Path"/> is relative to the root, with '/'.</summary>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>The lines without their newlines; a last newline opens no line.</summary>
    public IReadOnlyList<string> Lines { get; } =
        Text.EndsWith('\n') ? Text[..^1].Split('\n') : Text.Split('\n');

    /// <summary>The file's name without folders.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Whether it is a program or build text: it has a mission and a width.</summary>
    public bool IsCode => IsCSharp || IsSolidity || IsProject || IsScript;

    /// <summary>Whether it is C#.</summary>
    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>Whether it is Solidity.</summary>
    public bool IsSolidity => Path.EndsWith(".sol", StringComparison.Ordinal);

    /// <summary>Whether it is MSBuild.</summary>
    public bool IsProject =>
        System.IO.Path.GetExtension(Path) is ".csproj" or ".props" or ".targets";

    /// <summary>Whether it is a script.</summary>
    public bool IsScript =>
        System.IO.Path.GetExtension(Path) is ".sh" or ".py" or ".js" or ".mjs"
        || Text.StartsWith("#!", StringComparison.Ordinal);

    /// <summary>Whether it is prose.</summary>
    public bool IsProse => Path.EndsWith(".md", StringComparison.Ordinal);

    /// <summary>Whether it lies under <paramref name="folder"/>, such as "src/".</summary>
    public bool IsUnder(string folder) => Path.StartsWith(folder, StringComparison.Ordinal);
}

/// <summary>Finds the repository's root and reads what is in it.</summary>
public static class SourceTree
{
    private const long MaxBytes = 1 << 20;

    private static readonly HashSet<string> NotOurs =
    [
        ".git", ".build", ".vs", ".idea", "bin", "obj", "node_modules", "data", "vectors", "vendor",
    ];

    private static readonly HashSet<string> Extensions =
    [
        ".cs", ".sol", ".csproj", ".props", ".targets", ".sh", ".py", ".js", ".mjs", ".md",
        ".test", "",
    ];

    /// <summary>The folder that holds Lockstep.slnx, found upwards from the tests.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every text file of ours.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = [.. Walk(Root).Select(Load)];

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            bool known = Extensions.Contains(Path.GetExtension(file));
            if (known && new FileInfo(file) is { LinkTarget: null, Length: < MaxBytes })
            {
                yield return file;
            }
        }
        foreach (string child in Directory.EnumerateDirectories(folder))
        {
            if (!NotOurs.Contains(Path.GetFileName(child)))
            {
                foreach (string file in Walk(child))
                {
                    yield return file;
                }
            }
        }
    }

    private static SourceFile Load(string path) =>
        new(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path));

    private static string FindRoot()
    {
        string? up = AppContext.BaseDirectory;
        while (up is not null && !File.Exists(Path.Combine(up, "Lockstep.slnx")))
        {
            up = Path.GetDirectoryName(up);
        }
        return up ?? throw new InvalidOperationException("no Lockstep.slnx above the tests");
    }
}
