namespace ArTar.Workbench.Data;

/// <summary>How a corpus stands in a workspace.</summary>
internal enum InstallState
{
    /// <summary>Its folder is not there.</summary>
    Absent,

    /// <summary>All files are there with the right sizes.</summary>
    Installed,

    /// <summary>Its folder is there, but a file is missing or has another size.</summary>
    Damaged,
}

/// <summary>
/// Puts corpora into <c>datasets/</c>. Everything is fetched, unpacked and checked in <c>datasets/.partial</c>; the last step renames
/// a complete folder into place, so an install that was killed never looks installed, and the next one goes on where it can.
/// </summary>
internal static class Installer
{
    /// <summary>How a corpus stands, by names and sizes alone.</summary>
    public static InstallState StateOf(CorpusInfo info, Workspace workspace)
    {
        if (!Directory.Exists(info.Folder(workspace))) return InstallState.Absent;
        var sound = info.Files.All(file => new FileInfo(Path.Combine(info.Folder(workspace), file.FileName)) is { Exists: true } found
            && found.Length == file.Bytes);
        return sound ? InstallState.Installed : InstallState.Damaged;
    }

    /// <summary>
    /// Compares every file of an installed corpus with what it must be; one sentence for each fault, none if all is well.
    /// </summary>
    public static IReadOnlyList<string> Verify(
        CorpusInfo info, Workspace workspace, IProgress<Progress>? progress = null, CancellationToken cancellation = default)
    {
        var faults = new List<string>();
        foreach (var file in info.Files)
        {
            var path = Path.Combine(info.Folder(workspace), file.FileName);
            if (!File.Exists(path))
            {
                faults.Add($"'{path}' is missing.");
                continue;
            }
            var size = new FileInfo(path).Length;
            if (size != file.Bytes)
                faults.Add($"'{path}' has {size:N0} bytes; expected {file.Bytes:N0}.");
            else if (DataFile.Sha256(path, progress, cancellation) is var found && found != file.Sha256)
                faults.Add($"'{path}' has the SHA-256 {found}; expected {file.Sha256}.");
        }
        return faults;
    }

    /// <summary>Installs a corpus, or repairs it; does nothing if it is already there and sound.</summary>
    /// <param name="info">The corpus.</param>
    /// <param name="workspace">Where to.</param>
    /// <param name="from">A local copy: a folder, zip, tar, tar.gz, or one of the text files with the others beside it. Null: the public
    /// address.</param>
    /// <param name="progress">Told bytes downloaded, unpacked and checked; notices have the unit <c>"notice"</c>.</param>
    /// <param name="cancellation">Stops; a later install goes on with what was downloaded.</param>
    /// <returns>False if there was nothing to do.</returns>
    /// <exception cref="WorkbenchException">It could not be installed; <c>datasets/</c> is as before.</exception>
    public static Task<bool> InstallAsync(
        CorpusInfo info, Workspace workspace, string? from = null, IProgress<Progress>? progress = null,
        CancellationToken cancellation = default) =>
        InstallAsync(info, workspace, from, Download.Patient, progress, cancellation);

    internal static async Task<bool> InstallAsync(
        CorpusInfo info, Workspace workspace, string? from, Download download, IProgress<Progress>? progress,
        CancellationToken cancellation)
    {
        var partial = Path.Combine(workspace.Datasets, ".partial", info.Name);
        var unpacked = Path.Combine(partial, "unpacked");
        DataFile.Store(partial, () => Directory.CreateDirectory(Path.GetDirectoryName(partial)!));
        using var alone = OnlyOne(info, partial + ".lock");
        if (StateOf(info, workspace) == InstallState.Installed && Verify(info, workspace, progress, cancellation).Count == 0)
            return false;
        RefuseToReplaceForeignFiles(info, workspace);

        try
        {
            DataFile.Store(unpacked, () =>
            {
                if (Directory.Exists(unpacked)) Directory.Delete(unpacked, recursive: true);
                Directory.CreateDirectory(unpacked);
            });
            await Collect(info, from, download, partial, unpacked, progress, cancellation);
            cancellation.ThrowIfCancellationRequested();
            DataFile.Store(info.Folder(workspace), () => PutInPlace(unpacked, info.Folder(workspace), partial));
            return true;
        }
        catch
        {
            Discard(unpacked);
            throw;
        }
    }

    /// <summary>Fills <paramref name="unpacked"/> with all files of the corpus, each of them checked.</summary>
    private static async Task Collect(
        CorpusInfo info, string? from, Download download, string partial, string unpacked, IProgress<Progress>? progress,
        CancellationToken cancellation)
    {
        if (from is not null)
        {
            if (!File.Exists(from) && !Directory.Exists(from))
                throw new WorkbenchException(
                    $"'{from}' is not there; expected a folder, zip or tar.gz that holds {Names(info.Files)}.");
            // One of several text files stands for the folder that it lies in.
            var single = File.Exists(from) && info.Files.Any(file => file.FileName == Path.GetFileName(from));
            new Unpacker(info, single ? Path.GetDirectoryName(Path.GetFullPath(from))! : from, unpacked, progress, cancellation).Run();
        }
        else
        {
            foreach (var source in info.Sources)
            {
                var file = Path.Combine(partial, source.File.FileName);
                await download.ToFile(source, file, progress, cancellation);
                new Unpacker(info, file, unpacked, progress, cancellation).Run();
            }
        }
        var missing = info.Files.Where(file => !File.Exists(Path.Combine(unpacked, file.FileName))).ToArray();
        if (missing.Length > 0)
            throw new WorkbenchException(
                $"'{from ?? info.Sources[0].Address.ToString()}' holds no {Names(missing)}; expected a folder, zip or tar.gz with "
                    + $"{Names(info.Files)}.");
    }

    private static void PutInPlace(string unpacked, string folder, string partial)
    {
        if (Directory.Exists(folder)) // damaged, else there was nothing to do
        {
            var damaged = Path.Combine(partial, "damaged");
            if (Directory.Exists(damaged)) Directory.Delete(damaged, recursive: true);
            Directory.Move(folder, damaged);
        }
        Directory.Move(unpacked, folder);
        Directory.Delete(partial, recursive: true);
    }

    /// <summary>Gives the space back after a fault; what cannot be deleted now, the next install deletes.</summary>
    private static void Discard(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The fault that led here is the one to tell.
        }
    }

    private static void RefuseToReplaceForeignFiles(CorpusInfo info, Workspace workspace)
    {
        var folder = info.Folder(workspace);
        if (File.Exists(folder))
            throw new WorkbenchException($"'{folder}' is a file; a folder of that name is needed there. Move the file away.");
        if (!Directory.Exists(folder)) return;
        var foreign = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Except(info.Files.Select(file => file.FileName))
            .ToArray();
        if (foreign.Length > 0)
            throw new WorkbenchException(
                $"'{folder}' is damaged and would be replaced, but it also holds {string.Join(", ", foreign)}, which is not part of "
                    + $"{info.Title}. Move that away first.");
    }

    /// <summary>Holds a lock that the system lets go of with the process, however that ends.</summary>
    private static FileStream OnlyOne(CorpusInfo info, string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException(
                $"'{path}' cannot be locked: {fault.Message.TrimEnd('.')}. If another install of '{info.Name}' is running, wait for it; "
                    + "else check that you may write there.", fault);
        }
    }

    private static string Names(IEnumerable<CorpusFile> files) => string.Join(", ", files.Select(file => file.FileName));
}
