// CliTests: runs tests/cli/*.test on every build; and what a .test file cannot say.
using System.Text;
using Lockstep.Tools.Cli;
using Xunit;

namespace Lockstep.Tests.Tools;

public sealed class CliTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (string build in Binary.Builds)
            {
                foreach (CliCase one in CliCase.All)
                {
                    rows.Add(build, one.Place);
                }
            }
            return rows;
        }
    }

    public static TheoryData<string> Builds => [.. Binary.Builds];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_EndsAsWritten(string build, string place)
    {
        CliCase one = CliCase.All.Single(candidate => candidate.Place == place);
        byte[] flow = one.Input;
        StringBuilder words = new();
        Ending last = new(0, [], "");
        foreach (IReadOnlyList<string> stage in one.Pipeline)
        {
            last = Binary.Run(build, stage, flow);
            flow = last.Output;
            words.Append(last.Words);
        }
        string said = words.ToString();
        Assert.True(one.Code == last.Code, $"exit {last.Code}, expected {one.Code}; said: {said}");
        Assert.All(one.OutputParts, part => Assert.Contains(part, last.Text));
        Assert.All(one.WordParts, part => Assert.Contains(part, said));
        if (one.OutputParts.Count == 0)
        {
            Assert.Equal(Encoding.UTF8.GetString(one.Output), last.Text);
        }
        if (one.Code == ExitCode.Ok && one.WordParts.Count == 0)
        {
            Assert.Equal("", said);
        }
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Output_WhenDiskIsFull_FailsTheTool(string build)
    {
        if (File.Exists("/dev/full"))
        {
            Ending ending = Shell(build, "tools > /dev/full");
            Assert.Equal(ExitCode.Failed, ending.Code);
            Assert.Contains("cannot write output", ending.Words, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Output_WhenReaderLeaves_EndsQuietly(string build)
    {
        // The reader is gone before the first byte: sleep gives `true` the time to end.
        Ending ending = Shell(build, "tools; echo $? >&3; } | true; } 3>&1", "{ { sleep 0.2; ");
        Assert.Equal(("0\n", ""), (ending.Text, ending.Words));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Output_WhenToolsShareAFile_KeepsBoth(string build)
    {
        string file = Path.GetTempFileName();
        Ending once = Binary.Run(build, ["tools"], []);
        Shell(build, $"tools; $RUN tools; }} > {file}", "{ ");
        Assert.Equal(once.Text + once.Text, File.ReadAllText(file));
        File.Delete(file);
    }

    [Fact]
    public void Name_WhenLinked_PicksTheTool()
    {
        if (!Binary.Builds.Contains("native"))
        {
            return;
        }
        string native = Environment.GetEnvironmentVariable("LOCKSTEP_NATIVE")!;
        string folder = Directory.CreateTempSubdirectory().FullName;
        string link = Path.Combine(folder, "tools");
        File.CreateSymbolicLink(link, native);
        Ending linked = Binary.RunFile(link, ["--version"], []);
        Directory.Delete(folder, recursive: true);
        Assert.Equal($"tools {Toolbox.Version}\n", linked.Text);
    }

    [Fact]
    public void ToolNames_AreDistinctAndNotTheLaunchers()
    {
        string[] launcher = ["test", "bench", "build", "clean", "help"];
        string[] names = [.. Toolbox.All.Select(tool => tool.Name)];
        Assert.Equal(names.Length, names.Concat(launcher).Distinct().Count() - launcher.Length);
    }

    [Fact]
    public void Schemas_CoverEveryKind() =>
        Assert.All(
            Toolbox.All.SelectMany(tool => tool.Reads.Concat(tool.Writes)),
            kind => Assert.NotEmpty(Schemas.Of(kind)));

    [Fact]
    public void Cases_CoverEveryTool() =>
        Assert.All(Toolbox.All, tool => Assert.Contains(
            CliCase.All.SelectMany(one => one.Pipeline),
            stage => stage is [var name, ..] && name == tool.Name));

    /// <summary>Runs <c>BEFORE $RUN SCRIPT</c>, where $RUN is the build's binary.</summary>
    private static Ending Shell(string build, string script, string before = "")
    {
        string run = build == "native"
            ? Environment.GetEnvironmentVariable("LOCKSTEP_NATIVE")!
            : "dotnet " + Path.Combine(AppContext.BaseDirectory, "lockstep.dll");
        return Binary.RunFile("sh", ["-c", $"{before}$RUN {script}"], [], ("RUN", run));
    }
}
