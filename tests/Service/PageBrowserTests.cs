// PageBrowserTests: the page in a real browser: it fills, follows, says what is down, and obeys.
using Lockstep.Service;
using Lockstep.Service.Config;
using Lockstep.Service.Page;
using Lockstep.Service.Stages;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Service;

public sealed class PageBrowserTests(ITestOutputHelper say)
{
    private const string Token = "a-token-of-a-test-0123";

    /// <summary>Where to put pictures of the page, for people; none are taken without.</summary>
    private static readonly string? Pictures =
        Environment.GetEnvironmentVariable("LOCKSTEP_PICTURES");

    [BrowserFact]
    public async Task Page_FillsAndFollows()
    {
        using EngineTests.Running running = new(EngineTests.Settings(), say.WriteLine);
        await using PageHost page = await StartAsync(running.Engine, null);
        using CancellationTokenSource over = new();
        Task ticking = TickAsync(running.Engine, page, over.Token);
        await running.UntilAsync(() => running.Engine.Board.Funnel.Planned > 0);
        await using Browser browser = await Browser.OpenAsync(page.Address, 1400, 1750);

        await browser.UntilAsync(
            "document.querySelector('#steps li .num')?.textContent.match(/[1-9]/)");
        await browser.UntilAsync("document.querySelectorAll('#paths details').length > 0");
        await browser.UntilAsync("document.querySelectorAll('#stages tr').length === 6");
        await browser.UntilAsync("document.querySelector('#chart-rate canvas')");
        Assert.Equal("all is well", await browser.AskAsync("health.textContent"));
        Assert.Equal("Recorded day, dry run", await browser.AskAsync("mode.textContent"));
        string before = await browser.AskAsync("clock.textContent");
        await browser.UntilAsync($"clock.textContent !== '{before}'");
        Assert.Equal("true", await browser.AskAsync("String(control.hidden)"));
        Assert.Equal("No line was lost.", await browser.AskAsync("lost.textContent"));
        await PictureAsync(browser, "page-light");

        // A stage dies: the page says so, and that it is back.
        Stage stage = running.Engine.Stages.Single(one => one.Name == "aggregator");
        long restarts = stage.Restarts;
        stage.Kill("for a test");
        await browser.UntilAsync($"[...document.querySelectorAll('#stages tr')].some(row => "
            + $"row.textContent.startsWith('aggregator') && row.lastChild.textContent === "
            + $"'{restarts + 1}')");
        await browser.UntilAsync("health.textContent === 'all is well'");

        // By keyboard alone: the first stop leads past the header; a path unfolds.
        await browser.PressAsync("Tab");
        Assert.Equal("skip", await browser.AskAsync("document.activeElement.className"));
        await browser.AskAsync("document.querySelector('#paths summary').focus()");
        await browser.PressAsync("Enter");
        await browser.UntilAsync("document.querySelector('#paths details[open] .route')");

        // Why, by a click, of an end; by key, of an opportunity. Escape closes, and focus is back.
        await browser.UntilAsync("document.querySelectorAll('#ends [data-why]').length > 0");
        await browser.AskAsync("document.querySelector('#ends [data-why]').click()");
        await browser.UntilAsync("ask.open && document.querySelectorAll('.verdicts li').length");
        string decided = await browser.AskAsync("document.getElementById('ask-body').innerText");
        foreach (string part in (string[])["aggregator", "plan", "executor", "dry run"])
            Assert.Contains(part, decided, StringComparison.Ordinal);
        await PictureAsync(browser, "why-light");
        await browser.PressAsync("Escape");
        await browser.UntilAsync("!ask.open");
        await browser.AskAsync("document.querySelector('#paths [data-why]').focus()");
        string about = await browser.AskAsync("document.activeElement.dataset.why");
        await browser.PressAsync("Enter");
        await browser.UntilAsync("ask.open && document.querySelectorAll('.verdicts li').length");
        Assert.Equal(
            about, await browser.AskAsync("document.getElementById('ask-id').textContent"));
        await browser.AskAsync("document.documentElement.dataset.theme = 'dark'");
        await PictureAsync(browser, "why-dark");
        await browser.AskAsync("delete document.documentElement.dataset.theme");
        await browser.PressAsync("Escape");
        await browser.UntilAsync(
            $"!ask.open && (document.activeElement.dataset.why === '{about}' "
            + $"|| !document.querySelector('#paths [data-why=\"{about}\"]'))");

        await browser.AskAsync("theme.click()");
        await browser.UntilAsync("document.documentElement.dataset.theme");
        await Task.Delay(1500);
        await PictureAsync(browser, "page-dark");
        Assert.Empty(browser.Faults);
        await over.CancelAsync();
        await ticking;
    }

