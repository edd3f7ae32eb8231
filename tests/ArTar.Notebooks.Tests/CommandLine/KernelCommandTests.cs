using System.Text.Json.Nodes;
using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Tests.CommandLine;

/// <summary><c>artar kernel</c>: Jupyter's front ends are told of the kernel.</summary>
public class KernelCommandTests
{
    [Fact]
    public void The_kernel_is_installed_listed_and_taken_away()
    {
        var prefix = Directory.CreateTempSubdirectory("prefix ").FullName;
        var folder = Path.Combine(prefix, "share", "jupyter", "kernels", "artar-csharp");
        Assert.Equal($"\"C# (ArTar)\" is installed in {folder}\n", Artar.Run(prefix, "kernel", "install", "--prefix", prefix, "--no-precompile").Output);
        var specification = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "kernel.json")))!;
        Assert.Equal(("C# (ArTar)", "C#", "message"), ((string?)specification["display_name"], (string?)specification["language"], (string?)specification["interrupt_mode"]));
        Assert.Equal([Artar.DotNet, Artar.Program, "kernel", "run", "{connection_file}"], specification["argv"]!.AsArray().Select(a => (string?)a));
        Assert.InRange(new FileInfo(Path.Combine(folder, "plotly.min.js")).Length, 3_000_000, 5_000_000);
        Assert.StartsWith("<svg", File.ReadAllText(Path.Combine(folder, "logo-svg.svg")), StringComparison.Ordinal);
        Assert.All(["logo-32x32.png", "logo-64x64.png"], logo => Assert.Null(StoredPicture.Fault("image/png", Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, logo))))));
        Assert.Equal($"artar-csharp  C# (ArTar)  {folder}\n", Artar.Run(prefix, "kernel", "list", "--prefix", prefix).Output);
        Assert.Equal($"removed {folder}\n", Artar.Run(prefix, "kernel", "uninstall", "--prefix", prefix).Output);
        Assert.False(Directory.Exists(folder));
        Assert.Contains("is not installed", Artar.Run(prefix, "kernel", "uninstall", "--prefix", prefix).Output, StringComparison.Ordinal);
        Directory.Delete(prefix, recursive: true);
    }
}
