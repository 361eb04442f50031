// SchemaTests: docs/schemas is what the codec's contracts say, and lines obey it.
using System.Text.Json;
using CsCheck;
using Lockstep.Model.Lines;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Model;

public sealed class SchemaTests
{
    private static readonly Dictionary<string, JsonElement> Schemas =
        LineCodec.KnownKinds.ToDictionary(kind => kind, kind =>
        {
            using JsonDocument json = JsonDocument.Parse(LineSchemas.Of(kind));
            return json.RootElement.Clone();
        });

    public static TheoryData<string> Kinds => [.. LineCodec.KnownKinds];

    /// <summary>After a change of a format LOCKSTEP_WRITE_SCHEMAS=1 writes the files anew.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void SchemaFile_IsWhatTheContractSays(string kind)
    {
        string path = Path.Combine(SourceTree.Root, "docs", "schemas", kind + ".json");
        string schema = LineSchemas.Of(kind);
        if (Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_SCHEMAS") == "1")
            File.WriteAllText(path, schema);
        Assert.Equal(File.ReadAllText(path), schema);
    }

    [Fact]
    public void Lines_ObeyTheirSchema() =>
        LineGen.Any.Sample(line => Assert.Empty(Breaches(line)), iter: 400);

    [Fact]
    public void RecordedLines_ObeyTheirSchema() => Assert.All(
        RecordedDay.Open(Recordings.CommittedDay).Lines().Where((_, n) => n % 7 == 0),
        line => Assert.Empty(Breaches(line.Line)));

    /// <summary>So that the check can't sleep: without one required field a line breaks it.
    /// </summary>
    [Fact]
    public void Line_WithoutARequiredField_BreaksItsSchema() => LineGen.Any.Sample(line =>
    {
        JsonElement schema = Schemas[line.Kind];
        var fields = JsonDocument.Parse(Recordings.Text([line])).RootElement
            .EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        foreach (JsonElement name in schema.GetProperty("required").EnumerateArray())
        {
            var fewer = fields.Where(field => field.Key != name.GetString());
            JsonElement cut = JsonSerializer.SerializeToElement(fewer.ToDictionary());
            Assert.Single(SchemaCheck.Breaches(schema, cut));
        }
    }, iter: 50);

    private static IEnumerable<string> Breaches(Line line)
    {
        using JsonDocument json = JsonDocument.Parse(Recordings.Text([line]));
        return [.. SchemaCheck.Breaches(Schemas[line.Kind], json.RootElement)];
    }
}
