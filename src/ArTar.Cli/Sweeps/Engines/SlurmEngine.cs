namespace ArTar.Cli.Sweeps;

/// <summary>
/// Trains a sweep on a SLURM cluster: arrays of tasks, each of which supervises one row. Job scripts and what was submitted lie in the
/// sweep's
/// <c>jobs/</c>, so that any shell of any login node finds the jobs again.
/// </summary>
/// <param name="self">How the command line is started on the nodes.</param>
internal sealed class SlurmEngine(SelfCommand self) : ISweepEngine
{
    private static readonly string[] waiting = ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"];
    private static readonly string[] running =
        ["RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING", "PREEMPTED"];

    internal sealed record TaskState(string Task, string State, string Reason, string Node)
    {
        public bool IsWaiting => waiting.Contains(State);
        public bool IsRunning => running.Contains(State);
    }

    public string Start(Sweep sweep, IReadOnlyList<int> rows)
    {
        sweep.RequireOwn();
        sweep.MarkCancelled(false);
        return Start(sweep, rows, renews: false);
    }

    private string Start(Sweep sweep, IReadOnlyList<int> rows, bool renews)
    {
        sweep.RequireOwn();
        var queued = Queue(sweep)
            ?? throw new WorkbenchException(
                "SLURM does not answer (squeue failed), so nothing is submitted. Try again when the controller is back.");
        // A task goes by the first of its rows.
        var missing = rows.GroupBy(row => sweep.TaskOf(row)[0])
            .Where(t => !(queued.TryGetValue(t.Key, out var task) && (task.IsWaiting || task.IsRunning)))
            .OrderBy(t => t.Key).ToDictionary(t => t.Key, t => t.Count());
        if (missing.Count == 0)
            return "All of its rows are in SLURM's queue already.";
        var parts = JobArray.Of(sweep, missing.Keys, Slurm.MaxArraySize);
        var ids = new List<string>();
        foreach (var (index, part) in parts.Index())
        {
            var answer = Submit(sweep, part, renews);
            if (answer.Code == 0)
                ids.Add(answer.Output);
            else if (ids.Count == 0 && answer.IsMissing)
                throw new WorkbenchException(
                    $"There was no answer to sbatch, so nobody knows whether the job was submitted ({answer.Errors}). 'artar sweep retry "
                        + $"{sweep.Name}' looks for it in the queue and submits what is missing.");
            else if (ids.Count == 0)
                throw new WorkbenchException(
                    $"sbatch refused the job: {answer.Errors}. The script is in {sweep.Jobs}; 'artar sweep retry {sweep.Name}' "
                        + "submits it again.");
            else
                return $"Submitted {ids.Count} of {parts.Count} arrays (jobs {string.Join(", ", ids)}); then sbatch said: "
                    + $"{answer.Errors}. The other {parts.Skip(index).Sum(p => p.Tasks.Sum(task => missing[p.Offset + task]))} rows "
                    + $"are submitted by 'artar sweep wait {sweep.Name}' as room becomes free, or by 'artar sweep retry {sweep.Name}'.";
        }
        var submitted = missing.Values.Sum();
        return $"Submitted {submitted} "
            + $"{(submitted == 1 ? "row" : "rows")}{(submitted > missing.Count ? $" in {missing.Count} stacks" : "")} as "
            + $"{(ids.Count == 1 ? "job" : $"{ids.Count} arrays, jobs")} {string.Join(", ", ids)}.";
    }

