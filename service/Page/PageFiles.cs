// PageFiles: the page's own files, out of the binary, with the types that browsers insist on.
using System.Collections.Frozen;
using System.Reflection;

namespace Lockstep.Service.Page;

/// <summary>A file of the page.</summary>
/// <param name="Type">Its media type.</param>
/// <param name="Bytes">What is in it.</param>
internal sealed record PageFile(string Type, byte[] Bytes);

/// <summary>All of them by path.</summary>
internal static class PageFiles
{
    private const string Prefix = "wwwroot/";

    /// <summary>The files; <c>/</c> is the page.</summary>
    public static FrozenDictionary<string, PageFile> All { get; } = Read();

    private static FrozenDictionary<string, PageFile> Read()
    {
        Assembly here = typeof(PageFiles).Assembly;
        Dictionary<string, PageFile> files = new(StringComparer.Ordinal);
        foreach (string name in here.GetManifestResourceNames())
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            using Stream stream = here.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string path = "/" + name[Prefix.Length..];
            PageFile file = new(Type(path), bytes);
            files[path] = file;
            if (path == "/index.html") files["/"] = file;
        }
        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string Type(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
