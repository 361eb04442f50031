// TidyTests: every style law holds for every file, and every law is seen to fail.
using Xunit;

namespace Lockstep.Tests.Tidy;

public sealed class TidyTests
{
    private static readonly IReadOnlyList<Law> Laws = [.. TextLaws.All, .. BuildLaws.All];

    public static TheoryData<string> LawNames => [.. Laws.Select(law => law.Name)];

    [Theory]
    [MemberData(nameof(LawNames))]
    public void Tree_KeepsLaw(string name)
    {
        Law law = Laws.Single(one => one.Name == name);
        string[] complaints = [.. SourceTree.Files.SelectMany(law.Complaints)];
        Assert.True(complaints.Length == 0, string.Join('\n', complaints.Prepend("")));
    }

    [Theory]
    [MemberData(nameof(LawNames))]
    public void Law_WhenBroken_Complains(string name)
    {
        Law law = Laws.Single(one => one.Name == name);
        Assert.NotEmpty(law.Breaches);
        Assert.All(law.Breaches, breach => Assert.NotEmpty(law.Complaints(breach)));
    }

    [Theory]
    [MemberData(nameof(LawNames))]
    public void Law_CoversSomeFile(string name)
    {
        Law law = Laws.Single(one => one.Name == name);
        Assert.Contains(SourceTree.Files, file => law.Covers(file));
    }

    [Fact]
    public void LongFiles_AreThereAndLong() =>
        Assert.All(TextLaws.LongFiles.Keys, path =>
            Assert.True(SourceTree.Files.Single(file => file.Path == path).Lines.Count
                > TextLaws.MaxLines));

    [Fact]
    public void Floors_AreForRoomsThatStand() =>
        Assert.All(BuildLaws.Floors.Keys.Where(folder => folder != "bench"), folder =>
            Assert.True(Directory.Exists(Path.Combine(SourceTree.Root, folder)), folder));
}
