[assembly: AssemblyFixture(typeof(ArTar.Tests.CommandLine.TrainedRun))]

namespace ArTar.Tests.CommandLine;

/// <summary>Runs that the program has trained, once for all tests: each gets a copy in a workspace of its own.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly Lazy<Artar> synthetic = new(() => Train("synthetic", Artar.Tiny)), own = new(() => Train("text", OwnText.Tiny));

    /// <summary>A run of a few steps on the generated text.</summary>
    internal Artar OnSynthetic() => CopyOf(synthetic.Value);

    /// <summary>A run on the folder <c>text</c> of its workspace, which is <see cref="OwnText"/>.</summary>
    internal Artar OnOwnText()
    {
        var artar = CopyOf(own.Value);
        OwnText.Write(Path.Combine(artar.Home, "text"));
        FakedRuns.Change(artar.Folder("text"), "configuration.json", "data", $"\"{Path.Combine(artar.Home, "text")}\"");
        return artar;
    }

    public void Dispose()
    {
        foreach (var made in new[] { synthetic, own }.Where(m => m.IsValueCreated))
            made.Value.Dispose();
    }

    private static Artar Train(string data, string[] how)
    {
        var artar = new Artar();
        OwnText.Write(Path.Combine(artar.Home, "text"));
        var said = artar.Run(["train", "--data", data, .. how]);
        Assert.True(said.Code == 0, said.Errors);
        return artar;
    }

    private static Artar CopyOf(Artar trained)
    {
        var (artar, from) = (new Artar(), Assert.Single(Directory.GetDirectories(trained.Runs)));
        var to = Directory.CreateDirectory(Path.Combine(artar.Runs, Path.GetFileName(from))).FullName;
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        return artar;
    }
}
