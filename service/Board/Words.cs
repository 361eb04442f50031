// Words: what the page is told, once a second: plain values, JSON names, money in micro-dollars.
using System.Text.Json.Serialization;

namespace Lockstep.Service.Board;

/// <summary>Everything that the page shows.</summary>
/// <param name="AtMs">When, UNIX milliseconds.</param>
/// <param name="Run">What runs.</param>
/// <param name="Health">In one word, and why.</param>
/// <param name="Funnel">From what was detected to what paid.</param>
/// <param name="Pnl">Profit.</param>
/// <param name="Stages">The parts.</param>
/// <param name="Clusters">The detectors' last words.</param>
/// <param name="Feeds">How current each chain is.</param>
/// <param name="Signers">The committee.</param>
/// <param name="Refusals">Why not, counted.</param>
/// <param name="Opportunities">The best of the last seconds.</param>
/// <param name="Open">Some bundles that are not over.</param>
/// <param name="OpenCount">How many there are, those that wait included.</param>
/// <param name="Ends">The newest ends.</param>
/// <param name="Risk">The gate; null where nothing is sent.</param>
/// <param name="Inventory">Own funds; empty where they are not read.</param>
/// <param name="SetAside">Pools that are shut, by reason.</param>
/// <param name="Lost">Lines that were not kept, by who was to keep them.</param>
/// <param name="Point">This second's point of the curves.</param>
public sealed record BoardWords(
    long AtMs, RunWords Run, HealthWords Health, FunnelWords Funnel, PnlWords Pnl,
    IReadOnlyList<StageWords> Stages, IReadOnlyList<ClusterWords> Clusters,
    IReadOnlyList<FeedWords> Feeds, IReadOnlyList<SignerWords> Signers,
    IReadOnlyList<CountWords> Refusals, IReadOnlyList<PathWords> Opportunities,
    IReadOnlyList<OpenWords> Open, int OpenCount, IReadOnlyList<EndWords> Ends, RiskWords? Risk,
    IReadOnlyList<HoldingWords> Inventory, IReadOnlyList<CountWords> SetAside,
    IReadOnlyList<CountWords> Lost, PointWords Point);

/// <summary>What runs.</summary>
/// <param name="Feed"><c>live</c>, <c>recorded</c>, <c>load</c> or <c>lines</c>.</param>
/// <param name="Sends">Whether anything is sent.</param>
/// <param name="IsPaused">Whether no plan is begun.</param>
/// <param name="HasControl">Whether the page may pause, halt and resume.</param>
/// <param name="StartedMs">When it started.</param>
/// <param name="Slot">The newest slot, Unix seconds; of the recording where one is played.</param>
/// <param name="Version">The program's.</param>
/// <param name="Routing">What all pools at once are searched on; empty where nothing is.</param>
public sealed record RunWords(
    string Feed, bool Sends, bool IsPaused, bool HasControl, long StartedMs, long? Slot,
    string Version, string Routing);

/// <summary>Health.</summary>
/// <param name="Word"><c>well</c>, <c>degraded</c> or <c>stopped</c>.</param>
/// <param name="Why">What is not well.</param>
public sealed record HealthWords(string Word, IReadOnlyList<string> Why);

/// <summary>How far things came.</summary>
/// <param name="Detected">Opportunities.</param>
/// <param name="Chosen">Trades.</param>
/// <param name="Planned">Plans.</param>
/// <param name="Simulated">Plans that a trial on the newest block found good.</param>
/// <param name="Submitted">Bundles of which something was handed to a node.</param>
/// <param name="Landed">Bundles that did what they were to do.</param>
/// <param name="Profitable">Those that brought more than they cost.</param>
public sealed record FunnelWords(
    long Detected, long Chosen, long Planned, long Simulated, long Submitted, long Landed,
    long Profitable);

/// <summary>Profit of what was sent and can be valued.</summary>
/// <param name="Bundles">Of so many.</param>
/// <param name="ExpectedMicroUsd">What detection expected after every cost.</param>
/// <param name="RealisedMicroUsd">What it brought after fees.</param>
/// <param name="FeeMicroUsd">Fees.</param>
/// <param name="Waterfall">From gross to realised; the parts add up.</param>
public sealed record PnlWords(
    long Bundles, long ExpectedMicroUsd, long RealisedMicroUsd, long FeeMicroUsd,
    IReadOnlyList<MoneyWords> Waterfall);

/// <summary>A named amount.</summary>
public sealed record MoneyWords(string Name, long MicroUsd);