    public EngineView Look(Sweep sweep)
    {
        if (Queue(sweep) is not { } tasks)
            return new() { Text = "SLURM does not answer; the rows stand as their files say", IsAtWork = null };
        var alive = tasks.Values.Where(t => t.IsWaiting || t.IsRunning).DistinctBy(t => t.Task).ToList();
        var reasons = alive.Where(t => t.IsWaiting && t.Reason is not ("" or "None")).GroupBy(t => t.Reason)
            .OrderByDescending(g => g.Count()).Select(g => g.Key).Take(2);
        var why = string.Join(", ", reasons);
        var jobs = Jobs(sweep);
        var renewals = Renewals(sweep, jobs);
        return new()
        {
            Text = jobs.Count == 0 ? $"not submitted; 'artar sweep retry {sweep.Name}' submits it"
                : alive.Count == 0 ? "nothing in SLURM's queue"
                    + (sweep.IsCancelled ? "" : $"; 'artar sweep retry {sweep.Name}' submits what is not done")
                : $"SLURM: {alive.Count(t => t.IsRunning)} tasks run, {alive.Count(t => t.IsWaiting)} "
                    + $"wait{(why.Length > 0 ? $" ({why})" : "")}",
            IsAtWork = alive.Count > 0,
            IsRunning = row => tasks.TryGetValue(row, out var task) && task.IsRunning,
            RemarkOn = row => tasks.TryGetValue(row, out var task) ? task.IsWaiting ? Words(task.Reason)
                : $"SLURM: {task.State.ToLowerInvariant()}{(task.Node.Length > 0 ? $" on {task.Node}" : "")}"
                : renewals.GetValueOrDefault(row) is > 0 and var renewed
                    ? $"lost by SLURM {renewed + 1} times; the newest slurm-*.log in {sweep.Logs} may say why" : "not in SLURM's queue",
        };
    }

    public IReadOnlyList<string> LogsOf(Sweep sweep, int row) =>
    [
        .. Jobs(sweep).Where(j => j.Id is not null && j.RowsIn(sweep).Contains(row))
            .Select(j => Path.Combine(sweep.Logs, FormattableString.Invariant($"slurm-{j.Id}_{sweep.TaskOf(row)[0] - j.Offset}.log"))),
        sweep.LogOf(row),
    ];

    public string Cancel(Sweep sweep)
    {
        sweep.RequireOwn(); // its files name the jobs that are ended
        sweep.MarkCancelled(true);
        if (Queue(sweep) is null) // which finds the ids that nobody wrote down
            throw new WorkbenchException(
                $"The sweep is marked as cancelled, but SLURM does not answer (squeue failed). Say 'artar sweep cancel {sweep.Name}' "
                    + "again when the controller is back.");
        var ids = Jobs(sweep).Select(j => j.Id).OfType<string>().ToList();
        if (ids.Count == 0)
            return "Nothing was submitted.";
        // What waits is forgotten; what runs is told as before a time limit, and finds the mark that it shall not be queued again.
        Slurm.Answer[] answers =
            [Slurm.Run("scancel", ids.Prepend("--state=PENDING")), Slurm.Run("scancel", ids.Prepend("--batch").Prepend("--signal=USR2"))];
        var faults = answers.Where(a => a.Code != 0 && !a.Errors.Contains("Invalid job id", StringComparison.Ordinal)).Select(a => a.Errors)
            .Distinct().ToList();
        return faults.Count == 0 ? "Rows that run save a checkpoint and stop; those that wait are taken out of the queue."
            : throw new WorkbenchException(
                $"The sweep is marked as cancelled, but scancel said: {string.Join("; ", faults)}. Say 'artar sweep cancel "
                    + $"{sweep.Name}' again.");
    }

    public IReadOnlyList<string> Tend(SweepState state)
    {
        var sweep = state.Sweep;
        if (sweep.IsCancelled || state.IsOverBudget || state.IsOver && !sweep.IsOwn)
            return [];
        sweep.RequireOwn();
        if (Queue(sweep) is not { } tasks)
            return [];
        var done = new List<string>();
        // A task that was queued again waits two minutes unless it is told otherwise.
        foreach (var (row, task) in tasks.Where(t => t.Value is { IsWaiting: true, Reason: "BeginTime" }).DistinctBy(t => t.Value.Task))
            if (Slurm.Run("scontrol", "update", $"jobid={task.Task}", "StartTime=now").Code == 0)
                done.Add($"row {row} may start again at once");
        // SLURM holds a task back for good when a node fails as it starts.
        foreach (var (row, task) in tasks.Where(t => t.Value is { IsWaiting: true }
            && t.Value.Reason.Replace('_', ' ').Contains("launch failed", StringComparison.OrdinalIgnoreCase))
                .DistinctBy(t => t.Value.Task))
            if (Slurm.Run("scontrol", "release", task.Task).Code == 0)
                done.Add($"row {row}, which SLURM held back after a failed start, may start again");
        // Tasks that a person took out of the queue stay out of it.
        var renewals = Renewals(sweep, Jobs(sweep));
        var missing = state.Rows.Where(r => !r.IsOver && renewals.GetValueOrDefault(r.Number) < sweep.Header.Spec.Resources.Retries
            && !(tasks.TryGetValue(r.Number, out var task) && (task.IsWaiting || task.IsRunning || task.State == "CANCELLED"))
            && !sweep.Store.HasEnded(r.Run)).Select(r => r.Number).ToList();
        if (missing.Count > 0)
            done.Add($"{missing.Count} {(missing.Count == 1 ? "row was" : "rows were")} neither done nor in SLURM's queue: "
                + $"{Start(sweep, missing, renews: true)}");
        return done;
    }

