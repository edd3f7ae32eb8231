using System.Globalization;

namespace ArTar.Notebooks.Tests.Packages;

/// <summary>The packages as others use them: from a local feed, outside the repository. What was built already is packed.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Tiny = Committed.CommittedNotebooksTests.Tiny;
    private readonly string version = string.Create(CultureInfo.InvariantCulture, $"1.0.0-test{DateTime.UtcNow:yyyyMMddHHmmssfff}");
    private readonly string folder = Directory.CreateTempSubdirectory("artar packages ").FullName;

    private string Feed => Path.Combine(folder, "feed");

    private (string, string)[] Environment => [("DOTNET_ROOT", Path.GetDirectoryName(Artar.DotNet)!), ("ARTAR_HOME", Path.Combine(folder, "home"))];

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        // NuGet keeps what was installed for good.
        var packages = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var installed in new[] { "artar.workbench", "artar" }.Select(p => Path.Combine(packages, p, version)).Where(Directory.Exists))
            Directory.Delete(installed, recursive: true);
    }

    [Fact]
    public void A_project_of_ones_own_that_refers_to_the_library_trains_a_table()
    {
        Pack("ArTar.Workbench.csproj");
        var project = Directory.CreateDirectory(Path.Combine(folder, "project")).FullName;
        File.WriteAllText(Path.Combine(project, "project.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
              <ItemGroup><PackageReference Include="ArTar.Workbench" Version="{version}" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""
            <configuration><packageSources><add key="artar" value="{Feed}" /></packageSources></configuration>
            """);
        File.WriteAllText(Path.Combine(project, "Program.cs"), $"""
            Console.WriteLine(new ArTar.Workbench.Tables.Lab(settings: "{Tiny}").Table(1, "alpha=0"));
            """);
        Run(Artar.DotNet, project, "build", "-c", "Release", "-v:quiet", "-tl:off", "-o", "built");
        Assert.Contains("alpha = 0", Run(Artar.DotNet, project, Path.Combine("built", "project.dll")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_is_a_tool_that_trains_and_runs_notebooks()
    {
        Pack("src/ArTar.Cli/ArTar.Cli.csproj");
        // What a package feed takes.
        Assert.All(Directory.EnumerateFiles(Feed), package => Assert.InRange(new FileInfo(package).Length, 1, 250_000_000));
        Run(Artar.DotNet, folder, "tool", "install", "artar", "--version", version, "--add-source", Feed, "--tool-path", "tools");
        var tool = Path.Combine(folder, "tools", "artar");
        var settings = Tiny.Split(' ').SelectMany(s => new[] { "--set", s });
        Assert.Contains("alpha = 0", Run(tool, folder, ["table", "1", "--rows", "alpha=0", .. settings]), StringComparison.Ordinal);
        var target = Path.Combine(folder, "out.ipynb");
        Run(tool, folder, "notebook", "run", Artar.Data("test.ipynb"), "--output", target);
        Assert.Contains("newPlot", File.ReadAllText(target), StringComparison.Ordinal);
        var kernels = Run(tool, folder, "kernel", "install", "--prefix", "prefix");
        Assert.Contains("is installed", kernels, StringComparison.Ordinal);
    }

    private void Pack(string project) =>
        Run(Artar.DotNet, Repository.Root, "pack", project, "--no-build", "-c", "Release", "-o", Feed, $"-p:Version={version}", "-v:quiet", "-tl:off");

    private string Run(string program, string at, params string[] arguments)
    {
        var (code, output, errors) = Artar.Finish(Artar.Start(program, arguments, at, Environment));
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}\n{output}\n{errors}");
        return output;
    }
}