    [BrowserFact]
    public async Task Control_InTheBrowser_NeedsTheToken()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-control").FullName;
        string token = Path.Combine(folder, "token");
        OwnFile.Write(token, Token);
        RunSettings settings = EngineTests.Settings() with
        {
            PausePath = Path.Combine(folder, "pause"),
        };
        using EngineTests.Running running = new(settings, say.WriteLine);
        await using PageHost page = await StartAsync(running.Engine, token);
        running.Engine.HasControl = page.HasControl;
        using CancellationTokenSource over = new();
        Task ticking = TickAsync(running.Engine, page, over.Token);
        await running.UntilAsync(() => running.Engine.IsReady);
        await using Browser browser = await Browser.OpenAsync(page.Address, 1400, 900);

        await browser.UntilAsync("!control.hidden");
        await browser.AskAsync("document.querySelector('[data-act=pause]').click()");
        await browser.UntilAsync("answer.textContent.includes('token is missing or wrong')");
        Assert.False(File.Exists(settings.PausePath));
        await browser.AskAsync($"token.value = '{Token}'");
        await browser.AskAsync("document.querySelector('[data-act=pause]').click()");
        await browser.UntilAsync("health.textContent === 'paused'");
        Assert.True(File.Exists(settings.PausePath));
        await browser.AskAsync("document.querySelector('[data-act=resume]').click()");
        await browser.UntilAsync("health.textContent !== 'paused'");
        Assert.False(File.Exists(settings.PausePath));
        // What was typed is nowhere on the page but in its field, and in no word of the service.
        Assert.DoesNotContain(
            Token, await browser.AskAsync("document.documentElement.outerHTML"),
            StringComparison.Ordinal);
        await over.CancelAsync();
        await ticking;
        await running.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The service goes and comes: the page says so, and goes on by itself.</summary>
    [BrowserFact]
    public async Task Page_WhenTheServiceGoesAndComes_GoesOn()
    {
        using EngineTests.Running running = new(EngineTests.Settings(), say.WriteLine);
        using CancellationTokenSource over = new();
        PageHost first = await StartAsync(running.Engine, null);
        Task ticking = TickAsync(running.Engine, first, over.Token);
        await using Browser browser = await Browser.OpenAsync(first.Address, 1200, 900);
        await browser.UntilAsync("clock.textContent.length > 0");
        int port = first.Address.Port;
        await over.CancelAsync();
        await ticking;
        await first.DisposeAsync();
        await browser.UntilAsync("health.textContent === 'no word from the service'");
        using CancellationTokenSource again = new();
        await using PageHost second = await StartAsync(running.Engine, null, port);
        ticking = TickAsync(running.Engine, second, again.Token);
        await browser.UntilAsync("health.textContent !== 'no word from the service'");
        await again.CancelAsync();
        await ticking;
    }

    private static Task<PageHost> StartAsync(Engine engine, string? token, int port = 0) =>
        PageHost.StartAsync(
            new PageSettings(port, 4, token), token is not null,
            new PageSources(engine.Board.Series, () => engine.Faults, () => engine.IsReady)
            {
                Why = engine.Why.Ask,
                Acts = new Dictionary<string, Func<string>>
                {
                    ["pause"] = engine.Pause,
                    ["halt"] = engine.Halt,
                    ["resume"] = engine.Resume,
                },
            });

    private static async Task TickAsync(Engine engine, PageHost page, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (engine.Shown is { } words) page.Tell(words);
            await Task.Delay(300, CancellationToken.None);
        }
    }

    private static async Task PictureAsync(Browser browser, string name)
    {
        if (Pictures is null) return;
        Directory.CreateDirectory(Pictures);
        await File.WriteAllBytesAsync(
            Path.Combine(Pictures, name + ".png"), await browser.PictureAsync());
    }
}
