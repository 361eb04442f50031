// type-checker: types bundles and states their guarantee, or says what is wrong, where, and why.
using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>The tool <c>type-checker</c>; docs/checker.md lists its rules.</summary>
public static class TypeChecker
{
    private const string StandardInput = "-";

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "type-checker",
        "Checks bundles: wires, debts, deadlines, limits; adds type and guarantee to their lines.",
        reads: ["bundle", "quote"],
        writes: ["bundle"],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> files = new("file")
        {
            Description = "Files of lines, or of bundle text (NAME.bundle); - or none is stdin.",
            DefaultValueFactory = _ => [StandardInput],
        };
        Option<bool> explain = new("--explain")
        {
            Description = "Print type, guarantee, assumptions and worst case in words.",
        };
        Option<string?> timelocks = new("--timelocks")
        {
            Description = $"Times of the chains. [default: {TimelocksFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<FinalityTier> tier = new("--tier")
        {
            Description = "What counts as final: by consensus, or the sequencer's word.",
            DefaultValueFactory = _ => FinalityTier.Final,
        };
        Option<long> window = Seconds("--lock-window", "How long sending all locks may take.", 60);
        Option<long> latency = Seconds("--cert-latency", "How long a certificate may take.", 30);
        Option<string?> market = new("--market")
        {
            Description = "Quote lines that say which assets the pools trade.",
            HelpName = "file",
        };
        command.Add(files);
        command.Add(explain);
        command.Add(timelocks);
        command.Add(tier);
        command.Add(window);
        command.Add(latency);
        command.Add(market);
        return (host, options) =>
        {
            CheckPolicy policy = new(
                TimelocksFile.Read(options.GetValue(timelocks)), options.GetValue(tier),
                Bounded(options.GetValue(window), "--lock-window"),
                Bounded(options.GetValue(latency), "--cert-latency"),
                Pools(options.GetValue(market)));
            Desk desk = new(host, policy, options.GetValue(explain));
            foreach (string file in options.GetRequiredValue(files)) desk.Take(file);
            return desk.AllSound ? ExitCode.Ok : ExitCode.Failed;
        };
    }

    private static Option<long> Seconds(string name, string words, long usual) => new(name)
    {
        Description = words,
        DefaultValueFactory = _ => usual,
        HelpName = "seconds",
    };

    private static long Bounded(long seconds, string name) =>
        seconds is >= 0 and <= ChainTiming.MaxSeconds
            ? seconds
            : throw new UsageException(
                $"{name} must be from 0 to {ChainTiming.MaxSeconds} seconds");

    private static ImmutableDictionary<PoolId, PoolPair> Pools(string? file)
    {
        var pools = ImmutableDictionary.CreateBuilder<PoolId, PoolPair>();
        if (file is null) return pools.ToImmutable();
        using Stream quotes = Open(file);
        foreach (FeedLine line in FeedReader.Read(quotes, file))
            if (line.Line is QuoteLine quote)
                pools[quote.Pool] = new PoolPair(quote.Asset0, quote.Asset1);
        return pools.ToImmutable();
    }

    private static FileStream Open(string file)
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(e is FileNotFoundException or DirectoryNotFoundException
                ? $"{file}: no such file"
                : $"{file}: {e.Message}");
        }
    }

    /// <summary>Takes bundles one by one, and remembers whether all were sound.</summary>
    private sealed class Desk(ToolHost host, CheckPolicy policy, bool explain)
    {
        public bool AllSound { get; private set; } = true;

        public void Take(string file)
        {
            if (file.EndsWith(".bundle", StringComparison.Ordinal)) TakeText(file);
            else if (file == StandardInput) TakeLines(host.In, "stdin");
            else
            {
                using Stream lines = Open(file);
                TakeLines(lines, file);
            }
        }

        private void TakeText(string file)
        {
            using StreamReader reader = new(Open(file), Encoding.UTF8);
            char[] text = new char[Parser.MaxSourceLength + 1];
            string source = new(text, 0, reader.ReadBlock(text, 0, text.Length));
            ParsedBundles parsed = Parser.Parse(source);
            Say(parsed.Diagnostics, file, source);
            foreach (Bundle bundle in parsed.Bundles)
                Check(bundle, BundleJson.ToLine(bundle), file, source);
        }

        private void TakeLines(Stream lines, string file)
        {
            foreach (FeedLine line in FeedReader.Read(lines, file, host.Out.Flush))
            {
                if (line.Line is not BundleLine given)
                {
                    LineCodec.Write(line.Line, host.Out);
                    continue;
                }
                Bundle bundle = BundleJson.FromLine(given, out LineFault fault)
                    ?? throw new RefusedException(
                        $"{file}:{line.Number}: {fault.Field}: {fault.Message}");
                // A line has no columns: places are those of the bundle as it is printed.
                Check(bundle, given, $"{given.Name} (as bundle-parser --format prints it)",
                    Printer.Print(bundle));
            }
        }

        private void Check(Bundle bundle, BundleLine line, string file, string source)
        {
            CheckResult result = Checker.Check(bundle, policy);
            Say(result.Diagnostics, file, source);
            if (result.Type is not { } type) return;
            if (explain) host.Out.Write(Encoding.UTF8.GetBytes(Explanation.Of(line.Name, type)));
            else LineCodec.Write(line with { Check = type }, host.Out);
        }

        private void Say(ImmutableArray<Diagnostic> found, string file, string source)
        {
            foreach (Diagnostic one in found) host.Say(one.Render(file, source));
            AllSound &= found.IsEmpty;
        }
    }
}
