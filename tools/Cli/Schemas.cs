// Schemas: the JSON schema of each line kind, carried inside the binary; source: docs/schemas/.
namespace Lockstep.Tools.Cli;

/// <summary>Reads the schema files that were embedded as <c>schemas/KIND.json</c>.</summary>
public static class Schemas
{
    /// <summary>The schema of <paramref name="kind"/>, as UTF-8 JSON with a last newline.</summary>
    /// <exception cref="RefusedException">No schema file was there when this was built.</exception>
    public static byte[] Of(string kind)
    {
        using Stream? file = typeof(Schemas).Assembly
            .GetManifestResourceStream($"schemas/{kind}.json");
        if (file is null)
        {
            throw new RefusedException($"no schema: docs/schemas/{kind}.json was not built in");
        }
        byte[] text = new byte[file.Length];
        file.ReadExactly(text);
        return text;
    }
}
