// RevertReason: why a call reverted, from the data it left: Error, Panic or an error of the caller.
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>An error that a contract declares, as
/// <c>AbiError.Parse("TooLittleReceived(uint256 amount)")</c>.</summary>
public sealed class AbiError
{
    private readonly AbiFunction form;

    private AbiError(AbiFunction form) => this.form = form;

    /// <summary>The parameters.</summary>
    public AbiType Parameters => form.Inputs;

    /// <summary>The canonical signature.</summary>
    public string Signature => form.Signature;

    /// <summary>The first four bytes of the signature's Keccak hash, big-endian.</summary>
    public uint Selector => form.Selector;

    /// <summary>Parses <c>Name(parameters)</c>.</summary>
    /// <exception cref="FormatException">The text is no such signature.</exception>
    public static AbiError Parse(string signature)
    {
        AbiFunction form = AbiFunction.Parse(signature);
        return form.Outputs.Members.Count == 0 ? new AbiError(form)
            : throw new FormatException($"'{signature}': an error returns nothing");
    }

    /// <summary>Whether revert data is of this error.</summary>
    public bool Is(ReadOnlySpan<byte> revertData) => AbiFunction.Starts(revertData, Selector);

    /// <summary>The data that a revert with this error leaves.</summary>
    /// <exception cref="ArgumentException">The values are not of the types.</exception>
    public byte[] Encode(params AbiValue[] arguments) => form.Encode(arguments);

    /// <summary>The arguments of the error.</summary>
    /// <exception cref="CodecException">The data is of another error, or of none.</exception>
    public AbiValue Decode(ReadOnlySpan<byte> revertData) => form.DecodeInputs(revertData);

    /// <summary>The canonical signature.</summary>
    public override string ToString() => Signature;
}

/// <summary>Reads revert data for people.</summary>
/// <remarks>https://docs.soliditylang.org/en/latest/control-structures.html, "Panic via assert and
/// Error via require".</remarks>
public static class RevertReason
{
    private const int MaxShown = 512;

    /// <summary><c>revert("text")</c> and <c>require</c>.</summary>
    public static AbiError Error { get; } = AbiError.Parse("Error(string)");

    /// <summary>A check that the compiler put in.</summary>
    public static AbiError Panic { get; } = AbiError.Parse("Panic(uint256)");

    /// <summary>One line on why a call reverted; never fails, whatever the data.</summary>
    /// <param name="revertData">What the call left.</param>
    /// <param name="known">Errors of the contracts involved.</param>
    public static string Describe(
        ReadOnlySpan<byte> revertData, params ReadOnlySpan<AbiError> known)
    {
        if (revertData.IsEmpty) return "reverted without a reason";
        try
        {
            if (Error.Is(revertData))
            {
                string text = Error.Decode(revertData)[0].AsText();
                return text.Length == 0 ? "reverted with an empty reason" : Plain(text);
            }
            if (Panic.Is(revertData)) return PanicText(Panic.Decode(revertData)[0]);
            foreach (AbiError error in known)
            {
                if (!error.Is(revertData)) continue;
                ReadOnlySpan<AbiValue> values = error.Decode(revertData).AsList();
                string name = error.Signature[..error.Signature.IndexOf('(')];
                return Plain($"{name}({string.Join(", ", values.ToArray())})");
            }
        }
        catch (CodecException)
        {
            // A selector with something else behind it: shown as it is.
        }
        return Cut($"reverted with {Hex.Format(revertData[..Math.Min(revertData.Length, 256)])}");
    }

    private static string PanicText(in AbiValue code)
    {
        string? meaning = code.AsUInt256() is { FitsUInt64: true } number ? number.U0 switch
        {
            0x00 => "generic",
            0x01 => "assert failed",
            0x11 => "arithmetic overflow",
            0x12 => "division by zero",
            0x21 => "no such enum value",
            0x22 => "storage byte array badly encoded",
            0x31 => "pop of an empty array",
            0x32 => "index out of bounds",
            0x41 => "out of memory",
            0x51 => "call of an uninitialized function",
            _ => null,
        } : null;
        return $"panic {Hex.Quantity(code.AsUInt256())}: {meaning ?? "unknown code"}";
    }

    /// <summary>One line without control characters: the text is a stranger's.</summary>
    private static string Plain(string text) =>
        Cut(string.Create(text.Length, text, (line, from) =>
        {
            for (int i = 0; i < line.Length; i++)
                line[i] = char.IsControl(from[i]) ? ' ' : from[i];
        }));

    private static string Cut(string text) =>
        text.Length <= MaxShown ? text : string.Concat(text.AsSpan(0, MaxShown), "...");
}
