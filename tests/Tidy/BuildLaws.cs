// BuildLaws: how the projects stand: floors point down, src/ is pure, versions are exact.
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lockstep.Tests.Tidy;

/// <summary>The rules over project files and over what the build may be told to overlook.</summary>
public static partial class BuildLaws
{
    /// <summary>
    /// The floor of each project, by its folder. A reference goes to a lower floor, never along
    /// one: rooms on one floor do not know each other.
    /// </summary>
    public static IReadOnlyDictionary<string, int> Floors { get; } =
        new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["src/Numerics"] = 0,
            ["src/Model"] = 1,
            ["src/Markets"] = 2,
            ["src/Crypto"] = 2,
            ["src/Detection"] = 3,
            ["src/Bundles"] = 3,
            ["src/Chains/Evm"] = 3,
            ["src/Detection.Gpu"] = 4,
            ["src/Execution"] = 4,
            ["src/Recording"] = 5,
            ["tools"] = 6,
            ["service"] = 7,
            ["query"] = 7,
            ["bench"] = 7,
            ["simulation"] = 7,
            ["tests"] = 8,
        };

    /// <summary>The packages a room under src/ may take; the others take none.</summary>
    public static IReadOnlyDictionary<string, string> Allowed { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["src/Crypto"] = "BouncyCastle.Cryptography",
            ["src/Detection.Gpu"] = "ILGPU",
            ["src/Execution"] = "Microsoft.Data.Sqlite",
        };

    /// <summary>The rooms under src/ whose work is an effect: disk or network.</summary>
    public static IReadOnlySet<string> Edges { get; } =
        new HashSet<string>(StringComparer.Ordinal)
        {
            "src/Chains/Evm", "src/Execution", "src/Recording",
        };

    /// <summary>The rules.</summary>
    public static IReadOnlyList<Law> All { get; } =
    [
        new("Floors", IsProjectFile, References,
            Project("src/Model", "<ProjectReference Include=\"../Markets/A.csproj\" />"),
            Project("src/Model", "<ProjectReference Include=\"../Model/A.csproj\" />"),
            Project("src/Model", "<ProjectReference Include=\"../Nowhere/A.csproj\" />"),
            Project("src/Attic", "")),
        new("NoPackagesInSrc", file => IsProjectFile(file) && file.IsUnder("src/"), Packages,
            Project("src/Model", "<PackageReference Include=\"Tomlyn\" />"),
            Project("src/Crypto", "<PackageReference Include=\"Tomlyn\" />")),
        new("EffectsAtTheEdges", file => IsProjectFile(file), Effects,
            Project("src/Model", "<IsEdge>true</IsEdge>")),
        new("ExactVersions", file => file.IsProject, Versions,
            Project("tools", "<PackageReference Include=\"A\" Version=\"[2.10.2]\" />"),
            Project("tools", "<PackageReference Include=\"A\" VersionOverride=\"[2.10.2]\" />"),
            Project("tools", "<PackageVersion Include=\"A\" Version=\"2.10.2\" />"),
            Project("tools", "<PackageVersion Include=\"A\" Version=\"[2.10.*]\" />")),
        new("NoWayAroundTheBan", file => file.IsUnder("src/"), Ban,
            new SourceFile("src/Model/Pool.cs", "#pragma warning disable RS0" + "030\n"),
            Project("src/Model", "<NoWarn>RS0" + "030</NoWarn>")),
        new("BanIsWired", file => file.Path == "Directory.Build.props", Wiring,
            new SourceFile("Directory.Build.props", "<Project />\n")),
    ];

    private static SourceFile Project(string folder, string item) =>
        new($"{folder}/A.csproj", $"<Project><ItemGroup>{item}</ItemGroup></Project>\n");

    private static bool IsProjectFile(SourceFile file) =>
        file.Path.EndsWith(".csproj", StringComparison.Ordinal);

    private static IEnumerable<string> References(SourceFile file)
    {
        string folder = Folder(file.Path);
        if (!Floors.TryGetValue(folder, out int floor))
        {
            yield return $"1: {folder} has no floor in {nameof(BuildLaws)}.{nameof(Floors)}";
            yield break;
        }
        foreach (string include in Items(file, "ProjectReference").Select(Included))
        {
            string target = Folder(Resolve(folder, include));
            if (!Floors.TryGetValue(target, out int below) || below >= floor)
            {
                yield return $"1: references {target}, which is not on a lower floor";
            }
        }
    }

    private static IEnumerable<string> Packages(SourceFile file) =>
        Items(file, "PackageReference").Select(Included)
            .Where(name => name != Allowed.GetValueOrDefault(Folder(file.Path)))
            .Select(name => $"1: takes the package {name}");

    private static IEnumerable<string> Effects(SourceFile file) =>
        Items(file, "IsEdge").Where(_ => !Edges.Contains(Folder(file.Path)))
            .Select(_ => $"1: {Folder(file.Path)} is not in {nameof(BuildLaws)}.{nameof(Edges)}");

    private static IEnumerable<string> Versions(SourceFile file)
    {
        foreach (XElement item in Items(file, "PackageReference"))
        {
            if ((item.Attribute("Version") ?? item.Attribute("VersionOverride")) is not null)
            {
                yield return $"1: {Included(item)}: versions live in Directory.Packages.props";
            }
        }
        foreach (XElement item in Items(file, "PackageVersion"))
        {
            if (!ExactVersion().IsMatch(item.Attribute("Version")?.Value ?? ""))
            {
                yield return $"1: {Included(item)}: an exact version looks like [1.2.3]";
            }
        }
    }

    private static IEnumerable<string> Ban(SourceFile file) =>
        Law.EachLine(
            file,
            line => line.Contains("RS0" + "030", StringComparison.Ordinal),
            "switches off the ban on clock, randomness and effects");

    private static IEnumerable<string> Wiring(SourceFile file)
    {
        bool wired = file.Text.Contains("BannedApiAnalyzers", StringComparison.Ordinal)
            && file.Text.Contains("BannedSymbols.txt", StringComparison.Ordinal)
            && file.Text.Contains("BannedEffects.txt", StringComparison.Ordinal);
        if (!wired)
        {
            yield return "1: src/ is built without BannedSymbols.txt and BannedEffects.txt";
        }
    }

    private static IEnumerable<XElement> Items(SourceFile file, string name) =>
        XDocument.Parse(file.Text).Descendants(name);

    private static string Included(XElement item) => item.Attribute("Include")?.Value ?? "";

    private static string Folder(string path) => Path.GetDirectoryName(path)!.Replace('\\', '/');

    private static string Resolve(string folder, string include) =>
        Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", folder, include)));

    [GeneratedRegex(@"^\[\d+(\.\d+){1,3}(-[0-9A-Za-z.]+)?\]$")]
    private static partial Regex ExactVersion();
}
