using System.Diagnostics;
using System.Text.Json;

namespace ArTar.Tests;

/// <summary>What the build does with its properties, asked of MSBuild itself; nothing is restored or built.</summary>
public class BuildPropertiesTests
{
    [Theory]
    [InlineData("", "TorchSharp-cpu")]
    [InlineData("-p:TorchBackend=cpu", "TorchSharp-cpu")]
    [InlineData("-p:TorchBackend=cuda", "TorchSharp-cuda-linux")]
    public void The_back_end_chooses_the_package(string property, string package)
    {
        var (code, output) = MSBuild("-getItem:PackageReference", property);
        Assert.Equal(0, code);
        using var items = JsonDocument.Parse(output);
        var torch = items.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!).Where(name => name.StartsWith("TorchSharp", StringComparison.Ordinal));
        Assert.Equal([package], torch);
    }

    [Theory]
    [InlineData("-p:TorchBackend=tpu", "TorchBackend is 'tpu'; expected cpu (the default) or cuda.")]
    [InlineData("-p:LibstdcxxRemedy=maybe", "LibstdcxxRemedy is 'maybe'; expected auto (the default), always or never.")]
    public void A_value_that_does_not_exist_is_an_error_before_anything_is_built(string property, string message)
    {
        var (code, output) = MSBuild("-t:CheckTorchBackend", property);
        Assert.Equal(1, code);
        Assert.Contains("error : " + message, output, StringComparison.Ordinal);
    }

    private static (int Code, string Output) MSBuild(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", "ArTar.Workbench.csproj", "-nologo", .. arguments.Where(a => a.Length > 0)])
        {
            WorkingDirectory = TestData.Repository,
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("TorchBackend");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
