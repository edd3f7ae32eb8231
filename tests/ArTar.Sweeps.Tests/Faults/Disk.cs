namespace ArTar.Sweeps.Tests.Faults;

/// <summary>A small disk of its own, that can be filled, made read-only and taken away.</summary>
internal sealed class Disk : IDisposable
{
    private readonly TemporaryFolder place = new();
    private bool mounted;

    /// <param name="megabytes">Its size.</param>
    public Disk(int megabytes)
    {
        Requires.That(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "the right to mount a small disk", "run the tests as root on Linux");
        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", place.Path);
        mounted = true;
    }

    public string Path => place.Path;

    /// <summary>Takes all room.</summary>
    public void Fill()
    {
        using var filler = new FileStream(System.IO.Path.Combine(Path, "filler"), FileMode.Create);
        var block = new byte[1 << 14];
        try
        {
            while (true)
            {
                filler.Write(block);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void MakeRoom() => File.Delete(System.IO.Path.Combine(Path, "filler"));

    public void ReadOnly(bool on) => Run("mount", "-o", on ? "remount,ro" : "remount,rw", Path);

    public void Dispose()
    {
        if (mounted)
            Run("umount", "-l", place.Path);
        mounted = false;
        place.Dispose();
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Requires.That(process.ExitCode == 0, "the right to mount a small disk", errors.Trim());
    }
}
