// DiagnosticCode: the stable table of what can be wrong with a bundle's text; never reused.
namespace Lockstep.Bundles.Dsl;

/// <summary>What is wrong. The number is the code's and never changes its meaning: 8 is
/// <c>E008</c>. 1 to 39 are the parser's, 101 to 199 the checker's.</summary>
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

    /// <summary>A wire that no statement before made.</summary>
    UnknownWire = 101,

    /// <summary>A wire that is already used.</summary>
    WireUsedTwice = 102,

    /// <summary>A wire that nothing uses.</summary>
    WireDropped = 103,

    /// <summary>A wire's name that is taken in its scope.</summary>
    WireNamedTwice = 104,

    /// <summary>A wire, asset or contract of another chain than the scope's.</summary>
    WrongChain = 105,

    /// <summary>One asset where another is needed.</summary>
    WrongAsset = 106,

    /// <summary>A wire that holds less than is taken out of it.</summary>
    TooLittle = 107,

    /// <summary>A debt that no loan of this scope opened.</summary>
    UnknownDebt = 110,

    /// <summary>A debt that its scope does not close.</summary>
    DebtOpen = 111,

    /// <summary>A debt that is already closed.</summary>
    DebtClosedTwice = 112,

    /// <summary>A step that this kind of scope does not have.</summary>
    MisplacedStep = 113,

    /// <summary>One transaction that would run on two chains.</summary>
    ScopeCrossesChain = 120,

    /// <summary>A flash loan that would be repaid on another chain or later.</summary>
    FlashLoanAcrossChains = 121,

    /// <summary>A chain that is not declared.</summary>
    UnknownChain = 130,

    /// <summary>An asset that is not declared on its chain.</summary>
    UnknownAsset = 131,

    /// <summary>A pool that is not declared on its chain.</summary>
    UnknownPool = 132,

    /// <summary>A vault, lender, committee or account that is not declared.</summary>
    UnknownContract = 133,

    /// <summary>A name that is declared twice.</summary>
    DeclaredTwice = 134,

    /// <summary>An identifier of another chain than its declaration says.</summary>
    IdentifierOffChain = 135,

    /// <summary>A pool that does not trade the assets of the swap.</summary>
    PoolAssets = 136,

    /// <summary>A fee tier that is not the declared pool's.</summary>
    PoolFee = 137,

    /// <summary>An amount finer than the asset divides, or beyond 256 bits.</summary>
    AmountNotRepresentable = 138,

    /// <summary>An amount, minimum or length of time that is zero.</summary>
    AmountZero = 139,

    /// <summary>Too few or too many legs to be settled together.</summary>
    LegCount = 140,

    /// <summary>A leg's name that is taken in its block.</summary>
    LegNamedTwice = 141,

    /// <summary>A settled leg without a bond.</summary>
    BondMissing = 142,

    /// <summary>A bond below what unwinding is known to cost.</summary>
    BondTooSmall = 143,

    /// <summary>An escape below the least that the timelocks allow.</summary>
    EscapeTooShort = 144,

    /// <summary>A chain whose times are not known.</summary>
    TimingUnknown = 145,

    /// <summary>A quorum that could sign both outcomes.</summary>
    QuorumNotExclusive = 146,

    /// <summary>A settled leg that locks nothing.</summary>
    LegNotLocked = 147,

    /// <summary>A leg that COMMIT does not novate, or novates twice.</summary>
    CommitIncomplete = 148,

    /// <summary>A leg that ABORT does not unwind, or unwinds twice.</summary>
    AbortIncomplete = 149,

    /// <summary>An abort that does not say once who pays a shortfall.</summary>
    ShortfallUnpaid = 150,

    /// <summary>A commit that does not say once who gets the surplus.</summary>
    SurplusUnpaid = 151,

    /// <summary>A leg that is not in the block.</summary>
    UnknownLeg = 153,

    /// <summary>A result without a bound in a scope no chain undoes.</summary>
    MinimumMissing = 160,

    /// <summary>A result that the plan for failure leaves out.</summary>
    RemedyMissing = 162,

    /// <summary>A remedy that can never be carried out.</summary>
    RemedyImpossible = 163,

    /// <summary>A transfer that the compensation leaves out.</summary>
    CompensationMissing = 170,

    /// <summary>Branches side by side that touch the same pool.</summary>
    ParallelConflict = 175,

    /// <summary>A net limit that the stated amounts do not reach.</summary>
    NetUnreachable = 180,

    /// <summary>A gas limit of a chain that nothing runs on.</summary>
    GasChainUnused = 181,

    /// <summary>A second gas limit of one chain.</summary>
    GasLimitTwice = 182,

    /// <summary>A bundle, block or leg without a statement.</summary>
    NothingToDo = 190,

    /// <summary>More statements or deeper nesting than is checked.</summary>
    BundleTooLarge = 191,
}
