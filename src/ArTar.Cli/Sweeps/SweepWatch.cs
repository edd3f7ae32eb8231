using Spectre.Console;

namespace ArTar.Cli.Sweeps;

/// <summary><c>artar sweep wait</c> and <c>dashboard</c>: looking on while a sweep runs. Leaving leaves the sweep as it is.</summary>
internal static class SweepWatch
{
    private const int LinesAround = 9, SecondsBetweenLines = 30;
    private static readonly TimeSpan tendEvery = TimeSpan.FromSeconds(10);

    public static Command Wait()
    {
        var name = SweepCommand.NameArgument();
        var timeout = Options.SecondsIfGiven("--timeout", "wait no longer than this");
        var command = new Command("wait",
            "Wait for the end of a sweep; on a terminal with the dashboard. Tasks that SLURM has lost are queued again meanwhile.") { name,
            timeout };
        command.SetAction(parsed =>
            Watch(SweepCommand.Find(parsed.GetRequiredValue(name)), tends: true, Terminal.CanAnimate, parsed.GetValue(timeout)));
        return command.WithExamples("artar sweep wait grid", "artar sweep wait grid --timeout 3600");
    }

    public static Command Dashboard()
    {
        var name = SweepCommand.NameArgument();
        var command = new Command("dashboard", "Watch a sweep live until it is over or Ctrl+C, which leaves it running.") { name };
        command.SetAction(parsed =>
            Watch(SweepCommand.Find(parsed.GetRequiredValue(name)), tends: false, Terminal.CanAnimate, timeout: null));
        return command.WithExamples("artar sweep dashboard grid");
    }

    private static int Watch(Sweep sweep, bool tends, bool animated, double? timeout)
    {
        var engine = SweepCommand.EngineOf(sweep);
        using var interrupts = new Interrupts();
        var clock = Stopwatch.StartNew();
        var (tended, said) = (Stopwatch.StartNew(), Stopwatch.StartNew());
        var known = new HashSet<int>();
        SweepState state = SweepState.Read(sweep, engine);
        if (tends && !state.IsOver && sweep.Header.Engine == "slurm")
            sweep.RequireOwn(); // whoever waits also submits again what was lost
        // A look further on; false when there is nothing more to look at.
        bool Look()
        {
            var goesOn = state.GoesOn;
            if (tends && tended.Elapsed > tendEvery)
            {
                var done = engine.Tend(state);
                if (!animated)
                    foreach (var line in done)
                        Console.Error.WriteLine(line);
                goesOn |= done.Count > 0;
                tended.Restart();
            }
            else if (tends && !goesOn && !state.IsOver && sweep.Header.Engine == "slurm" && !sweep.IsCancelled && !state.IsOverBudget)
                goesOn = true; // until it was tended
            if (!goesOn || interrupts.Token.IsCancellationRequested || clock.Elapsed.TotalSeconds > timeout)
                return false;
            // Small sweeps are looked at often; SLURM's controller and a large folder are spared.
            interrupts.Token.WaitHandle.WaitOne(Math.Max(sweep.Header.Engine == "slurm" ? 2000 : 500, state.Rows.Count));
            state = SweepState.Read(sweep, engine);
            return true;
        }
        void Say()
        {
            foreach (var row in state.Rows.Where(r => r.IsOver && known.Add(r.Number)))
                Console.Error.WriteLine($"row {row.Number}, {row.Label}: {row.Status.Describe()}"
                    + (row.Summary?.ValidPerplexity is { } p
                        ? $", valid {Printed.Perplexity(p)}, test {Printed.Perplexity(row.Summary.TestPerplexity)}" : row.Remark.Length > 0
                            ? $", {row.Remark}" : ""));
            if (said.Elapsed.TotalSeconds < SecondsBetweenLines)
                return;
            Console.Error.WriteLine(SweepStatus.Summary(state));
            said.Restart();
        }
        if (animated)
        {
            RunBoard.Animate(() => [.. SweepStatus.Lines(state, Terminal.Width, Console.WindowHeight - LinesAround)], Look);
            foreach (var line in SweepStatus.Lines(state, Terminal.Width, int.MaxValue).Take(Math.Max(10, Console.WindowHeight)))
                Terminal.Output.MarkupLine(line);
        }
        else
            do
                Say();
            while (Look());
        return End(state, interrupts.Token.IsCancellationRequested, clock.Elapsed.TotalSeconds > timeout);
    }

    private static int End(SweepState state, bool left, bool late)
    {
        if (state.IsOver)
        {
            Console.Error.WriteLine(SweepStatus.Summary(state));
            return state.Rows.Any(r => r.Status is RunStatus.Failed or RunStatus.OutOfMemory) ? ExitCodes.RunFailed : ExitCodes.Done;
        }
        if (left)
        {
            Console.Error.WriteLine($"The sweep goes on without this command; 'artar sweep cancel {state.Sweep.Name}' stops it.");
            return ExitCodes.Interrupted;
        }
        Console.Error.WriteLine(late ? $"Not over yet: {SweepStatus.Summary(state)}." : state.Sweep.IsCancelled
            ? $"Cancelled: {SweepStatus.Summary(state)}. 'artar sweep retry {state.Sweep.Name}' resumes it."
            : state.IsOverBudget ? $"The budget is used up: {SweepStatus.Summary(state)}."
                : $"Nobody works on the rows that are left: {SweepStatus.Summary(state)}; {state.Engine.Text}.");
        return ExitCodes.UserError;
    }
}
