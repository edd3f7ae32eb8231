namespace ArTar.Cli;

/// <summary>libtorch did not load: a fault of the installation, to be explained rather than shown as a stack.</summary>
internal static class NativeFault
{
    /// <summary>Whether that is what an exception means; TorchSharp reports it from its static constructor.</summary>
    public static bool Is(Exception e) =>
        e.GetBaseException() is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException
        || e is TypeInitializationException { InnerException: NotSupportedException };

    public static string Explain(Exception e) =>
        $"libtorch does not load: {e.GetBaseException().Message.Split('\n')[0]} It lies beside the program, in '{AppContext.BaseDirectory}'. " +
        "Build again with ./artar (or dotnet build src/ArTar.slnx); docs/platforms.md lists the systems that work and what they need.";
}
