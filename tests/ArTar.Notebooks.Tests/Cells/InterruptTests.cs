using System.Diagnostics;

namespace ArTar.Notebooks.Tests.Cells;

/// <param name="output">Told how long it took: the bar is a second, which only a quiet machine can be held to.</param>
public sealed class InterruptTests(ITestOutputHelper output) : IDisposable
{
    private readonly Engine engine = new();

    public void Dispose() => engine.Dispose();

    [Theory]
    [InlineData("while (true) { }", 3)]
    [InlineData("Thread.Sleep(Timeout.Infinite);", 3)]
    [InlineData("await Task.Delay(Timeout.Infinite);", null)]
    [InlineData("await Task.Delay(Timeout.Infinite, Interrupt.Token);", 3)]
    [InlineData("new ManualResetEventSlim().Wait();", 3)]
    [InlineData("Task.Delay(Timeout.Infinite).Wait();", 3)]
    [InlineData("while (true) Interrupt.Token.ThrowIfCancellationRequested();", 3)]
    [InlineData("while (true) { try { Thread.Sleep(1000); } catch { } }", null)]
    [InlineData("while (true) await Task.Yield();", null)]
    public void An_interrupt_stops_the_cell_and_keeps_what_it_had_set(string endless, int? line)
    {
        var result = engine.Interrupt($"var kept = 5;\nConsole.Write(\"started\");\n{endless}\nvar lost = 6;");
        Assert.Equal("Interrupted", result.Error?.Name);
        if (line is not null && result.Error!.Line is { } known)
            Assert.Equal(line, known);
        Assert.Equal("5 0", engine.Value("$\"{kept} {lost}\""));
    }

    /// <summary>What <see cref="Bodies"/> use, and <c>kept</c>.</summary>
    public const string Beginning = """
        using static TorchSharp.torch;
        var kept = 0; var total = 0L; var list = new List<int> { 1, 2, 3 };
        IEnumerable<int> Repeat() { while (true) yield return 1; }
        """;

    /// <summary>Endless cells of many kinds.</summary>
    public static readonly string[] Bodies =
    [
        "while (true) { }",
        "for (var i = 0; ; i++) total += i;",
        "foreach (var x in list) foreach (var y in Repeat()) total += y;",
        "total = Repeat().Where(x => x > 0).Select(x => x + 1).Count();",
        "Parallel.For(0L, long.MaxValue, i => { });",
        "while (true) { try { while (true) total++; } catch { } }",
        "while (true) Console.WriteLine(\"printing\");",
        "record Node(int Id) { public Node? Next { get; set; } public override string ToString() { while (true) total2++; } }\nstatic long total2;\nnew Node(1).ToString();",
        "Thread.Sleep(Timeout.Infinite);",
        "new TaskCompletionSource<int>().Task.Wait();",
        "var lab = new Lab(settings: \"epochs=100000 hidden=16 trainTokens=2000\") { Threads = 1 };\nlab.Table(1, \"alpha=0\");",
        "using (var a = torch.rand(600, 600)) while (true) a.mm(a).Dispose();",
        "await new TaskCompletionSource<int>().Task;",
        "await Task.Delay(1); Thread.Sleep(Timeout.Infinite);",
        "again: total++; goto again;",
        "total = (from x in Enumerable.Range(0, int.MaxValue) from y in Enumerable.Range(0, int.MaxValue) where x > y select y).LongCount();",
        "SpinWait.SpinUntil(() => false);",
        "await Task.Run(() => { while (true) total++; });",
        "try { Thread.Sleep(-1); } catch (Exception) { Console.Write(\"caught\"); while (true) { } }",
        "async Task Forever() { while (true) await Task.Yield(); }\nForever().Wait();",
    ];

