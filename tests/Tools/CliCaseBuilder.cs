// CliCaseBuilder: collects the lines of one case of a .test file.
using System.Buffers;
using System.Text;
using Lockstep.Tests.Tidy;

namespace Lockstep.Tests.Tools;

internal sealed class CliCaseBuilder(string place, string commandLine)
{
    private readonly ArrayBufferWriter<byte> _input = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly List<string> _outputParts = [];
    private readonly List<string> _wordParts = [];
    private int _code;

    /// <summary>Takes one line: a mark, a blank, the rest.</summary>
    /// <exception cref="FormatException">The mark is unknown.</exception>
    public void Add(string linePlace, string line)
    {
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        string mark = blank < 0 ? line : line[..blank];
        string rest = blank < 0 ? "" : line[(blank + 1)..];
        switch (mark)
        {
            case "<": Append(_input, rest); break;
            case ">": Append(_output, rest); break;
            case "<@": AppendFile(_input, rest); break;
            case ">@": AppendFile(_output, rest); break;
            case "~": _outputParts.Add(rest); break;
            case "!": _wordParts.Add(rest); break;
            case "=": _code = int.Parse(rest, null); break;
            default: throw new FormatException($"{linePlace}: no such mark: {mark}");
        }
    }

    /// <summary>The finished case.</summary>
    public CliCase Build() => new(
        place,
        [.. SplitWords(commandLine)],
        _input.WrittenSpan.ToArray(),
        _output.WrittenSpan.ToArray(),
        _outputParts,
        _wordParts,
        _code);

    /// <summary>Words part at blanks, stages at a lone |; 'single quotes' keep both.</summary>
    private static IEnumerable<IReadOnlyList<string>> SplitWords(string text)
    {
        List<string> stage = [];
        StringBuilder? word = null;
        bool quoted = false;
        foreach (char c in text + " ")
        {
            if (c == '\'')
            {
                quoted = !quoted;
                word ??= new();
            }
            else if (quoted || (c != ' ' && c != '|'))
            {
                (word ??= new()).Append(c);
            }
            else
            {
                if (word is not null)
                {
                    stage.Add(word.ToString());
                    word = null;
                }
                if (c == '|')
                {
                    yield return stage;
                    stage = [];
                }
            }
        }
        yield return stage;
    }

    private static void Append(ArrayBufferWriter<byte> to, string line) =>
        to.Write(Encoding.UTF8.GetBytes(line + "\n"));

    private static void AppendFile(ArrayBufferWriter<byte> to, string path) =>
        to.Write(File.ReadAllBytes(Path.Combine(SourceTree.Root, path)));
}
