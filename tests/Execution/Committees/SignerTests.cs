// SignerTests: a signer votes once, for what its own chains show, and writes it down before.
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Xunit;

namespace Lockstep.Tests.Execution.Committees;

public sealed class SignerTests
{
    [Fact]
    public async Task Commit_WhenAllLegsAreLockedFinally_IsSigned()
    {
        using VoteWorld world = new();
        (Signer signer, _) = world.Signer(0);
        VoteAnswer answer = await AskAsync(signer, world, Decision.Commit);
        Assert.Null(answer.Reason);
        Assert.True(EcdsaSignature.TryRead(
            Hex.Parse(answer.Signature), out EcdsaSignature signature));
        Assert.True(Secp256k1.TryRecover(
            world.Digest(Decision.Commit), signature, out EvmAddress by));
        Assert.Equal(signer.Address, by);
    }

    [Theory]
    [InlineData(LegStage.Idle, LegStage.Idle)]
    [InlineData(LegStage.Locked, LegStage.Idle)]
    [InlineData(LegStage.Idle, LegStage.Locked)]
    [InlineData(LegStage.Unwinding, LegStage.Locked)]
    [InlineData(LegStage.Refunded, LegStage.Refunded)]
    [InlineData(LegStage.Claimed, LegStage.Claimed)]
    public async Task Commit_WhenALegStandsElsewhere_IsRefused(LegStage head, LegStage final)
    {
        using VoteWorld world = new();
        (Signer signer, SettlementJournal journal) = world.Signer(0);
        (world.Head[1], world.Final[1]) = (head, final);
        VoteAnswer answer = await AskAsync(signer, world, Decision.Commit);
        Assert.Equal(nameof(VoteRefusal.NotLocked), answer.Reason);
        Assert.Null(answer.Signature);
        Assert.Empty(journal.OpenBundles());
    }

    /// <summary>The same terms, locked for another bundle: claiming them is no part of this one.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Commit_WhenALegIsLockedForAnotherBundle_IsRefused(int leg)
    {
        using VoteWorld world = new();
        (Signer signer, _) = world.Signer(0);
        world.Bundle[leg] = Keccak.HashText("another bundle");
        VoteAnswer answer = await AskAsync(signer, world, Decision.Commit);
        Assert.Equal(nameof(VoteRefusal.NotLocked), answer.Reason);
        Assert.Null(answer.Signature);
    }

