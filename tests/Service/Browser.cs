// Browser: a headless Chromium for one test, driven by the DevTools protocol over its websocket.
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lockstep.Tests.Tools;
using Xunit;

namespace Lockstep.Tests.Service;

/// <summary>A test in a browser; skipped, in words, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <summary>Decides whether it can run here.</summary>
    public BrowserFactAttribute() => Skip = Programs.IsThere(Browser.Program) ? null
        : $"no {Browser.Program} on the PATH: apt-get install chromium";
}

/// <summary>One page of one browser.</summary>
internal sealed class Browser : IAsyncDisposable
{
    /// <summary>What is started.</summary>
    public const string Program = "chromium";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string profile = Directory.CreateTempSubdirectory("lockstep-web").FullName;
    private readonly Process process;
    private readonly ClientWebSocket socket = new();
    private readonly List<string> faults = [];
    private int id;

    private Browser() => process = Process.Start(new ProcessStartInfo(Program,
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--force-prefers-reduced-motion", "--remote-debugging-port=0",
        "--user-data-dir=" + profile, "about:blank",
    ])
    {
        RedirectStandardError = true, RedirectStandardOutput = true,
    })!;

    /// <summary>What the page complained of: errors of scripts, refusals of its policy.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>Opens a page.</summary>
    public static async Task<Browser> OpenAsync(Uri page, int width, int height)
    {
        Browser browser = new();
        try
        {
            await browser.AttachAsync();
            await browser.CallAsync("Runtime.enable", []);
            await browser.CallAsync("Log.enable", []);
            await browser.CallAsync("Page.enable", []);
            await browser.CallAsync("Emulation.setDeviceMetricsOverride", new JsonObject
            {
                ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1,
                ["mobile"] = false,
            });
            await browser.CallAsync("Page.navigate", new JsonObject { ["url"] = page.ToString() });
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>What an expression of the page comes to, as text.</summary>
    public async Task<string> AskAsync(string expression)
    {
        JsonNode answer = await CallAsync("Runtime.evaluate", new JsonObject
        {
            ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true,
        });
        return answer["result"]?["value"]?.ToString() ?? "";
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task UntilAsync(string expression)
    {
        long began = Stopwatch.GetTimestamp();
        while (await AskAsync($"String(Boolean({expression}))") != "true")
        {
            Assert.True(
                Stopwatch.GetElapsedTime(began) < Patience,
                $"never came to be: {expression}; the page says: "
                    + await AskAsync("document.body?.innerText ?? ''"));
            await Task.Delay(100);
        }
    }

    /// <summary>Presses a key.</summary>
    public async Task PressAsync(string key)
    {
        foreach (string type in (string[])["rawKeyDown", "keyUp"])
            await CallAsync("Input.dispatchKeyEvent", new JsonObject
            {
                ["type"] = type, ["key"] = key, ["code"] = key,
                ["windowsVirtualKeyCode"] = key switch { "Tab" => 9, "Escape" => 27, _ => 13 },
            });
        if (key == "Enter")
            await CallAsync("Input.dispatchKeyEvent", new JsonObject
            {
                ["type"] = "char", ["text"] = "\r",
            });
    }

    /// <summary>A picture of the page, PNG.</summary>
    public async Task<byte[]> PictureAsync() => Convert.FromBase64String(
        (await CallAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" }))
            ["data"]!.ToString());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(profile, recursive: true);
    }

    /// <summary>Its port is the first line of a file that it writes when it listens.</summary>
    private async Task AttachAsync()
    {
        string file = Path.Combine(profile, "DevToolsActivePort");
        long began = Stopwatch.GetTimestamp();
        string[] lines = [];
        while (lines.Length < 2)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "the browser did not start");
            await Task.Delay(50);
            if (File.Exists(file)) lines = await File.ReadAllLinesAsync(file);
        }
        using HttpClient client = new();
        using HttpResponseMessage made = await client.PutAsync(
            new Uri($"http://127.0.0.1:{lines[0]}/json/new?about:blank"), null);
        JsonNode page = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        await socket.ConnectAsync(
            new Uri(page["webSocketDebuggerUrl"]!.ToString()), CancellationToken.None);
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        using CancellationTokenSource late = new(Patience);
        JsonObject call = new() { ["id"] = ++id, ["method"] = method, ["params"] = parameters };
        await socket.SendAsync(
            Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, true,
            late.Token);
        while (true)
        {
            JsonNode told = await HearAsync(late.Token);
            if (told["id"]?.GetValue<int>() == id)
                return told["result"] ?? throw new InvalidOperationException(told.ToJsonString());
            string? kind = told["method"]?.ToString();
            if (kind == "Runtime.exceptionThrown"
                || (kind == "Log.entryAdded"
                    && told["params"]?["entry"]?["level"]?.ToString() == "error"))
                faults.Add(told["params"]!.ToJsonString());
        }
    }

    private async Task<JsonNode> HearAsync(CancellationToken cancel)
    {
        using MemoryStream text = new();
        byte[] part = new byte[1 << 16];
        WebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(part, cancel);
            text.Write(part, 0, got.Count);
        }
        while (!got.EndOfMessage);
        return JsonNode.Parse(text.ToArray())!;
    }
}
