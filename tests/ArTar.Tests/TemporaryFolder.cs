namespace ArTar.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Memory = "/dev/shm"; // Linux keeps it in memory

    /// <param name="inMemory">Whether it is to lie in memory where that is possible: what is written ten thousand times needs no disk.</param>
    public TemporaryFolder(bool inMemory = false) => Path = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory($"{Memory}/artar-test-{System.IO.Path.GetRandomFileName()}").FullName
        : Directory.CreateTempSubdirectory("artar-test-").FullName;

    public string Path { get; }

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
