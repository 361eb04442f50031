// PageHost: the page on 127.0.0.1: files, events, health, metrics, history, why, control; bounded.
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Lockstep.Model;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Live;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lockstep.Service.Page;

/// <summary>What the page shows and does; what is null has no address.</summary>
/// <param name="Series">The curves so far.</param>
/// <param name="Faults">What is not well.</param>
/// <param name="IsReady">Whether everything runs.</param>
internal sealed record PageSources(
    Func<SeriesWords> Series, Func<IReadOnlyList<string>> Faults, Func<bool> IsReady)
{
    /// <summary>Writes the metrics.</summary>
    public Func<Stream, CancellationToken, Task>? Metrics { get; init; }

    /// <summary>Outcomes.</summary>
    public Func<HistoryQuery, IReadOnlyList<string>>? History { get; init; }

    /// <summary>What each stage decided of a thing, as JSON; or names that are near.</summary>
    public Func<string, CancellationToken, (byte[]? Json, IReadOnlyList<string> Near)>? Why
    {
        get; init;
    }

    /// <summary>What control does, by name: <c>pause</c>, <c>halt</c>, <c>resume</c>.</summary>
    public IReadOnlyDictionary<string, Func<string>>? Acts { get; init; }
}

/// <summary>The web host.</summary>
internal sealed class PageHost : IAsyncDisposable
{
    private const int MostConnections = 256, MostBodyBytes = 1024;
    private static readonly TimeSpan WritePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WhyPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WrongToken = TimeSpan.FromMilliseconds(300);

    private readonly WebApplication app;
    private readonly PageSources sources;
    private readonly Gate gate;
    private readonly EventHub hub;
    private readonly CancellationTokenSource closing = new();
    private readonly SemaphoreSlim control = new(1), asking = new(1);
    private int port;

    private PageHost(WebApplication app, PageSources sources, Gate gate, EventHub hub) =>
        (this.app, this.sources, this.gate, this.hub) = (app, sources, gate, hub);

    /// <summary>Where it is.</summary>
    public Uri Address => new($"http://127.0.0.1:{port}/");

    /// <summary>Whether the page has control.</summary>
    public bool HasControl => gate.HasControl;

    /// <summary>Who watches.</summary>
    public EventHub Hub => hub;

