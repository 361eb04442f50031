// MutantChoice: which mutants are tried, and by what, of the command's words.
using System.Globalization;

namespace Lockstep.Simulator.Mutation;

/// <summary>What the command asks for.</summary>
/// <param name="Word">Of their names; empty for all.</param>
/// <param name="From">The first, 1 and up.</param>
/// <param name="To">The last.</param>
/// <param name="BySimulator">Whether the simulator looks for them.</param>
/// <param name="ByTests">Whether unit tests do where it found nothing.</param>
/// <param name="Lists">Whether they are only listed.</param>
public sealed record MutantChoice(
    string Word, int From, int To, bool BySimulator, bool ByTests, bool Lists)
{
    /// <summary>Reads the words behind <c>mutants</c>.</summary>
    /// <param name="args">The words.</param>
    /// <param name="choice">What they ask for.</param>
    /// <param name="fault">What is wrong with them.</param>
    public static bool TryRead(
        ReadOnlySpan<string> args, out MutantChoice choice, out string fault)
    {
        (choice, fault) = (new MutantChoice("", 1, Mutant.All.Count, true, true, false), "");
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name is "--from" or "--to")
            {
                if (i + 1 == args.Length || !int.TryParse(
                        args[++i], NumberStyles.None, CultureInfo.InvariantCulture, out int at)
                    || at < 1 || at > Mutant.All.Count)
                    fault = $"{name} needs a number from 1 to {Mutant.All.Count}";
                else choice = name == "--from" ? choice with { From = at }
                    : choice with { To = at };
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
    public bool Holds(int number, Mutant one) => number >= From && number <= To
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
}
