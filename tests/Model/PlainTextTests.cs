// PlainTextTests: what is printed of another's text stays one line and moves no cursor.
using System.Text;
using CsCheck;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Model;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("'€' is no name; 𝒙 neither", "'€' is no name; 𝒙 neither")]
    [InlineData("a\r\nb\tc", "a??b?c")]
    [InlineData("\u001B[31mred\u0085\u007F", "?[31mred??")]
    [InlineData("a\u202Eb\uFEFF\u2028\u2029", "a?b???")]
    public void OneLine_WhenTextHidesSomething_ShowsIt(string words, string shown) =>
        Assert.Equal(shown, PlainText.OneLine(words));

    /// <summary>Against the framework's own walk over runes, which knows no halves.</summary>
    [Fact]
    public void OneLine_KeepsEveryRuneThatIsText() =>
        Gen.Char.Array[0, 20].Select(chars => new string(chars)).Sample(text =>
        {
            StringBuilder expected = new();
            for (int i = 0; i < text.Length;)
            {
                bool whole = Rune.TryGetRuneAt(text, i, out Rune rune);
                expected.Append(!whole || (rune.IsBmp && IsHidden(rune)) ? "?" : rune.ToString());
                i += whole ? rune.Utf16SequenceLength : 1;
            }
            Assert.Equal(expected.ToString(), PlainText.OneLine(text));
        });

    private static bool IsHidden(Rune rune) => Rune.IsControl(rune)
        || Rune.GetUnicodeCategory(rune).ToString()
            is "Format" or "LineSeparator" or "ParagraphSeparator";
}
