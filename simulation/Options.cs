// Options: the command line of simulate, and the line that replays a scenario.
using System.Globalization;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator;

/// <summary>What was asked for.</summary>
public sealed record Options
{
    public IReadOnlyList<Profile> Profiles { get; init; } =
        [Profile.Calm, Profile.Storm, Profile.Hostile];

    public ulong Seed { get; init; } = 1;

    public int Seeds { get; init; } = 100;

    public int Bundles { get; init; } = 40;

    public int Jobs { get; init; } = Environment.ProcessorCount;

    public bool Trace { get; init; }

    public bool Shrink { get; init; } = true;

    /// <summary>Where finished seeds are written down and found again; null for nowhere.
    /// </summary>
    public string? Record { get; init; }

    /// <summary>"help" or "faults", where only that is wanted.</summary>
    public string? Shows { get; init; }

    private Faults Without { get; init; }

    private Faults? Only { get; init; }

    /// <summary>The scenario of the first seed.</summary>
    public Scenario Of(Profile profile) => new(
        Seed, profile, Bundles, (Only ?? Scenario.Of(profile)) & ~Without);

    /// <summary>The options that make this scenario.</summary>
    public static string Line(Scenario of) => string.Create(CultureInfo.InvariantCulture,
        $"--profile {of.Profile.ToString().ToLowerInvariant()} --seed {of.Seed} --bundles "
        + $"{of.Bundles} --only {of.Faults.ToString().Replace(" ", "", StringComparison.Ordinal)}");

    /// <summary>Reads a command line.</summary>
    public static bool TryRead(string[] args, out Options options, out string fault)
    {
        options = new Options();
        fault = "";
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            switch (name)
            {
                case "--trace":
                    options = options with { Trace = true };
                    continue;
                case "--no-shrink":
                    options = options with { Shrink = false };
                    continue;
                case "--help" or "--faults":
                    options = options with { Shows = name[2..] };
                    continue;
            }
            string value = ++i < args.Length ? args[i] : "";
            if (With(options, name, value) is not { } next)
            {
                fault = $"'{name} {value}' is not understood";
                return false;
            }
            options = next;
        }
        return true;
    }

    private static Options? With(Options options, string name, string value)
    {
        bool isNumber = int.TryParse(
            value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0;
        return name switch
        {
            "--profile" when value == "all" => options,
            "--profile" when Enum.TryParse(value, true, out Profile one)
                && Enum.IsDefined(one) => options with { Profiles = [one] },
            "--seed" when ulong.TryParse(
                value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) =>
                options with { Seed = seed },
            "--seeds" when isNumber => options with { Seeds = number },
            "--bundles" when isNumber => options with { Bundles = number },
            "--jobs" when isNumber => options with { Jobs = number },
            "--record" when value.Length > 0 => options with { Record = value },
            "--without" when Enum.TryParse(value, true, out Faults without) =>
                options with { Without = without },
            "--only" when Enum.TryParse(value, true, out Faults only) =>
                options with { Only = only },
            _ => null,
        };
    }
}
