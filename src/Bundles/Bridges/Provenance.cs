// Provenance: where a figure comes from: documented, measured or assumed, and where to look it up.
namespace Lockstep.Bundles.Bridges;

/// <summary>How far a figure can be trusted.</summary>
public enum ProvenanceKind
{
    /// <summary>Nobody measured it and nobody promises it: there to be replaced.</summary>
    Assumed,

    /// <summary>The operator or the protocol's documents say so.</summary>
    Documented,

    /// <summary>Somebody measured it: the text says who and on what.</summary>
    Measured,
}

/// <summary>The source of one figure.</summary>
/// <param name="Kind">How far it can be trusted.</param>
/// <param name="Where">An address, a paper, or why it was assumed.</param>
public sealed record Provenance(ProvenanceKind Kind, string Where)
{
    /// <summary>The word of a kind, as it stands in configuration files.</summary>
    public static string Word(ProvenanceKind kind) => kind switch
    {
        ProvenanceKind.Assumed => "assumed",
        ProvenanceKind.Documented => "documented",
        _ => "measured",
    };

    /// <summary>Reads the word of a kind.</summary>
    /// <exception cref="FormatException">It is none of the three.</exception>
    public static ProvenanceKind ParseKind(string word) => word switch
    {
        "assumed" => ProvenanceKind.Assumed,
        "documented" => ProvenanceKind.Documented,
        "measured" => ProvenanceKind.Measured,
        _ => throw new FormatException(
            $"'{word}' is none of documented, measured, assumed"),
    };
}
