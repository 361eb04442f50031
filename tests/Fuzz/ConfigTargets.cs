// ConfigTargets: the readers of the settings under attack: settings, or a refusal with its place.
using Lockstep.Bundles.Bridges;
using Lockstep.Detection.Scoring;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Fuzz;

internal static class ConfigTargets
{
    private const string Name = "made.toml";

    private static readonly SearchConfig Search =
        ConfigFile.Read(Path.Combine(SourceTree.Root, ConfigFile.DefaultPath));

    private static readonly BridgeTable Bridges =
        BridgesFile.Read(Path.Combine(SourceTree.Root, BridgesFile.DefaultPath));

    public static FuzzTarget[] All { get; } =
    [
        Target(ConfigFile.DefaultPath, text => ConfigFile.Parse(text, Name)),
        Target(BridgesFile.DefaultPath, text => BridgesFile.Parse(text, Name)),
        Target(BundlesFile.DefaultPath, text => BundlesFile.Parse(text, Name, Search, null)),
        Target(EvmFile.DefaultPath, text => EvmFile.Parse(text, Name, "/")),
        Target(CrossingsFile.DefaultPath,
            text => CrossingsFile.Parse(text, Name, Search, Bridges)),
        Target(GasFile.DefaultPath, text => GasFile.Parse(text, Name)),
        Target(RiskFile.DefaultPath, text => RiskFile.Parse(text, Name)),
        Target(TimelocksFile.DefaultPath, text => TimelocksFile.Parse(text, Name)),
    ];

    private static FuzzTarget Target(string path, Action<string> parse) => new(
        Path.GetFileName(path), Corpus.FileAt(path), 1 << 20, 1024, input =>
        {
            try
            {
                parse(BundleTargets.Text(input));
                return new Answer(true, () => { });
            }
            catch (RefusedException e)
            {
                return new Answer(false, () =>
                {
                    LineTargets.OneLine(e.Message);
                    Assert.Matches($@"^{Name}:([1-9]\d*:)? ", e.Message);
                });
            }
        });
}
