// AbiEvent: an event of a contract from its signature: topics to ask for, logs to read.
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>An event, as <c>AbiEvent.Parse("Transfer(address indexed from, address indexed to,
/// uint256 value)")</c>. Anonymous events, which have no first topic, are not read.</summary>
public sealed class AbiEvent
{
    /// <summary>Parameters that an event can have among its topics.</summary>
    public const int MaxIndexed = 3;

    private static readonly AbiType AnyHash = AbiType.Parse("bytes32");

    private readonly AbiType unindexed;
    private readonly AbiType[] indexed;

    private AbiEvent(string name, AbiType parameters)
    {
        Name = name;
        Parameters = parameters;
        Signature = name + parameters.Name;
        Topic = Keccak.HashText(Signature);
        unindexed = AbiType.TupleOf([.. parameters.Members.Where(member => !member.IsIndexed)]);
        indexed = [.. parameters.Members.Where(member => member.IsIndexed).Select(InTopic)];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The parameters in the order of the signature.</summary>
    public AbiType Parameters { get; }

    /// <summary>The canonical signature, as <c>Transfer(address,address,uint256)</c>.</summary>
    public string Signature { get; }

    /// <summary>The first topic of its logs: the signature's Keccak hash.</summary>
    public Hash32 Topic { get; }

    /// <summary>Parses <c>Name(type [indexed] [name], ...)</c>.</summary>
    /// <exception cref="FormatException">The text is no such signature, or has more than
    /// <see cref="MaxIndexed"/> indexed parameters.</exception>
    public static AbiEvent Parse(string signature)
    {
        AbiTextReader reader = new(signature);
        string name = reader.Name("the name of an event");
        AbiType parameters = reader.Tuple(indexed: true);
        reader.End();
        if (parameters.Members.Count(member => member.IsIndexed) > MaxIndexed)
            throw new FormatException($"'{name}': an event has at most {MaxIndexed} indexed");
        return new AbiEvent(name, parameters);
    }

    /// <summary>Reads a log: the values in the order of the signature. Of an indexed parameter
    /// that takes more than a word, the log has but the hash, and that is its value.</summary>
    /// <param name="topics">All topics of the log, the first included.</param>
    /// <param name="data">The data of the log.</param>
    /// <exception cref="CodecException">The log is not of this event; positions count from the
    /// first topic on.</exception>
    public AbiValue Decode(ReadOnlySpan<Hash32> topics, ReadOnlySpan<byte> data)
    {
        if (topics.IsEmpty || topics[0] != Topic)
            throw new CodecException(0, $"the first topic is not that of {Signature}");
        if (topics.Length != 1 + indexed.Length)
            throw new CodecException(0, $"{topics.Length} topics for the {1 + indexed.Length}"
                + $" of {Signature}");
        ReadOnlySpan<AbiValue> rest =
            new AbiDecoder(data, topics.Length * Hash32.Size).Read(unindexed).AsList();
        AbiValue[] values = new AbiValue[Parameters.Members.Count];
        int inTopics = 0;
        Span<byte> word = stackalloc byte[Hash32.Size];
        for (int i = 0; i < values.Length; i++)
        {
            if (!Parameters.Members[i].IsIndexed)
            {
                values[i] = rest[i - inTopics];
                continue;
            }
            AbiType type = AbiType.TupleOf(new AbiParameter(indexed[inTopics]));
            topics[++inTopics].WriteTo(word);
            values[i] = new AbiDecoder(word, inTopics * Hash32.Size).Read(type)[0];
        }
        return AbiValue.List(values);
    }

    /// <summary>The topic that a log has for a value of an elementary type of one word, to ask a
    /// node for.</summary>
    /// <exception cref="ArgumentException">The value is of no such type.</exception>
    public static Hash32 TopicOf(AbiType type, in AbiValue value)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Depth == 1 && !type.IsDynamic
            ? new Hash32(type.Encode(value))
            : throw new ArgumentException($"the topic of a {type} is a hash of more than a word");
    }

    /// <summary>The canonical signature.</summary>
    public override string ToString() => Signature;

    private static AbiType InTopic(AbiParameter parameter) =>
        parameter.Type.Depth == 1 && !parameter.Type.IsDynamic ? parameter.Type : AnyHash;
}
