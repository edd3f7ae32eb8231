using ArTar.Workbench.Analysis;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Figures;
using ArTar.Cli.Sweeps;
using Spectre.Console;
using Profile = ArTar.Workbench.Tables.Profile;
using Table = ArTar.Workbench.Tables.Table;

namespace ArTar.Cli;

/// <summary><c>artar table N</c>: trains what a table lacks, then prints it.</summary>
internal static class TableCommand
{
    private const int SampleWords = 150;

    private sealed record Request(TablePlan Plan, Workspace Workspace, RunStore Store, RunResources Resources, FigureSize Size,
        IReadOnlyDictionary<string, PaperCell> Paper);

    public static Command Create()
    {
        var number = new Argument<string>("TABLE")
        {
            Description = "number of the paper's table, 1 to 6, 7 for the samples of its appendix, the name of another "
                + "('artar tables' lists them), or a file of your own "
                + "(tables/README.md)",
        };
        var (profile, data, set) = (CommonOptions.Profile(), CommonOptions.Data(), CommonOptions.Set());
        var (device, threads, every) = (CommonOptions.Device(), CommonOptions.TrainingThreads(), CommonOptions.CheckpointEvery());
        var (kernels, precision) = (CommonOptions.Kernels(), CommonOptions.Precision());
        var stack = CommonOptions.Stack();
        var rows = Options.Several("--rows", "only these rows, as alpha=0,alpha=2", "ID,ID");
        var seeds = CommonOptions.Seeds();
        var jobs = Options.Whole("--jobs", "rows side by side; 0 takes one for each core, or each GPU", 0, most: RunResources.MostRuns);
        var retry = Options.Flag("--retry", "train rows that failed or ran out of memory again");
        var dry = Options.Flag("--dry-run", "only list what would be trained");
        var stored = Options.Flag("--stored", "train nothing, print what is stored");
        var from = CommonOptions.From();
        var figure = Options.Text("--figure",
            "draw the table into this file (.html, .svg, .png, .pdf or .json); by default into figures/ when the table goes "
                + "to the terminal", "FILE");
        var command = new Command("table", "Train the rows of a table that are missing, then print it: measured beside cited figures.")
        {
            number, profile, data, rows, seeds, set, device, jobs, threads, kernels, stack, precision, retry, dry, stored, from,
            figure, every,
        };
        var (printing, pictures) = (new ReportOptions(command), new FigureOptions(command));
        command.SetAction(parsed =>
        {
            var (workspace, asked, size) = (Workspace.Find(), printing.Read(parsed, TableSheet.Columns), pictures.Read(parsed));
            pictures.Check(parsed, ProbeCommand.IsPicture(parsed.GetValue(figure)), "ask for one by --figure table.pdf");
            var (table, file) = Read(parsed.GetRequiredValue(number));
            bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
            var scale = Profile.Get(file is null || IsGiven(profile) ? parsed.GetRequiredValue(profile) : file.Profile);
            var settings = CommonOptions.CheckedSettings(parsed.GetRequiredValue(set), "--seeds");
            if (file is not null)
                settings = [.. Setting.LastOfEach([.. file.Set, .. settings])];
            var (place, trains) = (parsed.GetValue(from), !parsed.GetValue(stored) && parsed.GetValue(from) is null);
            // Options of training alone would be ignored in silence.
            if (!trains && new Option[] { jobs, retry, stack, every, kernels, precision, dry }.FirstOrDefault(IsGiven) is { } idle)
                throw new WorkbenchException($"{idle.Name} is for training, and {(place is null ? stored.Name : from.Name)} trains "
                    + "nothing; leave one of them out.");
            var store = place is null ? new RunStore(workspace) : RunStore.In(place, workspace);
            var count = file is null || IsGiven(seeds) ? parsed.GetValue(seeds) : file.Seeds;
            // Whoever looks at stored runs and names no scale gets the one that is there.
            if (place is not null && file is null && !(IsGiven(profile) && IsGiven(seeds))
                && CommonOptions.Coverages(store, table, parsed.GetValue(data), workspace, IsGiven(profile) ? scale : null) is var scales
                && CommonOptions.Fullest(scales) is { } there)
            {
                (scale, count) = (there.Profile, IsGiven(seeds) ? count : there.Seeds.Usual);
                scales.Remove(there);
                Console.Error.WriteLine($"'{place}' has {there}"
                    + $"{(scales.Count > 0 ? $"; --profile shows what else it has: {string.Join(", ", scales)}" : "")}.");
            }
            var name = table.DataFor(scale, parsed.GetValue(data) ?? file?.Data);
            var text = trains ? Corpora.Load(name, workspace) : null;
            var corpus = text?.Facts ?? Corpora.FactsOf(name, workspace);
            if (text is not null)
                CommonOptions.Tell(text);
            var ids = file is null || IsGiven(rows) ? parsed.Items(rows) : file.Rows;
            var where = parsed.GetRequiredValue(device);
            var resources = new RunResources
            {
                Device = where,
                Jobs = parsed.GetValue(jobs),
                Threads = parsed.GetValue(threads),
                Kernels = parsed.GetValue(kernels),
                Stack = parsed.GetValue(stack),
                Precision = parsed.GetValue(precision),
                CheckpointEvery = parsed.GetValue(every),
            }.Resolved();
            var plan = TablePlan.For(table, scale, corpus, ids, settings, count);
            CommonOptions.CheckKernels(parsed.AsksForFast(kernels), plan.Runs.Select(r => r.Values));
            CommonOptions.Tell([plan]);
            var request = new Request(plan, workspace, store, resources, size, PaperCells.Of(table, workspace));
            var picture = parsed.GetValue(figure);
            if (picture is not null)
                CommonOptions.CheckFigure(picture);
            CommonOptions.CheckApart(("--output", asked.Path), ("--figure", picture), ("the caption of --output", asked.CaptionPath),
                ("the caption of --figure", picture is null ? null : FigureFile.CaptionFor(picture, size)),
                ("the table", file is null ? null : parsed.GetRequiredValue(number)));
            if (where != "cpu")
                LibTorch.DeviceNamed(where);
            if (parsed.GetValue(dry))
                return DryRun(request);
            if (place is null && file is null && plan.Planned.All(p => store.Read(p.Configuration.Id).Run is null)
                && CommonOptions.Published(workspace) is { } published
                    && CommonOptions.Fullest(CommonOptions.Coverages(published, table, parsed.GetValue(data), workspace)) is { } known)
                Console.Error.WriteLine($"Published results of this table lie in '{published.Folder}', {known}: 'artar table {table.Id} "
                    + "--from results' shows them.");
            var failed = trains ? Train(request, parsed.GetValue(retry)) : [];
            return Print(request, failed, asked, parsed.GetValue(figure));
        });
        return command.WithExamples(
            "artar table 1",
            "artar table 2 --profile laptop --seeds 3",
            "artar table rivals --profile laptop",
            "artar table my-idea.yaml --seeds 3",
            "artar table 3 --rows medium,medium+ar+tar --set epochs=3",
            "artar table 1 --from results --profile laptop --seeds 3",
            "artar table 1 --stored --output table1.tex --columns row,valid,test --decimals 1");
    }

