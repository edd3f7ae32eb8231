using ArTar.Notebooks.Headless;
using ArTar.Notebooks.Ipynb;
using ArTar.Workbench.Figures;

namespace ArTar.Cli;

/// <summary><c>artar notebook</c>: runs and checks notebooks without a front end.</summary>
internal static class NotebookCommand
{
    public static Command Create()
    {
        var command = new Command("notebook", "Run notebooks without a front end, or check that they run everywhere.") { Run(), Check() };
        return command.WithExamples(
            "artar notebook run notebooks",
            "artar notebook run notebooks/01-ar.ipynb --param profile=laptop --output mine.ipynb",
            "artar notebook check");
    }

    private static Command Run()
    {
        var paths = Paths();
        var output = Options.Text("--output", "write the notebook with its new outputs to this file", "FILE");
        var inPlace = Options.Flag("--in-place",
            "write the new outputs into the notebooks themselves, if no cell fails");
        var parameters = new Option<string[]>("--param") { Description = "set a variable of the cell tagged 'parameters'; may be repeated",
            HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        var timeout = Options.Number("--timeout", "longest time for one cell, in seconds", "SECONDS",
            seconds => seconds is > 0 and <= 1e6, "a number of seconds above 0 and up to 1,000,000");
        var pictures = Options.Flag("--pictures",
            "store every chart as a picture instead of a script, for readers elsewhere; needs Chromium");
        var command = new Command("run", "Run all cells in order; ends with exit code 1 at the first cell that fails.") { paths, output,
            inPlace, parameters, timeout, pictures };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(output) is not null && parsed.GetValue(inPlace))
                throw new WorkbenchException("--output and --in-place exclude each other; leave one of them out.");
            var files = Notebooks(parsed.GetRequiredValue(paths));
            var target = parsed.GetValue(output) is { } file ? Path.GetFullPath(file) : null;
            if (target is not null && files.Count != 1)
                throw new WorkbenchException($"--output names one file for {files.Count} notebooks; name one notebook, or use --in-place.");
            var values = Values(parsed.GetRequiredValue(parameters));
            using var interrupts = new Interrupts();
            if (parsed.GetValue(pictures) && Chromium.Find() is null)
                throw new WorkbenchException(Chromium.HowToInstall);
            var options = new RunOptions
            {
                CellTimeout = parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                CellCommand = KernelCommand.CellsCommand(parsed.GetValue(pictures)),
            };
            foreach (var path in files)
                if (!Run(path, options with { Parameters = ValuesFor(path, values, files) }, target, parsed.GetValue(inPlace),
                    interrupts.Token))
                    return ExitCodes.UserError;
            return ExitCodes.Done;
        });
        return command.WithExamples(
            "artar notebook run notebooks",
            "artar notebook run notebooks/01-ar.ipynb --param profile=smoke --param seeds=2",
            "artar notebook run notebooks --in-place --timeout 120");
    }

    private static Command Check()
    {
        var paths = Paths();
        var command = new Command("check", "Check that notebooks keep to what C# (ArTar), Polyglot Notebooks and Verso all " +
            "understand.") { paths };
        command.SetAction(parsed =>
        {
            var files = Notebooks(parsed.GetRequiredValue(paths));
            var faults = files.SelectMany(Dialect.Check).ToList();
            foreach (var fault in faults)
                Console.WriteLine(fault);
            Console.Error.WriteLine($"{Printed.Count(files.Count, "notebook")}, {Printed.Count(faults.Count, "fault")}");
            return faults.Count == 0 ? ExitCodes.Done : ExitCodes.UserError;
        });
        return command.WithExamples("artar notebook check", "artar notebook check notebooks/03-ar-and-tar.ipynb");
    }

    private static Argument<string[]> Paths() => new("NOTEBOOK")
    {
        Description = "notebooks, or folders whose notebooks are taken in order of their names",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => ["notebooks"],
    };

    private static List<string> Notebooks(string[] paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (!Directory.Exists(path))
            {
                files.Add(path);
                continue;
            }
            var found = Directory.EnumerateFiles(path, "*.ipynb").Order(StringComparer.Ordinal).ToList();
            if (found.Count == 0)
                throw new WorkbenchException($"The folder {path} holds no notebook (*.ipynb).");
            files.AddRange(found);
        }
        return [.. files.DistinctBy(Path.GetFullPath)];
    }

    private static Dictionary<string, string> Values(string[] settings) => settings
        .Select(setting => setting.Split('=', 2) is [{ Length: > 0 } name, var value]
            ? (Name: name.Trim(), Value: value)
            : throw new WorkbenchException($"--param {setting}: expected NAME=VALUE, such as --param profile=smoke."))
        .GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.Last().Value);

    // Of several notebooks each takes what it knows; a name that none of them knows is a mistake.
    private static Dictionary<string, string> ValuesFor(string path, Dictionary<string, string> values, List<string> files)
    {
        if (files.Count == 1 || values.Count == 0)
            return values;
        var known = files.ToDictionary(f => f, f => Parameters.Of(NotebookFile.Load(f)).Keys.ToHashSet());
        if (values.Keys.FirstOrDefault(name => !known.Values.Any(k => k.Contains(name))) is { } unknown)
            throw new WorkbenchException($"--param {unknown}: none of the {files.Count} notebooks has that parameter. Known are " +
                $"{string.Join(", ", known.Values.SelectMany(k => k).Distinct().Order())}.");
        return values.Where(v => known[path].Contains(v.Key)).ToDictionary();
    }

    private static bool Run(string path, RunOptions options, string? target, bool inPlace, CancellationToken cancellation)
    {
        var notebook = NotebookFile.Load(path);
        var begun = Stopwatch.GetTimestamp();
        var (progress, failure) = Watched(path, show => NotebookRunner.RunAsync(path, notebook, options, show, cancellation));
        if (target is not null)
            notebook.Save(target);
        else if (inPlace && failure is null)
            notebook.Save(path);
        var end = failure is null ? $"{progress.Count} cells" : $"failed in cell {progress.Number} of {progress.Count}";
        Console.Error.WriteLine($"{path}  {end}  {Seconds(Stopwatch.GetElapsedTime(begun))}");
        if (failure is null)
            return true;
        Console.Error.WriteLine(failure);
        foreach (var line in failure.Error.Trace)
            Console.Error.WriteLine($"  {line}");
        return false;
    }

    /// <summary>Shows how far a notebook has come while it runs: a line that moves on a terminal, a line for each cell elsewhere.</summary>
    private static (CellProgress Last, T Result) Watched<T>(string path, Func<Action<CellProgress>, Task<T>> run)
    {
        var gate = new Lock();
        var (now, started) = (default(CellProgress), Stopwatch.GetTimestamp());
        string Line()
        {
            lock (gate)
                return Terminal.Escaped(now.Count == 0 ? path
                    : $"{path}  cell {now.Number}/{now.Count}  {Seconds(Stopwatch.GetElapsedTime(started))}");
        }
        if (!Terminal.CanAnimate)
            Console.Error.WriteLine(path);
        var work = Task.Run(() => run(progress =>
        {
            lock (gate)
                (now, started) = (progress, progress.Elapsed is null ? Stopwatch.GetTimestamp() : started);
            if (!Terminal.CanAnimate && progress.Elapsed is { } elapsed)
                Console.Error.WriteLine($"  cell {progress.Number}/{progress.Count}  {Seconds(elapsed)}");
        }));
        if (Terminal.CanAnimate)
            RunBoard.Animate(() => [Line()], work);
        var result = work.GetAwaiter().GetResult();
        return (now, result);
    }

    private static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString(time.TotalSeconds < 100 ? "0.0 s" : "0 s", CultureInfo.InvariantCulture);
}
