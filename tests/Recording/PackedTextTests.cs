// PackedTextTests: what was packed comes out, however it was cut; damage is never a text.
using System.Text;
using CsCheck;
using Lockstep.Recording;
using Xunit;

namespace Lockstep.Tests.Recording;

public static class PackedTextTests
{
    private static readonly Gen<byte[]> Texts = Gen.OneOf(
        Gen.Byte.Array[0, 3000],
        Gen.String[Gen.Char["0123456789abcdef\":,"], 0, 20_000].Select(Encoding.UTF8.GetBytes));

    [Fact]
    public static void Text_ComesOutOfItsParts() =>
        Gen.Select(Texts.List[1, 4], Gen.Int[2, 5000]).Sample((texts, longest) =>
        {
            PackedText.Joiner joiner = new();
            foreach (byte[] text in texts)
            {
                var parts = PackedText.Pack(text, longest);
                Assert.All(parts, one => Assert.InRange(one.Length, 1, longest));
                foreach (var part in parts.SkipLast(1)) Assert.Null(joiner.Take(part.Span));
                Assert.Equal(text, joiner.Take(parts[^1].Span));
            }
        }, iter: 300);

    [Fact]
    public static void Text_WhenAPartIsMissing_IsRefused() =>
        Gen.Select(Gen.Byte.Array[200, 3000], Gen.Int[20, 100], Gen.Int[0, 9]).Sample(
            (text, longest, which) =>
            {
                var parts = PackedText.Pack(text, longest).ToList();
                // All but the last, or nothing would end here.
                parts.RemoveAt(which % (parts.Count - 1));
                PackedText.Joiner joiner = new();
                foreach (var part in parts.SkipLast(1)) Assert.Null(joiner.Take(part.Span));
                Assert.Throws<RecordException>(() => joiner.Take(parts[^1].Span));
            }, iter: 200);

    [Fact]
    public static void Text_WhenItIsTooLong_IsRefused()
    {
        RecordException refused = Assert.Throws<RecordException>(
            () => PackedText.Pack(new byte[PackedText.MaxBytes + 1]));
        Assert.Contains("longer than", refused.Message, StringComparison.Ordinal);
        Assert.Throws<RecordException>(() => new PackedText.Joiner().Take([0, 255, 255, 255, 255]));
        Assert.Throws<RecordException>(() => new PackedText.Joiner().Take([2]));
        Assert.Throws<RecordException>(() => new PackedText.Joiner().Take([]));
    }
}
