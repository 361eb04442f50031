// CommitteeClientTests: three of four make a certificate, whatever the fourth one does.
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Settlement;
using Xunit;

namespace Lockstep.Tests.Execution.Committees;

public sealed class CommitteeClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Misdeeds =>
        ["silent", "throws", "lies", "foreign", "garbage", "nothing", "refuses"];

    [Theory]
    [MemberData(nameof(Misdeeds))]
    public async Task Certificate_WhenOneSignerMisbehaves_Holds(string misdeed)
    {
        using VoteWorld world = new();
        CommitteeAnswer answer = await Client(world, misdeed, 1, Patience)
            .CertifyAsync(world.Request(Decision.Commit), CancellationToken.None);
        Assert.NotNull(answer.Proof);
        Assert.Equal(CertificateFault.None, ThresholdCertificate.Check(
            world.Committee, world.Digest(Decision.Commit), answer.Proof));
        Assert.NotEqual(CertificateFault.None, ThresholdCertificate.Check(
            world.Committee, world.Digest(Decision.Abort), answer.Proof));
    }

    [Theory]
    [MemberData(nameof(Misdeeds))]
    public async Task Certificate_WhenTwoSignersMisbehave_IsNotThere(string misdeed)
    {
        using VoteWorld world = new();
        CommitteeAnswer answer = await Client(
            world, misdeed, 2, misdeed == "silent" ? TimeSpan.FromSeconds(2) : Patience)
            .CertifyAsync(world.Request(Decision.Commit), CancellationToken.None);
        Assert.Null(answer.Proof);
        Assert.Equal(2, answer.Refusals.Length);
        Assert.All(answer.Refusals, words => Assert.DoesNotContain('\n', words));
    }

    /// <summary>I6: no run of requests gets both certificates.</summary>
    [Fact]
    public async Task Certificates_AreNeverBothThere()
    {
        using VoteWorld world = new();
        CommitteeClient client = Client(world, "", 0, Patience);
        Assert.NotNull((await client.CertifyAsync(
            world.Request(Decision.Abort), CancellationToken.None)).Proof);
        CommitteeAnswer other = await client.CertifyAsync(
            world.Request(Decision.Commit), CancellationToken.None);
        Assert.Null(other.Proof);
        Assert.Contains(other.Refusals, words =>
            words.Contains(nameof(VoteRefusal.VotedOtherwise), StringComparison.Ordinal));
    }

    private static CommitteeClient Client(
        VoteWorld world, string misdeed, int faulty, TimeSpan patience)
    {
        Dictionary<EvmAddress, AskSigner> ask = [];
        for (int place = 0; place < world.Keys.Length; place++)
        {
            (Signer signer, _) = world.Signer(place);
            ask[signer.Address] = place >= faulty
                ? async (request, cancel) => await signer.AnswerAsync(request, cancel)
                : (request, cancel) => MisbehaveAsync(world, signer, misdeed, request, cancel);
        }
        return new CommitteeClient(world.Committee, ask, patience, TimeProvider.System);
    }

    private static async ValueTask<VoteAnswer?> MisbehaveAsync(
        VoteWorld world, Signer signer, string misdeed, VoteRequest request,
        CancellationToken cancel)
    {
        VoteAnswer honest = await signer.AnswerAsync(request, cancel);
        string Sign(SigningKey key, Decision decision) =>
            Hex.Format(key.Sign(world.Digest(decision)).ToArray());
        switch (misdeed)
        {
            case "silent":
                await Task.Delay(Timeout.Infinite, cancel);
                return null;
            case "throws":
                throw new IOException("the line\nis down");
            case "lies":
                return honest with { Signature = Sign(world.Keys[0], Decision.Abort) };
            case "foreign":
                return honest with { Signature = Sign(world.Keys[3], Decision.Commit) };
            case "garbage":
                return honest with { Signature = "0x12zz" };
            case "nothing":
                return null;
            default:
                return honest with { Signature = null, Reason = "No", Detail = "a\nb" };
        }
    }
}