    /// <summary>T_sign by every clock: the signer's own, and each chain's.</summary>
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(0, 1, false)]
    public async Task Commit_AfterTheSignDeadline_IsRefused(int own, int chain, bool signs)
    {
        using VoteWorld world = new();
        (Signer signer, _) = world.Signer(0);
        const long Left = VoteWorld.Deadline - VoteWorld.Act - VoteWorld.Now;
        world.Clock.Advance(TimeSpan.FromSeconds(Left + own));
        world.Seconds[1] += Left + chain;
        VoteAnswer answer = await AskAsync(signer, world, Decision.Commit);
        Assert.Equal(signs ? null : nameof(VoteRefusal.TooLate), answer.Reason);
    }

    [Fact]
    public async Task Commit_WhenAChainIsSilent_IsRefused()
    {
        using VoteWorld world = new() { IsUp = false };
        (Signer signer, _) = world.Signer(0);
        VoteAnswer answer = await AskAsync(signer, world, Decision.Commit);
        Assert.Equal(nameof(VoteRefusal.Unreadable), answer.Reason);
    }

    [Theory]
    [InlineData(1010, null)]
    [InlineData(1009, nameof(VoteRefusal.Unbalanced))]
    public async Task Commit_WhenTheVaultsWouldLose_IsRefused(int due, string? reason)
    {
        using VoteWorld world = new((ulong)due);
        (Signer signer, _) = world.Signer(0);
        Assert.Equal(reason, (await AskAsync(signer, world, Decision.Commit)).Reason);
    }

    [Theory]
    [InlineData(Decision.Commit, Decision.Abort)]
    [InlineData(Decision.Abort, Decision.Commit)]
    public async Task Vote_IsCastOnce_AlsoAfterARestart(Decision first, Decision other)
    {
        using VoteWorld world = new();
        (Signer signer, SettlementJournal journal) = world.Signer(0);
        VoteAnswer signed = await AskAsync(signer, world, first);
        Assert.NotNull(signed.Signature);
        Assert.Equal(
            nameof(VoteRefusal.VotedOtherwise), (await AskAsync(signer, world, other)).Reason);
        journal.Dispose();
        (signer, _) = world.Signer(0);
        Assert.Equal(
            nameof(VoteRefusal.VotedOtherwise), (await AskAsync(signer, world, other)).Reason);
        Assert.Equal(signed, await AskAsync(signer, world, first));
    }

    /// <summary>A vote that was given may be given again once the legs are claimed, not once the
    /// time is up.</summary>
    [Fact]
    public async Task Commit_WhenAskedAgain_KeepsTheDeadline()
    {
        using VoteWorld world = new();
        (Signer signer, _) = world.Signer(0);
        VoteAnswer signed = await AskAsync(signer, world, Decision.Commit);
        world.Head[0] = world.Final[0] = LegStage.Claimed;
        Assert.Equal(signed, await AskAsync(signer, world, Decision.Commit));
        world.Clock.Advance(TimeSpan.FromSeconds(VoteWorld.Deadline));
        Assert.Equal(
            nameof(VoteRefusal.TooLate), (await AskAsync(signer, world, Decision.Commit)).Reason);
    }

    [Fact]
    public async Task Vote_WhenTheProcessDiesAtItsRecord_IsNeverTheOtherOne()
    {
        using VoteWorld world = new();
        (Signer signer, SettlementJournal journal) = world.Signer(0);
        journal.Appended += _ => throw new IOException("killed");
        await Assert.ThrowsAsync<IOException>(
            () => AskAsync(signer, world, Decision.Commit).AsTask());
        journal.Dispose();
        (signer, _) = world.Signer(0);
        Assert.Equal(
            nameof(VoteRefusal.VotedOtherwise),
            (await AskAsync(signer, world, Decision.Abort)).Reason);
        Assert.NotNull((await AskAsync(signer, world, Decision.Commit)).Signature);
    }

    /// <summary>Until T_sign a stranger who reaches the socket is not heard, whatever it knows;
    /// from then on it is, for ABORT: a keeper may end what nobody can commit any more.</summary>
    [Theory]
    [InlineData(Decision.Abort, false, null)]
    [InlineData(Decision.Commit, false, null)]
    [InlineData(Decision.Abort, true, null)]
    [InlineData(Decision.Commit, true, nameof(VoteRefusal.TooLate))]
    public async Task Vote_IsGivenToTheSearcher_AndAfterTheSignDeadlineToAnyone(
        Decision decision, bool isLate, string? toStrangers)
    {
        using VoteWorld world = new();
        if (isLate) world.Clock.Advance(TimeSpan.FromSeconds(
            VoteWorld.Deadline - VoteWorld.Act - VoteWorld.Now + 1));
        int place = 0;
        foreach (SigningKey? stranger in new[] { null, world.Keys[0] })
        {
            (Signer signer, SettlementJournal journal) = world.Signer(place++);
            VoteAnswer answer = await signer.AnswerAsync(
                world.Request(decision, stranger), CancellationToken.None);
            Assert.Equal(
                isLate ? toStrangers : nameof(VoteRefusal.NotAsked), answer.Reason);
            Assert.Equal(answer.Signature is null, journal.OpenBundles().Count == 0);
            // A signature for the other decision asks for nothing.
            VoteRequest other = world.Request(
                decision is Decision.Commit ? Decision.Abort : Decision.Commit);
            Assert.Equal(answer, await signer.AnswerAsync(
                world.Request(decision, null) with { Asked = other.Asked },
                CancellationToken.None));
        }
        (Signer asked, _) = world.Signer(place);
        Assert.Equal(toStrangers, (await AskAsync(asked, world, decision)).Reason);
    }

    [Fact]
    public async Task Request_WhenItsPartsDoNotFit_IsMalformed()
    {
        using VoteWorld world = new();
        (Signer signer, _) = world.Signer(0);
        VoteRequest good = world.Request(Decision.Commit);
        foreach (VoteRequest bad in new[]
        {
            good with { Secret = null }, good with { Secret = good.Bundle },
            good with { Legs = [good.Legs[0]] }, good with { Legs = [good.Legs[1], good.Legs[0]] },
            good with { Bundle = Keccak.HashText("x").ToString() },
            good with { Decision = Decision.None }, good with { Asked = "0x00" },
        })
        {
            VoteAnswer answer = await signer.AnswerAsync(bad, CancellationToken.None);
            Assert.Equal(nameof(VoteRefusal.Malformed), answer.Reason);
        }
    }

    private static ValueTask<VoteAnswer> AskAsync(
        Signer signer, VoteWorld world, Decision decision) =>
        signer.AnswerAsync(world.Request(decision), CancellationToken.None);
}
