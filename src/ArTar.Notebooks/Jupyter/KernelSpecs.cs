using ArTar.Workbench.Display;

namespace ArTar.Notebooks.Jupyter;

/// <summary>A kernel that front ends offer.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="DisplayName">What front ends call it.</param>
/// <param name="Folder">Where its specification lies.</param>
public sealed record InstalledKernel(string Name, string DisplayName, string Folder);

/// <summary>The files that tell Jupyter's front ends how to start this kernel.</summary>
public static class KernelSpecs
{
    /// <summary>The kernel's name, which notebooks refer to it by.</summary>
    public const string Name = "artar-csharp";

    /// <summary>What front ends call it.</summary>
    public const string DisplayName = "C# (ArTar)";

    // By these names launchers look for a kernel's picture.
    private static readonly string[] logos = ["logo-svg.svg", "logo-32x32.png", "logo-64x64.png"];

    /// <summary>
    /// Where a user's kernels lie: <c>JUPYTER_DATA_DIR</c>, else the system's usual place; or below a prefix, as of a Python
    /// environment.
    /// </summary>
    public static string FolderFor(string? prefix)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string Variable(string name, string otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value
            : otherwise;
        var data = prefix is not null ? Path.Combine(prefix, "share", "jupyter")
            : Variable("JUPYTER_DATA_DIR",
                OperatingSystem.IsWindows() ? Path.Combine(Variable("APPDATA", home), "jupyter")
                : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
                : Path.Combine(Variable("XDG_DATA_HOME", Path.Combine(home, ".local", "share")), "jupyter"));
        return Path.Combine(Path.GetFullPath(data), "kernels");
    }

    /// <summary>Writes the specification; one that is there already is replaced.</summary>
    /// <param name="kernels">The folder of all kernels.</param>
    /// <param name="command">What starts the kernel, before the path of the connection file.</param>
    /// <returns>The kernel's folder.</returns>
    /// <exception cref="WorkbenchException">The folder cannot be written.</exception>
    public static string Install(string kernels, IEnumerable<string> command)
    {
        var folder = Path.Combine(kernels, Name);
        var specification = new JsonObject
        {
            ["argv"] = new JsonArray([.. command.Append("{connection_file}").Select(a => JsonValue.Create(a))]),
            ["display_name"] = DisplayName,
            ["language"] = "C#",
            ["interrupt_mode"] = "message",
            ["metadata"] = new JsonObject { ["debugger"] = false },
        };
        try
        {
            Directory.CreateDirectory(folder);
            // Jupyter serves the folder's files, so that charts are drawn without a network.
            AtomicFile.Write(Path.Combine(folder, "plotly.min.js"), CopyPlotly);
            foreach (var logo in logos)
                AtomicFile.Write(Path.Combine(folder, logo), target => CopyResource(typeof(KernelSpecs).Assembly, logo, target));
            AtomicFile.WriteAllText(Path.Combine(folder, "kernel.json"), specification.ToJsonString(Json.Indented) + "\n");
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException($"The kernel cannot be installed in {folder}: {e.Message} Choose another place.", e);
        }
    }

    /// <summary>Removes the specification.</summary>
    /// <returns>The kernel's folder, or null when there was none.</returns>
    public static string? Uninstall(string kernels)
    {
        var folder = Path.Combine(kernels, Name);
        if (!Directory.Exists(folder))
            return null;
        Directory.Delete(folder, recursive: true);
        return folder;
    }

    /// <summary>The kernels in a folder, this one and others.</summary>
    public static IReadOnlyList<InstalledKernel> List(string kernels) => !Directory.Exists(kernels) ? [] :
    [
        .. Directory.EnumerateDirectories(kernels).Order(StringComparer.Ordinal).Where(f => File.Exists(Path.Combine(f, "kernel.json")))
            .Select(f => new InstalledKernel(Path.GetFileName(f), NameIn(Path.Combine(f, "kernel.json")), f)),
    ];

    private static string NameIn(string file)
    {
        try
        {
            return (string?)JsonNode.Parse(PlainFile.ReadAllText(file))?["display_name"] ?? "";
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException)
        {
            return "(damaged)";
        }
    }

    private static void CopyPlotly(Stream target)
    {
        var assembly = typeof(Plotly.NET.GenericChart).Assembly;
        CopyResource(assembly, assembly.GetManifestResourceNames().Single(n =>
            n.EndsWith($"plotly-{ChartView.PlotlyVersion}.min.js", StringComparison.Ordinal)), target);
    }

    private static void CopyResource(Assembly assembly, string name, Stream target)
    {
        using var source = assembly.GetManifestResourceStream(name)!;
        source.CopyTo(target);
    }
}
