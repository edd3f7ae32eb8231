using ArTar.Workbench.Tables;

namespace ArTar.Cli.Sweeps;

/// <summary><c>artar sweep collect</c> and <c>report</c>: the tables of a sweep, whole or as far as they have come.</summary>
internal static class SweepResults
{
    public static Command Collect()
    {
        var name = SweepCommand.NameArgument();
        var command = new Command("collect",
            "Print the tables of a sweep from what is stored now; the rows of a search stand with the best first.") { name };
        var printing = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            var asked = printing.Read(parsed);
            var sweep = SweepCommand.Find(parsed.GetRequiredValue(name));
            var state = SweepState.Read(sweep, SweepCommand.EngineOf(sweep));
            var reports = SweepReport.Tables(state);
            asked.Print([.. reports.Select(TableDocument.Report)]);
            foreach (var row in state.Rows.Where(r => r.Status is RunStatus.Failed or RunStatus.OutOfMemory && r.Summary is null))
                Console.Error.WriteLine($"{row.Run} has no result: {row.Remark}");
            var (ended, all) = (reports.Sum(r => r.Completeness.Ended), reports.Sum(r => r.Completeness.All));
            if (ended < all)
                Console.Error.WriteLine($"{ended} of {all} cells have ended; " + (state.GoesOn ? "the tables fill up as the sweep runs."
                    : $"nobody works on the others. 'artar sweep retry {sweep.Name}' resumes it."));
            return ExitCodes.Done;
        });
        return command.WithExamples("artar sweep collect grid", "artar sweep collect replication --format csv --output replication.csv");
    }

    public static Command Report()
    {
        var name = SweepCommand.NameArgument();
        var output = Options.Text("--output", "the page; by default report.html in the sweep's folder", "FILE");
        var watch = Options.SecondsIfGiven("--watch",
            "write it anew every so many seconds (30) until the sweep is over; an open page follows", least: 1);
        watch.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("report",
            "Write a page with the tables and charts of a sweep so far; it holds all it needs and opens offline.") { name, output, watch };
        command.SetAction(parsed =>
        {
            var every = parsed.GetResult(watch) is null ? (double?)null : parsed.GetValue(watch) ?? 30;
            var sweep = SweepCommand.Find(parsed.GetRequiredValue(name));
            var path = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(sweep.Folder, "report.html"));
            var engine = SweepCommand.EngineOf(sweep);
            using var interrupts = new Interrupts();
            while (true)
            {
                var state = SweepState.Read(sweep, engine);
                var last = every is null || !state.GoesOn || interrupts.Token.IsCancellationRequested;
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                AtomicFile.WriteNamed(path, SweepReport.Page(state, last ? null : every));
                if (last)
                    break;
                interrupts.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(every!.Value));
            }
            Console.Out.Write(path + "\n");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar sweep report grid", "artar sweep report grid --watch 30");
    }
}
