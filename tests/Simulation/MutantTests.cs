// MutantTests: every mutant still has the text that it makes wrong, so that the list can be run.
using Lockstep.Simulator.Mutation;
using Lockstep.Tests.Tidy;
using Xunit;

namespace Lockstep.Tests.Simulator;

public sealed class MutantTests
{
    [Fact]
    public void Mutant_FitsItsFileOnce() => Assert.All(Mutant.All, one =>
    {
        string text = SourceTree.Files.Single(file => file.Path == $"src/{one.File}").Text;
        Assert.True(text.Split(one.Old).Length == 2, $"'{one.Name}' is not once in {one.File}");
        Assert.NotEqual(one.Old, one.New);
    });

    [Fact]
    public void Mutant_HasANameOfItsOwn() => Assert.Equal(
        Mutant.All.Count, Mutant.All.Select(one => one.Name).Distinct().Count());
}
