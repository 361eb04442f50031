// bundle-writer: trades in, bundles in the bundle language out, every amount exact in base units.
using System.CommandLine;
using System.Text;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Writing;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>The tool <c>bundle-writer</c>.</summary>
public static class BundleWriter
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "bundle-writer",
        "writes trades as bundles in the bundle language; token lines give their decimals",
        ["token", "trade"],
        [],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> config = new("--config")
        {
            Description = $"Settings of the search. [default: {ConfigFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<string?> bundles = new("--bundles")
        {
            Description = $"Bounds, lenders and vaults. [default: {BundlesFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<uint?> slippage = new("--slippage-pips")
        {
            Description = "How far below the trade's amount a swap may come out, in millionths. "
                + "[default: the file's]",
            HelpName = "pips",
        };
        command.Add(config);
        command.Add(bundles);
        command.Add(slippage);
        return (host, options) =>
        {
            uint? pips = options.GetValue(slippage);
            if (pips >= WriterBounds.Whole)
                throw new UsageException($"--slippage-pips must be below {WriterBounds.Whole}");
            WriterSettings settings = BundlesFile.Read(
                options.GetValue(bundles), ConfigFile.Read(options.GetValue(config)), pips);
            Run(host, settings);
            return ExitCode.Ok;
        };
    }

    private static void Run(ToolHost host, WriterSettings settings)
    {
        TokenBook tokens = new();
        TradeWriter writer = new(settings, tokens);
        SortedDictionary<string, long> skipped = new(StringComparer.Ordinal);
        long written = 0;
        foreach (FeedLine line in FeedReader.Read(host.In, "stdin", host.Out.Flush))
        {
            switch (line.Line)
            {
                case TokenLine token:
                    Detector.TakeOrRefuse(tokens.Take(token), line);
                    break;
                case TradeLine trade:
                    Bundle? bundle = writer.Write(trade, out LineFault? fault);
                    Detector.TakeOrRefuse(fault, line);
                    if (written++ > 0) host.Out.Write("\n"u8);
                    host.Out.Write(Encoding.UTF8.GetBytes(Printer.Print(bundle!)));
                    break;
                case var other:
                    string kind = other is UnknownLine ? "unknown" : other.Kind;
                    skipped[kind] = skipped.GetValueOrDefault(kind) + 1;
                    break;
            }
        }
        foreach ((string kind, long count) in skipped)
            host.Say($"skipped {count} {kind} {(count == 1 ? "line" : "lines")}");
    }
}
