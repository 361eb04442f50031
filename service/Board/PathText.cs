// PathText: a path and a journal row as the page shows them: symbols, short ids, a word a step.
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Report;

namespace Lockstep.Service.Board;

/// <summary>Paths.</summary>
internal static class PathText
{
    private const int Head = 8, Tail = 4;

    /// <summary>A path.</summary>
    public static PathWords Of(PathLine path, long ageMs, Func<AssetId, string> symbol) => new(
        path.Id, path is TradeLine, OutcomePage.Word(path.Guarantee), path.NetMicroUsd,
        path.GrossMicroUsd, ageMs, path.StaleSeconds,
        [.. path.Hops.Select(hop => hop.Pool.Chain.ToString()).Distinct()],
        [symbol(path.Hops[0].AssetIn), .. path.Hops.Select(hop => symbol(hop.AssetOut))],
        [.. path.Hops.Select(hop => new HopWords(
            hop.Pool.Chain.ToString(), hop.Family, symbol(hop.AssetIn), symbol(hop.AssetOut),
            Short(hop.Pool.Address)))],
        [.. path.Costs.GroupBy(cost => cost.Kind).Select(kind => new MoneyWords(
            kind.Key, long.CreateSaturating(
                kind.Aggregate((UInt128)0, (sum, cost) => sum + cost.MicroUsd))))]);

    /// <summary>Head and tail of a long name.</summary>
    public static string Short(string name) =>
        name.Length <= Head + Tail + 2 ? name : $"{name[..Head]}..{name[^Tail..]}";
}

/// <summary>Journal rows.</summary>
internal static class StepWords
{
    /// <summary>A row in a word or two; null for what concerns nobody who watches.</summary>
    public static string? Of(JournalRecord row) => row.Entry switch
    {
        BundleAccepted => "accepted",
        ActBegun begun => Name(begun.Act) + " begins",
        TransactionSigned signed => Name(signed.Act) + (signed.Replaces is null
            ? " signed" : " replaced"),
        ActOver over => Name(over.Act) + (over.Refused ? " failed" : " is in a block"),
        CertificateHeld held => held.Decision + " certified",
        CertificateDenied denied => denied.Decision + " not certified",
        BundleEnded ended => ended.End.ToString(),
        _ => null,
    };

    private static string Name(ActKind act) => act.ToString();
}
