// MutantRun: each mutant in a scratch copy: does the simulator find it, and else its room's tests?
using System.Diagnostics;

namespace Lockstep.Simulator.Mutation;

/// <summary>Runs mutants.</summary>
/// <param name="root">The repository.</param>
/// <param name="choice">Which, and by what.</param>
/// <param name="output">Receives the table.</param>
public sealed class MutantRun(string root, MutantChoice choice, TextWriter output)
{
    private const int BuildMs = 900_000, RunMs = 600_000, Killed = 137, Terminated = 143;

    private const string Built = ".build/artifacts/bin/Lockstep.Simulation/release",
        Tests = ".build/artifacts/bin/Lockstep.Tests/release";

    private static readonly string[] Skipped =
        [".git", ".build", "bin", "obj", "node_modules", "data", "vectors"];

    private static readonly string[] Seeds =
    [
        "--profile calm --seeds 20 --bundles 4", "--profile storm --seeds 150 --bundles 5",
        "--profile hostile --seeds 80 --bundles 5",
    ];

    private readonly string tree = Path.Combine(root, ".build", "mutants", "tree");

    /// <summary>Tries the mutants that are chosen.</summary>
    /// <returns>How many survived.</returns>
    public int Run()
    {
        Copy(root, tree);
        // Once, and without any mutant: the library that is made wrong is laid beside them.
        if (choice.BySimulator) Build("simulation/Lockstep.Simulation.csproj");
        if (choice.ByTests) Build("tests/Lockstep.Tests.csproj");
        int survivors = 0, found = 0;
        for (int i = 0; i < Mutant.All.Count; i++)
        {
            Mutant one = Mutant.All[i];
            if (!choice.Holds(i + 1, one)) continue;
            string by = Try(one);
            bool survived = by.Length == 0;
            if (survived) survivors++;
            else found++;
            output.WriteLine(survived ? $"{i + 1,2} SURVIVED  {one.Name}"
                : $"{i + 1,2} found     {one.Name}: {by}");
            output.Flush();
        }
        output.WriteLine($"{found} found, {survivors} survived");
        return survivors;
    }

    /// <summary>What found it; empty where nothing did.</summary>
    private string Try(Mutant one)
    {
        List<(string File, byte[] Was)> sound = [];
        string file = Path.Combine(tree, "src", one.File), was = File.ReadAllText(file);
        int at = was.IndexOf(one.Old, StringComparison.Ordinal);
        if (at < 0 || was.IndexOf(one.Old, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException(
                $"'{one.Name}': its text is not once in {one.File}; bring the mutant up to date");
        try
        {
            File.WriteAllText(file, was.Replace(one.Old, one.New, StringComparison.Ordinal));
            BuildAlone(file, sound);
            return choice.BySimulator && BySimulator() is { Length: > 0 } law ? law
                : choice.ByTests ? ByUnitTests(one) : "";
        }
        finally
        {
            File.WriteAllText(file, was);
            foreach ((string library, byte[] before) in sound)
                File.WriteAllBytes(library, before);
        }
    }

    /// <summary>Builds the library of a file and nothing it is used by: a body changed, and nothing
    /// that others were compiled against. It takes the place of the sound one.</summary>
    private void BuildAlone(string file, List<(string File, byte[] Was)> sound)
    {
        string folder = Path.GetDirectoryName(file)!;
        while (Directory.GetFiles(folder, "*.csproj").Length == 0)
            folder = Path.GetDirectoryName(folder)!;
        string project = Directory.GetFiles(folder, "*.csproj").Single(),
            name = Path.GetFileNameWithoutExtension(project), library = name + ".dll";
        Build(Path.GetRelativePath(tree, project), "--no-restore --no-dependencies");
        string made = Path.Combine(tree, ".build/artifacts/bin", name, "release", library);
        foreach (string place in (string[])[Built, Tests])
        {
            string beside = Path.Combine(tree, place, library);
            if (!(place == Built ? choice.BySimulator : choice.ByTests)) continue;
            sound.Add((beside, File.ReadAllBytes(beside)));
            File.Copy(made, beside, overwrite: true);
        }
    }

    private void Build(string project, string more = "--nologo")
    {
        (int exit, string words) = Dotnet(
            $"build {project} -c Release -v q -m:2 -p:RunAnalyzers=false {more}", BuildMs);
        if (exit != 0)
            throw new InvalidOperationException($"{project} does not compile: {words}");
    }

    private string BySimulator()
    {
        foreach (string seeds in Seeds)
        {
            (int exit, string words) = Dotnet(
                $"{Built}/Lockstep.Simulation.dll {seeds} --no-shrink", RunMs);
            if (exit == 0) continue;
            if (exit is Killed or Terminated)
                throw new InvalidOperationException($"somebody ended the simulator: {exit}");
            string? line = words.Split('\n').FirstOrDefault(
                one => one.StartsWith("seed ", StringComparison.Ordinal));
            return line is null ? $"simulator ended with {exit}"
                : $"simulator, {string.Join(' ', line.Split(' ')[..5])}";
        }
        return "";
    }

    private string ByUnitTests(Mutant one)
    {
        // Nodes take their time: the others go first.
        return Failed(one.Tests.Except(Mutant.OnNodes)) is { Length: > 0 } found ? found
            : Failed(one.Tests.Intersect(Mutant.OnNodes));
    }

    private string Failed(IEnumerable<string> tests)
    {
        string names = string.Join('|', tests.Select(name => "FullyQualifiedName~" + name));
        if (names.Length == 0) return "";
        (int exit, string words) = Dotnet(
            $"test {Tests}/Lockstep.Tests.dll --filter {names}", BuildMs);
        if (exit == 0) return "";
        string[] failed =
        [
            .. words.Split('\n').Where(line => line.Contains("[FAIL]", StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf(']', StringComparison.Ordinal) + 1)..].Trim())
                .Select(line => line.Split(' ', '(')[0].Split('.')[^1])
                .Distinct(StringComparer.Ordinal),
        ];
        return failed.Length == 0 ? $"tests ended with {exit}: {words.Trim()}"
            : $"tests, {string.Join(", ", failed)}";
    }

    private (int Exit, string Words) Dotnet(string arguments, int patienceMs)
    {
        using Process process = Process.Start(new ProcessStartInfo(
            "dotnet", arguments.Split(' '))
        {
            WorkingDirectory = tree,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> words = process.StandardError.ReadToEndAsync();
        Task<string> told = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(patienceMs))
        {
            process.Kill(entireProcessTree: true);
            return (124, "it took too long");
        }
        return (process.ExitCode, told.Result + words.Result);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            string copy = Path.Combine(to, Path.GetFileName(file));
            // What is equal keeps its date, and its build.
            if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan()
                .SequenceEqual(File.ReadAllBytes(file))) continue;
            File.Copy(file, copy, overwrite: true);
        }
        foreach (string folder in Directory.EnumerateDirectories(from))
            if (Array.IndexOf(Skipped, Path.GetFileName(folder)) < 0)
                Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
