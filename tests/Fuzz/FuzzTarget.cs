// FuzzTarget: a reader under attack: seeds, what it answers, the laws of that, its memory bound.
namespace Lockstep.Tests.Fuzz;

/// <summary>What a reader made of an input.</summary>
/// <param name="Accepted">False when it refused the input by a fault of its own.</param>
/// <param name="Laws">What has to hold of the answer; throws where it does not.</param>
internal readonly record struct Answer(bool Accepted, Action Laws)
{
    /// <summary>A refusal, whose words must be one line.</summary>
    public static Answer Refused(Action laws) => new(false, laws);
}

/// <summary>A reader. Its memory bound is on all that it allocates while it answers, not on what
/// lives at once: <paramref name="Constant"/> + <paramref name="PerByte"/> * bytes of input.
/// </summary>
/// <param name="Name">What the command calls it.</param>
/// <param name="Seeds">What its inputs are made from.</param>
/// <param name="Constant">Bytes it may allocate for no input.</param>
/// <param name="PerByte">Bytes it may allocate for each byte of input.</param>
/// <param name="Read">Reads an input. An exception is a failure.</param>
internal sealed record FuzzTarget(
    string Name, byte[][] Seeds, long Constant, long PerByte, Func<byte[], Answer> Read)
{
    /// <summary>Makes its inputs.</summary>
    public Mutator Mutator { get; } = new(Seeds);

    /// <summary>The bytes it may allocate for an input of so many bytes.</summary>
    public long Bound(int length) => Constant + PerByte * length;
}
