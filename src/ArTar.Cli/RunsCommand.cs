using Spectre.Console;

namespace ArTar.Cli;

/// <summary><c>artar runs</c>: what is stored.</summary>
internal static class RunsCommand
{
    public static Command Create()
    {
        var command = new Command("runs", "List, show, export and remove stored runs.") { List(), Show(), Export(), Remove() };
        return command.WithExamples("artar runs list", "artar runs show alpha2", "artar runs remove synthetic --all");
    }

    private static Command List()
    {
        var filter = new Argument<string?>("TEXT") { Description = "only runs whose name contains this; all without it",
            Arity = ArgumentArity.ZeroOrOne };
        string[] all = ["not-run", "running", "interrupted", "finished", "diverged", "out-of-memory", "failed", "damaged"];
        var status = Options.WordIfGiven<string?>("--status", $"only runs that are {string.Join(", ", all.SkipLast(1))} or {all[^1]}",
            "STATUS", [.. all.Select(s => (s, (string?)s))]);
        var command = new Command("list", "List stored runs.") { filter, status };
        var printing = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            var (store, asked) = (new RunStore(Workspace.Find()), printing.Read(parsed));
            var wanted = parsed.GetValue(status)?.Replace('-', ' ');
            var found = store.Readings(parsed.GetValue(filter)).Select(Describe).Where(r => wanted is null || r.Status == wanted).ToList();
            if (found.Count == 0 && asked.IsTerminal)
                Console.Error.WriteLine($"No such run in {store.Folder}. 'artar table 1' makes some.");
            else
                asked.Print(new Report(SheetOf(found), found, Records.ToCsv(found)));
            foreach (var bad in found.Where(r => r.Fault is not null))
                Console.Error.WriteLine($"{bad.Run}: {bad.Fault}");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar runs list", "artar runs list ptb --status finished", "artar runs list --format csv");
    }

    private sealed record Listed(
        string Run, string Status, int? Epoch = null, int? Epochs = null, double? ValidPerplexity = null, double? TestPerplexity = null,
        double? Seconds = null, string Profile = "",
        string? Fault = null);

    private static Listed Describe(RunReading reading)
    {
        try
        {
            if (reading is not { Run: { } run, Summary: var summary })
                return Bad(reading.Fault);
            var metrics = run.ReadMetrics();
            var best = summary?.ValidPerplexity ?? (metrics.Count > 0 ? metrics.Min(m => m.ValidPerplexity) : null);
            return new(run.Id, reading.Status.Describe(), metrics.Count, run.Configuration.Values.Epochs, best, summary?.TestPerplexity,
                summary?.Seconds ?? metrics.Sum(m => m.Seconds), run.Configuration.Profile);
        }
        catch (WorkbenchException e)
        {
            return Bad(e.Message);
        }

        Listed Bad(string fault) => new(reading.Id, RunStatus.Damaged.Describe(), Fault: fault);
    }

    private static Sheet SheetOf(List<Listed> runs) => new(
        [new("run", Words: true), new("status", Words: true), new("epochs", Priority: 2), new("valid"), new("test"),
            new("time", Priority: 3), new("profile", Words: true, 4)],
        [.. runs.Select(r => new SheetRow(
            [
                r.Run, r.Status, r.Epoch is null ? "" : $"{r.Epoch}/{r.Epochs}", Cell.Figure(r.ValidPerplexity),
                Cell.Figure(r.TestPerplexity),
                r.Seconds is { } s ? Printed.Duration(s) : "", r.Profile,
            ], r.Status is "damaged" or "failed" or "diverged" or "out of memory" ? Tone.Bad : Tone.Plain))]);