    /// <summary>The table of that name; with a file what else it says, which options win over.</summary>
    private static (Table Table, SweepSpec? File) Read(string name)
    {
        if (!KnownTables.IsFile(name))
            return (KnownTables.Named(name), null);
        var file = SpecReader.Read(name);
        return (file.OwnTable ?? (file.Tables is [var one] ? KnownTables.Named(one) : throw new WorkbenchException(
            $"{name} names {file.Tables.Count} tables, expected one; 'artar sweep submit {name}' trains several.")), file);
    }

    private static int DryRun(Request request)
    {
        var planned = request.Plan.Planned.ToList();
        request.Store.Require(planned, request.Resources); // refused here as it would be later
        foreach (var run in request.Plan.Runs)
        {
            var status = request.Store.Read(run.Id).Status;
            Console.Out.Write($"{status.Describe(),-13}  {run.Id}\n");
        }
        if (request.Resources.CrowdOf(planned.Count) is { } crowd)
            Console.Error.WriteLine(crowd);
        Console.Error.WriteLine($"{request.Resources.SideBySide(planned.Count)} side by side, "
            + $"{Printed.Count(request.Resources.Threads, "thread")} each, on {request.Resources.Device}");
        return ExitCodes.Done;
    }

    /// <summary>Trains what is missing.</summary>
    /// <returns>What went wrong in runs that left no summary, by the run's name.</returns>
    private static Dictionary<string, string> Train(Request request, bool retry)
    {
        var plan = request.Plan;
        var planned = plan.Planned.ToList();
        if (planned.Count < plan.Rows.Count * plan.Seeds.Count)
            Console.Error.WriteLine("Some rows have the same values, as --set changes what tells them apart: they share a run.");
        RunPool pool = null!;
        var board = new RunBoard($"Table {plan.Table.Id}, {plan.Profile.Name}", () => pool.States);
        var worker = new ProcessWorker(request.Workspace, request.Resources);
        pool = new(request.Store.Prepare(planned, request.Resources), worker, request.Resources, retry) { Changed = board.Change,
            Noticed = board.Notice };
        if (pool.StoredOtherwise is { } otherwise)
            Console.Error.WriteLine(otherwise);
        if (pool.Missing == 0)
            return [];
        if (request.Resources.CrowdOf(pool.Missing) is { } crowd)
            Console.Error.WriteLine(crowd);
        using var interrupts = new Interrupts { AtOnce = worker.Kill };
        board.ShowUntil(pool.RunAsync(interrupts.Token));
        return pool.States.Where(s => s.Summary is null).ToDictionary(s => s.Run, s => s.Remark);
    }

