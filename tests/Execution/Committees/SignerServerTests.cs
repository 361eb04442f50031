// SignerServerTests: addresses are of this machine; long lines, silence and crowds are let go.
using System.Net.Sockets;
using System.Text;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Execution.Committees;

public sealed class SignerServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder folder = new();
    private readonly VoteWorld world = new();

    private SignerEndpoint Place => SignerEndpoint.Parse(folder["s.sock"]);

    public void Dispose()
    {
        world.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("0.0.0.0:7003")]
    [InlineData("127.0.0.1:70030")]
    [InlineData("127.0.0.1:")]
    [InlineData("example.org:7003")]
    [InlineData("")]
    public void Endpoint_WhenNotOfThisMachine_IsRefused(string text) =>
        Assert.Throws<FormatException>(() => SignerEndpoint.Parse(text));

    [Fact]
    public async Task Request_OverASocket_IsAnswered()
    {
        (Signer signer, _) = world.Signer(0);
        await using Serving serving = new(signer, Place, new SignerLimits());
        VoteRequest request = world.Request(Decision.Commit);
        using CancellationTokenSource late = new(Patience);
        VoteAnswer? answer = await Place.AskAsync(request, late.Token);
        Assert.Equal(await signer.AnswerAsync(request, late.Token), answer);
    }

    [Fact]
    public async Task Connection_WhenItSaysTooMuchOrNothing_IsLetGo()
    {
        (Signer signer, _) = world.Signer(0);
        await using Serving serving = new(signer, Place, new SignerLimits
        {
            MaxConnections = 1, Silence = TimeSpan.FromMilliseconds(300),
        });
        Assert.Equal(0, await SayAsync(new string(' ', VoteRequest.MaxBytes + 2)));
        Assert.Equal(0, await SayAsync("{"));
        // On a busy machine a request may itself come later than the silence that is borne.
        using CancellationTokenSource late = new(Patience);
        VoteAnswer? answer = null;
        while (answer is null)
            answer = await Place.AskAsync(world.Request(Decision.Abort), late.Token);
    }

    /// <summary>A signer that can't write its votes down does not go on.</summary>
    [Fact]
    public async Task Server_WhenTheJournalBreaks_Ends()
    {
        (Signer signer, SettlementJournal journal) = world.Signer(0);
        journal.Appended += _ => throw new JournalException("the disk is full");
        Task serving = new SignerServer(signer, new SignerLimits(), TimeProvider.System)
            .ServeAsync(Place.Listen(), CancellationToken.None);
        using CancellationTokenSource late = new(Patience);
        Assert.Null(await Place.AskAsync(world.Request(Decision.Abort), late.Token));
        await Assert.ThrowsAsync<JournalException>(() => serving.WaitAsync(Patience));
    }

    /// <summary>Says something; the number of bytes that come back before the end.</summary>
    private async Task<int> SayAsync(string words)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Place.Text));
        using CancellationTokenSource late = new(Patience);
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(words), late.Token);
            return await socket.ReceiveAsync(new byte[100], late.Token);
        }
        catch (SocketException)
        {
            // The other side left before all was said.
            return 0;
        }
    }

    private sealed class Serving : IAsyncDisposable
    {
        private readonly CancellationTokenSource ending = new();
        private readonly Task task;

        public Serving(Signer signer, SignerEndpoint place, SignerLimits limits) =>
            task = new SignerServer(signer, limits, TimeProvider.System)
                .ServeAsync(place.Listen(), ending.Token);

        public async ValueTask DisposeAsync()
        {
            await ending.CancelAsync();
            await task.WaitAsync(Patience);
            ending.Dispose();
        }
    }
}
