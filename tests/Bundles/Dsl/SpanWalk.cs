// SpanWalk: every node of a bundle's tree, by its properties; for the laws about spans.
using System.Collections;
using System.Reflection;
using Lockstep.Bundles.Dsl;

namespace Lockstep.Tests.Bundles.Dsl;

internal static class SpanWalk
{
    /// <summary>The node and all below it.</summary>
    internal static IEnumerable<Syntax> All(Syntax node) =>
        Children(node).SelectMany(All).Prepend(node);

    /// <summary>The statements below a node.</summary>
    internal static IEnumerable<Statement> Statements(Syntax node) => All(node).OfType<Statement>();

    private static IEnumerable<Syntax> Children(Syntax node) => node.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0)
        .Select(property => property.GetValue(node))
        .SelectMany(value => value switch
        {
            Syntax one => [one],
            IEnumerable many and not string => many.OfType<Syntax>(),
            _ => [],
        });
}
