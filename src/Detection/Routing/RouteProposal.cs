// RouteProposal: where an accelerator proposes that a solve begins; root prices by token, as text.
using System.Buffers.Binary;

namespace Lockstep.Detection.Routing;

/// <summary>
/// Takes over what a solver's problem was told and descends its dual elsewhere. What comes back is
/// where the solver may start: it repairs and certifies whatever it is given.
/// </summary>
/// <param name="solver">Whose problem; it is not to be solved before its prices are set.</param>
/// <param name="anew">Whether what was kept from the last call led astray.</param>
/// <returns>Root prices by row, good until the next call; none where there is no proposal.
/// </returns>
public delegate ReadOnlySpan<double> RouteDescent(RoutingSolver solver, bool anew);

/// <summary>An accelerator as one detector sees it.</summary>
/// <param name="Name">What it is, for those who read the record.</param>
/// <param name="Descend">Descends; serves one solver at a time.</param>
public sealed record RouteAccelerator(string Name, RouteDescent Descend);

/// <summary>Root prices less one as floats of four bytes, little endian, base64: near one, where
/// nearly all are, they have more digits than a start needs.</summary>
internal static class RouteProposal
{
    private const int Width = sizeof(float);

    public static string Write(ReadOnlySpan<float> shifts)
    {
        byte[] bytes = new byte[Width * shifts.Length];
        for (int i = 0; i < shifts.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(Width * i), shifts[i]);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>The floats, or null where the text has none.</summary>
    public static float[]? Read(string text)
    {
        byte[] bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out int length) || length % Width != 0)
            return null;
        float[] shifts = new float[length / Width];
        for (int i = 0; i < shifts.Length; i++)
            shifts[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(Width * i));
        return shifts;
    }
}
