using Microsoft.Win32.SafeHandles;

namespace ArTar.Notebooks.Jupyter;

/// <summary>Notices that the front end has died: a kernel without one would live on for ever.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Completes when the process that <c>JPY_PARENT_PID</c> names is gone, or, where that is not set, the process that
    /// started this one.
    /// </summary>
    public static async Task EndAsync()
    {
        var given = int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), CultureInfo.InvariantCulture, out var value) ? value
            : (int?)null;
        if (OperatingSystem.IsWindows())
        {
            await (given is { } handle ? Signalled(handle) : Task.Delay(Timeout.Infinite));
            return;
        }
        var parent = given ?? ParentOf("self") ?? 1;
        while (parent <= 1 || IsAlive(parent))
            await Task.Delay(pause);
    }

    // On Windows the variable holds a handle of the parent, which can be waited for.
    private static Task Signalled(int handle)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var parent = new ManualResetEvent(false) { SafeWaitHandle = new SafeWaitHandle(handle, ownsHandle: false) };
        ThreadPool.RegisterWaitForSingleObject(parent, (_, _) => done.TrySetResult(), null, Timeout.Infinite, executeOnlyOnce: true);
        return done.Task;
    }

    private static bool IsAlive(int process)
    {
        if (Directory.Exists("/proc/self"))
            // A process that has ended but that nobody has asked about is a zombie.
            return Status(process.ToString(CultureInfo.InvariantCulture)) is [var state, ..] && state is not ("Z" or "X");
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static int? ParentOf(string process) =>
        Status(process) is [_, var parent, ..] && int.TryParse(parent, CultureInfo.InvariantCulture, out var id) ? id : null;

    // "123 (name) S 1 …": state and parent come behind the name, which may hold anything.
    private static string[] Status(string process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process}/stat");
            return line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
