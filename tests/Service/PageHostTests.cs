// PageHostTests: the page answers this machine alone, holds its bounds, and obeys its token alone.
using System.Net;
using System.Text;
using Lockstep.Service;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Page;
using Lockstep.Tools.Cli;
using Xunit;

namespace Lockstep.Tests.Service;

public sealed class PageHostTests : IAsyncLifetime, IDisposable
{
    private const string Token = "0123456789abcdef0123";
    private readonly string folder = Directory.CreateTempSubdirectory("lockstep-page").FullName;
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly List<string> acts = [];
    private readonly ManualResetEventSlim held = new();
    private PageHost page = null!;

    public async Task InitializeAsync()
    {
        string token = Path.Combine(folder, "token");
        OwnFile.Write(token, Token + "\n");
        page = await PageHost.StartAsync(
            new PageSettings(0, 2, token), true,
            new PageSources(() => new SeriesWords([]), () => ["a stage is down"], () => false)
            {
                Why = (id, cancel) =>
                {
                    if (id == "slow") held.Wait(cancel);
                    return id == "known" ? ("{\"id\":\"known\"}"u8.ToArray(), [])
                        : (null, ["known"]);
                },
                History = query => [$"{{\"from\":{query.FromMs},\"most\":{query.Most}}}"],
                Acts = new Dictionary<string, Func<string>>
                {
                    ["halt"] = () =>
                    {
                        acts.Add("halt");
                        return "halted";
                    },
                },
            });
        client.BaseAddress = page.Address;
    }

