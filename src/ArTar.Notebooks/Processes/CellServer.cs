using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Processes;

/// <summary>
/// The process that cells run in. Whatever they do to it, the process that serves the front end lives on and says what happened; and when
/// that one is gone, this one is too.
/// </summary>
public static class CellServer
{
    // Who asks for an end waits for it; once the other side is gone nobody does.
    private static readonly TimeSpan askedPatience = TimeSpan.FromSeconds(1.5), lonePatience = TimeSpan.FromSeconds(6);

    /// <summary>Serves until the other side is gone.</summary>
    /// <param name="address">The socket to connect to.</param>
    /// <param name="formatters">How values are shown.</param>
    /// <param name="atEnd">Puts away what the formatters use, when the other side is gone or asks for it.</param>
    public static void Serve(string address, Formatters formatters, Action atEnd)
    {
        var mark = Convert.FromHexString(Environment.GetEnvironmentVariable(ChildProcess.Mark) ?? "");
        Environment.SetEnvironmentVariable(ChildProcess.Mark, null);
        // A cell's text is the same on every machine; a cell may ask for another culture.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        GoFirstWhenMemoryIsShort();
        // A front end that interrupts by a signal sends it to all processes of the kernel; this one is told by the other.
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var terminations = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => End());

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(address));
        using var channel = new CellChannel(socket);
        using Stream output = Console.OpenStandardOutput(), errors = Console.OpenStandardError();
        using var engine = new CellEngine(Environment.CurrentDirectory, formatters);
        ExceptionHandling.SetUnhandledExceptionHandler(fault =>
        {
            if (engine.Fail(fault) is { } error)
                channel.Send<CellReply>(new CellReply.Failed(error));
            return true;
        });
        using var answers = new BlockingCollection<CellRequest.Answer>();
        var questions = 0;
        string? Ask(string prompt, bool isPassword)
        {
            var question = Interlocked.Increment(ref questions);
            channel.Send<CellReply>(new CellReply.Asked(question, prompt, isPassword));
            // A cell that was stopped while it asked leaves an answer behind.
            return answers.GetConsumingEnumerable().First(a => a.Question == question).Text;
        }

        var runs = 0;
        async Task RunAsync(CellRequest.Run request, int run)
        {
            var result = await engine.RunAsync(request.Code, request.Number,
                shown => channel.Send<CellReply>(new CellReply.Shown(run, shown)), request.MayAsk ? Ask : null);
            // What the cell, or a program that it started, wrote past the console belongs to it as well, up to here.
            foreach (var stream in new[] { output, errors })
                stream.Write(mark);
            channel.Send<CellReply>(new CellReply.Ended(result));
        }

        // What it waits for may be busy for long.
        void PutAway(TimeSpan patience)
        {
            var thread = new Thread(() => atEnd()) { IsBackground = true };
            thread.Start();
            thread.Join(patience);
        }

        _ = Task.Run(CellEngine.WarmUp);
        while (channel.Receive<CellRequest>() is { } request)
            switch (request)
            {
                case CellRequest.Run run: _ = RunAsync(run, ++runs); break;
                case CellRequest.Interrupt: engine.Interrupt(); break;
                case CellRequest.Complete complete: channel.Send<CellReply>(new CellReply.Completed(engine.Complete(complete.Code,
                    complete.Position))); break;
                case CellRequest.Inspect inspect: channel.Send<CellReply>(new CellReply.Inspected(engine.Inspect(inspect.Code,
                    inspect.Position))); break;
                case CellRequest.Answer answer: answers.Add(answer); break;
                case CellRequest.Close:
                    PutAway(askedPatience);
                    channel.Send<CellReply>(new CellReply.Closed());
                    break;
            }
        PutAway(lonePatience);
        End();
    }

    // An orderly end would wait for what cells have registered for it, perhaps for ever.
    private static void End() => Process.GetCurrentProcess().Kill();

    private static void GoFirstWhenMemoryIsShort()
    {
        const string file = "/proc/self/oom_score_adj";
        try
        {
            if (File.Exists(file))
                File.WriteAllText(file, "1000");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then the system chooses by itself.
        }
    }
}