    /// <summary>
    /// How often each row was queued again unasked since a person last submitted it or it last saved a checkpoint: a task that cannot even
    /// start is not renewed for ever, one that gets on is.
    /// </summary>
    private static Dictionary<int, int> Renewals(Sweep sweep, IEnumerable<SlurmJob> jobs)
    {
        var renewals = new Dictionary<int, int>();
        var saved = new Dictionary<int, DateTime?>();
        DateTime? Saved(int row) =>
            saved.TryGetValue(row, out var known) ? known : saved[row] = sweep.Store.SavedAt(sweep.Rows[row - 1].Run);
        foreach (var job in jobs)
            foreach (var row in job.RowsIn(sweep))
                renewals[row] = job.Renews && !(Saved(row) > job.Submitted) ? renewals.GetValueOrDefault(row) + 1 : 0;
        return renewals;
    }

    private static string Words(string reason) => reason is "None" ? "" : reason;

    private static (string Path, SlurmJob Job) Next(Sweep sweep, int number, JobArray array, bool renews = false)
    {
        var name = $"{sweep.Name}.{sweep.Header.Token}.{number.ToString(CultureInfo.InvariantCulture)}";
        return (Path.Combine(sweep.Jobs, FormattableString.Invariant($"{number:D4}")), new()
        {
            Name = name, Offset = array.Offset, Tasks = JobScript.Ranges(array.Tasks), Renews = renews,
            Options = JobScript.Options(sweep, name, array.Tasks, array.AtOnce),
        });
    }

    /// <summary>The calls of sbatch and the script that submitting a sweep, which is not written down, would come to.</summary>
    public string Describe(Sweep sweep)
    {
        var open = Enumerable.Range(1, sweep.Rows.Count).Where(row => !sweep.Store.HasEnded(sweep.Rows[row - 1].Run));
        var arrays = JobArray.Of(sweep, open.Select(row => sweep.TaskOf(row)[0]).Distinct(), Slurm.MaxArraySizeOrUsual);
        if (arrays.Count == 0)
            return "Nothing is left to train, so nothing would be submitted.";
        var calls = arrays.Select((array, i) => Next(sweep, i + 1, array) is var (path, job)
            ? $"sbatch {string.Join(' ', [.. job.Options.Select(Shell.Quoted), Shell.Quoted(path + ".sh")])}\n" : "");
        return $"{string.Concat(calls)}\n{JobScript.Text(sweep, self, arrays[0].Offset)}\n"
            + (arrays.Count > 1 ? "The scripts of the further arrays differ in the number that is added to a task's.\n" : "")
            + $"{Sweep.TokenToBe} and {Sweep.DigestToBe} are known once the sweep is submitted: a word of its own, and the SHA-256 of its "
            + "files.";
    }

    private Slurm.Answer Submit(Sweep sweep, JobArray array, bool renews)
    {
        // Beyond the last one: a damaged file between them may have been taken away.
        var last = Directory.EnumerateFiles(sweep.Jobs, "*.json").Select(f => Path.GetFileNameWithoutExtension(f))
            .Max(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null) ?? 0;
        var (path, job) = Next(sweep, last + 1, array, renews);
        AtomicFile.WriteAllText(path + ".sh", JobScript.Text(sweep, self, array.Offset));
        // Written down before: should this process end right after sbatch, or sbatch not say what became of the job, it is found by its
        // name.
        Write(path, job);
        var answer = Slurm.Run("sbatch", [.. job.Options, path + ".sh"]);
        if (answer.Code != 0)
        {
            if (!answer.IsMissing)
                File.Delete(path + ".json");
            return answer;
        }
        var id = answer.Output.Trim().Split(';')[0];
        Write(path, job with { Id = id });
        return answer with { Output = id };
    }

