using System.Security.Cryptography;


namespace ArTar.Cli.Sweeps;

/// <summary>
/// Tells whether this user has submitted a sweep, or taken it over knowingly: what a sweep's folder holds becomes commands, and a folder
/// can come from anybody. The file <c>signature</c> in it is an HMAC over its name, its <c>sweep.json</c>, its rows and its tables,
/// with a key that lies in the user's own folder and that nobody else can read.
/// </summary>
internal static class SweepSignature
{
    private const string SignatureFile = "signature", KeyFile = "sweeps.key";
    private const int KeyBytes = 32;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        OwnersFolder = OwnersFile | UnixFileMode.UserExecute, Others = ~OwnersFolder;

    /// <summary>Signs what lies in a sweep's folder now.</summary>
    /// <param name="folder">The folder, which may have another name yet.</param>
    /// <param name="name">The sweep's name.</param>
    /// <param name="signed">The files that are signed, below the folder.</param>
    /// <exception cref="WorkbenchException">The key cannot be read or made.</exception>
    public static void Write(string folder, string name, params IReadOnlyList<string> signed) =>
        AtomicFile.WriteAllText(Path.Combine(folder, SignatureFile), Of(folder, name, Key(mayCreate: true)!, signed) + "\n");

    /// <summary>Whether the folder's signature is this user's.</summary>
    /// <inheritdoc cref="Write"/>
    public static bool IsThere(string folder, string name, params IReadOnlyList<string> signed)
    {
        var path = Path.Combine(folder, SignatureFile);
        if (!File.Exists(path) || Key(mayCreate: false) is not { } key)
            return false;
        var (stored, expected) = (PlainFile.ReadAllBytes(path), System.Text.Encoding.ASCII.GetBytes(Of(folder, name, key, signed) + "\n"));
        return CryptographicOperations.FixedTimeEquals(stored, expected);
    }

    /// <summary>The SHA-256 of the same: what a job that was submitted finds again when it runs, on a node without the key.</summary>
    public static string Digest(string folder, string name, params IReadOnlyList<string> signed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return Of(hash, folder, name, signed);
    }

    /// <summary>Sees to it that the key, if there is one, can be read.</summary>
    /// <exception cref="WorkbenchException">It cannot.</exception>
    public static void Check() => Key(mayCreate: false);

    private static string Of(string folder, string name, byte[] key, IReadOnlyList<string> signed)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        return Of(hash, folder, name, signed);
    }

    private static string Of(IncrementalHash hash, string folder, string name, IReadOnlyList<string> signed)
    {
        hash.AppendData(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));
        foreach (var file in signed)
        {
            var path = Path.Combine(folder, file);
            using var stream = File.Exists(path) ? PlainFile.Open(path) : Stream.Null;
            hash.AppendData(SHA256.HashData(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[]? Key(bool mayCreate)
    {
        var settings = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (settings.Length == 0)
            throw new WorkbenchException(
                "There is no folder for your settings, where the key lies by which your own sweeps are known. Set HOME.");
        var folder = Path.Combine(settings, "artar");
        var path = Path.Combine(folder, KeyFile);
        try
        {
            if (!File.Exists(path))
            {
                if (!mayCreate)
                    return null;
                Create(folder, path);
            }
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
                throw new WorkbenchException($"Others can read or write {path}, the key by which your own sweeps are known. Remove it if " +
                    "they may have, or take their rights away (chmod 600).");
            var key = PlainFile.ReadAllBytes(path);
            return key.Length == KeyBytes ? key
                : throw new WorkbenchException($"{path} is no key: expected {KeyBytes} bytes. Remove it; a new one is made.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException(
                $"The key by which your own sweeps are known cannot be read or made: {e.Message} Expected it in {path}.", e);
        }
    }

    private static void Create(string folder, string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnersFolder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersFile;
        // Of several that submit at once one makes it, and nobody reads a part of it.
        var fresh = $"{path}.{Path.GetRandomFileName()}{AtomicFile.TemporarySuffix}";
        using (var stream = new FileStream(fresh, options))
            stream.Write(RandomNumberGenerator.GetBytes(KeyBytes));
        try
        {
            File.Move(fresh, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(fresh);
        }
    }
}
