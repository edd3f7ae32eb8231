namespace ArTar.Cli.Sweeps;

/// <summary><c>artar sweep</c>: many runs, on this machine or on a cluster.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var command = new Command("sweep",
            "Train many runs, in the background or on a SLURM cluster: tables with seeds, grids, random searches.")
        {
            SubmitCommand.Create(), List(), SweepStatus.Create(), SweepWatch.Wait(), SweepWatch.Dashboard(), Logs(), Retry(), Cancel(),
            SweepResults.Collect(), SweepResults.Report(), Supervise(),
        };
        return command.WithExamples(
            "artar sweep submit \"all tables, 5 seeds, profile baseline\" --engine slurm --partition gpu --gpus 1 --time 08:00:00",
            "artar sweep submit \"alpha=0|1|2, beta=0|1|2, 3 seeds\" --name grid",
            "artar sweep status grid", "artar sweep wait grid", "artar sweep report grid");
    }

    public static Argument<string> NameArgument() => new("NAME") { Description = "the sweep's name, or a part of it that fits no other" };

    public static Sweep Find(string name) => Sweep.Get(Workspace.Find(), name);

    /// <summary>A sweep of which something may be run or ended.</summary>
    /// <exception cref="WorkbenchException">It is not this user's own.</exception>
    private static Sweep FindOwn(string name)
    {
        var sweep = Find(name);
        sweep.RequireOwn();
        return sweep;
    }

    public static ISweepEngine EngineOf(Sweep sweep) =>
        sweep.Header.Engine == "slurm" ? new SlurmEngine(ProcessWorker.Self) : new LocalEngine(ProcessWorker.Self);

    private static Command List()
    {
        var command = new Command("list", "List sweeps.");
        command.SetAction(_ =>
        {
            var workspace = Workspace.Find();
            var names = Sweep.Names(workspace).ToList();
            if (names.Count == 0)
            {
                Console.Error.WriteLine($"There is no sweep in {workspace.Sweeps} yet. 'artar sweep submit' makes one.");
                return ExitCodes.Done;
            }
            Column[] columns =
            [
                new("sweep", Words: true), new("engine", Words: true), new("rows"), new("ended"), new("submitted", Words: true, 1),
                new("over", Words: true, 2),
            ];
            var (rows, faults) = (new List<SheetRow>(), new List<string>());
            foreach (var name in names)
                try
                {
                    var sweep = Sweep.Get(workspace, name);
                    var ended = sweep.Rows.Count(r => sweep.Store.HasEnded(r.Run));
                    rows.Add(new([name, sweep.Header.Engine, sweep.Rows.Count, ended,
                        sweep.Header.Submitted.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), sweep.Header.Spec.ToString()],
                        ended == sweep.Rows.Count ? Tone.Good : Tone.Plain));
                }
                catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
                {
                    rows.Add(new([name, "damaged", "", "", "", ""], Tone.Bad));
                    faults.Add($"{name}: {e.Message}");
                }
            Terminal.Write(new Sheet(columns, rows));
            foreach (var fault in faults)
                Console.Error.WriteLine(fault);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Logs()
    {
        var (name, row) = (NameArgument(),
            new Argument<string?>("ROW") { Description = "number of a row, or a part of its name; without it what the engine wrote",
                Arity = ArgumentArity.ZeroOrOne });
        var follow = new Option<bool>("--follow", "-f") { Description = "go on printing what is added, until Ctrl+C" };
        var command = new Command("logs", "Print the log of a row, or of the engine.") { name, row, follow };
        command.SetAction(parsed =>
        {
            var sweep = Find(parsed.GetRequiredValue(name));
            var files = parsed.GetValue(row) is { } which
                ? EngineOf(sweep).LogsOf(sweep, RowOf(sweep, which))
                : Directory.EnumerateFiles(sweep.Logs).Where(f => !char.IsAsciiDigit(Path.GetFileName(f)[0])).Order(StringComparer.Ordinal)
                    .ToList();
            files = [.. files.Where(f => File.Exists(f) && new FileInfo(f).Length > 0)];
            foreach (var file in files)
            {
                if (files.Count > 1)
                    Console.Out.Write($"==> {Path.GetFileName(file)} <==\n");
                Print(file, follow: parsed.GetValue(follow) && file == files[^1]);
            }
            if (files.Count == 0)
                Console.Error.WriteLine($"Nothing is written yet; logs lie in {sweep.Logs}.");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar sweep logs grid", "artar sweep logs grid 12", "artar sweep logs grid \"alpha = 2\" --follow");
    }

    private static void Print(string file, bool follow)
    {
        using var interrupts = new Interrupts();
        using var stream = PlainFile.Open(file);
        using var reader = new StreamReader(stream);
        do
        {
            while (reader.ReadLine() is { } line)
                Console.Out.Write(line + "\n");
            if (follow)
                interrupts.Token.WaitHandle.WaitOne(500);
        }
        while (follow && !interrupts.Token.IsCancellationRequested);
    }

    private static int RowOf(Sweep sweep, string which)
    {
        if (int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number >= 1 && number <= sweep.Rows.Count ? number
                : throw new WorkbenchException($"There is no row {number}; the sweep has rows 1 to {sweep.Rows.Count}.");
        var found = sweep.Rows.Index().Where(r => r.Item.Label.Contains(which, StringComparison.OrdinalIgnoreCase) || r.Item.Run == which)
            .ToList();
        return found.FirstOrDefault(r => r.Item.Label == which || r.Item.Run == which) is { Item: not null } exact ? exact.Index + 1
            : found.Count == 1 ? found[0].Index + 1
            : throw new WorkbenchException(found.Count == 0
                ? $"No row has '{which}' in its name. 'artar sweep status {sweep.Name} --all' lists them."
                : $"'{which}' fits {found.Count} rows; name one by its number:\n  "
                    + $"{string.Join("\n  ", found.Take(10).Select(r => $"{r.Index + 1}  {r.Item.Label}"))}");
    }

    private static Command Retry()
    {
        var name = NameArgument();
        var adopt = Options.Flag("--adopt",
            "take over a sweep that somebody else has submitted, or that was changed since: what its sweep.json says is run as you");
        var command = new Command("retry",
            "Go on with a sweep: rows that failed are tried again from their checkpoints, and what is not done is started.")
        {
            name, adopt,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(adopt))
                Find(parsed.GetRequiredValue(name)).Adopt();
            var sweep = FindOwn(parsed.GetRequiredValue(name));
            var engine = EngineOf(sweep);
            var open = SweepState.Read(sweep, engine).Rows.Where(r => r.Status is not (RunStatus.Finished or RunStatus.Diverged)).ToList();
            foreach (var row in open.Where(r => r.Failures > 0))
                sweep.Attempts.Retry(row.Number);
            Console.Out.Write(open.Count == 0 ? "Every row has ended; there is nothing to do.\n"
                : engine.Start(sweep, [.. open.Select(r => r.Number)]) + "\n");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar sweep retry grid");
    }

    private static Command Cancel()
    {
        var name = NameArgument();
        var command = new Command("cancel", "Stop a sweep: rows that run save a checkpoint. 'artar sweep retry' resumes it.") { name };
        command.SetAction(parsed =>
        {
            var sweep = FindOwn(parsed.GetRequiredValue(name));
            Console.Out.Write(CommandName.In($"{EngineOf(sweep).Cancel(sweep)} 'artar sweep retry {sweep.Name}' resumes it.\n"));
            return ExitCodes.Done;
        });
        return command.WithExamples("artar sweep cancel grid");
    }

    /// <summary>What the engines start: in the background, or in a task of SLURM.</summary>
    private static Command Supervise()
    {
        var name = NameArgument();
        var row = Options.WholeIfGiven("--row", "only this row, as a task of SLURM", 1, SweepBudget.MostRuns);
        var digest = new Option<string?>("--unchanged")
        {
            Description = "refuse if the sweep is another one than the one of this digest, which the job script was submitted with",
        };
        var command = new Command("supervise", "See the rows of a sweep through.") { name, row, digest };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var sweep = Find(parsed.GetRequiredValue(name));
            return parsed.GetValue(row) is { } one ? Task(sweep, one, parsed.GetValue(digest)) : Background(sweep);
        });
        return command;
    }

    private static int Background(Sweep sweep)
    {
        sweep.RequireOwn();
        // Whoever asks for the status, and a supervisor that ends, has the lock for an instant.
        FileStream? free = null;
        SpinWait.SpinUntil(() => (free = Supervision.TryLock(sweep)) is not null, TimeSpan.FromSeconds(2));
        using var held = free ?? throw new WorkbenchException($"Sweep {sweep.Name} has a supervisor already.");
        var me = new Supervision { Machine = LeaseHolder.Here, Process = Environment.ProcessId, Started = DateTime.UtcNow };
        me.Write(sweep);
        using var interrupts = new Interrupts(onlyAsk: true);
        using var watch = new Timer(_ =>
        {
            // Without its folder a sweep is nobody's any more.
            if (sweep.IsCancelled || !Directory.Exists(sweep.Folder))
                interrupts.Stop();
        }, null, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
        var supervisor = new SweepSupervisor(sweep, job: null);
        var failed = 0;
        // Whoever asks for another try before this process calls itself ended relies on it; whoever asks after that starts one.
        for (List<int> rows = [.. Enumerable.Range(1, sweep.Rows.Count)]; rows.Count > 0; rows = supervisor.TakenUpAgain(interrupts.Token))
        {
            me = me with { Started = DateTime.UtcNow };
            Quietly(() => me.Write(sweep));
            using (new Timer(_ => Quietly(() => me.Write(sweep)), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)))
                failed = supervisor.RunAsync(rows, interrupts.Token).GetAwaiter().GetResult();
            Quietly(() => (me with { Ended = true }).Write(sweep));
        }
        return failed > 0 ? ExitCodes.RunFailed : ExitCodes.Done;
    }

    // Whoever runs this has submitted the job with this digest; the key need not be on every node.
    private static int Task(Sweep sweep, int row, string? digest)
    {
        if (digest is not null && digest != sweep.Digest)
            throw new WorkbenchException($"The files of sweep {sweep.Name} were changed since this job was submitted, so nothing of it is "
                + $"run. Read {Path.Combine(sweep.Folder, "sweep.json")}; 'artar sweep retry {sweep.Name} --adopt' then submits it as it "
                + "is now.");
        if (row < 1 || row > sweep.Rows.Count)
            throw new WorkbenchException($"There is no row {row}; the sweep has rows 1 to {sweep.Rows.Count}.");
        if (sweep.IsCancelled)
            return ExitCodes.Done;
        var job = Slurm.CurrentTask;
        using var interrupts = new Interrupts(onlyAsk: true);
        var rows = sweep.TaskOf(row);
        var failed = new SweepSupervisor(sweep, job).RunAsync(rows, interrupts.Token).GetAwaiter().GetResult();
        if (failed > 0)
            return ExitCodes.RunFailed;
        if (job is not null && interrupts.IsBeforeTimeLimit && !sweep.IsCancelled
            && !rows.All(r => sweep.Store.HasEnded(sweep.Rows[r - 1].Run)))
        {
            var answer = Slurm.Requeue(job);
            Console.Error.WriteLine(answer.Code == 0 ? $"Row {row} has saved a checkpoint; task {job} is queued again."
                : $"Row {row} has saved a checkpoint; task {job} could not be queued again: {answer.Errors}");
        }
        return ExitCodes.Done;
    }

    private static void Quietly(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Others see that it lives by its lock.
        }
    }
}
