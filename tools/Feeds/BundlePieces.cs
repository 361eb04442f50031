// BundlePieces: a stream of bundles cut behind each whole one, so that none waits for the next.
using System.Text;

namespace Lockstep.Tools.Feeds;

/// <summary>A part of a stream.</summary>
/// <param name="Text">Whole bundles, or the rest of a stream that does not end in one. Blanks stand
/// in front where it begins within a line.</param>
/// <param name="LinesBefore">Lines of the stream in front of the text's first one.</param>
public readonly record struct BundlePiece(string Text, int LinesBefore);

/// <summary>Cuts by braces: they stand in no name, number or identifier, and in comments they do
/// not count.</summary>
/// <param name="source">The stream.</param>
/// <param name="mostCharacters">The longest piece; a longer one is given and is the last.</param>
/// <param name="beforeWait">Called before it waits for more of the stream.</param>
public sealed class BundlePieces(TextReader source, int mostCharacters, Action beforeWait)
{
    private readonly StringBuilder piece = new();
    private int depth;
    private int line;
    private int column;
    private int pieceLine;
    private bool inComment;

    /// <summary>The pieces in order; at least one. A piece longer than allowed ends it.</summary>
    public IEnumerable<BundlePiece> Read()
    {
        bool any = false;
        char[] part = new char[1 << 15];
        while (piece.Length <= mostCharacters)
        {
            beforeWait();
            int length = source.Read(part);
            if (length == 0) break;
            for (int i = 0; i < length; i++)
            {
                piece.Append(part[i]);
                if (!Ends(part[i])) continue;
                any = true;
                yield return Take();
            }
        }
        if (!any || piece.Length > 0) yield return Take();
    }

    /// <summary>Counts a character; true when it closes what is open.</summary>
    private bool Ends(char next)
    {
        column++;
        switch (next)
        {
            case '\n':
                (line, column, inComment) = (line + 1, 0, false);
                return false;
            case '#':
                inComment = true;
                return false;
            case '{' when !inComment:
                depth++;
                return false;
            case '}' when !inComment:
                depth = Math.Max(0, depth - 1);
                return depth == 0;
            default:
                return false;
        }
    }

    private BundlePiece Take()
    {
        BundlePiece taken = new(piece.ToString(), pieceLine);
        piece.Clear();
        pieceLine = line;
        piece.Append(' ', column);
        return taken;
    }
}
