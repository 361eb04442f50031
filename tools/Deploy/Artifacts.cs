// Artifacts: creation and runtime code of our contracts, as forge built them.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Deploy;

/// <summary>The folder that forge writes.</summary>
/// <param name="folder">Such as <c>contracts/.build/out</c>.</param>
public sealed class Artifacts(string folder)
{
    /// <summary>Where the launcher has forge put them, from the repository's folder.</summary>
    public const string DefaultFolder = "contracts/.build/out";

    private const string WayOut = "run `./lockstep contracts build`";

    /// <summary>Creation code with its constructor's arguments behind it.</summary>
    /// <param name="contract">The contract's name.</param>
    /// <param name="parameters">The constructor's, as an ABI tuple.</param>
    /// <param name="arguments">One a parameter.</param>
    /// <exception cref="RefusedException">There is no such artifact.</exception>
    public byte[] Creation(string contract, string parameters, params AbiValue[] arguments) =>
        [.. Code(contract, "bytecode"), .. AbiType.Parse(parameters).Encode(arguments)];

    /// <summary>Creation code of a contract whose constructor takes nothing.</summary>
    /// <exception cref="RefusedException">There is no such artifact.</exception>
    public byte[] Creation(string contract) => Code(contract, "bytecode");

    /// <summary>What stands on the chain, where nothing in it is set at creation.</summary>
    /// <exception cref="RefusedException">There is no such artifact.</exception>
    public byte[] Runtime(string contract) => Code(contract, "deployedBytecode");

    private byte[] Code(string contract, string which)
    {
        string file = Path.Combine(folder, contract + ".sol", contract + ".json");
        if (!File.Exists(file))
            throw new RefusedException($"{file}: no such file; {WayOut}");
        try
        {
            using JsonDocument artifact = JsonDocument.Parse(File.ReadAllBytes(file));
            string? code = artifact.RootElement.GetProperty(which).GetProperty("object")
                .GetString();
            return Hex.TryParse(code, out byte[]? bytes) && bytes.Length > 0
                ? bytes
                : throw new RefusedException($"{file}: {which} holds no linked code; {WayOut}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException
            or InvalidOperationException)
        {
            throw new RefusedException($"{file}: no forge artifact: {e.Message}; {WayOut}");
        }
    }
}
