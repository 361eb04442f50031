// FeedException: data that was refused, in one line: where it stands, what is wrong, the way out.
using Lockstep.Model;

namespace Lockstep.Tools.Feeds;

/// <summary>
/// Input that is not what its format says. The message is for the person at the terminal:
/// <c>file:line: field: what is wrong; the way out</c>.
/// </summary>
public sealed class FeedException(string message) : IOException(PlainText.OneLine(message));
