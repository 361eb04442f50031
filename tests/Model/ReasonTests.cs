// ReasonTests: a reason has one code, and it is the same in code and on lines.
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Model;

public sealed class ReasonTests
{
    public static TheoryData<Reason> All => [.. Enum.GetValues<Reason>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Code_IsTheNameOnTheLine(Reason reason)
    {
        string line = Recordings.Text(
        [
            new QuarantineLine
            {
                Slot = 1, Pool = PoolId.Parse("eip155:1:0xa"), Reason = reason, Detail = "",
            },
        ]);
        Assert.Contains($"\"reason\":\"{reason.Code()}\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Codes_AreDistinctAndInKebabCase()
    {
        string[] codes = [.. Enum.GetValues<Reason>().Select(reason => reason.Code())];
        Assert.Distinct(codes);
        Assert.All(codes, code => Assert.Matches("^[a-z]+(-[a-z]+)*$", code));
    }
}
