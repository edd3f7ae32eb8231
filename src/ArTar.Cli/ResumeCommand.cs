using System.CommandLine;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Cli;

/// <summary><c>artar resume</c>: goes on with a stored run; tables train their rows through it.</summary>
internal static class ResumeCommand
{
    public const string StopAtEndOfInput = "--stop-at-end-of-input";

    public static Command Create()
    {
        var name = new Argument<string>("RUN") { Description = "part of the run's name, or its folder" };
        var (device, threads, every) = (CommonOptions.Device(), CommonOptions.Threads(), CommonOptions.CheckpointEvery());
        var kernels = CommonOptions.Kernels();
        var progress = new Option<string>("--progress") { Description = "text, or json: one object a line on standard output", DefaultValueFactory = _ => "text" };
        progress.AcceptOnlyFromAmong("text", "json");
        var stop = new Option<bool>(StopAtEndOfInput) { Description = "stop with a checkpoint when standard input ends", Hidden = true };
        var wait = new Option<bool>("--wait") { Description = "while another process trains the run, wait; once that one shows no sign of life, take the run over" };
        var patience = new Option<double>("--patience") { Description = "seconds without a sign of life after which another process is taken for dead", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
        var command = new Command("resume", "Go on with a stored run until its end.") { name, device, threads, kernels, progress, every, wait, patience, stop };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var (save, silence) = (CommonOptions.Seconds(0, "--checkpoint-every", parsed.GetValue(every)), CommonOptions.Seconds(0, "--patience", parsed.GetValue(patience)));
            var run = new RunStore(workspace).Get(parsed.GetRequiredValue(name));
            var session = new TrainingSession(run, workspace)
            {
                Device = parsed.GetRequiredValue(device),
                Threads = parsed.GetValue(threads),
                Kernels = parsed.GetValue(kernels),
                CheckpointEvery = save,
                WaitsForOthers = parsed.GetValue(wait),
                Patience = TimeSpan.FromSeconds(silence),
            };
            return parsed.GetValue(progress) == "json"
                ? AsWorker(session, parsed.GetValue(stop))
                : TrainCommand.Watch(run, session);
        });
        return command.WithExamples("artar resume ptb-lstm200-alpha2", "artar resume runs/ptb-lstm200-alpha2-seed1-0123abcd --threads 2");
    }

    private static int AsWorker(TrainingSession session, bool stopAtEndOfInput)
    {
        using var interrupts = new Interrupts(onlyAsk: true);
        if (stopAtEndOfInput)
            new Thread(() =>
            {
                while (Console.In.Read() >= 0) { }
                interrupts.Stop();
            }) { IsBackground = true }.Start();
        var output = TextWriter.Synchronized(Console.Out);
        var summary = session.Start(told => output.WriteLine(told.ToLine()), interrupts.Token).GetAwaiter().GetResult();
        return ExitCode(summary);
    }

    /// <summary>What a single run's end means to scripts.</summary>
    public static int ExitCode(RunSummary summary) => summary.Status == RunStatus.Finished ? ExitCodes.Done : ExitCodes.RunFailed;
}
