// DetectionOptions: what `bench detection` was asked for; lists with commas.
using System.Globalization;

namespace Lockstep.Bench.Detection;

/// <summary>The options; see the usage.</summary>
public sealed record DetectionOptions
{
    /// <summary>Graphs to make, by name.</summary>
    public IReadOnlyList<string> Graphs { get; init; } =
        ["synthetic", "power-law", "synthetic-mixed", "power-law-mixed", "day"];

    /// <summary>The names there are; <c>-low</c> has no fee above 0.3 %.</summary>
    private static readonly string[] Names =
    [
        "synthetic", "power-law", "synthetic-mixed", "power-law-mixed", "day", "synthetic-low",
        "power-law-low", "synthetic-low-mixed", "power-law-low-mixed",
    ];

    /// <summary>Pools of a made-up graph.</summary>
    public IReadOnlyList<int> Pools { get; init; } = [500, 2000];

    /// <summary>Pools that moved; 0 for all of them.</summary>
    public IReadOnlyList<int> Touched { get; init; } = [0, 10];

    /// <summary>A file of pools, or null.</summary>
    public string? File { get; init; }

    /// <summary>Longest cycles.</summary>
    public int Swaps { get; init; } = 3;

    /// <summary>Most cycles an engine lists.</summary>
    public int Cycles { get; init; } = 1_000_000;

    /// <summary>Pools beyond which slow engines are left out.</summary>
    public int Slow { get; init; } = 20_000;

    /// <summary>Threads of the dual.</summary>
    public int Threads { get; init; } = Math.Min(4, Environment.ProcessorCount);

    /// <summary>Where the plot goes, or null.</summary>
    public string? Plot { get; init; }

    /// <summary>Whether to write the baseline.</summary>
    public bool Save { get; init; }

    /// <summary>Reads a command line.</summary>
    public static bool TryRead(string[] args, out DetectionOptions options, out string wrong)
    {
        ArgumentNullException.ThrowIfNull(args);
        options = new DetectionOptions();
        wrong = "";
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name == "--save")
            {
                options = options with { Save = true };
                continue;
            }
            string? value = ++i < args.Length ? args[i] : null;
            DetectionOptions? next = value is null ? null : With(options, name, value);
            wrong = value is null ? $"{name} takes a value, or is none" : $"{name} {value} is none";
            if (next is null) return false;
            options = next;
        }
        wrong = "";
        return true;
    }

    private static DetectionOptions? With(DetectionOptions options, string name, string value)
    {
        string[] parts = value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        int[] numbers = [.. parts.Select(part => part == "all" ? 0
            : int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int n)
                ? n : -1)];
        bool sound = numbers.Length > 0 && numbers.All(n => n >= 0);
        int one = sound && numbers.Length == 1 ? numbers[0] : -1;
        return name switch
        {
            "--graphs" when parts.All(Names.Contains) =>
                options with { Graphs = parts },
            "--pools" when sound && numbers.All(n => n >= 8) => options with { Pools = numbers },
            "--touched" when sound => options with { Touched = numbers },
            "--file" => options with { File = value, Graphs = [] },
            "--swaps" when one is >= 2 and <= 4 => options with { Swaps = one },
            "--cycles" when one > 0 => options with { Cycles = one },
            "--slow" when one >= 0 => options with { Slow = one },
            "--threads" when one is >= 1 and <= 256 => options with { Threads = one },
            "--plot" => options with { Plot = value },
            _ => null,
        };
    }
}
