using System.CommandLine;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Figures;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;

namespace ArTar.Cli;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<string> Profile() => new("--profile")
    {
        Description = $"scale of the experiment: {string.Join(", ", Workbench.Tables.Profile.All.Select(p => p.Name))}",
        HelpName = "NAME",
        DefaultValueFactory = _ => "quick",
    };

    public static Option<string?> Data() => new("--data")
    {
        Description = "synthetic, ptb, wikitext-2, or a folder with train, valid and test text; default: the profile's, else the table's",
        HelpName = "NAME-OR-FOLDER",
    };

    public static Option<string?> From() => new("--from")
    {
        Description = "take the runs that are stored in this folder, such as results, and train nothing",
        HelpName = "FOLDER",
    };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "change a hyper-parameter, as epochs=3; may be repeated",
        HelpName = "KEY=VALUE",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public static Option<string> Device() => new("--device")
    {
        Description = "where to compute: cpu, cuda or cuda:1",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    public static Option<int> Threads() => new("--threads")
    {
        Description = "threads for one operation; results are bit-identical only for the same number; 0 takes all cores",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>The same where runs are trained, which have one unless it is said otherwise.</summary>
    public static Option<int> TrainingThreads()
    {
        var option = Threads();
        option.Description = "threads of each run; 0 takes one, so that a run has the same bits wherever it is trained; more are faster for a large model";
        return option;
    }

    public static Option<KernelChoice> Kernels() => new("--kernels")
    {
        Description = "how to compute on a CPU: fast, or plain for libtorch's own operations",
        HelpName = "KERNELS",
        DefaultValueFactory = _ => KernelChoice.Fast,
    };

    public static Option<Workbench.Stack.Precision> Precision() => new("--precision")
    {
        Description = "how a GPU multiplies: tf32, several times as fast, or float32",
        HelpName = "PRECISION",
        DefaultValueFactory = _ => Workbench.Stack.Precision.Tf32,
        CustomParser = argument => argument.Tokens[0].Value.ToLowerInvariant() switch
        {
            "tf32" => Workbench.Stack.Precision.Tf32,
            "float32" => Workbench.Stack.Precision.Fp32,
            var other => Refuse<Workbench.Stack.Precision>(argument, $"Argument '{other}' not recognized. Must be one of: tf32, float32"),
        },
    };

    private static T? Refuse<T>(System.CommandLine.Parsing.ArgumentResult argument, string message)
    {
        argument.AddError(message);
        return default;
    }

    /// <summary>For tests and nervous machines: how often a run is saved within an epoch.</summary>
    public static Option<double> CheckpointEvery() => new("--checkpoint-every")
    {
        Description = "seconds between checkpoints within an epoch",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 60,
    };

    public static Option<string?> Width() => new("--width")
    {
        Description = "width of pictures, as 84mm or 600px; default 860px",
        HelpName = "MM-OR-PX",
    };

    public static Option<double?> FontSize() => new("--font-size")
    {
        Description = "size of a picture's letters in points; default 10.5",
        HelpName = "PT",
    };

    /// <summary>Refuses a figure that cannot be written, before anything long is done for it.</summary>
    public static void CheckFigure(string path)
    {
        if (FigureFile.NeedsBrowser(FigureFile.FormatOf(path)) && Chromium.Find() is null)
            throw new WorkbenchException($"{path}: {Chromium.HowToInstall}");
    }

    public static Argument<string> Trained() => new("RUN") { Description = "a checkpoint file, part of a run's name, or a run's folder" };

    /// <summary>The checkpoint that <see cref="Trained"/> names; for a run the one with the lowest validation loss.</summary>
    public static string CheckpointOf(string name, Workspace workspace)
    {
        if (File.Exists(name))
            return name;
        if (name.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new WorkbenchException($"There is no checkpoint '{Path.GetFullPath(name)}'.");
        var run = new RunStore(workspace).Get(name);
        return File.Exists(run.BestCheckpoint) ? run.BestCheckpoint : throw new WorkbenchException(
            $"Run {run.Id} ({run.Status.Describe()}) has no " + (run.ReadSummary() is null
                ? $"checkpoint of a whole epoch yet. 'artar resume {run.Id}' goes on with it."
                : $"stored weights. 'artar runs remove {run.Id}' forgets it; whatever asks for it next, a table or 'artar train', trains it again."));
    }

    /// <summary>Refuses what has an option of its own, which would win over it in silence.</summary>
    public static string[] CheckedSettings(string[] settings, string seedOption)
    {
        if (settings.FirstOrDefault(s => HyperParameters.IsSameKey(s.Split('=')[0].Trim(), "seed")) is { } seed)
            throw new WorkbenchException($"--set {seed}: the seed has an option of its own, {seedOption}.");
        return settings;
    }

    /// <summary>The same for every command that checks a number.</summary>
    public static int AtLeast(int least, string option, int value) => value >= least ? value
        : throw new WorkbenchException($"{option} {value}: expected a whole number of at least {least}.");

    /// <summary>A time in seconds that every clock and timer can hold: at most a million, eleven days.</summary>
    public static double Seconds(double least, string option, double value) => value >= least && value <= 1e6 ? value
        : throw new WorkbenchException(FormattableString.Invariant($"{option} {value}: expected a number of seconds from {least} to 1,000,000."));
}
