// AbiTextReader: types and signatures of the ABI from text, bounded; errors name the column.
using System.Globalization;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>Reads one piece of text from left to right.</summary>
internal sealed class AbiTextReader(string text)
{
    private const int MaxText = 8192;
    private const int MaxMembers = 256;

    private readonly string text = text.Length <= MaxText ? text
        : throw new FormatException($"a signature has at most {MaxText} characters");

    private int at;
    private int depth;

    /// <summary>Reads a word of letters, digits, _ and $; empty where none stands here.</summary>
    public string Identifier()
    {
        Blanks();
        int start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '$'))
            at++;
        return text[start..at];
    }

    /// <summary>Reads a name.</summary>
    public string Name(string what) => Identifier() is { Length: > 0 } name
        && !char.IsAsciiDigit(name[0]) ? name : throw Fault($"{what} is expected");

    /// <summary>Reads a type.</summary>
    public AbiType Type()
    {
        if (++depth > AbiType.MaxDepth) throw TooDeep();
        Blanks();
        bool tuple = NextIs('(');
        AbiType type = tuple ? Tuple() : Elementary(Identifier());
        if (tuple && type.Members.Count == 0) throw Fault("a tuple has members");
        while (Take('[')) type = Array(type);
        depth--;
        return type;
    }

    /// <summary>Reads <c>(type name, ...)</c>, maybe none.</summary>
    /// <param name="indexed">Whether the word <c>indexed</c> may stand before a name.</param>
    public AbiType Tuple(bool indexed = false)
    {
        Expect('(');
        List<AbiParameter> members = [];
        if (!Take(')'))
        {
            do members.Add(Parameter(indexed));
            while (Take(','));
            Expect(')');
        }
        if (members.Count > MaxMembers) throw Fault($"more than {MaxMembers} members");
        if (members.Any(member => member.Type.Depth == AbiType.MaxDepth)) throw TooDeep();
        long head = members.Sum(member => (long)member.Type.HeadBytes);
        if (head > AbiType.MaxHeadBytes) throw TooLarge();
        return AbiType.TupleOf(members);
    }

    /// <summary>Whether the next character that is not a blank is this one.</summary>
    public bool NextIs(char expected)
    {
        Blanks();
        return at < text.Length && text[at] == expected;
    }

    /// <summary>Makes sure that all is read.</summary>
    public void End()
    {
        Blanks();
        if (at < text.Length) throw Fault("the end is expected");
    }

    private AbiParameter Parameter(bool indexed)
    {
        AbiType type = Type();
        string name = Identifier();
        bool marked = indexed && name == "indexed";
        if (marked) name = Identifier();
        return new AbiParameter(type, name.Length == 0 ? null : name, marked);
    }

    private AbiType Array(AbiType element)
    {
        if (element.Depth == AbiType.MaxDepth) throw TooDeep();
        if (Take(']')) return AbiType.ArrayOf(element);
        int length = Number(Identifier(), 1, AbiType.MaxHeadBytes);
        Expect(']');
        if ((long)length * element.HeadBytes > AbiType.MaxHeadBytes) throw TooLarge();
        return AbiType.ArrayOf(element, length);
    }

    private AbiType Elementary(string name)
    {
        if (name is "uint" or "int") name += "256";
        return name switch
        {
            "bool" => AbiType.Elementary(AbiKind.Boolean, 0, name),
            "address" => AbiType.Elementary(AbiKind.Address, 0, name),
            "bytes" => AbiType.Elementary(AbiKind.Bytes, 0, name),
            "string" => AbiType.Elementary(AbiKind.Text, 0, name),
            _ when name.StartsWith("uint", StringComparison.Ordinal) =>
                AbiType.Elementary(AbiKind.Unsigned, Bits(name[4..]), name),
            _ when name.StartsWith("int", StringComparison.Ordinal) =>
                AbiType.Elementary(AbiKind.Signed, Bits(name[3..]), name),
            _ when name.StartsWith("bytes", StringComparison.Ordinal) =>
                AbiType.Elementary(AbiKind.FixedBytes, Number(name[5..], 1, 32), name),
            _ => throw Fault($"'{name}' is no type"),
        };
    }

    private int Bits(string digits)
    {
        int bits = Number(digits, 8, 256);
        return bits % 8 == 0 ? bits : throw Fault($"{bits} bits are not whole bytes");
    }

    private int Number(string digits, int least, int most) =>
        digits.Length is > 0 and <= 8 && digits[0] != '0'
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= least && number <= most
            ? number
            : throw Fault($"'{digits}' is no size from {least} to {most}");

    private bool Take(char expected)
    {
        if (!NextIs(expected)) return false;
        at++;
        return true;
    }

    private void Expect(char expected)
    {
        if (!Take(expected)) throw Fault($"'{expected}' is expected");
    }

    private void Blanks()
    {
        while (at < text.Length && text[at] == ' ') at++;
    }

    private FormatException TooDeep() => Fault($"types nest deeper than {AbiType.MaxDepth}");

    private FormatException TooLarge() => Fault($"a head over {AbiType.MaxHeadBytes} bytes");

    private FormatException Fault(string message)
    {
        string shown = text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "...");
        return new FormatException($"column {at + 1} of '{shown}': {message}");
    }
}