    [Fact]
    public async Task Interrupts_over_many_bodies_are_each_answered_and_keep_the_variables()
    {
        engine.Value(Beginning);
        var (wrong, times) = (new List<string>(), new List<double>());
        foreach (var (i, body) in Bodies.Index())
        {
            var before = engine.Printed().Length;
            var running = engine.Start($"kept = {i};\nConsole.Write(\"started\");\n{body}");
            while (engine.Printed().Length == before && !running.IsCompleted)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await Task.Delay(i % 3 * 100, TestContext.Current.CancellationToken);
            var watch = Stopwatch.StartNew();
            engine.Cells.Interrupt();
            var result = await running.WaitAsync(Engine.Patience, TestContext.Current.CancellationToken);
            times.Add(watch.Elapsed.TotalSeconds);
            if (result.Error?.Name != "Interrupted" || watch.Elapsed > TimeSpan.FromSeconds(20))
                wrong.Add($"{i}: {watch.Elapsed.TotalSeconds:F2} s, {result.Error?.Name} {result.Error?.Message}: {body}");
            Assert.Equal($"{i}", engine.Value("kept"));
        }
        output.WriteLine($"answered within a second: {times.Count(t => t <= 1)} of {times.Count}; the slowest took {times.Max():F2} s");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void A_call_that_cannot_be_interrupted_is_left_behind_with_a_word_and_does_nothing_more_to_the_cell()
    {
        var result = engine.Interrupt("""
            var kept = 5; var reached = false;
            Console.Write("started");
            System.Text.RegularExpressions.Regex.IsMatch(new string('a', 28) + "!", "^(a+)+$");
            reached = true;
            """);
        Assert.Equal("Interrupted", result.Error?.Name);
        Assert.Contains("cannot be interrupted, which goes on in the background", result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("2", engine.Value("1 + 1"));
        Assert.Equal("5 False", engine.Value("await Task.Delay(3000); $\"{kept} {reached}\""));
    }

    [Theory]
    [InlineData("int Deeper(int x) => Deeper(x + 1) + 1;\nDeeper(0)")]
    [InlineData("int Even(int x) { return Odd(x + 1) + 1; }\nint Odd(int x) { return Even(x + 1) + 1; }\nEven(0)")]
    [InlineData("record Node(string Name) { public Node? Next { get; set; } }\nvar node = new Node(\"a\");\nnode.Next = node;\nnode")]
    [InlineData("record struct Pair(object[] Items);\nclass Box { public override string ToString() => $\"{this}\"; }\nnew Box()")]
    [InlineData("Func<int, int> f = null!;\nf = x => f(x + 1) + 1;\nf(0)")]
    public void Recursion_without_end_is_an_error_of_the_cell(string code)
    {
        var error = engine.Error(code);
        Assert.Equal("InsufficientExecutionStackException", error.Name);
        Assert.True(error.Trace.Count < 40, $"{error.Trace.Count} lines");
        Assert.Equal("3", engine.Value("1 + 2"));
    }

    [Fact]
    public void The_engine_survives_many_interrupts()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("Interrupted", engine.Interrupt("Console.Write('x'); while (true) { Thread.SpinWait(100); }").Error?.Name);
            Assert.Equal($"{i}", engine.Value($"await Task.Delay(1); Thread.Sleep(1); {i}"));
        }
    }

    [Fact]
    public void An_interrupt_between_cells_is_no_ones()
    {
        engine.Value("1");
        engine.Cells.Interrupt();
        Assert.Equal("2", engine.Value("Thread.Sleep(50); await Task.Delay(400); 2"));
    }

    [Fact]
    public void Code_that_heeds_its_token_is_given_time_to_put_things_away()
    {
        var result = engine.Interrupt("""
            var token = Interrupt.Token;
            Console.Write("started");
            token.WaitHandle.WaitOne();
            Thread.Sleep(1000);
            var saved = true;
            token.ThrowIfCancellationRequested();
            """);
        Assert.Equal("Interrupted", result.Error?.Name);
        Assert.Equal("True", engine.Value("saved"));
    }

    [Fact]
    public void What_an_interrupted_cell_was_waiting_for_does_not_go_on_later()
    {
        engine.Interrupt("var ran = false; var gate = new TaskCompletionSource();\nConsole.Write('x');\nawait gate.Task;\nran = true;");
        Assert.Equal("False", engine.Value("gate.SetResult(); await Task.Delay(100); ran"));
    }

    [Fact]
    public void An_error_of_its_own_is_told_as_such_also_after_an_interrupt()
    {
        var result = engine.Interrupt("Console.Write('x'); try { await Task.Delay(-1, Interrupt.Token); } finally { throw new FormatException(\"own\"); }");
        Assert.Equal(("FormatException", "own"), (result.Error?.Name, result.Error?.Message));
    }
}