/// <summary>A named count.</summary>
/// <param name="Name">What.</param>
/// <param name="Count">How often.</param>
/// <param name="By">Who says so.</param>
public sealed record CountWords(string Name, long Count, string By);

/// <summary>A stage.</summary>
public sealed record StageWords(
    string Name, string State, int Waits, int MostWaits, int GreatestWait, long Dropped,
    double P50Ms, double P99Ms, long Restarts, string? Fault, long SilentMs);

/// <summary>A cluster's last slot.</summary>
public sealed record ClusterWords(
    string Name, long Slot, long AgeMs, int Touched, long Scored, int Found, long Slots);

/// <summary>A chain's feed.</summary>
/// <param name="Chain">CAIP-2.</param>
/// <param name="Name">In words.</param>
/// <param name="Block">The newest block; null before the first.</param>
/// <param name="AgeMs">Since its timestamp; null before the first.</param>
/// <param name="IsStale">Whether its pools are shut for that.</param>
/// <param name="Checked">States compared with the chain's own.</param>
/// <param name="Mismatched">Those that differed.</param>
public sealed record FeedWords(
    string Chain, string Name, long? Block, long? AgeMs, bool IsStale, long Checked,
    long Mismatched);

/// <summary>A signer of the committee.</summary>
public sealed record SignerWords(string Name, bool Answers, long AgeMs);

/// <summary>An opportunity.</summary>
public sealed record PathWords(
    string Id, bool IsChosen, string Guarantee, long NetMicroUsd, long GrossMicroUsd, long AgeMs,
    long StaleSeconds, IReadOnlyList<string> Chains, IReadOnlyList<string> Assets,
    IReadOnlyList<HopWords> Hops, IReadOnlyList<MoneyWords> Costs);

/// <summary>A swap.</summary>
public sealed record HopWords(
    string Chain, string Family, string In, string Out, string Pool);

/// <summary>An open bundle.</summary>
public sealed record OpenWords(
    string Name, string Guarantee, long SeenMs, long? DeadlineMs, long? ExpectedMicroUsd,
    IReadOnlyList<LegWords> Legs, IReadOnlyList<EventWords> Events);

/// <summary>A leg of an open bundle.</summary>
public sealed record LegWords(string Id, string Chain, string Phase, long? DeadlineMs);

/// <summary>Something that was written to the journal.</summary>
public sealed record EventWords(long AtMs, int Leg, string What);

/// <summary>An end.</summary>
public sealed record EndWords(
    string Name, string Guarantee, bool Success, string Reason, string Detail, bool WasSent,
    long? RealisedMicroUsd, long? ExpectedMicroUsd, long? FeeMicroUsd, long EndedMs,
    IReadOnlyList<string> Transactions);

/// <summary>The risk gate.</summary>
/// <param name="Mode"><c>active</c>, <c>reducing</c> or <c>halted</c>.</param>
/// <param name="Why">What made it so; null when active.</param>
/// <param name="Limits">Use against bounds.</param>
public sealed record RiskWords(string Mode, string? Why, IReadOnlyList<LimitWords> Limits);

/// <summary>A bound.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Used">How much is used.</param>
/// <param name="Most">How much may be.</param>
/// <param name="Unit"><c>usd</c> (micro-dollars) or <c>count</c>.</param>
public sealed record LimitWords(string Name, long Used, long Most, string Unit);

/// <summary>Own funds in one asset.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Symbol">The token.</param>
/// <param name="Units">Base units, decimal digits.</param>
/// <param name="Decimals">How many of them are behind the point.</param>
/// <param name="MicroUsd">Worth; null where there is no price.</param>
public sealed record HoldingWords(
    string Chain, string Symbol, string Units, int Decimals, long? MicroUsd);

/// <summary>A second of the curves.</summary>
public sealed record PointWords(
    long AtS, long Detected, long Chosen, long Submitted, long Landed, long ExpectedMicroUsd,
    long RealisedMicroUsd, double CycleMs, double FeedAgeS);

/// <summary>What a page gets first: the curves so far.</summary>
public sealed record SeriesWords(IReadOnlyList<PointWords> Points);

/// <summary>An answer in words.</summary>
public sealed record AnswerWords(bool Ok, IReadOnlyList<string> Words);

/// <summary>The JSON of all these, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BoardWords))]
[JsonSerializable(typeof(SeriesWords))]
[JsonSerializable(typeof(AnswerWords))]
internal sealed partial class BoardJson : JsonSerializerContext;
