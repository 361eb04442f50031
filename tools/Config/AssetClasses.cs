// AssetClasses: reads [[asset]] tables: which tokens count as one asset, and their decimals.
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Model;

namespace Lockstep.Tools.Config;

/// <summary>What tokens count as, chain by chain; what is in no table counts as itself.</summary>
public sealed class AssetClasses
{
    private const int MaxDecimals = 36;
    private readonly Dictionary<AssetId, AssetClass> classes = [];

    /// <summary>Reads the tables of a file.</summary>
    /// <exception cref="Cli.RefusedException">One says something wrong.</exception>
    public AssetClasses(IEnumerable<TomlSection> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        foreach (TomlSection table in tables)
        {
            AssetClass its = new(table.Text("name"), (int)table.Number("decimals", MaxDecimals));
            foreach (AssetId token in table.List("tokens", AssetId.Parse))
                if (!classes.TryAdd(token, its))
                    throw table.Fault("tokens", $"name {token} a second time");
        }
    }

    /// <summary>The tokens of an EVM chain, by address.</summary>
    public Dictionary<EvmAddress, AssetClass> On(ChainId chain)
    {
        string prefix = $"{chain}/erc20:";
        Dictionary<EvmAddress, AssetClass> here = [];
        foreach ((AssetId token, AssetClass its) in classes)
            if (token.ToString().StartsWith(prefix, StringComparison.Ordinal)
                && EvmAddress.TryParse(token.Reference, out EvmAddress address))
                here[address] = its;
        return here;
    }
}
