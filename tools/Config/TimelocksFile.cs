// TimelocksFile: reads timelocks.toml into the time bounds of chains; refuses what it doesn't know.
using Lockstep.Bundles.Check;
using Lockstep.Model;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The file of time bounds: one table a chain and tier.</summary>
public static class TimelocksFile
{
    private const int Version = 1;

    private static readonly string[] Figures =
    [
        "finalitySeconds", "observationSeconds", "inclusionSeconds", "reorgSeconds",
        "outageSeconds", "skewSeconds",
    ];

    /// <summary>Where the file is when nobody says otherwise, from the repository's
    /// folder.</summary>
    public const string DefaultPath = "config/timelocks.toml";

    /// <summary>Reads a file, or the default one.</summary>
    /// <exception cref="RefusedException">The file can't be read or says something
    /// wrong.</exception>
    public static TimelocksTable Read(string? path)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath);
        string shown = path ?? DefaultPath;
        if (!File.Exists(file)) throw new RefusedException($"{shown}: no such file");
        return Parse(File.ReadAllText(file), shown);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static TimelocksTable Parse(string text, string file)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = sections[0].Section;
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        SourceList sources = new(
            sections.Where(s => s.Name == "source").Select(s => s.Section));
        HashSet<(ChainId, FinalityTier)> seen = [];
        List<ChainTiming> timings = [];
        foreach ((string name, TomlSection section) in sections)
        {
            if (name == "chain")
            {
                ChainTiming timing = Chain(section, sources);
                if (!seen.Add((timing.Chain, timing.Tier)))
                    throw section.Fault("id", $"{timing.Chain} is there twice at this tier");
                timings.Add(timing);
            }
            else if (name is not ("" or "source"))
            {
                throw section.Fault("[" + name + "]", "is not a table of this file");
            }
            section.End();
        }
        sources.End();
        return new(timings);
    }

    private static ChainTiming Chain(TomlSection chain, SourceList sources) => new(
        chain.Text("id", ChainId.Parse),
        chain.Text("tier", Tier),
        Seconds(chain, "finalitySeconds"),
        Seconds(chain, "observationSeconds"),
        Seconds(chain, "inclusionSeconds"),
        Seconds(chain, "reorgSeconds"),
        Seconds(chain, "outageSeconds"),
        Seconds(chain, "skewSeconds"),
        sources.Of(chain, Figures));

    private static long Seconds(TomlSection chain, string key) =>
        (long)chain.Number(key, (ulong)ChainTiming.MaxSeconds);

    private static FinalityTier Tier(string word) => word switch
    {
        "final" => FinalityTier.Final,
        "soft" => FinalityTier.Soft,
        _ => throw new FormatException($"'{word}' is neither final nor soft"),
    };
}