    private static Command Show()
    {
        var name = new Argument<string>("RUN") { Description = "part of the run's name, or its folder" };
        var command = new Command("show", "Show a run: configuration, metrics of every epoch, result.") { name };
        command.SetAction(parsed =>
        {
            var run = new RunStore(Workspace.Find()).Get(parsed.GetRequiredValue(name));
            var (console, metrics, values) = (Terminal.Output, run.ReadMetrics(), run.Configuration.Values);
            if (run.ReadSummary() is { } summary)
                TrainCommand.Write(console, run, summary);
            else
                Terminal.Paragraph(console, "",
                    $"run {run.Id}: {run.Status.Describe()}, {metrics.Count} of {values.Epochs} epochs; folder {run.Folder}");
            Terminal.Paragraph(console, "data           ", $"{run.Configuration.Data}, hash {run.Configuration.DataHash[..12]}");
            Terminal.Paragraph(console, "values         ", $"{string.Join(' ', values.AllValues())} "
                + string.Concat(values.Regularization.Select(c => $"{c.Key}={Numbers.Text(c.Value)} "))
                    + $"seed={values.Seed} (profile {run.Configuration.Profile})");
            if (TrainCommand.Typed(run) is { } typed)
                Console.Out.WriteLine($"command        {typed}"); // in one line, to be copied
            if (metrics.Count == 0)
                return ExitCodes.Done;

            var best = metrics.MinBy(m => m.ValidLoss)!.Epoch;
            List<string> penalties = [.. metrics.SelectMany(m => m.Penalties.Keys).Distinct()];
            Column[] columns =
            [
                new("epoch"), new("lr"), new("train"), new("valid"), .. penalties.Select(p => new Column(p, Priority: 1)),
                new("gradient", Priority: 2), new("time", Priority: 3), new("tokens/s", Priority: 4), new("", Words: true),
            ];
            string F(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
            console.WriteLine();
            Terminal.Write(Sheet.Of(columns, metrics.Select(m => (IReadOnlyList<Cell>)
            [
                m.Epoch, F(m.LearningRate, "g3"), Printed.Perplexity(m.TrainPerplexity), Printed.Perplexity(m.ValidPerplexity), 
                .. penalties.Select(p => (Cell)(m.Penalties.TryGetValue(p, out var penalty) ? F(penalty, "F4") : "")),
                F(m.GradientNorm, "F2"), Printed.Duration(m.Seconds), Printed.Count(m.TokensPerSecond), m.Epoch == best ? "best" : "",
            ])));
            console.WriteLine();
            foreach (var line in TextPlot.Lines(
                [('●', [.. metrics.Select(m => m.ValidPerplexity)]), ('·', [.. metrics.Select(m => m.TrainPerplexity)])],
                Math.Min(80, Terminal.Width)))
                console.WriteLine(line);
            console.WriteLine("perplexity over epochs, logarithmic: ● valid, · train");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar runs show ptb-lstm200-alpha2");
    }

    private static Command Export()
    {
        var folder = new Argument<string>("FOLDER") { Description = "where to; runs/ below it gets a folder for each run" };
        var filter = new Argument<string?>("TEXT") { Description = "only runs whose name contains this; all without it",
            Arity = ArgumentArity.ZeroOrOne };
        var profile = Options.Text("--profile", "only runs of this scale", "NAME");
        var command = new Command("export",
            "Copy runs that have ended, without their weights, for others to read: artar table N --from FOLDER.") { folder, filter,
            profile };
        command.SetAction(parsed =>
        {
            var store = new RunStore(Workspace.Find());
            var scale = parsed.GetValue(profile) is { } name ? Workbench.Tables.Profile.Get(name).Name : null;
            var target = Path.Combine(CommonOptions.CheckedFolder(parsed.GetRequiredValue(folder)), "runs");
            var found = store.Readings(parsed.GetValue(filter)).ToList();
            var runs = found.Where(r => r.HasEnded && (scale is null || r.Run!.Configuration.Profile == scale)).Select(r => r.Run!)
                .ToList();
            if (found.Count == 0)
                throw new WorkbenchException($"There is no run to export in {store.Folder}"
                    + $"{(parsed.GetValue(filter) is { } text ? $" with '{text}' in its name" : "")}.");
            foreach (var run in runs)
                run.Export(target);
            foreach (var bad in found.Where(r => r.Fault.Length > 0))
                Console.Error.WriteLine($"{bad.Id} is left out: {bad.Fault}");
            Console.Error.WriteLine($"{Count(runs.Count)} exported to {target}");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar runs export results --profile laptop", "artar runs export /tmp/mine alpha2");
    }

    private static Command Remove()
    {
        var name = new Argument<string>("TEXT") { Description = "the run's name, or a part of it that fits no other" };
        var yes = new Option<bool>("--yes", "-y") { Description = "do not ask" };
        var all = Options.Flag("--all", "also where the text fits several runs: every one of them");
        var command = new Command("remove", "Remove a run, with its checkpoints.") { name, all, yes };
        command.SetAction(parsed =>
        {
            var store = new RunStore(Workspace.Find());
            var text = parsed.GetRequiredValue(name);
            var runs = store.Readings(text).ToList();
            if (runs.Exists(r => r.Id == text))
                runs = [.. runs.Where(r => r.Id == text)];
            // A part of a name fits more than one thinks: alpha1 is in alpha10, too.
            if (runs.Count > 1 && !parsed.GetValue(all))
                throw new WorkbenchException($"'{text}' fits {Count(runs.Count)}, such as {runs[0].Id} and {runs[1].Id}; name one of them "
                    + "in full, or add --all to remove every one of them.");
            if (runs.Count == 0)
                throw new WorkbenchException($"No run in {store.Folder} has '{text}' in its name. 'artar runs list' shows them all.");
            if (!parsed.GetValue(yes))
            {
                foreach (var run in runs)
                    Console.Error.WriteLine($"  {run.Id}");
                if (Console.IsInputRedirected)
                    throw new WorkbenchException($"This would remove {Count(runs.Count)}; add --yes to do it without being asked.");
                Console.Error.Write($"Remove {Count(runs.Count)}? [y/N] ");
                if (Console.ReadLine()?.Trim().ToLowerInvariant() is not ("y" or "yes"))
                    return ExitCodes.Done;
            }
            foreach (var run in runs)
                if (run.Run is { } sound)
                    RunStore.Remove(sound);
                else
                    Directory.Delete(Path.Combine(store.Folder, run.Id), recursive: true); // damaged: nobody can be training it
            Console.Error.WriteLine($"Removed {Count(runs.Count)}.");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar runs remove synthetic-lstm96-alpha8 --yes");
    }

    private static string Count(int runs) => Printed.Count(runs, "run");
}