    public async Task DisposeAsync()
    {
        await page.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    public void Dispose()
    {
        client.Dispose();
        held.Dispose();
    }

    [Theory]
    [InlineData("/", "text/html; charset=utf-8", "<main>")]
    [InlineData("/app.js", "text/javascript; charset=utf-8", "EventSource")]
    [InlineData("/app.css", "text/css; charset=utf-8", "--bg")]
    [InlineData("/vendor/uPlot.iife.min.js", "text/javascript; charset=utf-8", "uPlot")]
    [InlineData("/vendor/uPlot.LICENSE", "text/plain; charset=utf-8", "MIT License")]
    public async Task File_IsServedWithItsTypeAndPolicy(string path, string type, string part)
    {
        using HttpResponseMessage answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
        Assert.Contains(part, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Page_UsesNothingFromElsewhere()
    {
        foreach ((string path, PageFile file) in PageFiles.All)
        {
            string text = Encoding.UTF8.GetString(file.Bytes);
            if (path.StartsWith("/vendor/", StringComparison.Ordinal)) continue;
            Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
            Assert.DoesNotContain(" style=", text, StringComparison.Ordinal);
            Assert.DoesNotContain(" onclick=", text, StringComparison.Ordinal);
        }
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.1.evil.example:80")]
    public async Task Request_WhenItsHostIsAnother_IsRefused(string host)
    {
        foreach (string path in (string[])["/", "/events", "/healthz", "/api/history", "/api/why"])
        {
            using HttpRequestMessage ask = new(HttpMethod.Get, path);
            ask.Headers.Host = host;
            using HttpResponseMessage answer = await client.SendAsync(ask);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("https://127.0.0.1:8780")]
    public async Task Request_WhenItsOriginIsAnother_IsRefused(string origin)
    {
        Assert.Equal(
            HttpStatusCode.Forbidden, (await HaltAsync(Token, ("Origin", origin))).Status);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await HaltAsync(Token, ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Empty(acts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0124")]
    [InlineData("0123456789abcdef012")]
    [InlineData("0123456789abcdef01234")]
    public async Task Control_WhenTheTokenIsWrong_IsRefused(string token)
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await HaltAsync(token)).Status);
        Assert.Empty(acts);
    }

    [Fact]
    public async Task Control_WhenTheTokenIsRight_ActsOnce()
    {
        string own = page.Address.GetLeftPart(UriPartial.Authority);
        (HttpStatusCode status, string body) = await HaltAsync(Token, ("Origin", own));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("halted", body, StringComparison.Ordinal);
        Assert.Equal(["halt"], acts);
        using HttpResponseMessage get = await client.GetAsync(
            new Uri("/api/control/halt", UriKind.Relative));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Single(acts);
    }

    [Fact]
    public async Task Control_WhenItWasNotAskedFor_IsNobodys()
    {
        await using PageHost shown = await PageHost.StartAsync(
            new PageSettings(0, 2, Path.Combine(folder, "token")), false,
            new PageSources(() => new SeriesWords([]), () => [], () => true)
            {
                Acts = new Dictionary<string, Func<string>> { ["halt"] = () => "halted" },
            });
        using HttpRequestMessage ask = new(
            HttpMethod.Post, new Uri(shown.Address, "/api/control/halt"));
        ask.Headers.Add(Gate.TokenHeader, "");
        using HttpResponseMessage answer = await client.SendAsync(ask);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("short", UnixFileMode.None, "can be guessed")]
    [InlineData(Token, UnixFileMode.GroupRead, "others may read it")]
    public async Task Control_WhenItsFileIsNoSecret_IsRefused(
        string token, UnixFileMode more, string words)
    {
        string file = Path.Combine(folder, "other");
        OwnFile.Write(file, token, more);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() =>
            PageHost.StartAsync(new PageSettings(0, 2, file), true,
                new PageSources(() => new SeriesWords([]), () => [], () => true)));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_WhenTooManyWatch_AreRefusedUntilOneLeaves()
    {
        Uri events = new("/events", UriKind.Relative);
        using HttpResponseMessage one = await client.GetAsync(
            events, HttpCompletionOption.ResponseHeadersRead);
        using (HttpResponseMessage two = await client.GetAsync(
            events, HttpCompletionOption.ResponseHeadersRead))
        {
            using HttpResponseMessage three = await client.GetAsync(events);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, three.StatusCode);
            Assert.Equal(2, page.Hub.Count);
        }
        for (int i = 0; i < 200 && page.Hub.Count > 1; i++) await Task.Delay(50);
        using HttpResponseMessage four = await client.GetAsync(
            events, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, four.StatusCode);
    }

    [Fact]
    public async Task Events_BeginWithTheCurvesAndGoOnWithWords()
    {
        using HttpResponseMessage answer = await client.GetAsync(
            new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using StreamReader lines = new(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("event: series", await lines.ReadLineAsync());
        Assert.Equal("data: {\"points\":[]}", await lines.ReadLineAsync());
        await lines.ReadLineAsync();
        page.Hub.Tell("{\"a\":1}"u8.ToArray());
        Assert.Equal("event: board", await lines.ReadLineAsync());
        Assert.Equal("data: {\"a\":1}", await lines.ReadLineAsync());
    }

    /// <summary>Who does not read misses words; the buffer is one.</summary>
    [Fact]
    public async Task Watcher_WhenSlow_GetsTheNewestWord()
    {
        EventHub hub = new(1);
        var watcher = hub.Enter()!;
        for (byte i = 0; i < 100; i++) hub.Tell([i]);
        Assert.Equal([99], await watcher.Reader.ReadAsync());
        Assert.False(watcher.Reader.TryRead(out _));
        Assert.Null(hub.Enter());
    }

    [Fact]
    public async Task Health_AndReadiness_SayWhatIsNotWell()
    {
        using HttpResponseMessage alive = await client.GetAsync(
            new Uri("/healthz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        using HttpResponseMessage ready = await client.GetAsync(
            new Uri("/readyz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains(
            "a stage is down", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "{\"from\":0,\"most\":100}\n", 200)]
    [InlineData("?from=5&limit=7", "{\"from\":5,\"most\":7}\n", 200)]
    [InlineData("?from=-5", "from and to are", 400)]
    [InlineData("?limit=10001", "from and to are", 400)]
    [InlineData("?limit=x", "from and to are", 400)]
    public async Task History_IsBounded(string query, string words, int status)
    {
        using HttpResponseMessage answer = await client.GetAsync(
            new Uri("/api/history" + query, UriKind.Relative));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.StartsWith(
            words, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400, "id is a name")]
    [InlineData("?id=", 400, "id is a name")]
    [InlineData("?id=a%0Ab", 400, "id is a name")]
    [InlineData("?id=a&id=b", 400, "id is a name")]
    [InlineData("?id=unknown", 404, "near it: known")]
    [InlineData("?id=known", 200, "{\"id\":\"known\"}")]
    public async Task Why_AnswersOneNameAlone(string query, int status, string words)
    {
        using HttpResponseMessage answer = await client.GetAsync(
            new Uri("/api/why" + query, UriKind.Relative));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage tooLong = await client.GetAsync(
            new Uri("/api/why?id=" + new string('a', WhyDesk.MostId + 1), UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
    }

    /// <summary>One answer is looked for at a time; who asks meanwhile is told to come back, and
    /// who leaves frees the place.</summary>
    [Fact]
    public async Task Why_WhenOneIsLookedFor_SendsTheNextAway()
    {
        using CancellationTokenSource leaves = new();
        Task<HttpResponseMessage> slow = client.GetAsync(
            new Uri("/api/why?id=slow", UriKind.Relative), leaves.Token);
        await Task.Delay(300);
        using HttpResponseMessage second = await client.GetAsync(
            new Uri("/api/why?id=known", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        using HttpResponseMessage third = await client.GetAsync(
            new Uri("/api/why?id=known", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    /// <summary>A link from another site may lead to the page; no other site makes it work.
    /// </summary>
    [Theory]
    [InlineData("/", 200)]
    [InlineData("/api/why?id=known", 403)]
    [InlineData("/api/board", 403)]
    public async Task Request_AcrossSites_ShowsThePageAlone(string path, int status)
    {
        using HttpRequestMessage ask = new(HttpMethod.Get, path);
        ask.Headers.Add("Sec-Fetch-Site", "cross-site");
        using HttpResponseMessage answer = await client.SendAsync(ask);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    private async Task<(HttpStatusCode Status, string Body)> HaltAsync(
        string token, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage ask = new(HttpMethod.Post, "/api/control/halt");
        if (token.Length > 0) ask.Headers.Add(Gate.TokenHeader, token);
        foreach ((string name, string value) in headers)
            ask.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage answer = await client.SendAsync(ask);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
