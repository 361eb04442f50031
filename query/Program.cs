// Program: the front door of query, the one tool that carries a database engine.
namespace Lockstep.Query;

/// <summary>Ends as the tools do: 0 done, 1 refused or failed, 2 usage.</summary>
public static class Program
{
    /// <summary>The process's entry point.</summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return Tools.Program.RunGuarded(
            QueryTool.Row.Name, host => QueryTool.Row.Run(host, args));
    }
}
