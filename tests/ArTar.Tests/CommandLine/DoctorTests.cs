namespace ArTar.Tests.CommandLine;

/// <summary><c>artar doctor</c>: what this machine has.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void The_doctor_names_what_is_missing()
    {
        var said = artar.Run("doctor");
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.Matches(@"libtorch +2\.\d+\.\d+", said.Output);
        Assert.Contains(artar.Home, said.Output, StringComparison.Ordinal);
        Assert.Contains("artar data install ptb", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_libtorch_is_explained()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "the program is copied without its native libraries there");
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            if (Path.GetFileName(file) is var name && (name is "artar" or "artar.runtimeconfig.json" || name.EndsWith(".dll", StringComparison.Ordinal)))
                File.Copy(file, copy[name]);
        Said Run(params string[] arguments) => Artar.Finish(artar.Start(arguments, copy["artar"], ("NUGET_PACKAGES", copy["packages"]), ("HOME", copy.Path)));

        var said = Run("doctor");
        Assert.Equal((1, ""), (said.Code, said.Errors));
        Assert.Contains("libtorch does not load: ", said.Output, StringComparison.Ordinal);
        Assert.Contains("docs/platforms.md", said.Output, StringComparison.Ordinal);

        said = Run(["train", .. Artar.Tiny]);
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.StartsWith("artar: libtorch does not load: ", said.Errors, StringComparison.Ordinal);
        Assert.Single(said.Errors.TrimEnd().Split('\n'));

        File.WriteAllText(copy["libtorch_cpu.so"], "not a library");
        said = Run(["train", .. Artar.Tiny]);
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.Contains("libtorch_cpu.so: file too short. It lies beside the program", said.Errors, StringComparison.Ordinal);
    }
}