    private static int Print(Request request, Dictionary<string, string> failed, ReportOptions.Asked asked, string? figure)
    {
        var report = TableReport.Build(request.Plan, request.Store) with { Paper = request.Paper };
        // A run whose process died has no summary and goes on next time; for now it failed. One that another command trains says so itself.
        report = report.Knowing((run, status) => failed.ContainsKey(run) && status != RunStatus.Running ? RunStatus.Failed : status);
        var samples = request.Plan.Table.ShowsSamples && asked.Format is "table" or "markdown" ? Samples(request, report) : [];
        asked.Print(TableDocument.Report(report), string.Concat(samples.Select(s =>
            $"\n{Markdown.Escaped(s.Label)}\n\n> {Markdown.Escaped(s.Text)}\n")));
        if (request.Plan.Table.ShowsSamples && Trained(request, report).Count == 0 && report.Rows.Any(r => r.Valid is not null))
            Console.Error.WriteLine($"{(samples.Count == 0 ? "No samples" : "The samples are of other models")}: these results came "
                + "without the trained ones. "
                + $"'artar table {request.Plan.Table.Id} --profile {request.Plan.Profile.Name}' trains them here, "
                + "then shows what they write.");
        if (asked.IsTerminal)
            foreach (var (label, text) in samples)
            {
                Terminal.Output.WriteLine();
                Terminal.Paragraph(Terminal.Output, "", label, "bold");
                Terminal.Paragraph(Terminal.Output, "  ", text);
            }
        if (figure is not null || asked.IsTerminal)
            Draw(report, figure, request);
        foreach (var (run, reason) in failed)
            Console.Error.WriteLine($"{run} has no result: {reason}");
        foreach (var fault in report.Faults)
            Console.Error.WriteLine(fault);
        var bad = failed.Count > 0
            || report.Rows.SelectMany(r => r.Runs).Any(r => r.Status is RunStatus.Failed or RunStatus.OutOfMemory or RunStatus.Damaged);
        return bad ? ExitCodes.RunFailed : ExitCodes.Done;
    }

    private static void Draw(TableReport report, string? path, Request request)
    {
        if (report.Rows.All(r => r.Valid is null))
        {
            if (path is not null)
                Console.Error.WriteLine($"'{path}' was not written: no row has a result to draw.");
            return;
        }
        var figure = StoredFigures.Of(report);
        try
        {
            if (path is null)
                FigureFolder.Export([figure], request.Workspace.Figures, ["html"]);
            else
                FigureFile.Write(figure, path, request.Size);
        }
        catch (Exception e) when (path is null && e is IOException or UnauthorizedAccessException or WorkbenchException)
        {
            // Nobody asked for it, and the workspace may be another user's.
            Console.Error.WriteLine($"No figure: {e.Message}");
            return;
        }
        Console.Error.WriteLine($"Figure: {path ?? Path.Combine(request.Workspace.Figures, figure.Name + ".html")}");
    }

    /// <summary>A text from each trained model, as the paper's appendix shows; without one, those that came with the results.</summary>
    private static List<(string Label, string Text)> Samples(Request request, TableReport report)
    {
        var runs = Trained(request, report);
        if (runs.Count == 0)
            return [.. StoredSample.Beside(request.Store).Select(s => (s.Title(), s.Text))];
        var sampler = new TextSampler { Words = SampleWords };
        LibTorch.Prepare(request.Resources.Threads);
        return [.. runs.Select(r => (
            $"{r.Label}, seed {r.Seed}: {sampler.Words} words at temperature 1, <eos> and <unk> never chosen",
            SampleCommand.Draw(r.Checkpoint, sampler, request.Resources.Device, request.Workspace)))];
    }

    private static List<(string Label, int Seed, string Checkpoint)> Trained(Request request, TableReport report) =>
        [.. report.Rows.SelectMany(row => row.Runs.Select((run, i) => (row.Row.Label, Run: run, Seed: request.Plan.Seeds[i])))
            .Where(r => r.Run.Status == RunStatus.Finished)
            .Select(r => (r.Label, r.Seed, request.Store.Get(r.Run.Run).BestCheckpoint)).Where(r => File.Exists(r.BestCheckpoint))];
}