    private static void Write(string path, SlurmJob job) =>
        AtomicFile.WriteAllText(path + ".json", JsonSerializer.Serialize(job, Json.Indented) + "\n");

    private static List<SlurmJob> Jobs(Sweep sweep) => [.. Directory.EnumerateFiles(sweep.Jobs, "*.json").Order(StringComparer.Ordinal)
        .Select(Read)];

    private static SlurmJob Read(string path)
    {
        try
        {
            return Json.Read<SlurmJob>(PlainFile.ReadAllText(path)) with { Submitted = File.GetLastWriteTimeUtc(
                Path.ChangeExtension(path, ".sh")) };
        }
        catch (JsonException e)
        {
            throw new WorkbenchException(
                $"{path} is damaged ({e.Message}), so that nobody knows which jobs of the sweep SLURM has. Look for " +
                "them with squeue, end them, and remove that file; then resume the sweep.", e);
        }
    }

    /// <summary>What SLURM says of each row; null when it does not answer. Of several tasks of a row the newest counts.</summary>
    private static Dictionary<int, TaskState>? Queue(Sweep sweep)
    {
        var jobs = Jobs(sweep);
        if (jobs.Count == 0)
            return [];
        var answer = Slurm.Run("squeue", "--noheader", "--me", "--states=all", $"--name={string.Join(',', jobs.Select(j => j.Name))}",
            "--format=%j|%F|%K|%T|%r|%N");
        if (answer.Code != 0)
            return null;
        Mend(sweep, answer.Output);
        var byName = jobs.Index().ToDictionary(j => j.Item.Name, j => (j.Index, j.Item.Offset));
        var found = new Dictionary<int, (int Index, TaskState State)>();
        foreach (var line in answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (line.Split('|') is [var name, var id, var tasks, var state, var reason, var node] && byName.TryGetValue(name, out var job))
                foreach (var task in JobScript.Numbers(tasks))
                    if (!found.TryGetValue(job.Offset + task, out var known) || known.Index <= job.Index)
                        found[job.Offset + task] = (job.Index, new(FormattableString.Invariant($"{id}_{task}"), state, reason, node));
        var states = found.ToDictionary(f => f.Key, f => f.Value.State);
        // Controllers forget jobs minutes after their end; the accounting, where there is one, does not.
        var submitted = jobs.Sum(j => JobScript.Numbers(j.Tasks).Count());
        if (states.Count < submitted
            && Slurm.Run("sacct", "--noheader", "--allocations", "--parsable2", $"--name={string.Join(',', jobs.Select(j => j.Name))}",
                "--format=JobName,JobID,State,NodeList") is { Code: 0 } told)
            foreach (var (row, state) in Accounted(told.Output, byName.ToDictionary(j => j.Key, j => j.Value.Offset)))
                states.TryAdd(row, state);
        // Rows of a stack share a task.
        foreach (var (task, state) in states.ToList())
            foreach (var row in task <= sweep.Rows.Count ? sweep.TaskOf(task) : [])
                states[row] = state;
        return states;
    }

    /// <summary>
    /// What the accounting says of each row: lines such as <c>name|17_3|OUT_OF_MEMORY|n1</c>; the last line of a row counts.
    /// </summary>
    internal static Dictionary<int, TaskState> Accounted(string output, IReadOnlyDictionary<string, int> offsets)
    {
        var found = new Dictionary<int, TaskState>();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (line.Split('|') is [var name, var id, var state, var node] && offsets.TryGetValue(name, out var offset)
                && id.Split('_') is [_, var tasks])
                foreach (var task in JobScript.Numbers(tasks.Trim('[', ']')))
                    found[offset + task] = new(id, state.Split(' ')[0], "", node is "None assigned" ? "" : node);
        return found;
    }

    /// <summary>A job that was submitted by a process that ended before it wrote down the id has its name.</summary>
    private static void Mend(Sweep sweep, string queue)
    {
        foreach (var path in Directory.EnumerateFiles(sweep.Jobs, "*.json"))
            if (Read(path) is { Id: null } job
                && queue.Split('\n').FirstOrDefault(l => l.StartsWith(job.Name + "|", StringComparison.Ordinal)) is { } line)
                Write(path[..^".json".Length], job with { Id = line.Split('|')[1] });
    }
}
