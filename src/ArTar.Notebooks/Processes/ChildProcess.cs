using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Processes;

/// <summary>One process of cells, from its start to its end.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan startPatience = TimeSpan.FromSeconds(60), endPatience = TimeSpan.FromSeconds(3),
        closePatience = TimeSpan.FromSeconds(2), markPatience = TimeSpan.FromSeconds(0.5);

    // Of what a dying process says, the last is enough.
    private const int KeptErrors = 1 << 16;

    private readonly Process process;
    private readonly Task<CellChannel?> connected;
    private readonly ProcessOutput output, errors;
    private readonly Lock gate = new();
    private readonly List<Action<CellOutput>> sinks = [];
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<CellReply?>? waiting;
    private CellInput? input;
    private OutputLimit limit = new();
    private string said = "";
    private volatile bool isGone, isDisposed;

    /// <summary>Starts the process.</summary>
    /// <exception cref="WorkbenchException">It cannot be started.</exception>
    public ChildProcess(IReadOnlyList<string> command, string folder)
    {
        var mark = $"\0{Guid.NewGuid():N}\0";
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        DirectoryInfo? line = null;
        try
        {
            // A folder that only this user can enter.
            line = Directory.CreateTempSubdirectory("artar-");
            var address = Path.Combine(line.FullName, "cells");
            listener.Bind(new UnixDomainSocketEndPoint(address));
            listener.Listen(1);
            var start = new ProcessStartInfo(command[0], [.. command.Skip(1), address])
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            foreach (var (name, value) in EnvironmentOfCells(mark))
                start.Environment[name] = value;
            process = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException or ArgumentException)
        {
            listener.Dispose();
            line?.Delete(recursive: true);
            throw new WorkbenchException($"The process of the cells could not be started as '{command[0]}', with its socket in "
                + $"'{Path.GetTempPath()}': {e.Message}", e);
        }
        process.StandardInput.Close();
        output = new(process.StandardOutput.BaseStream, mark, text => Show("stdout", text));
        errors = new(process.StandardError.BaseStream, mark, text => Show("stderr", text));
        connected = ConnectAsync(listener, line);
    }

    /// <summary>Whether it has ended, or will not answer any more.</summary>
    public bool IsGone => isGone;

    /// <summary>What code of cells that had ended threw and nobody caught.</summary>
    public CellError? LateFault { get; private set; }

    /// <summary>Runs a cell; null when the process ended meanwhile.</summary>
    public async Task<CellResult?> RunAsync(CellRequest.Run request, Action<CellOutput> sink, CellInput? ask)
    {
        lock (gate)
        {
            sinks.Add(sink);
            (input, limit) = (ask, new());
        }
        if (await AskAsync(request) is not CellReply.Ended ended)
            return null;
        await Task.WhenAll(output.NextMarkAsync(markPatience), errors.NextMarkAsync(markPatience));
        return ended.Result;
    }

    /// <summary>Sends a request and waits for what answers it; null when the process ended meanwhile.</summary>
    public async Task<CellReply?> AskAsync(CellRequest request)
    {
        var reply = new TaskCompletionSource<CellReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (isGone)
                return null;
            waiting = reply;
        }
        if (await connected is not { } channel)
            return null;
        channel.Send(request);
        return await reply.Task;
    }

    /// <summary>Sends what has no answer.</summary>
    public void Send(CellRequest request) => _ = connected.ContinueWith(c => c.Result?.Send(request), TaskScheduler.Default);

    /// <summary>Waits for the end of a process that is gone; its exit code, null when it had to be ended, and the last that it
    /// said.</summary>
    public async Task<(int? Code, string Errors)> EndAsync()
    {
        var ended = await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(endPatience)) is { } first && process.HasExited;
        if (!ended)
            Kill();
        await Task.WhenAny(Task.WhenAll(output.Ended, errors.Ended), Task.Delay(endPatience));
        lock (gate)
            return (ended ? process.ExitCode : null, said);
    }

    /// <summary>Ends the process and all that it has started.</summary>
    public void Dispose()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        var channel = connected.IsCompletedSuccessfully ? connected.Result : null;
        if (channel is not null && !isGone)
        {
            channel.Send<CellRequest>(new CellRequest.Close());
            closed.Task.Wait(closePatience);
        }
        Kill();
        channel?.Dispose();
    }

    private static IEnumerable<(string Name, string Value)> EnvironmentOfCells(string mark)
    {
        yield return (Mark, Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(mark)));
        // Cells may use other cultures, where the system has what they need; what the workbench prints is the same in all.
        const string invariant = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT";
        if (Environment.GetEnvironmentVariable(invariant) is null && (!OperatingSystem.IsLinux() || HasCultures))
            yield return (invariant, "0");
        // A list that grows without end fails in its cell, before the system chooses a process to end.
        const string limit = "DOTNET_GCHeapHardLimitPercent";
        if (Environment.GetEnvironmentVariable(limit) is null)
            yield return (limit, "50"); // hexadecimal: 80 %
    }

    /// <summary>The variable that hands the mark over; too long to be seen in a list of processes.</summary>
    public const string Mark = "ARTAR_CELL_MARK";

    private static bool HasCultures { get; } =
        Enumerable.Range(50, 60).Any(version => NativeLibrary.TryLoad($"libicuuc.so.{version}", out _))
            || NativeLibrary.TryLoad("libicuuc.so", out _);

    private async Task<CellChannel?> ConnectAsync(Socket listener, DirectoryInfo line)
    {
        using (listener)
        {
            var accepting = listener.AcceptAsync();
            await Task.WhenAny(accepting, process.WaitForExitAsync(), Task.Delay(startPatience));
            CellChannel? channel = accepting.IsCompletedSuccessfully ? new(accepting.Result) : null;
            line.Delete(recursive: true);
            if (channel is null)
                Gone();
            else
                new Thread(() => Listen(channel)) { IsBackground = true, Name = "from the cells" }.Start();
            return channel;
        }
    }

    private void Listen(CellChannel channel)
    {
        while (channel.Receive<CellReply>() is { } reply)
            switch (reply)
            {
                case CellReply.Shown shown:
                    Action<CellOutput> sink;
                    lock (gate)
                        sink = sinks[shown.Run - 1];
                    sink(shown.Output);
                    break;
                case CellReply.Asked asked: new Thread(() => Ask(channel, asked)) { IsBackground = true }.Start(); break;
                case CellReply.Failed failed: LateFault ??= failed.Error; break;
                case CellReply.Closed: closed.TrySetResult(); break;
                default: Answer(reply); break;
            }
        Gone();
    }

    private void Ask(CellChannel channel, CellReply.Asked asked) =>
        channel.Send<CellRequest>(new CellRequest.Answer(asked.Question, input?.Invoke(asked.Prompt, asked.IsPassword)));

    private void Answer(CellReply? reply)
    {
        lock (gate)
            waiting?.TrySetResult(reply);
    }

    private void Gone()
    {
        isGone = true;
        closed.TrySetResult();
        Answer(null);
    }

    private void Show(string stream, string text)
    {
        Action<CellOutput>? sink;
        CellOutput? shown;
        lock (gate)
        {
            if (stream == "stderr")
                said = (said + text)[^Math.Min(said.Length + text.Length, KeptErrors)..];
            sink = sinks.LastOrDefault();
            shown = limit.Take(new CellOutput.Text(stream, text));
        }
        if (sink is not null && shown is not null)
            sink(shown);
    }

    private void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }
}
