using System.Diagnostics;
using ArTar.Notebooks.Tests.Cells;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>The interrupt of a front end, by message and by signal, through the kernel to the process of the cells.</summary>
/// <param name="kernel">One kernel that has to survive all of them.</param>
/// <param name="output">Told how long they took: the bar is a second, which only a quiet machine can be held to.</param>
public sealed class KernelInterruptTests(KernelProcess kernel, ITestOutputHelper output) : IClassFixture<KernelProcess>
{
    [Theory]
    [InlineData(100, 0)]
    [InlineData(20, 2)]
    public void Interrupts_over_many_bodies_are_each_answered_in_one_kernel_and_keep_the_variables(int count, int busyPrograms)
    {
        Requires.That(!OperatingSystem.IsWindows(), "kill and sh", "signals are a matter of Unix");
        kernel.Execute(InterruptTests.Beginning);
        kernel.Execute("Environment.SetEnvironmentVariable(\"ARTAR_HOME\", Environment.CurrentDirectory);");
        var busy = Enumerable.Range(0, busyPrograms).Select(_ => Process.Start("sh", ["-c", "while :; do :; done"])).ToList();
        try
        {
            var times = new List<(double Seconds, string Body)>();
            for (var i = 0; i < count; i++)
            {
                var body = InterruptTests.Bodies[i % InterruptTests.Bodies.Length];
                var cell = kernel.StartBusy($"kept = {i};\nConsole.Write(\"started\");\n{body}");
                Thread.Sleep(i % 3 * 100);
                var watch = Stopwatch.StartNew();
                if (i % 2 == 0)
                    kernel.Send("interrupt_request", [], onControl: true);
                else
                    Process.Start("kill", ["-INT", $"{kernel.Process.Id}"]).WaitForExit();
                var reply = kernel.Receive();
                times.Add((watch.Elapsed.TotalSeconds, body));
                Assert.True((cell, "Interrupted") == (reply.Parent, (string?)reply.Content["ename"]), $"{i}: {reply.Content}: {body}");
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{i}: {watch.Elapsed.TotalSeconds:F2} s: {body}");
                if (i % 2 == 0)
                    Assert.Equal("ok", (string?)kernel.Receive(onControl: true).Content["status"]);
                kernel.PublishedFor(cell);
                Assert.Equal($"{i}", kernel.Value("kept"));
            }
            times.Sort();
            output.WriteLine($"{count} interrupts beside {busyPrograms} busy programs: median {times[count / 2].Seconds:F3} s, "
                + $"{times.Count(t => t.Seconds <= 1)} within a second, the slowest:");
            foreach (var (seconds, body) in times.TakeLast(5))
                output.WriteLine($"  {seconds:F3} s  {body.Split('\n')[0]}");
        }
        finally
        {
            busy.ForEach(b => b.Kill());
        }
    }
}
