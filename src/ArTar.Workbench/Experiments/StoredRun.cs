using System.Text.Json;
using ArTar.Workbench.Display;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Experiments;

/// <summary>
/// One run's folder: <c>configuration.json</c>, <c>metrics.jsonl</c> (a line an epoch), <c>summary.json</c> once it has
/// ended, <c>best.safetensors</c>, and while it is not finished <c>last.safetensors</c> and the one before it.
/// </summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class StoredRun
{
    private const string ConfigurationFile = "configuration.json", SummaryFile = "summary.json", MetricsFile = "metrics.jsonl", LockFile = "lock";
    private const int LockPatience = 2000; // milliseconds

    internal StoredRun(string folder, RunConfiguration configuration) => (Folder, Configuration) = (folder, configuration);

    /// <summary>Absolute path of the folder.</summary>
    public string Folder { get; }

    /// <summary>What is trained on what.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>The run's name.</summary>
    public string Id => Path.GetFileName(Folder);

    /// <summary>Checkpoint of the epoch with the lowest validation loss.</summary>
    public string BestCheckpoint => Path.Combine(Folder, "best.safetensors");

    /// <summary>Newest checkpoint to go on from.</summary>
    public string LastCheckpoint => Path.Combine(Folder, "last.safetensors");

    /// <summary>The checkpoint before the newest one, should that one be damaged.</summary>
    public string PreviousCheckpoint => Path.Combine(Folder, "previous.safetensors");

    /// <summary>How far the run has come.</summary>
    public RunStatus Status =>
        ReadSummary() is { } summary ? summary.Status
        : IsLocked() ? RunStatus.Running
        : File.Exists(LastCheckpoint) || File.Exists(PreviousCheckpoint) ? RunStatus.Interrupted
        : RunStatus.Pending;

    /// <summary>The result; null while the run has not ended.</summary>
    /// <exception cref="WorkbenchException">The file is damaged.</exception>
    public RunSummary? ReadSummary() => Read<RunSummary>(SummaryFile);

    /// <summary>Metrics of all finished epochs, in order.</summary>
    public IReadOnlyList<EpochMetrics> ReadMetrics()
    {
        var path = Path.Combine(Folder, MetricsFile);
        return !File.Exists(path) ? [] : [.. File.ReadLines(path).Select(line => Parse<EpochMetrics>(path, line))];
    }

    /// <summary>The run as notebooks show it: what is trained, and how far it has come.</summary>
    public string ToHtml() => $"<p>{Html.Encode(ToString())}</p>{ReadSummary()?.ToHtml()}";

    /// <summary>Name and status.</summary>
    public override string ToString() => $"{Id}: {ReportRow.Words(Status)}";

    internal static StoredRun? Open(string folder) =>
        Read<RunConfiguration>(Path.Combine(folder, ConfigurationFile), "") is { } configuration ? new(folder, configuration) : null;

    internal static StoredRun Create(string folder, RunConfiguration configuration)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, ConfigurationFile), JsonSerializer.Serialize(configuration, Json.Indented) + "\n");
        return new(folder, configuration);
    }

    internal void WriteMetrics(IReadOnlyList<EpochMetrics> epochs) =>
        AtomicFile.WriteAllText(Path.Combine(Folder, MetricsFile), string.Concat(epochs.Select(e => JsonSerializer.Serialize(e, Json.Compact) + "\n")));

    internal void WriteSummary(RunSummary summary) =>
        AtomicFile.WriteAllText(Path.Combine(Folder, SummaryFile), JsonSerializer.Serialize(summary, Json.Indented) + "\n");

    internal void DeleteSummary() => File.Delete(Path.Combine(Folder, SummaryFile));

    /// <summary>Takes the run for this process; the system lets go of it when the process ends, however it ends.</summary>
    /// <exception cref="WorkbenchException">Another process trains it.</exception>
    internal FileStream Lock()
    {
        // Whoever asks for the status holds the lock for an instant, and a process that stops needs a moment: hence the patience.
        var until = Environment.TickCount64 + LockPatience;
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not DirectoryNotFoundException)
            {
                if (Environment.TickCount64 > until)
                    throw new WorkbenchException($"Run {Id} is being trained by another process. Wait for it, or stop that one first.", e);
                Thread.Sleep(25);
            }
        }
    }

    private bool IsLocked()
    {
        try
        {
            var path = Path.Combine(Folder, LockFile);
            if (File.Exists(path))
                new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private T? Read<T>(string file) where T : class => Read<T>(Path.Combine(Folder, file), "");

    private static T? Read<T>(string path, string _) where T : class => File.Exists(path) ? Parse<T>(path, File.ReadAllText(path)) : null;

    private static T Parse<T>(string path, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Json.Compact)!;
        }
        catch (JsonException e)
        {
            throw new WorkbenchException($"{path} is damaged ({e.Message}). Delete the folder {Path.GetDirectoryName(path)}; the run is then trained anew.", e);
        }
    }
}
