// MutantChoice: which mutants are tried, and by what, of the command's words.
using System.Collections.Immutable;
using System.Globalization;

namespace Lockstep.Simulator.Mutation;

/// <summary>What the command asks for.</summary>
/// <param name="Word">Of their names; empty for all.</param>
/// <param name="Numbers">Their places, 1 and up; empty for all.</param>
/// <param name="BySimulator">Whether the simulator looks for them.</param>
/// <param name="ByTests">Whether unit tests do where it found nothing.</param>
/// <param name="Lists">Whether they are only listed.</param>
public sealed record MutantChoice(
    string Word, ImmutableSortedSet<int> Numbers, bool BySimulator, bool ByTests, bool Lists)
{
    /// <summary>Reads the words behind <c>mutants</c>.</summary>
    /// <param name="args">The words.</param>
    /// <param name="choice">What they ask for.</param>
    /// <param name="fault">What is wrong with them.</param>
    public static bool TryRead(
        ReadOnlySpan<string> args, out MutantChoice choice, out string fault)
    {
        (choice, fault) = (new MutantChoice("", [], true, true, false), "");
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name == "--only")
            {
                ImmutableSortedSet<int> numbers = i + 1 == args.Length ? [] : Read(args[++i]);
                if (numbers.IsEmpty)
                    fault = $"--only needs numbers from 1 to {Mutant.All.Count}, such as 3,18-20";
                choice = choice with { Numbers = numbers };
            }
            else if (name == "--quick") choice = choice with { ByTests = false };
            else if (name == "--tests") choice = choice with { BySimulator = false };
            else if (name == "--list") choice = choice with { Lists = true };
            else if (name.StartsWith('-') || choice.Word.Length > 0)
                fault = $"mutants know no '{name}'";
            else choice = choice with { Word = name };
        }
        if (fault.Length == 0 && !choice.BySimulator && !choice.ByTests)
            fault = "--quick and --tests leave nothing to look for mutants";
        return fault.Length == 0;
    }

    /// <summary>Whether a mutant is one of them.</summary>
    /// <param name="number">Its place, 1 and up.</param>
    /// <param name="one">The mutant.</param>
    public bool Holds(int number, Mutant one) => (Numbers.IsEmpty || Numbers.Contains(number))
        && one.Name.Contains(Word, StringComparison.Ordinal);

    /// <summary>Lists them.</summary>
    /// <param name="output">Receives a line each.</param>
    /// <returns>0.</returns>
    public int List(TextWriter output)
    {
        for (int i = 0; i < Mutant.All.Count; i++)
            if (Holds(i + 1, Mutant.All[i]))
                output.WriteLine(
                    $"{i + 1,2} {Mutant.All[i].Name}: {string.Join(", ", Mutant.All[i].Tests)}");
        return 0;
    }

    /// <summary>Numbers and ranges; none where anything is wrong with one.</summary>
    private static ImmutableSortedSet<int> Read(string text)
    {
        var all = ImmutableSortedSet.CreateBuilder<int>();
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryPlace(ends[0], out int first)
                || !TryPlace(ends[^1], out int last))
                return [];
            for (int one = first; one <= last; one++) all.Add(one);
        }
        return all.ToImmutable();
    }

    private static bool TryPlace(string text, out int place) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out place)
        && place >= 1 && place <= Mutant.All.Count;
}
