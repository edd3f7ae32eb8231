using System.Runtime.Loader;

namespace ArTar.Workbench.Interactive;

/// <summary>
/// Gives charts the F# library that .NET Interactive runs with itself. It is a little older than what they ask for, and .NET would
/// refuse it for that; a second copy beside it does not fit together with the first.
/// </summary>
internal static class FSharpLibrary
{
    private const string Name = "FSharp.Core";

    /// <summary>From here on it is taken.</summary>
    public static void TakeTheHosts() => AssemblyLoadContext.Default.Resolving += (context, asked) =>
        asked is { Name: Name, Version: not null } ? context.LoadFromAssemblyName(new(Name)) : null;
}
