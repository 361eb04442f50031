// RecordedDay: the recorded day and the settings, read once for all tests of this folder.
namespace Lockstep.Tests.Oracle;

/// <summary>Read at first use.</summary>
internal static class RecordedDay
{
    private static readonly Lazy<OracleConfig> LazyConfig = new(OracleConfig.Load);

    private static readonly Lazy<Recorded> LazyDay = new(() =>
        new Recorded(Repository.PathOf("data/2024-11-01-rollups"), LazyConfig.Value));

    public static OracleConfig Config => LazyConfig.Value;

    public static Recorded Day => LazyDay.Value;
}
