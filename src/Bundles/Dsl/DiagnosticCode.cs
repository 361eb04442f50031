// DiagnosticCode: the stable table of what can be wrong with a bundle's text; never reused.
namespace Lockstep.Bundles.Dsl;

/// <summary>What is wrong. The number is the code's and never changes its meaning: 8 is
/// <c>E008</c>. 1 to 39 are the parser's.</summary>
public enum DiagnosticCode
{
    /// <summary>No diagnostic.</summary>
    None = 0,

    /// <summary>A character no token starts with.</summary>
    UnexpectedCharacter = 1,

    /// <summary>The source is longer than <see cref="Parser.MaxSourceLength"/>.</summary>
    SourceTooLong = 2,

    /// <summary>Blocks are nested deeper than <see cref="Parser.MaxNesting"/>.</summary>
    NestingTooDeep = 3,

    /// <summary>There is more wrong than <see cref="Parser.MaxDiagnostics"/> say.</summary>
    TooManyErrors = 4,

    /// <summary>A number that is not <c>digits[.digits]</c> with single <c>_</c> inside.</summary>
    MalformedNumber = 5,

    /// <summary>A number beyond what its place can hold.</summary>
    NumberOutOfRange = 6,

    /// <summary>A word of the language where a name has to stand.</summary>
    ReservedWord = 7,

    /// <summary>One thing was expected and another found.</summary>
    Expected = 8,

    /// <summary>A brace that is never closed.</summary>
    UnclosedBlock = 9,

    /// <summary>A closing brace too many.</summary>
    StrayBrace = 10,

    /// <summary>Not a CAIP-2 chain.</summary>
    NotAChain = 11,

    /// <summary>Not a CAIP-19 asset.</summary>
    NotAnAsset = 12,

    /// <summary>Not a CAIP-10 contract.</summary>
    NotAContract = 13,

    /// <summary>A word that starts nothing here and is none of the language.</summary>
    UnknownWord = 14,

    /// <summary>A word of the language in a block it does not belong to.</summary>
    MisplacedWord = 15,

    /// <summary>A unit that is missing or not known.</summary>
    UnknownUnit = 16,

    /// <summary>A fraction of something that is not divisible.</summary>
    NotWhole = 17,

    /// <summary>Something that stands once is given twice.</summary>
    GivenTwice = 18,

    /// <summary>A part the block cannot be without.</summary>
    MissingPart = 19,

    /// <summary>A committee that can never sign, or always does.</summary>
    ImpossibleThreshold = 20,

    /// <summary>A statement that makes a wire, and the wire has no name.</summary>
    UnnamedResult = 21,

    /// <summary>A name for a wire that is not made.</summary>
    UnwantedResult = 22,

    /// <summary>A pool fee that is no whole number of pips below 100 %.</summary>
    FeeNotPips = 23,

    /// <summary>A clause that this kind of leg does not have.</summary>
    MisplacedClause = 24,
}
