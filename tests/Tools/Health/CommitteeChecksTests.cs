// CommitteeChecksTests: doctor tells which signer is away, mute, another one or none, and a quorum.
using System.Net.Sockets;
using System.Text;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Tests.Execution.Committees;
using Lockstep.Tests.Feeds;
using Lockstep.Tools.Config;
using Lockstep.Tools.Health;
using Xunit;

namespace Lockstep.Tests.Tools.Health;

public sealed class CommitteeChecksTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder folder = new();
    private readonly VoteWorld world = new();

    public void Dispose()
    {
        world.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Signers_WhenAllAnswer_AreWell()
    {
        await using Serving serving = new(world, folder, 0, 1, 2, 3);
        List<Finding> found = await LookAsync();
        Assert.All(found, one => Assert.Equal(FindingLevel.Ok, one.Level));
        Assert.Equal(5, found.Count);
        Assert.All(world.Keys, key => Assert.Contains(
            Finding.Ok("signer", Place(Array.IndexOf(world.Keys, key)), $"{key.Address} answers"),
            found));
        Assert.Equal(
            Finding.Ok("committee", "4 signers", "4 answer, 3 make a certificate"), found[^1]);
    }

    /// <summary>Of four, three make a quorum: one away is a thing to look at, two are a failure.
    /// </summary>
    [Fact]
    public async Task Signers_WhenAway_AreNamed_AndTheQuorumCounts()
    {
        await using (Serving serving = new(world, folder, 0, 1, 2))
        {
            List<Finding> found = await LookAsync();
            AssertOdd(found, 3, "", "start");
            Assert.Equal(
                Finding.Ok("committee", "4 signers", "3 answer, 3 make a certificate"), found[^1]);
        }
        using VoteWorld again = new();
        await using (Serving serving = new(again, folder, 0, 2))
        {
            List<Finding> found = await LookAsync();
            AssertOdd(found, 1, "", $"start the signer {world.Keys[1].Address}");
            AssertOdd(found, 3, "", $"start the signer {world.Keys[3].Address}");
            Finding quorum = found[^1];
            Assert.Equal(
                ("committee", "4 signers", FindingLevel.Fail, "2 answer, 3 make a certificate"),
                (quorum.Check, quorum.Place, quorum.Level, quorum.Words));
            Assert.Contains("bring signers back", quorum.WayOut, StringComparison.Ordinal);
        }
    }

    /// <summary>Two signers behind each other's places: both votes would count for nothing, so no
    /// quorum of four is left.</summary>
    [Fact]
    public async Task Signers_WhenTheirKeysAreOthers_AreNamed_AndDontCount()
    {
        await using Serving serving = new(world, folder, 0, 1, 2, 3);
        List<Finding> found = await LookAsync(swapped: true);
        AssertOdd(
            found, 1, $"answers as {world.Keys[1].Address}, the file says {world.Keys[0].Address}",
            "give that signer its key");
        AssertOdd(
            found, 0, $"answers as {world.Keys[0].Address}, the file says {world.Keys[1].Address}",
            "in one order");
        Assert.Equal(
            (FindingLevel.Fail, "2 answer, 3 make a certificate"),
            (found[^1].Level, found[^1].Words));
    }

    /// <summary>Who says nothing, hangs up or talks of something else is no signer.</summary>
    [Theory]
    [InlineData(null, "no answer in 0.3 s", "start the signer")]
    [InlineData("", "closed without an answer", "start the signer")]
    [InlineData("HTTP/1.1 400 Bad Request\n", "is no vote", "see what listens there")]
    public async Task Signer_WhenSomethingElseListens_IsNamed(
        string? says, string words, string wayOut)
    {
        await using Serving serving = new(world, folder, 0, 1, 2);
        using Socket listener = SignerEndpoint.Parse(Place(3)).Listen();
        Task<Socket> caller = ConverseAsync(listener, says);
        List<Finding> found = await LookAsync(TimeSpan.FromMilliseconds(says is null ? 300 : 9000));
        AssertOdd(found, 3, words, wayOut);
        Assert.Equal(FindingLevel.Ok, found[^1].Level);
        (await caller.WaitAsync(Patience)).Dispose();
    }

    private static async Task<Socket> ConverseAsync(Socket listener, string? says)
    {
        Socket one = await listener.AcceptAsync();
        if (says is null) return one;
        if (says.Length > 0) await one.SendAsync(Encoding.ASCII.GetBytes(says));
        else await one.ReceiveAsync(new byte[1000]);
        one.Shutdown(SocketShutdown.Send);
        return one;
    }

    private string Place(int signer) => folder[$"{signer}.sock"];

    private async Task<List<Finding>> LookAsync(TimeSpan? patience = null, bool swapped = false)
    {
        Dictionary<EvmAddress, SignerEndpoint> places = [];
        for (int i = 0; i < world.Keys.Length; i++)
            places[world.Keys[i].Address] =
                SignerEndpoint.Parse(Place(swapped && i < 2 ? 1 - i : i));
        List<Finding> found = [];
        await new CommitteeChecks(
            new CommitteeSettings(world.Committee, [.. places]), patience ?? Patience, found.Add)
            .LookAsync();
        return found;
    }

    /// <summary>One finding has that place: a thing to look at, with its value and a way out.
    /// </summary>
    private void AssertOdd(List<Finding> found, int place, string words, string wayOut)
    {
        Finding one = Assert.Single(found, one => one.Place == Place(place));
        Assert.Equal(("signer", FindingLevel.Warn), (one.Check, one.Level));
        Assert.NotEqual("", one.Words);
        Assert.Contains(words, one.Words, StringComparison.Ordinal);
        Assert.Contains(wayOut, one.WayOut, StringComparison.Ordinal);
    }

    /// <summary>Some of the world's signers, each behind its socket.</summary>
    private sealed class Serving : IAsyncDisposable
    {
        private readonly CancellationTokenSource ending = new();
        private readonly List<Task> tasks = [];

        public Serving(VoteWorld world, TempFolder folder, params int[] signers)
        {
            foreach (int i in signers)
                tasks.Add(new SignerServer(
                    world.Signer(i).Signer, new SignerLimits(), TimeProvider.System)
                    .ServeAsync(
                        SignerEndpoint.Parse(folder[$"{i}.sock"]).Listen(), ending.Token));
        }

        public async ValueTask DisposeAsync()
        {
            await ending.CancelAsync();
            await Task.WhenAll(tasks).WaitAsync(Patience);
            ending.Dispose();
        }
    }
}
