using ArTar.Workbench;
using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

/// <summary>A folder that is gone after the test; usable as a workspace.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("artar-test-").FullName;

    public Workspace Workspace => new(Path);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    /// <summary>A folder with the three splits, ready to load.</summary>
    public string WriteCorpus(string train, string valid = "a\n", string test = "a\n")
    {
        Write("text/train.txt", train);
        Write("text/valid.txt", valid);
        Write("text/test.txt", test);
        return this["text"];
    }

    /// <summary>Loads a known corpus, or a folder by its full path, with this folder as the workspace.</summary>
    public Corpus Load(string nameOrFolder, IProgress<Progress>? progress = null) => Corpora.Load(nameOrFolder, Workspace, progress);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
