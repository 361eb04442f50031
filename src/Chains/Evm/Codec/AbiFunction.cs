// AbiFunction: a function of a contract from its signature: call data out, return data in.
using System.Buffers.Binary;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>A function, as <c>AbiFunction.Parse("balanceOf(address)(uint256)")</c>.</summary>
public sealed class AbiFunction
{
    internal const int SelectorBytes = 4;

    private AbiFunction(string name, AbiType inputs, AbiType outputs)
    {
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        Signature = name + inputs.Name;
        Selector = SelectorOf(Signature);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The parameters.</summary>
    public AbiType Inputs { get; }

    /// <summary>What it returns; an empty tuple where the text does not say.</summary>
    public AbiType Outputs { get; }

    /// <summary>The canonical signature, as <c>transfer(address,uint256)</c>.</summary>
    public string Signature { get; }

    /// <summary>The first four bytes of the signature's Keccak hash, big-endian.</summary>
    public uint Selector { get; }

    /// <summary>Parses <c>name(inputs)</c> or <c>name(inputs)(outputs)</c>, the form of Foundry's
    /// cast; parameters may have names.</summary>
    /// <exception cref="FormatException">The text is no signature.</exception>
    public static AbiFunction Parse(string signature)
    {
        AbiTextReader reader = new(signature);
        string name = reader.Name("the name of a function");
        AbiType inputs = reader.Tuple();
        AbiType outputs = reader.NextIs('(') ? reader.Tuple() : AbiType.TupleOf();
        reader.End();
        return new AbiFunction(name, inputs, outputs);
    }

    /// <summary>The call data: the selector, then the arguments.</summary>
    /// <exception cref="ArgumentException">The values are not of the types.</exception>
    public byte[] Encode(params AbiValue[] arguments)
    {
        AbiValue list = AbiValue.List(arguments);
        byte[] data = new byte[SelectorBytes + AbiEncoder.Measure(Inputs, list)];
        BinaryPrimitives.WriteUInt32BigEndian(data, Selector);
        AbiEncoder.Write(Inputs, list, data.AsSpan(SelectorBytes));
        return data;
    }

    /// <summary>The arguments in call data.</summary>
    /// <exception cref="CodecException">The data calls another function, or is none.</exception>
    public AbiValue DecodeInputs(ReadOnlySpan<byte> callData) =>
        DecodeSelected(Signature, Selector, Inputs, callData);

    /// <summary>The values in return data, a list even where it is one.</summary>
    /// <exception cref="CodecException">The data holds no such values; empty data often means that
    /// there is no contract at the address.</exception>
    public AbiValue DecodeOutputs(ReadOnlySpan<byte> returnData) => Outputs.Decode(returnData);

    /// <summary>The canonical signature.</summary>
    public override string ToString() => Signature;

    /// <summary>The selector of a canonical signature.</summary>
    internal static uint SelectorOf(string signature)
    {
        Span<byte> hash = stackalloc byte[Hash32.Size];
        Keccak.HashText(signature).WriteTo(hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    /// <summary>Whether data starts with a selector.</summary>
    internal static bool Starts(ReadOnlySpan<byte> data, uint selector) =>
        data.Length >= SelectorBytes && BinaryPrimitives.ReadUInt32BigEndian(data) == selector;

    internal static AbiValue DecodeSelected(
        string signature, uint selector, AbiType type, ReadOnlySpan<byte> data) =>
        Starts(data, selector)
            ? new AbiDecoder(data[SelectorBytes..], SelectorBytes).Read(type)
            : throw new CodecException(0, $"the data starts with no selector of {signature}");
}
