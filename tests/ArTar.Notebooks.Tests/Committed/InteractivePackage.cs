using System.Globalization;

namespace ArTar.Notebooks.Tests.Committed;

/// <summary>.NET Interactive with <c>ArTar.Workbench.Interactive</c> from a feed in a folder of its own, where the package also works.</summary>
public sealed class InteractivePackage : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("artar-feed-").FullName;
    private readonly string version = string.Create(CultureInfo.InvariantCulture, $"1.0.0-test{DateTime.UtcNow:yyyyMMddHHmmss}");
    private readonly Lazy<InteractiveTool> tool;

    public InteractivePackage() => tool = new(Start);

    internal InteractiveTool Tool => tool.Value;

    public void Dispose()
    {
        if (tool.IsValueCreated)
            tool.Value.Dispose();
        // NuGet keeps what was installed for good.
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in new[] { "artar.workbench", "artar.workbench.interactive" }.Select(p => Path.Combine(packages, p, version)).Where(Directory.Exists))
            Directory.Delete(package, recursive: true);
        Directory.Delete(folder, recursive: true);
    }

    private InteractiveTool Start()
    {
        foreach (var project in new[] { "ArTar.Workbench.csproj", "src/ArTar.Interactive/ArTar.Interactive.csproj" })
        {
            var packed = Artar.Finish(Artar.Start(Artar.DotNet, ["pack", project, "--no-build", "-c", "Release", "-o", folder, $"-p:Version={version}", "-v:quiet", "-tl:off"], Repository.Root));
            Assert.True(packed.Code == 0, packed.Output);
        }
        var started = new InteractiveTool(folder, ("ARTAR_HOME", folder));
        var (type, message, _) = started.Run($"#i \"nuget:{folder}\"\n#r \"nuget: ArTar.Workbench.Interactive, {version}\"");
        if (type != "CommandSucceeded")
            started.Dispose();
        Assert.True(type == "CommandSucceeded", message);
        return started;
    }
}
