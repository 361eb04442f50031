// SupervisorTests: a stage that dies comes back after waits that grow; a wrong setting ends all.
using Lockstep.Service.Config;
using Lockstep.Service.Stages;
using Lockstep.Tools.Cli;
using Xunit;

namespace Lockstep.Tests.Service;

public sealed class SupervisorTests
{
    private static readonly RestartSettings Rules = new(
        TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(8), TimeSpan.FromHours(1));

    [Fact]
    public async Task Stage_WhenItDies_StartsAgainAfterWaitsThatGrow()
    {
        List<string> said = [];
        Stage stage = new("x", TimeProvider.System);
        int lives = 0;
        await new Supervisor(Rules, TimeProvider.System, said.Add).RunAsync(
            stage,
            _ =>
            {
                stage.Ready();
                return ++lives < 6 ? throw new InvalidOperationException("bad")
                    : Task.CompletedTask;
            }, CancellationToken.None);
        Assert.Equal(5, stage.Restarts);
        Assert.Equal(6, stage.Life);
        Assert.Equal(StageState.Ended, stage.State);
        Assert.Equal("InvalidOperationException: bad", stage.Fault);
        Assert.Equal(
            ["1 ms", "2 ms", "4 ms", "8 ms", "8 ms"], said.Select(one => one[^4..].Trim()));
    }

    [Fact]
    public async Task Refusal_WhenItNeverGotReady_EndsTheRun()
    {
        Stage stage = new("x", TimeProvider.System);
        await Assert.ThrowsAsync<RefusedException>(() =>
            new Supervisor(Rules, TimeProvider.System, _ => { }).RunAsync(
                stage, _ => throw new RefusedException("no such file"), CancellationToken.None));
        Assert.Equal(0, stage.Restarts);
    }

    [Fact]
    public async Task Refusal_WhenItWasReadyBefore_IsTriedAgain()
    {
        Stage stage = new("x", TimeProvider.System);
        await new Supervisor(Rules, TimeProvider.System, _ => { }).RunAsync(
            stage,
            _ =>
            {
                if (stage.Life == 2) throw new RefusedException("the node is away");
                stage.Ready();
                return stage.Life == 1 ? throw new IOException("gone") : Task.CompletedTask;
            }, CancellationToken.None);
        Assert.Equal(2, stage.Restarts);
        Assert.Equal("the node is away", stage.Fault);
    }

    [Fact]
    public async Task Stop_WhileItWaits_IsHeardAtOnce()
    {
        using CancellationTokenSource stop = new();
        Stage stage = new("x", TimeProvider.System);
        RestartSettings slow = Rules with { First = TimeSpan.FromHours(1) };
        Task run = new Supervisor(slow, TimeProvider.System, _ => stop.CancelAfter(10)).RunAsync(
            stage, _ => throw new IOException("gone"), stop.Token);
        await run.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(StageState.Ended, stage.State);
    }

    [Fact]
    public void Kill_IsFeltAtTheNextBeat()
    {
        Stage stage = new("x", TimeProvider.System);
        stage.Beat();
        stage.Kill("on purpose");
        Assert.Equal("on purpose", Assert.Throws<StageKilledException>(stage.Beat).Message);
        stage.Beat();
    }
}