    /// <summary>Starts it.</summary>
    /// <param name="settings">Port and bounds.</param>
    /// <param name="withControl">Whether control was asked for.</param>
    /// <param name="sources">What it shows.</param>
    /// <exception cref="RefusedException">The port is taken, or the token can't be used.
    /// </exception>
    public static async Task<PageHost> StartAsync(
        PageSettings settings, bool withControl, PageSources sources)
    {
        Gate gate = new(withControl ? Token(settings) : []);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        // Signals are the service's to hear: the page goes down with it, not before.
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, settings.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = WritePatience;
        });
        PageHost host = new(builder.Build(), sources, gate, new EventHub(settings.MaxClients));
        host.Map();
        try
        {
            await host.app.StartAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw new RefusedException($"[page] port = {settings.Port}: {e.Message}; put another, "
                + "or 0 for any that is free");
        }
        host.port = new Uri(host.app.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return host;
    }

    /// <summary>Tells everybody who watches.</summary>
    public void Tell(BoardWords words) =>
        hub.Tell(JsonSerializer.SerializeToUtf8Bytes(words, BoardJson.Default.BoardWords));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
        closing.Dispose();
        control.Dispose();
        asking.Dispose();
    }

    private static ReadOnlySpan<byte> Token(PageSettings settings)
    {
        if (settings.TokenPath is not { } file)
            throw new RefusedException("--control needs [page] tokenFile: a file of your own, "
                + "chmod 600, whose first line is the token");
        byte[] token = KeyFile.Secret(file);
        return token.Length >= Gate.LeastToken ? token
            : throw new RefusedException($"{file}: a token of {token.Length} bytes can be guessed; "
                + $"put {Gate.LeastToken} or more, such as `head -c 24 /dev/urandom | base64`");
    }

    private void Map()
    {
        app.Use(async (context, next) =>
        {
            Gate.Dress(context.Response);
            if (Gate.Refusal(context.Request, port) is { } words)
                await Gate.RefuseAsync(context, words).ConfigureAwait(false);
            else
                await next(context).ConfigureAwait(false);
        });
        app.UseRouting();
        foreach ((string path, PageFile file) in PageFiles.All)
            app.MapGet(path, context => FileAsync(context, file));
        app.MapGet("/events", EventsAsync);
        app.MapGet("/api/board", context => AnswerAsync(
            context, 200, "application/json", hub.Last ?? "{}"u8.ToArray()));
        app.MapGet("/healthz", context => WordsAsync(context, true, []));
        app.MapGet("/readyz", context => WordsAsync(
            context, sources.IsReady(), sources.IsReady() ? [] : sources.Faults()));
        if (sources.Metrics is { } metrics)
            app.MapGet("/metrics", context =>
            {
                context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                return metrics(context.Response.Body, context.RequestAborted);
            });
        if (sources.History is { } history)
            app.MapGet("/api/history", context => HistoryAsync(context, history));
        if (sources.Why is { } why)
            app.MapGet("/api/why", context => WhyAsync(context, why));
        if (sources.Acts is { } acts)
            foreach ((string name, Func<string> act) in acts)
                app.MapPost("/api/control/" + name, context => ActAsync(context, name, act));
    }

    private static Task FileAsync(HttpContext context, PageFile file) =>
        AnswerAsync(context, 200, file.Type, file.Bytes);

    private async Task EventsAsync(HttpContext context)
    {
        if (hub.Enter() is not { } watcher)
        {
            context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            context.Response.Headers.RetryAfter = "10";
            await context.Response.WriteAsync("too many watch already\n").ConfigureAwait(false);
            return;
        }
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, closing.Token);
        try
        {
            context.Response.ContentType = "text/event-stream";
            await SendAsync("series", JsonSerializer.SerializeToUtf8Bytes(
                sources.Series(), BoardJson.Default.SeriesWords)).ConfigureAwait(false);
            await foreach (byte[] word in watcher.Reader.ReadAllAsync(gone.Token)
                .ConfigureAwait(false))
                await SendAsync("board", word).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It left, was too slow, or the service ends.
        }
        finally
        {
            hub.Leave(watcher);
        }

        async Task SendAsync(string name, byte[] data)
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(gone.Token);
            late.CancelAfter(WritePatience);
            await context.Response.Body.WriteAsync(
                Encoding.ASCII.GetBytes($"event: {name}\ndata: "), late.Token)
                .ConfigureAwait(false);
            await context.Response.Body.WriteAsync(data, late.Token).ConfigureAwait(false);
            await context.Response.Body.WriteAsync("\n\n"u8.ToArray(), late.Token)
                .ConfigureAwait(false);
            await context.Response.Body.FlushAsync(late.Token).ConfigureAwait(false);
        }
    }

    private async Task ActAsync(HttpContext context, string name, Func<string> act)
    {
        // One at a time: whoever guesses tokens waits for every wrong one.
        await control.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            if (!gate.MayControl(context.Request))
            {
                await Task.Delay(WrongToken, context.RequestAborted).ConfigureAwait(false);
                await Gate.RefuseAsync(context, gate.HasControl
                    ? "the token is missing or wrong"
                    : "this page only shows; start it with --control").ConfigureAwait(false);
                return;
            }
            string words;
            try
            {
                words = act();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException
                or RefusedException)
            {
                await WordsAsync(context, false, [$"{name}: {PlainText.OneLine(e.Message)}"])
                    .ConfigureAwait(false);
                return;
            }
            await WordsAsync(context, true, [words]).ConfigureAwait(false);
        }
        finally
        {
            control.Release();
        }
    }

    private static async Task HistoryAsync(
        HttpContext context, Func<HistoryQuery, IReadOnlyList<string>> history)
    {
        long from = Number("from", 0), to = Number("to", long.MaxValue);
        long most = Number("limit", 100);
        string? reason = context.Request.Query["reason"] is [{ Length: > 0 } one] ? one : null;
        if (from < 0 || to < 0 || most is < 0 or > Service.History.MostAnswered)
        {
            await AnswerAsync(context, 400, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(
                "from and to are UNIX milliseconds, limit is from 0 to "
                + $"{Service.History.MostAnswered}\n")).ConfigureAwait(false);
            return;
        }
        context.Response.ContentType = "application/x-ndjson";
        foreach (string row in history(new HistoryQuery(from, to, reason, (int)most)))
            await context.Response.WriteAsync(row + "\n", context.RequestAborted)
                .ConfigureAwait(false);

        long Number(string name, long usual) =>
            context.Request.Query[name] is not [{ Length: > 0 } text] ? usual
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n
            : -1;
    }

    private async Task WhyAsync(
        HttpContext context,
        Func<string, CancellationToken, (byte[]? Json, IReadOnlyList<string> Near)> why)
    {
        if (context.Request.Query["id"] is not [{ } id] || !WhyDesk.IsName(id))
        {
            await SayAsync(400, $"id is a name of at most {WhyDesk.MostId} letters")
                .ConfigureAwait(false);
            return;
        }
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, closing.Token);
        // A log may have to be run again for it: one at a time, and nobody waits for long.
        if (!await asking.WaitAsync(WhyPatience, gone.Token).ConfigureAwait(false))
        {
            context.Response.Headers.RetryAfter = "10";
            await SayAsync(503, "another answer is being looked for; ask again")
                .ConfigureAwait(false);
            return;
        }
        try
        {
            (byte[]? json, IReadOnlyList<string> near) = await Task.Run(
                () => why(id, gone.Token), gone.Token).ConfigureAwait(false);
            if (json is not null)
                await AnswerAsync(context, 200, "application/json", json).ConfigureAwait(false);
            else
                await SayAsync(404, near.Count == 0 ? $"nothing here is called {id}"
                    : $"nothing here is called {id}; near it: {string.Join(", ", near)}")
                    .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it any more.
        }
        finally
        {
            asking.Release();
        }

        Task SayAsync(int status, string words) => AnswerAsync(
            context, status, "application/json", JsonSerializer.SerializeToUtf8Bytes(
                new AnswerWords(false, [words]), BoardJson.Default.AnswerWords));
    }

    private static Task WordsAsync(HttpContext context, bool ok, IReadOnlyList<string> words) =>
        AnswerAsync(context, ok ? 200 : 503, "application/json",
            JsonSerializer.SerializeToUtf8Bytes(
                new AnswerWords(ok, words), BoardJson.Default.AnswerWords));

    private static async Task AnswerAsync(
        HttpContext context, int status, string type, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>A host that ends when it is told to.</summary>
    private sealed class OwnLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
