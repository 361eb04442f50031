// FlagFile: a file that says something by being there, such as that no plan is to be begun.
namespace Lockstep.Service.Stages;

/// <summary>Puts one there and takes it away.</summary>
internal static class FlagFile
{
    /// <summary>Makes it, and its folder.</summary>
    public static void Put(string file)
    {
        if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllText(file, "");
    }

    /// <summary>Takes it away, if it is there.</summary>
    public static void Remove(string file)
    {
        if (File.Exists(file)) File.Delete(file);
    }
}
