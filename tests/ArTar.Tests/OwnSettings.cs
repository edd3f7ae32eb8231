using System.Runtime.CompilerServices;

namespace ArTar.Tests;

/// <summary>Tests, and the programs that they start, leave the settings of whoever runs them alone.</summary>
internal static class OwnSettings
{
    /// <summary>The folder in place of ~/.config.</summary>
    public static string Folder { get; } = Directory.CreateTempSubdirectory("artar-settings-").FullName;

    [ModuleInitializer]
    internal static void Use()
    {
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", Folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);
    }
}
