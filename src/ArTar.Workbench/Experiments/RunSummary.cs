using System.Globalization;
using System.Text.Json.Serialization;
using ArTar.Workbench.Display;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Experiments;

/// <summary>How far a run has come.</summary>
public enum RunStatus
{
    /// <summary>Nothing is trained yet.</summary>
    Pending,

    /// <summary>A process trains it now.</summary>
    Running,

    /// <summary>Stopped or killed before its end; the same command goes on from its checkpoint.</summary>
    Interrupted,

    /// <summary>All epochs are done and the test split was evaluated.</summary>
    Finished,

    /// <summary>The loss was not finite or absurd.</summary>
    Diverged,

    /// <summary>It did not fit into memory.</summary>
    OutOfMemory,

    /// <summary>It ended with another error.</summary>
    Failed,
}

/// <summary>The result of a run that has ended, with its circumstances.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record RunSummary
{
    /// <summary>How it ended.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Trainable parameters, the tied weight counted once.</summary>
    public long Parameters { get; init; }

    /// <summary>Epoch with the lowest validation loss; its weights are kept.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Lowest validation loss, in nats per token.</summary>
    public double? ValidLoss { get; init; }

    /// <summary>Test loss of the best epoch's weights, in nats per token.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Metrics of the last epoch that was finished.</summary>
    public EpochMetrics? LastEpoch { get; init; }

    /// <summary>Perplexity of the ideal model on the validation split, where it is known (generated language).</summary>
    public double? BestPossibleValidPerplexity { get; init; }

    /// <summary>Perplexity of the ideal model on the test split, where it is known.</summary>
    public double? BestPossibleTestPerplexity { get; init; }

    /// <summary>Time of training and validation over all attempts, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Training speed, mean over epochs, in tokens per second.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>The error's text, when the run did not finish.</summary>
    public string? Error { get; init; }

    /// <summary>Where and with what it was run.</summary>
    public required Circumstances Circumstances { get; init; }

    /// <summary>exp(<see cref="ValidLoss"/>).</summary>
    [JsonIgnore]
    public double? ValidPerplexity => ValidLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>exp(<see cref="TestLoss"/>).</summary>
    [JsonIgnore]
    public double? TestPerplexity => TestLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>The result as notebooks show it.</summary>
    public string ToHtml() => View.ToHtml();

    /// <summary>The result as text.</summary>
    public override string ToString() => View.ToString();

    private Html View
    {
        get
        {
            string Figure(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "–";
            List<(string, string)> items =
            [
                ("status", ReportRow.Words(Status)),
                ("parameters", Parameters.ToString("N0", CultureInfo.InvariantCulture)),
                ("best epoch", BestEpoch.ToString(CultureInfo.InvariantCulture)),
                ("validation perplexity", Figure(ValidPerplexity)),
                ("test perplexity", Figure(TestPerplexity)),
                ("time", TableLayout.Duration(Seconds)),
                ("tokens/s", TokensPerSecond.ToString("N0", CultureInfo.InvariantCulture)),
            ];
            if (BestPossibleValidPerplexity is { } best)
                items.Insert(5, ("best possible validation", Figure(best)));
            if (Error is { } error)
                items.Add(("error", error));
            return Html.List(items);
        }
    }
}

/// <summary>What a figure depends on besides configuration and data.</summary>
public sealed record Circumstances
{
    /// <summary>Version and commit of the workbench.</summary>
    public required string Workbench { get; init; }

    /// <summary>Version of libtorch.</summary>
    public required string LibTorch { get; init; }

    /// <summary>Version of .NET.</summary>
    public required string DotNet { get; init; }

    /// <summary>Device that trained.</summary>
    public required string Device { get; init; }

    /// <summary>How it was computed; plain in runs that are older than the choice.</summary>
    public KernelChoice Kernels { get; init; } = KernelChoice.Plain;

    /// <summary>Threads that one operation may use.</summary>
    public required int Threads { get; init; }

    /// <summary>Processor's name.</summary>
    public required string Processor { get; init; }

    /// <summary>Operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>When the last attempt started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>Largest resident memory of the process so far, in bytes.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>All in one line, for the foot of a table.</summary>
    public override string ToString() =>
        $"{Device}, {Threads} {(Threads == 1 ? "thread" : "threads")}{(Device == "cpu" ? $", {Kernels.ToString().ToLowerInvariant()} kernels" : "")}, {Processor}; " +
        $"libtorch {LibTorch}, .NET {DotNet}; workbench {Workbench}";

    /// <summary>The circumstances of this process now.</summary>
    public static Circumstances Here(string device, KernelChoice kernels, DateTime started) => new()
    {
        Workbench = Version,
        LibTorch = Training.LibTorch.Version,
        DotNet = Environment.Version.ToString(),
        Device = device,
        Kernels = kernels,
        Threads = TorchSharp.torch.get_num_threads(),
        Processor = ProcessorName(),
        OperatingSystem = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        Started = started,
        PeakMemory = System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64,
    };

    /// <summary>Version and commit of the workbench, as the build recorded them.</summary>
    public static string Version =>
        System.Reflection.CustomAttributeExtensions.GetCustomAttribute<System.Reflection.AssemblyInformationalVersionAttribute>(
            typeof(Circumstances).Assembly)!.InformationalVersion;

    /// <summary>Name of this machine's processor.</summary>
    public static string ProcessorName()
    {
        const string linux = "/proc/cpuinfo";
        var line = File.Exists(linux) ? File.ReadLines(linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }
}
