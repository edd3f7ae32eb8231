using System.Runtime.InteropServices;
using Spectre.Console;

namespace ArTar.Cli;

/// <summary>
/// Ctrl+C and SIGTERM: the first asks to stop, which saves a checkpoint within a step; the second ends the process at once. Workers and
/// supervisors heed SIGUSR2 too, which SLURM sends before a time limit, and outlive the terminal.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    /// <param name="onlyAsk">Never end at once: for a worker, whose end is its parent's business.</param>
    public Interrupts(bool onlyAsk = false)
    {
        void Handle(PosixSignalContext context)
        {
            if (context.Signal == PosixSignal.SIGHUP)
            {
                context.Cancel = true;
                return;
            }
            IsBeforeTimeLimit |= context.Signal == UserSignal;
            var second = source.IsCancellationRequested;
            context.Cancel = !second || onlyAsk;
            if (context.Cancel)
            {
                Stop();
                return;
            }
            AtOnce?.Invoke();
            if (Terminal.CanAnimate)
                Terminal.Error.Cursor.Show(); // the live display hid it
            Environment.Exit(ExitCodes.Interrupted);
        }

        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
        if (onlyAsk && !OperatingSystem.IsWindows())
            registrations = [.. registrations, PosixSignalRegistration.Create(UserSignal, Handle),
                PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle)];
    }

    // SIGUSR2 by its raw number.
    private static PosixSignal UserSignal => (PosixSignal)(OperatingSystem.IsMacOS() ? 31 : 12);

    /// <summary>Whether SIGUSR2 came: there is work left that shall go on in another job.</summary>
    public bool IsBeforeTimeLimit { get; private set; }

    public CancellationToken Token => source.Token;

    /// <summary>What to do on the second signal, before the process ends.</summary>
    public Action? AtOnce { get; set; }

    public void Stop()
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work was done before the signal came through.
        }
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }
}
