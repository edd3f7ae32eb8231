using System.Diagnostics;
using System.Globalization;
using System.Reflection.PortableExecutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ArTar.Notebooks.Ipynb;
using ArTar.Notebooks.Jupyter;
using ArTar.Workbench;
using ArTar.Workbench.Figures;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>How kernels begin and end.</summary>
public sealed class KernelLifeTests
{
    private const string Busy = "Console.Write('x'); while (true) { }";

    [Fact]
    public async Task A_shutdown_is_answered_and_ends_the_process_also_when_a_cell_is_busy()
    {
        using var kernel = new KernelProcess();
        kernel.StartBusy(Busy);
        kernel.Send("shutdown_request", new() { ["restart"] = true }, onControl: true);
        var reply = kernel.Receive(onControl: true);
        Assert.Equal(("shutdown_reply", true), (reply.Type, (bool)reply.Content["restart"]!));
        Assert.True(kernel.Process.WaitForExit(Cells.Engine.Patience));
        Assert.Equal((0, ""), (kernel.Process.ExitCode, await kernel.Errors));
    }

    [Fact]
    public void Cells_whose_process_cannot_start_again_end_with_an_error_until_it_can()
    {
        Requires.That(!OperatingSystem.IsWindows(), "TMPDIR", "a variable of Unix");
        var temporary = Directory.CreateTempSubdirectory("artar-");
        using (var kernel = new KernelProcess(null, ("TMPDIR", temporary.FullName)))
        {
            Assert.Equal("4", kernel.Value("2 + 2"));
            temporary.Delete(recursive: true);
            kernel.Execute("Environment.Exit(0);");
            var reply = kernel.Execute("2 + 2").Reply.Content;
            Assert.Equal("ProcessNotStarted", (string?)reply["ename"]);
            Assert.Contains(temporary.FullName, (string?)reply["evalue"], StringComparison.Ordinal);
            temporary.Create();
            Assert.Equal("4", kernel.Value("2 + 2"));
        }
        temporary.Delete(recursive: true);
    }

    [Fact]
    public void A_kernel_whose_front_end_died_ends_by_itself()
    {
        Requires.That(!OperatingSystem.IsWindows(), "sleep", "the front end is played by a process of Unix");
        using var frontEnd = Process.Start("sleep", "1000");
        using var kernel = new KernelProcess($"{frontEnd.Id}");
        kernel.StartBusy(Busy);
        var cells = ChildrenOf(kernel.Process.Id);
        Assert.Single(cells);
        frontEnd.Kill();
        Assert.True(kernel.Process.WaitForExit(Cells.Engine.Patience));
        Assert.True(SpinWait.SpinUntil(() => !cells.Any(IsRunning), Cells.Engine.Patience));
    }

    [Theory]
    [InlineData("-KILL")]
    [InlineData("-TERM")]
    [InlineData("-HUP")]
    public void A_kernel_that_is_ended_in_the_middle_leaves_nothing_running(string signal)
    {
        Requires.That(Directory.Exists("/proc/self"), "/proc", "the processes are found there");
        using var kernel = new KernelProcess();
        // With a browser, where there is one, which has drawn a picture of the chart.
        kernel.Execute("Plotly.NET.CSharp.Chart.Line<int, int, string>([1, 2], [3, 4])");
        kernel.StartBusy("Console.Write('x'); new Thread(() => { while (true) { } }).Start(); while (true) { try { Thread.Sleep(1000); } catch { } }");
        Assert.Single(ChildrenOf(kernel.Process.Id));
        var all = DescendantsOf(kernel.Process.Id).ToList();
        Assert.Equal(Chromium.Find() is not null, all.Count > 1);
        var profiles = all.Select(id => Regex.Match(File.ReadAllText($"/proc/{id}/cmdline"), "--user-data-dir=([^\0]+)").Groups[1].Value).Where(Directory.Exists).ToList();
        Process.Start("kill", [signal, $"{kernel.Process.Id}"]).WaitForExit();
        Assert.True(kernel.Process.WaitForExit(Cells.Engine.Patience));
        Assert.True(SpinWait.SpinUntil(() => !all.Any(IsRunning), Cells.Engine.Patience));
        Assert.True(profiles.All(p => !Directory.Exists(p)), "the browser's profile is left");
    }

    [Theory]
    [InlineData("{\"ip\": \"0.0.0.0\"}", "listens on this machine's loopback alone")]
    [InlineData("{\"transport\": \"ipc\"}", "expected tcp")]
    [InlineData("{\"signature_scheme\": \"hmac-md5\"}", "expected hmac-sha256")]
    [InlineData("{}", "shell_port is missing")]
    [InlineData("{\"shell_port\":1,\"control_port\":2,\"stdin_port\":3,\"iopub_port\":4,\"hb_port\":5}", "it has no key")]
    [InlineData("{\"key\":\"\",\"shell_port\":1,\"control_port\":2,\"stdin_port\":3,\"iopub_port\":4,\"hb_port\":5}", "it has no key")]
    [InlineData("{", "cannot be used")]
    public void Connection_files_that_do_not_fit_are_refused(string content, string expected)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        var e = Assert.Throws<WorkbenchException>(() => ConnectionFile.Load(path));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void What_a_first_cell_waits_for_is_machine_code_once_that_was_asked_for()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Repository.Root, "artifacts", "precompiled")), "'artar kernel install' or ./test makes it");
        Assert.All(["Microsoft.CodeAnalysis.dll", "Microsoft.CodeAnalysis.CSharp.dll", "System.CommandLine.dll"], name =>
        {
            using var assembly = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, name)));
            Assert.True(assembly.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0, $"{name} holds intermediate code alone");
        });
    }

    private static IEnumerable<int> DescendantsOf(int process) => ChildrenOf(process).SelectMany(child => DescendantsOf(child).Prepend(child));

    private static List<int> ChildrenOf(int process) =>
    [
        .. Directory.EnumerateDirectories($"/proc/{process}/task").SelectMany(t => File.ReadAllText(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
    ];

    private static bool IsRunning(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
