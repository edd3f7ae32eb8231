using System.Text.RegularExpressions;
using ArTar.Workbench.Display;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>
/// One run's folder: <c>configuration.json</c>, and once it has ended <c>metrics.jsonl</c> (a line an epoch), <c>best.safetensors</c> and
/// <c>summary.json</c>. Until then they lie in the folder of the newest <see cref="RunLease"/>, with the checkpoints to go on from.
/// </summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class StoredRun
{
    internal const string SummaryFile = "summary.json", MetricsFile = "metrics.jsonl", ConfigurationFile = "configuration.json";
    internal const string BestFile = "best.safetensors", LastFile = "last.safetensors", PreviousFile = "previous.safetensors";
    private const string LockFile = "lock";
    private const long MostMetrics = 128 << 20; // a line for each of 100,000 epochs, the most that there can be

    internal StoredRun(string folder, RunConfiguration configuration) => (Folder, Configuration) = (folder, configuration);

    /// <summary>Absolute path of the folder.</summary>
    public string Folder { get; }

    /// <summary>What is trained on what.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>The run's name.</summary>
    public string Id => Path.GetFileName(Folder);

    /// <summary>Checkpoint of the epoch with the lowest validation loss.</summary>
    public string BestCheckpoint => Newest(BestFile);

    /// <summary>Newest checkpoint to go on from.</summary>
    public string LastCheckpoint => Newest(LastFile);

    /// <summary>The checkpoint before the newest one, should that one be damaged.</summary>
    public string PreviousCheckpoint => Newest(PreviousFile);

    /// <summary>How far the run has come.</summary>
    public RunStatus Status
    {
        get
        {
            try
            {
                return ReadSummary()?.Status ?? StatusWithoutEnd;
            }
            catch (WorkbenchException)
            {
                return RunStatus.Damaged;
            }
        }
    }

    private RunStatus StatusWithoutEnd =>
        IsLocked() || IsTrainedElsewhere() ? RunStatus.Running
        : File.Exists(LastCheckpoint) || File.Exists(PreviousCheckpoint) ? RunStatus.Interrupted
        : RunStatus.Pending;

    /// <summary>The result; null while the run has not ended.</summary>
    /// <exception cref="WorkbenchException">The file is damaged, or is not the result of these epochs.</exception>
    public RunSummary? ReadSummary() => ReadSummary(Folder) is { Status: RunStatus.Finished } finished
        ? finished.Of(ReadMetrics(), Path.Combine(Folder, SummaryFile)) : ReadSummary(Folder);

    /// <summary>The result in a run's or a lease's folder.</summary>
    internal static RunSummary? ReadSummary(string folder) => Read<RunSummary>(Path.Combine(folder, SummaryFile));

    /// <summary>Metrics of all finished epochs, in order.</summary>
    public IReadOnlyList<EpochMetrics> ReadMetrics()
    {
        var path = Newest(MetricsFile);
        EpochMetrics[] epochs = !File.Exists(path) ? [] : [.. Text(path, MostMetrics).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Parse<EpochMetrics>(path, line))];
        return epochs.Index().All(e => e.Item.Epoch == e.Index + 1) ? epochs
            : throw Damaged(path, new JsonException("expected its epochs from 1 on, each once"));
    }

    /// <summary>The run as notebooks show it: what is trained, and how far it has come.</summary>
    public string ToHtml() => $"<p>{Html.Encode(ToString())}</p>{(Status == RunStatus.Damaged ? "" : ReadSummary()?.ToHtml())}";

    /// <summary>Name and status.</summary>
    public override string ToString() => $"{Id}: {Status.Describe()}";

    /// <summary>The run in a folder, or null.</summary>
    /// <exception cref="WorkbenchException">It cannot be read, or the folder bears another run's name: its figures would pass for those of
    /// that one.</exception>
    internal static StoredRun? Open(string folder)
    {
        if (Read<RunConfiguration>(Path.Combine(folder, ConfigurationFile)) is not { } configuration)
            return null;
        var name = Path.GetFileName(folder);
        // A folder that a person gave a name of their own says nothing of what is in it.
        return name == configuration.Id || !RunName().IsMatch(name) ? new(folder, configuration) : throw new WorkbenchException(
            $"The folder '{folder}' has another run in it than its name says: {configuration.Id}. It was copied or renamed, or the file " +
            $"{ConfigurationFile} was changed. Give it the name of its run, or move it elsewhere; nothing in it is used as long.");
    }

    /// <summary>A checkpoint at any place; of one that lies in a run's folder it is known where its text was.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="WorkbenchException">As <see cref="Checkpoint.Load"/>, or it lies in the folder of another run.</exception>
    public static Checkpoint LoadCheckpoint(string path)
    {
        var checkpoint = Checkpoint.Load(path);
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            string?[] places = [folder, Path.GetDirectoryName(folder)];
            if (places.OfType<string>().Select(TryOpen).OfType<StoredRun>().FirstOrDefault() is { } run)
            {
                if (Path.GetFileName(path) is BestFile or LastFile or PreviousFile)
                    run.RequireOwn(checkpoint, path);
                if (run.Configuration.DataHash == checkpoint.CorpusHash)
                    checkpoint.CorpusName = run.Configuration.Data;
            }
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    // The configuration.json beside a checkpoint that was taken elsewhere may be another program's.
    private static StoredRun? TryOpen(string folder)
    {
        try
        {
            return Open(folder);
        }
        catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Sees to it that a checkpoint in the run's folder is the run's.</summary>
    /// <exception cref="WorkbenchException">It was put there from elsewhere.</exception>
    internal void RequireOwn(Checkpoint checkpoint, string path)
    {
        var its = Configuration with { DataHash = checkpoint.CorpusHash, Values = checkpoint.Values };
        if (its.Id != Configuration.Id)
            throw new WorkbenchException(
                $"{path} is a checkpoint of another run, {its.Id}, than its folder is of, {Configuration.Id}. Move it elsewhere.");
    }

    [GeneratedRegex("-seed-?[0-9]+-[0-9a-f]{8}$")]
    private static partial Regex RunName();

    internal static StoredRun Create(string folder, RunConfiguration configuration)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, ConfigurationFile), JsonSerializer.Serialize(configuration, Json.Indented) + "\n");
        return new(folder, configuration);
    }

    /// <summary>Writes the metrics into a run's or a lease's folder.</summary>
    internal static void WriteMetrics(string folder, IReadOnlyList<EpochMetrics> epochs) =>
        AtomicFile.WriteAllText(Path.Combine(folder, MetricsFile),
            string.Concat(epochs.Select(e => JsonSerializer.Serialize(e, Json.Compact) + "\n")));

    /// <summary>Writes the result into a run's or a lease's folder.</summary>
    internal static void WriteSummary(string folder, RunSummary summary) =>
        AtomicFile.WriteAllText(Path.Combine(folder, SummaryFile), JsonSerializer.Serialize(summary, Json.Indented) + "\n");

    /// <summary>
    /// Copies what is known of a run that has ended, all but its weights, into a folder of its name; its result comes last.
    /// </summary>
    /// <param name="folder">The folder that holds one folder for each run.</param>
    public void Export(string folder)
    {
        var target = Path.GetFullPath(Path.Combine(folder, Id));
        if (target == Folder)
            throw new WorkbenchException($"The run lies in {folder} already; name another folder to export it to.");
        var there = Path.Combine(target, SummaryFile);
        if (File.Exists(there) && ReadSummary(target)?.ValidLoss != ReadSummary()?.ValidLoss)
            throw new WorkbenchException($"'{there}' has another result of this run, of another machine say; it is kept. Export to another "
                + "folder, or move that one elsewhere.");
        Directory.CreateDirectory(target);
        void Copy(string name) =>
            AtomicFile.WriteAllText(Path.Combine(target, name), PlainFile.ReadAllText(Path.Combine(Folder, name), MostMetrics));
        // The name and the content's hash say what it was trained on; where that lay, and whose it is, is nobody's business.
        if (PublicText.NameOf(Configuration.Data) is var data && data == Configuration.Data)
            Copy(ConfigurationFile);
        else
            Create(target, Configuration with { Data = data });
        if (File.Exists(Path.Combine(Folder, MetricsFile)))
            Copy(MetricsFile);
        if (ReadSummary() is { Error: { } error } summary && PublicText.Of(error) is var plain && plain != error)
            WriteSummary(target, summary with { Error = plain });
        else
            Copy(SummaryFile);
    }

    internal void DeleteSummary() => File.Delete(Path.Combine(Folder, SummaryFile));

    /// <summary>
    /// The run's lock, which the system lets go of when this process ends, however it ends; null while another process has it.
    /// </summary>
    internal FileStream? TryLock() => TryLock(Path.Combine(Folder, LockFile));

    /// <summary>The same with any file.</summary>
    internal static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return null;
        }
    }

    /// <summary>
    /// Whether another process holds the file, and nothing else is wrong: EAGAIN of Linux and macOS, two codes of Windows.
    /// </summary>
    private static bool IsSharingViolation(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32 or 33;

    /// <summary>A fresh lock in place of one that a process holds that is taken for dead.</summary>
    internal FileStream ReplaceLock()
    {
        File.Delete(Path.Combine(Folder, LockFile));
        return new FileStream(Path.Combine(Folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Takes the run for this process, to remove it or to forget its end.</summary>
    /// <exception cref="WorkbenchException">Another process trains it.</exception>
    internal FileStream Lock() => new LeasePolicy().WaitForTurn(this, notice: null, CancellationToken.None);

    private bool IsLocked()
    {
        try
        {
            if (!File.Exists(Path.Combine(Folder, LockFile)))
                return false;
            using var held = TryLock();
            return held is null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // By the file server's clock: good enough to be shown, nothing is decided by it.
    private bool IsTrainedElsewhere() =>
        RunLease.NewestFolder(Folder) is { } folder && RunLease.ReadHolder(folder) is { } other && other.Machine != LeaseHolder.Here
        && DateTime.UtcNow - File.GetLastWriteTimeUtc(RunLease.ProgressIn(folder)) < new LeasePolicy().Patience;

    /// <summary>A file where it lies now: with the lease while the run is trained, in the run's own folder once it has ended.</summary>
    private string Newest(string file) =>
        RunLease.NewestFolder(Folder) is { } lease && Path.Combine(lease, file) is var path && File.Exists(path) ? path
            : Path.Combine(Folder, file);

    private static T? Read<T>(string path) where T : class => File.Exists(path) ? Parse<T>(path, Text(path)) : null;

    // Whatever lies in the place of a file of one run is that run's fault.
    private static string Text(string path, long most = PlainFile.MostBytes)
    {
        try
        {
            return PlainFile.ReadAllText(path, most);
        }
        catch (Exception e) when (e is not FileNotFoundException and (IOException or UnauthorizedAccessException))
        {
            throw new WorkbenchException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static T Parse<T>(string path, string json)
    {
        try
        {
            return Json.Read<T>(json);
        }
        catch (JsonException e)
        {
            throw Damaged(path, e);
        }
    }

    private static WorkbenchException Damaged(string path, JsonException e) => new(
        $"{path} is damaged ({e.Message.TrimEnd('.')}), or was written by a version that this one cannot read. " +
        $"Move the folder {Path.GetDirectoryName(path)} elsewhere; the run is then trained anew, and nothing is lost.", e);
}
