// TypedTextReader: the structs in an encodeType text of EIP-712, resolved; strict and bounded.
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>Reads one text: the first struct, with those it refers to behind it.</summary>
internal sealed partial class TypedTextReader
{
    private const int MaxText = 8192;
    private const int MaxDepth = 16;
    private const string Word = "[A-Za-z_$][A-Za-z0-9_$]*";
    private const string OneMember = Word + @"(\[([1-9][0-9]{0,5})?\])* " + Word;

    private readonly string text;
    private readonly Dictionary<string, (string Type, string Name)[]> definitions =
        new(StringComparer.Ordinal);

    private readonly Dictionary<string, TypedStruct> resolved = new(StringComparer.Ordinal);
    private readonly List<string> open = [];
    private readonly string first = "";

    /// <summary>Takes the text apart.</summary>
    /// <exception cref="FormatException">It is not a row of definitions.</exception>
    public TypedTextReader(string text)
    {
        this.text = text;
        if (text.Length > MaxText) throw Fault($"longer than {MaxText} characters");
        int at = 0;
        foreach (Match match in Definition().Matches(text))
        {
            at += match.Length;
            string name = match.Groups["name"].Value;
            if (first.Length == 0) first = name;
            if (!definitions.TryAdd(name, Members(match.Groups["members"].Value)))
                throw Fault($"{name} is defined twice");
        }
        if (at != text.Length || at == 0) throw Fault($"no definition at column {at + 1}");
    }

    /// <summary>The first struct.</summary>
    /// <exception cref="FormatException">The text is not its encodeType.</exception>
    public TypedStruct Read()
    {
        TypedStruct result = Resolve(first);
        return result.EncodedType == text ? result
            : throw Fault($"the encodeType of {first} is '{result.EncodedType}'");
    }

    private TypedStruct Resolve(string name)
    {
        if (resolved.TryGetValue(name, out TypedStruct? known)) return known;
        if (open.Contains(name)) throw Fault($"{name} contains itself");
        if (open.Count == MaxDepth) throw Fault($"structs nest deeper than {MaxDepth}");
        open.Add(name);
        TypedMember[] members =
            [.. definitions[name].Select(member => Member(member.Type, member.Name))];
        open.RemoveAt(open.Count - 1);
        SortedSet<string> references = new(StringComparer.Ordinal);
        Collect(name, references);
        references.Remove(name);
        string encoded = string.Concat(references.Prepend(name).Select(Written));
        return resolved[name] = new TypedStruct(name, members, encoded);
    }

    private TypedMember Member(string type, string name, int depth = 0)
    {
        if (depth == MaxDepth) throw Fault($"arrays nest deeper than {MaxDepth}");
        if (type.EndsWith(']'))
        {
            int bracket = type.LastIndexOf('[');
            string length = type[(bracket + 1)..^1];
            TypedMember element = Member(type[..bracket], name, depth + 1);
            return new(null, null, element, length.Length == 0
                ? null : int.Parse(length, CultureInfo.InvariantCulture));
        }
        if (definitions.ContainsKey(type)) return new(null, Resolve(type), null, null);
        try
        {
            AbiType elementary = AbiType.Parse(type);
            return elementary.Name == type ? new(elementary, null, null, null)
                : throw Fault($"'{type} {name}': write {elementary.Name}");
        }
        catch (FormatException inner)
        {
            throw new FormatException($"'{type} {name}' is neither elementary nor defined", inner);
        }
    }

    private void Collect(string name, SortedSet<string> into)
    {
        if (!into.Add(name)) return;
        foreach ((string type, _) in definitions[name])
        {
            int bracket = type.IndexOf('[', StringComparison.Ordinal);
            string element = bracket < 0 ? type : type[..bracket];
            if (definitions.ContainsKey(element)) Collect(element, into);
        }
    }

    private string Written(string name) =>
        $"{name}({string.Join(',', definitions[name].Select(m => $"{m.Type} {m.Name}"))})";

    private static (string Type, string Name)[] Members(string members) => members.Length == 0
        ? []
        : [.. members.Split(',').Select(m => m.Split(' ')).Select(m => (m[0], m[1]))];

    private FormatException Fault(string message)
    {
        string shown = text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "...");
        return new FormatException($"'{shown}': {message}");
    }

    [GeneratedRegex(@"\G(?<name>" + Word + @")\((?<members>(" + OneMember + "(," + OneMember
        + @")*)?)\)")]
    private static partial Regex Definition();
}
