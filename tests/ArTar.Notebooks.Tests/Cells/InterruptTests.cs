namespace ArTar.Notebooks.Tests.Cells;

public sealed class InterruptTests : IDisposable
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
