// Gate: who may ask the page: this machine under its own names, no other site, control by token.
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Lockstep.Service.Page;

/// <summary>A page on 127.0.0.1 can be reached by every site that the same browser shows: by name,
/// once its name server answers 127.0.0.1 (then the Host header is that site's), and by requests
/// that it sends across (then the Origin header is). Both are refused.</summary>
internal sealed class Gate
{
    /// <summary>The header of control; no other site can set it without being asked for leave.
    /// </summary>
    public const string TokenHeader = "X-Lockstep-Token";

    /// <summary>The least that a token has, in bytes.</summary>
    public const int LeastToken = 16;

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly byte[]? tokenHash;

    /// <summary>A gate.</summary>
    /// <param name="token">What control needs; null: nobody has control.</param>
    public Gate(ReadOnlySpan<byte> token) =>
        tokenHash = token.IsEmpty ? null : SHA256.HashData(token);

    /// <summary>Whether anybody may have control.</summary>
    public bool HasControl => tokenHash is not null;

    /// <summary>Why a request is refused; null where it is not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="port">Where the page listens.</param>
    public static string? Refusal(HttpRequest request, int port)
    {
        ArgumentNullException.ThrowIfNull(request);
        string at = port.ToString(CultureInfo.InvariantCulture);
        string[] hosts = [$"127.0.0.1:{at}", $"localhost:{at}", $"[::1]:{at}"];
        if (!hosts.Contains(request.Host.Value, StringComparer.OrdinalIgnoreCase))
            return "this page has no such host; it is http://127.0.0.1:" + at;
        if (request.Headers.TryGetValue("Origin", out StringValues origin)
            && (origin.Count != 1 || !hosts.Any(host => string.Equals(
                origin[0], "http://" + host, StringComparison.OrdinalIgnoreCase))))
            return "this page answers itself, no other site";
        return request.Headers.TryGetValue("Sec-Fetch-Site", out StringValues site)
            && site is not ["same-origin"] and not ["none"]
            && (!HttpMethods.IsGet(request.Method) || request.Path.StartsWithSegments("/api"))
            ? "this page answers itself, no other site" : null;
    }

    /// <summary>Whether a request carries the token; takes as long for any wrong one.</summary>
    public bool MayControl(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (tokenHash is null) return false;
        byte[] told = SHA256.HashData(Encoding.UTF8.GetBytes(
            request.Headers.TryGetValue(TokenHeader, out StringValues token) && token.Count == 1
                ? token[0] ?? "" : ""));
        return CryptographicOperations.FixedTimeEquals(told, tokenHash);
    }

    /// <summary>What every answer carries.</summary>
    public static void Dress(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>Refuses.</summary>
    public static Task RefuseAsync(HttpContext context, string words)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.StatusCode = (int)HttpStatusCode.Forbidden;
        return context.Response.WriteAsync(words + "\n");
    }
}
