// LiveDevnet: a devnet for one class of tests, and where on it things stand.
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Tools.Live;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

/// <summary>Base and Arbitrum, in blocks of a second.</summary>
public sealed class LiveDevnet : IDisposable
{
    private readonly Devnet? devnet;

    /// <summary>Starts it where its tests run at all.</summary>
    public LiveDevnet()
    {
        if (LocalChainFactAttribute.WhyNot is not null) return;
        devnet = new Devnet();
        World = WorldFile.Read(WorldPath);
    }

    /// <summary>The world's file.</summary>
    public string WorldPath => devnet?.World ?? "";

    /// <summary>The chains as the detector reads them.</summary>
    public LiveWorld World { get; } = new(TimeSpan.Zero, [], []);

    /// <summary>A contract of a chain, such as <c>uniswap-v3</c>, <c>quoter</c>.</summary>
    public EvmAddress Contract(LiveWorldChain chain, string protocol, string role)
    {
        using JsonDocument world = JsonDocument.Parse(File.ReadAllBytes(WorldPath));
        JsonElement found = Named(
            Named(world.RootElement.GetProperty("chains"), "chain", chain.Chain.ToString())
                .GetProperty("routers"), "protocol", protocol);
        return EvmAddress.Parse(found.GetProperty(role).GetString()!);
    }

    /// <summary>The protocol of each pool of a chain.</summary>
    public Dictionary<string, string> Protocols(LiveWorldChain chain)
    {
        using JsonDocument world = JsonDocument.Parse(File.ReadAllBytes(WorldPath));
        return Named(world.RootElement.GetProperty("chains"), "chain", chain.Chain.ToString())
            .GetProperty("pools").EnumerateArray().ToDictionary(
                one => one.GetProperty("pool").GetString()!,
                one => one.GetProperty("protocol").GetString()!, StringComparer.Ordinal);
    }

    /// <summary>A connection to a chain's node.</summary>
    public static DuplexRpc Dial(LiveWorldChain chain) => DuplexRpc.WebSocket(
        chain.Name, chain.Ws, new RpcLimits(), TimeProvider.System, () => 0.5);

    /// <inheritdoc/>
    public void Dispose() => devnet?.Dispose();

    private static JsonElement Named(JsonElement list, string field, string value) =>
        list.EnumerateArray().Single(one => one.GetProperty(field).GetString() == value);
}
